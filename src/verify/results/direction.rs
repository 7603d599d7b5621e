//! Which way things move: stronger effects gain more, worse starts end worse.

use super::super::check::{Check, Verdict};
use super::super::inputs::ratios::{Acts, acts};
use super::super::subject::{Subject, totals_of};
use super::super::tally::{EXACT, Tally, arms, number};
use super::utilities::quality;
use arcosim_core::engine::counts::Counts;
use arcosim_core::model::{Binary, Expr, Share, impossible};

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
    tally.note(format!("gained with effects halved, as they are, doubled: {}", notes.join("; ")));
    tally.verdict("no strategy has an effect on hazards")
}

pub static R25: Check = Check {
    id: "R25",
    title: "A treatment that only slows the disease takes neither life nor quality of life",
    why: "Under a strategy whose effects all slow moves for the worse or speed moves for the better, patients should live no shorter \
          than under the reference and gain no less. Where they do, what it slows leads to something better, its procedure harms \
          more than its effects help, or a state that is kept longer is worth less than the one it keeps patients from.",
    hint: "See the waterfall of years moved and years of another worth (`increment_by_state.csv` of a run), and the utilities \
           before and after the moves that are slowed.",
    basis: "TECH-VER",
    quick: true,
    run: r25,
};

fn r25(subject: &Subject) -> Verdict {
    let model = subject.model;
    let reference = model.reference();
    if !model.strategies[reference].effects.is_empty() {
        return Verdict::skip("the reference has effects of its own");
    }
    let told = acts(subject);
    let helps = |s: usize| {
        let effects = &model.strategies[s].effects;
        let places = effects.iter().map(|e| e.transitions.len()).sum::<usize>();
        let mut own = told.iter().filter(|acts| acts.strategy == s);
        places > 0 && own.clone().count() == places && !own.any(Acts::harms)
    };
    let counts = subject.counts();
    let totals = subject.totals();
    let mut tally = Tally::new("strategies that only help add life and quality of life", 0.0);
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| helps(*s)) {
        let mut compare = |what: &str, own: f64, others: f64| {
            let fine = own >= others - EXACT * own.abs().max(others.abs());
            tally.advisable(&strategy.name, fine, || {
                format!(
                    "`{}` only slows what is bad and speeds what is good, and gives {} {what} where the reference gives {}",
                    strategy.name,
                    number(own),
                    number(others)
                )
            });
        };
        let years = |arm: usize| years_alive(subject, counts, arm);
        compare("years of life", years(s), years(reference));
        for o in effects(subject) {
            let what = format!("of `{}`", model.outcomes[o].name);
            compare(&what, totals[s][o], totals[reference][o]);
        }
    }
    tally.verdict("no strategy has effects that all slow what is bad or speed what is good")
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
            let years = years_alive(subject, &counts, arm);
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

/// Years that a patient lives under a strategy by the horizon, from what was counted of the model or of an altered copy.
fn years_alive(subject: &Subject, counts: &Counts, arm: usize) -> f64 {
    let living = subject.living();
    let points = living.iter().flat_map(|&s| &counts.strategies[arm].occupancy[s]);
    points.sum::<f64>() / counts.patients / subject.model.time.cycles_per_year
}

/// The outcomes that are gained.
pub fn effects(subject: &Subject) -> Vec<usize> {
    let mut all = quality(subject);
    if let Some(effect) = subject.effect().filter(|e| !all.contains(e)) {
        all.push(effect);
    }
    all
}
