//! Effects of treatments: how long they last for the money, and on what they act.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::words::listed;

pub static R36: Check = Check {
    id: "R36",
    title: "A treatment is paid for as long as it works",
    why: "Where the effects of a strategy end, what is paid per year for that strategy alone should end with them, and an effect that \
          goes on after the last payment should be meant. A drug that works for two years and is paid for until death is too \
          dear, one that is paid for two years and works for ever too cheap.",
    hint: "Compare `full_until` and `gone_after` of the effects with the time condition in the amount of the reward.",
    basis: "own",
    quick: true,
    run: r36,
};

fn r36(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(
            "no outcome counts money: there is no [decision], and costs add to none or several",
        );
    };
    let mut tally = Tally::new("payments per year end with the effects", 0.0);
    let counts = subject.counts();
    for (s, strategy) in model.strategies.iter().enumerate() {
        let ends = strategy.effects.iter().map(|e| e.gone_after.or(e.full_until));
        // The cycle in which the last effect is gone; none if one lasts for ever.
        let end = ends.collect::<Option<Vec<f64>>>().map(|all| all.into_iter().fold(0.0, f64::max));
        if strategy.effects.is_empty() {
            continue;
        }
        for (r, reward) in model.rewards.iter().enumerate() {
            let own = reward
                .strategies
                .as_ref()
                .is_some_and(|all| all.contains(&s) && all.len() < model.strategies.len());
            let states = reward.when.states();
            if !own || !reward.when.accrues() || reward.outcome(model) != cost {
                continue;
            }
            let lines = subject.paths.lines.iter().zip(&counts.strategies[s].lines);
            let lines: Vec<&Vec<f64>> =
                lines.filter(|(line, _)| line.reward == r).map(|(_, own)| own).collect();
            let paid = |k: usize| lines.iter().any(|own| own[k] != 0.0);
            let there = |k: usize| {
                states.iter().map(|&state| counts.strategies[s].occupancy[state][k]).sum::<f64>() > 1e-6
            };
            let last = (0..=model.time.cycles).rev().find(|&k| paid(k));
            let Some(last) = last else { continue };
            let years = |k: f64| number(k / model.time.cycles_per_year);
            match end {
                Some(end) if end < model.time.cycles as f64 => {
                    tally.advisable(&reward.name, last as f64 <= end + 1.0, || {
                        format!(
                            "the effects of `{}` end after {} years, and reward `{}` is paid up to year {}",
                            strategy.name,
                            years(end),
                            reward.name,
                            years(last as f64)
                        )
                    });
                }
                _ => {
                    let stops = last + 1 < model.time.cycles && there(last + 2);
                    tally.advisable(&reward.name, !stops, || {
                        format!(
                            "reward `{}` is paid up to year {}, and the effects of `{}` last for ever",
                            reward.name,
                            years(last as f64),
                            strategy.name
                        )
                    });
                }
            }
        }
    }
    tally.verdict("no strategy with an effect has a cost per year of its own")
}

pub static R37: Check = Check {
    id: "R37",
    title: "A treatment lowers death only of those on whom it acts otherwise",
    why: "Where one ratio acts on the course of the disease and on death alike, it should lower death only in states in which it has \
          something else to act on, or nothing else can happen. A drug that slows the step from ill to worse and makes the healthy \
          live longer as well was put on the wrong transitions, or claims more than its trial.",
    hint: "Take death out of `on`, or split it by state and give the effect on death a ratio and a source of its own.",
    basis: "own",
    quick: true,
    run: r37,
};

fn r37(subject: &Subject) -> Verdict {
    let model = subject.model;
    let deadly: Vec<usize> =
        subject.deadly().into_iter().filter(|&t| model.transitions[t].branches.len() == 1).collect();
    let mut tally = Tally::new("no ratio acts on death where it acts on nothing else", 0.0);
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            let same = strategy.effects.iter().filter(|other| other.ratio.same_formula(&effect.ratio));
            let course: Vec<usize> =
                same.flat_map(|other| &other.transitions).copied().filter(|t| !deadly.contains(t)).collect();
            let deaths = effect.transitions.iter().filter(|t| deadly.contains(t));
            if course.is_empty() {
                continue;
            }
            let leaves = |t: usize, s: usize| model.transitions[t].from.contains(&s);
            let mut idle: Vec<usize> =
                deaths.flat_map(|&t| model.transitions[t].from.iter().copied()).collect();
            idle.retain(|&s| {
                let mut others =
                    (0..model.transitions.len()).filter(|t| !deadly.contains(t) && leaves(*t, s));
                others.next().is_some() && !course.iter().any(|&t| leaves(t, s))
            });
            tally.advisable(&strategy.name, idle.is_empty(), || {
                format!(
                    "`{}` lowers death in {} by the ratio that acts on {}, of which nothing leaves there",
                    strategy.name,
                    listed(idle.iter().map(|&s| &model.states[s].name[..])),
                    listed(course.iter().map(|&t| &model.transitions[t].name[..]))
                )
            });
        }
    }
    tally.verdict("no ratio acts on the course of the disease")
}
