//! Which way things move: stronger effects gain more, worse starts end worse.

use super::super::check::{Check, Verdict};
use super::super::subject::{Subject, totals_of};
use super::super::tally::{EXACT, Tally, number};
use super::apart::{Apart, arms, listed};
use super::utilities::quality;
use crate::model::hazard::Reads;
use crate::model::walk::patients;
use crate::model::{Binary, Effect, Expr, Model, Share, impossible, situation};

/// Why checks of directions are skipped.
const NOTHING: &str =
    "there is no outcome that is gained: no [decision], and utilities add to none or several";

pub static R18: Check = Check {
    id: "R18",
    title: "The stronger the effect of a treatment, the more it gains",
    why: "The effects of all strategies are halved and doubled on the logarithmic scale, and what each gains over the reference is \
          reported; about half and twice as much is to be expected, less where effects wane or nobody is left to benefit. A \
          strategy that gains less the stronger it works has its ratio the wrong way up, or acts on the wrong transitions, or \
          shows that postponing an event that makes life better is no gain.",
    hint: "Look at the hazard ratios of the strategy and the transitions they act on, and at the utilities before and after.",
    basis: "TECH-VER",
    quick: false,
    run: r18,
};

fn r18(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(effect) = subject.effect() else {
        return Verdict::skip(NOTHING);
    };
    let powered = |power: f64| {
        let mut altered = model.clone();
        for own in altered.strategies.iter_mut().flat_map(|s| &mut s.effects) {
            let ratio = std::mem::replace(&mut own.ratio, Expr::Number(1.0));
            own.ratio = Expr::Binary(Binary::Power, Box::new([ratio, Expr::Number(power)]));
        }
        altered
    };
    let acts = |s: usize| !model.strategies[s].effects.is_empty();
    if !(0..model.strategies.len()).any(acts) {
        return Verdict::skip("no strategy has an effect on hazards");
    }
    let twice = powered(2.0);
    if let Some(problem) = impossible(&twice, &subject.base) {
        return Verdict::skip(format!("with the effects doubled {problem}"));
    }
    let (half, base) = (subject.totals_of(&powered(0.5), &subject.base), subject.totals());
    let twice = subject.totals_of(&twice, &subject.base);
    let reference = model.reference();
    let mut tally = Tally::new("stronger effects gain more", 0.0);
    let mut notes = Vec::new();
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| acts(*s)) {
        // The reference may have effects of its own, which are none of the strategy's.
        let over = |totals: &Vec<Vec<f64>>| totals[s][effect] - base[reference][effect];
        let gains = [over(&half), over(&base), over(&twice)];
        let tiny = 1e-9 * base[s][effect].abs();
        let name = &model.outcomes[effect].name;
        let [a, b, c] = gains.map(number);
        tally.advisable(&strategy.name, gains[2] >= gains[0] - tiny, || {
            format!(
                "`{}` gains {a}, {b} and {c} of `{name}` with its effects halved, as they are and doubled",
                strategy.name
            )
        });
        notes.push(format!("`{}` {a}, {b}, {c}", strategy.name));
    }
    tally.note(format!(
        "gained with effects halved, as they are, doubled: {}",
        notes.join("; ")
    ));
    tally.verdict("no strategy has an effect on hazards")
}

pub static R25: Check = Check {
    id: "R25",
    title: "Effects act in the direction of the disease",
    why: "A treatment is expected to slow moves to worse states and to death, and not to slow moves to better ones. Worse is what \
          comes later in [verify] progression or, without one, what is worth less a year. A ratio above 1 on a move to a worse \
          state is often the inverse of the ratio that was published; a strategy that only lowers the hazard of death may not \
          shorten life.",
    hint: "Compare the ratio and its reference group with the source, and look at the transitions under `on`.",
    basis: "TECH-VER",
    quick: true,
    run: r25,
};

fn r25(subject: &Subject) -> Verdict {
    let model = subject.model;
    let rank = rank(subject);
    let mut tally = Tally::new(
        "ratios up to 1 on moves to worse states, from 1 on moves to better ones",
        EXACT,
    );
    let deadly = subject.deadly();
    let counts = subject.counts();
    let living = subject.living();
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let values = strategy.parameters(model, &subject.base);
        let mut only_saves = !strategy.effects.is_empty();
        for effect in &strategy.effects {
            let (low, high) = range(model, effect, &values);
            only_saves &= high <= 1.0 && effect.transitions.iter().all(|t| deadly.contains(t));
            let directions = effect
                .transitions
                .iter()
                .map(|&t| (t, direction(model, t, &rank)));
            let against: Vec<usize> = directions
                .filter(|(_, way)| match way {
                    Some(Way::Worse) => high > 1.0 + 1e-12,
                    Some(Way::Better) => low < 1.0 - 1e-12,
                    None => false,
                })
                .map(|(t, _)| t)
                .collect();
            tally.advisable(&strategy.name, against.is_empty(), || {
                let ratios = if low == high {
                    number(low)
                } else {
                    format!("{} to {}", number(low), number(high))
                };
                let verb = if high > 1.0 {
                    "speeds up moves to worse states"
                } else {
                    "slows moves to better states"
                };
                let names = listed(against.iter().map(|&t| &model.transitions[t].name[..]));
                format!("`{}` {verb}: a ratio of {ratios} on {names}", strategy.name)
            });
        }
        let plain =
            strategy.at_start.is_empty() && strategy.substitutions.is_empty() && strategy.otherwise.is_none();
        let reference = &model.strategies[model.reference()];
        if only_saves && plain && reference.effects.is_empty() && reference.at_start.is_empty() {
            let alive = |arm: usize| -> f64 {
                let states = living.iter().flat_map(|&s| &counts.strategies[arm].occupancy[s]);
                states.sum::<f64>() / model.time.cycles_per_year
            };
            let what = format!(
                "years lived under the reference, against those under `{}`, which only saves lives,",
                strategy.name
            );
            tally.at_most(&strategy.name, &what, alive(arm), alive(model.reference()));
        }
    }
    tally.verdict("no strategy has an effect on hazards")
}

/// How good each state is; none where nothing tells.
fn rank(subject: &Subject) -> Vec<Option<f64>> {
    let model = subject.model;
    let mut rank: Vec<Option<f64>> = vec![None; model.states.len()];
    let progression = &subject.scenario.verify.progression;
    if !progression.is_empty() {
        for (i, &s) in progression.iter().enumerate() {
            rank[s] = Some(-(i as f64));
        }
    } else if let Some(&o) = quality(subject).first() {
        let apart = Apart::plain(model, &[o]);
        let totals = apart.totals(subject, &subject.base);
        let own = &totals[model.reference()];
        for (s, rank) in rank.iter_mut().enumerate() {
            let of = |years: bool| {
                apart.sum(own, o, |item| {
                    item.state == Some(s) && item.reward.is_none() == years
                })
            };
            *rank = (of(true) > 1e-9).then(|| of(false) / of(true));
        }
    }
    for &s in &subject.scenario.verify.dead {
        if rank[s].is_none() || progression.is_empty() && super::left_over::surely_dead(subject, s) {
            rank[s] = Some(f64::NEG_INFINITY);
        }
    }
    rank
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Better,
    Worse,
}

/// Which way a transition leads; none where that cannot be told, or where it leads both ways.
fn direction(model: &Model, transition: usize, rank: &[Option<f64>]) -> Option<Way> {
    let own = &model.transitions[transition];
    let main: Vec<usize> = match &own.branches[..] {
        [only] => only.to.into_iter().collect(),
        several => several
            .iter()
            .filter(|b| b.share == Share::Rest)
            .filter_map(|b| b.to)
            .collect(),
    };
    let mut ways = Vec::new();
    for &from in &own.from {
        for &to in &main {
            let way = match (rank[from], rank[to]) {
                (from, Some(f64::NEG_INFINITY)) if from != Some(f64::NEG_INFINITY) => Way::Worse,
                // Utilities that are nearly the same tell no direction.
                (Some(a), Some(b)) if b < a - 1e-3 => Way::Worse,
                (Some(a), Some(b)) if b > a + 1e-3 => Way::Better,
                _ => return None,
            };
            ways.push(way);
        }
    }
    let first = *ways.first()?;
    ways.iter().all(|way| *way == first).then_some(first)
}

/// The least and the greatest ratio of an effect among all patients and states it acts in.
fn range(model: &Model, effect: &Effect, values: &[f64]) -> (f64, f64) {
    let attributes = Reads::of(&effect.ratio).attributes();
    let who = patients(model, values, &attributes);
    let states = effect
        .transitions
        .iter()
        .flat_map(|&t| &model.transitions[t].from);
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for &state in states {
        for patient in &who {
            let ratio = effect.ratio.value(&situation(model, values, patient, state));
            range = (range.0.min(ratio), range.1.max(ratio));
        }
    }
    range
}

pub static R26: Check = Check {
    id: "R26",
    title: "The worse patients are when they come, the worse they fare",
    why: "Everybody is started in one state of [verify] progression after the other. Under every strategy, life and what is gained \
          may not grow as the start gets worse: where they do, a worse state has a lower hazard, a higher utility, or a way out \
          that the better one lacks.",
    hint: "Compare the hazards out of the two states that are named, and their utilities.",
    basis: "TECH-VER",
    quick: false,
    run: r26,
};

fn r26(subject: &Subject) -> Verdict {
    let model = subject.model;
    let states = &subject.scenario.verify.progression;
    if states.len() < 2 {
        return Verdict::skip(
            "the scenario does not say in which order states get worse ([verify] progression)",
        );
    }
    let living = subject.living();
    let effects = effects(subject);
    let mut tally = Tally::new("neither life nor gain grows as the start gets worse", 0.0);
    let mut before: Option<(usize, Vec<Vec<f64>>)> = None;
    for &state in states {
        let mut started = model.clone();
        started.start = vec![(state, Share::Rest)];
        if impossible(&started, &subject.base).is_some() {
            continue;
        }
        let counts = subject.solve(&started, &subject.base);
        let totals = totals_of(&started, &counts);
        let fares = |arm: usize| -> Vec<f64> {
            let points = living.iter().flat_map(|&s| &counts.strategies[arm].occupancy[s]);
            let years = points.sum::<f64>() / counts.patients / model.time.cycles_per_year;
            let gained = effects.iter().map(|&o| totals[arm][o]);
            std::iter::once(years).chain(gained).collect()
        };
        let now: Vec<Vec<f64>> = (0..model.strategies.len()).map(fares).collect();
        if let Some((better, then)) = &before {
            for i in 0..=effects.len() {
                let what = match i {
                    0 => "years alive".to_string(),
                    i => format!("`{}`", model.outcomes[effects[i - 1]].name),
                };
                let grows: Vec<usize> = (0..now.len())
                    .filter(|&arm| now[arm][i] > then[arm][i] + 1e-6 * then[arm][i].abs())
                    .collect();
                tally.advisable(&model.states[state].name, grows.is_empty(), || {
                    let arm = grows[0];
                    format!(
                        "who starts in `{}` has more {what} than who starts in `{}` under {} ({} against {})",
                        model.states[state].name,
                        model.states[*better].name,
                        arms(model, &grows),
                        number(now[arm][i]),
                        number(then[arm][i])
                    )
                });
            }
        }
        before = Some((state, now));
    }
    tally.verdict("patients can start in none of the states of the progression")
}

/// The outcomes that are gained.
pub fn effects(subject: &Subject) -> Vec<usize> {
    let mut all = quality(subject);
    if let Some(effect) = subject.effect().filter(|e| !all.contains(e)) {
        all.push(effect);
    }
    all
}
