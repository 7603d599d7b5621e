//! Quality of life: where it comes from, and which way each number moves the total.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use super::super::transform::without_discounting;
use super::apart::{Apart, Item};
use super::left_over::{self, surely_dead};
use arcosim_scenario::parameters::Kind;

/// Why checks of utilities are skipped.
pub const NOTHING: &str =
    "no outcome counts quality-adjusted life: no utility adds to any, or costs add to the same";

/// Utilities nearer to 0 than this may be gains on top of another.
const GAIN: f64 = 0.2;

pub static R02: Check = Check {
    id: "R02",
    title: "Without any utility, there are no QALYs",
    why: "All utilities and losses are set to 0, and no reward may add QALYs. What is left is a number that somebody typed into \
          a formula, where no sensitivity analysis finds it and no source explains it.",
    hint: "Give the number a row in the parameter table, with its kind, its source and its uncertainty.",
    basis: "TECH-VER, epicR",
    quick: true,
    run: r02,
};

fn r02(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    left_over::verdict(subject, &outcomes, &[Kind::Utility, Kind::Disutility], "no reward adds QALYs")
}

pub static R03: Check = Check {
    id: "R03",
    title: "Better quality of life gives more QALYs, greater losses fewer",
    why: "All utilities are lowered by a tenth, and every strategy must lose QALYs. Then each utility and each loss is raised by \
          itself: a utility that lowers the total, or a loss that raises it, has the wrong sign.",
    hint: "Look at the rewards that read the parameter that is named: losses are positive numbers, and are taken away by \
           `loss = true` or by one minus sign, not by both.",
    basis: "TECH-VER",
    quick: true,
    run: r03,
};

fn r03(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    let model = subject.model;
    let mut tally = Tally::new("every utility moves QALYs up, every loss down", 0.0);
    let apart = Apart::plain(model, &outcomes);
    let mut evaluator = apart.evaluator(subject);
    let mut gained = |values: &[f64]| -> Vec<Vec<f64>> {
        let totals = evaluator.totals(values);
        let of = |own: &Vec<f64>| {
            outcomes.iter().map(|&o| apart.sum(own, o, |item| item.reward.is_some())).collect()
        };
        totals.iter().map(of).collect()
    };
    let base = gained(&subject.base);
    let lower = gained(&subject.with_kinds(&[Kind::Utility], |x| 0.9 * x));
    for (arm, strategy) in model.strategies.iter().enumerate() {
        for (i, &o) in outcomes.iter().enumerate() {
            tally.holds(&strategy.name, lower[arm][i] < base[arm][i], || {
                format!(
                    "with all utilities a tenth lower, `{}` under `{}` is {} and was {}",
                    model.outcomes[o].name,
                    strategy.name,
                    number(lower[arm][i]),
                    number(base[arm][i])
                )
            });
        }
    }
    for p in 0..subject.base.len() {
        let up = match subject.kind(p) {
            Kind::Utility => 1.0,
            Kind::Disutility => -1.0,
            _ => continue,
        };
        let mut values = subject.base.clone();
        values[p] += 0.01;
        let changed = gained(&values);
        let moves: Vec<f64> = (changed.iter().flatten().zip(base.iter().flatten()))
            .map(
                |(new, old)| {
                    if (new - old).abs() > 1e-12 * old.abs().max(1e-3) { up * (new - old) } else { 0.0 }
                },
            )
            .collect();
        let name = &model.parameters[p].name;
        if moves.iter().all(|x| *x == 0.0) {
            continue;
        }
        let against = moves.iter().any(|x| *x < 0.0);
        let text = || {
            let words = if up > 0.0 { ("utility", "fewer") } else { ("loss", "more") };
            format!("raising the {} `{name}` by 0.01 gives {} QALYs", words.0, words.1)
        };
        match moves.iter().any(|x| *x > 0.0) {
            true => tally.advisable(name, !against, || format!("{} under some strategies only", text())),
            false => tally.holds(name, !against, text),
        };
    }
    tally.verdict("nothing adds to QALYs")
}

pub static R14: Check = Check {
    id: "R14",
    title: "Life is worth no more than the best state, on average",
    why: "QALYs per year lived, without discounting and without what falls once, are a mean of the utilities of the states. A \
          mean above the highest utility of the parameter table means that something is added up which should not be, or that \
          years are missing; one below the lowest, that some of the years have no utility.",
    hint: "Compare the utility of each state in the outcome tables with its source; R01 and S19 name the state.",
    basis: "TECH-VER",
    quick: true,
    run: r14,
};

fn r14(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    let model = without_discounting(subject.model);
    let apart = Apart::plain(&model, &outcomes);
    let totals = apart.totals(subject, &subject.base);
    let mut tally = Tally::new("QALYs per year lived lie among the utilities", 0.0);
    for &o in &outcomes {
        let read = |kind: Kind| {
            let rewards = model.rewards.iter().filter(|r| r.outcome(&model) == o);
            let mut all: Vec<usize> = rewards.flat_map(|r| parameters_in(&r.amount, None)).collect();
            all.retain(|&p| subject.kind(p) == kind);
            all.sort_unstable();
            all.dedup();
            all
        };
        let gains = gains(subject, &outcomes);
        let own = &subject.base;
        // What stands in for a utility under a strategy is one too.
        let mut stand_in: Vec<f64> = Vec::new();
        for strategy in &model.strategies {
            let values = strategy.parameters(&model, &subject.base);
            stand_in.extend(
                strategy
                    .substitutions
                    .iter()
                    .filter(|(p, _)| subject.kind(*p) == Kind::Utility)
                    .map(|(p, _)| values[*p]),
            );
        }
        // A case such as `if(state == ill, utility.ill, 1)` has its utility typed.
        let mut typed: Vec<f64> = Vec::new();
        for reward in model.rewards.iter().filter(|r| r.outcome(&model) == o) {
            left_over::typed_numbers(&reward.amount, &mut typed);
        }
        typed.retain(|x| *x > 0.0 && *x <= 1.0);
        let utilities: Vec<f64> = read(Kind::Utility)
            .into_iter()
            .filter(|p| !gains.contains(p))
            .map(|p| own[p])
            .chain(stand_in)
            .chain(typed)
            .collect();
        let extra: f64 = gains.iter().map(|&p| own[p].max(0.0)).sum();
        let losses: f64 = read(Kind::Disutility).into_iter().map(|p| own[p].max(0.0)).sum();
        let negative: f64 = read(Kind::Disutility).into_iter().map(|p| (-own[p]).max(0.0)).sum();
        let high = utilities.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b)) + extra + negative;
        let low = utilities.iter().fold(f64::INFINITY, |a, &b| a.min(b)) - losses;
        let scaled = model.rewards.iter().filter(|r| r.outcome(&model) == o).any(|r| {
            left_over::reads_others(subject, &r.amount, &[Kind::Utility, Kind::Disutility]) || r.reads().age
        });
        for (strategy, own) in model.strategies.iter().zip(&totals) {
            let alive =
                |item: &Item| item.state.is_some_and(|s| !subject.is_dead(s) || !surely_dead(subject, s));
            let years = apart.sum(own, o, |item| item.reward.is_none() && alive(item));
            let gained = apart.sum(own, o, |item| item.reward.is_some() && item.state.is_some());
            if years <= 0.0 {
                continue;
            }
            let mean = gained / years;
            let text = |limit: f64, word: &str| {
                format!(
                    "a year under `{}` is worth {} in `{}`, {word} {}",
                    strategy.name,
                    number(mean),
                    model.outcomes[o].name,
                    number(limit)
                )
            };
            let fine = mean <= high + 1e-9;
            match scaled {
                true => tally.advisable(&strategy.name, fine, || text(high, "above the highest utility,")),
                false => tally.holds(&strategy.name, fine, || text(high, "above the highest utility,")),
            };
            if !scaled {
                tally.advisable(&strategy.name, mean >= low - 1e-9, || {
                    text(low, "below the lowest utility less all losses,")
                });
            }
        }
    }
    tally.verdict(NOTHING)
}

/// Utilities that are added on top of another one wherever they are read.
pub fn gains(subject: &Subject, outcomes: &[usize]) -> Vec<usize> {
    let model = subject.model;
    let read = |reward: usize, s: usize| {
        let mut all = parameters_in(&model.rewards[reward].amount, Some(s));
        all.retain(|&p| subject.kind(p) == Kind::Utility);
        all
    };
    let places: Vec<(usize, usize, usize)> = (0..model.rewards.len())
        .filter(|&r| outcomes.contains(&model.rewards[r].outcome(model)))
        .flat_map(|r| {
            let states = model.rewards[r].when.states().to_vec();
            states.into_iter().map(move |s| (r, s, model.rewards[r].outcome(model)))
        })
        .collect();
    let together = |a: usize, b: usize| {
        (0..model.strategies.len())
            .all(|arm| !model.rewards[a].given_under(arm) || model.rewards[b].given_under(arm))
    };
    let small = |p: &usize| subject.base[*p].abs() < GAIN;
    let on_top = |p: &usize| {
        let mut own = places.iter().filter(|(r, s, _)| read(*r, *s).contains(p)).peekable();
        own.peek().is_some()
            && own.all(|(r, s, o)| {
                let mut beside = places.iter().filter(|(b, t, q)| t == s && q == o && together(*r, *b));
                beside.any(|(b, t, _)| read(*b, *t).iter().any(|q| q != p && !small(q)))
            })
    };
    subject.of_kind(Kind::Utility).into_iter().filter(small).filter(on_top).collect()
}

/// Outcomes that count quality-adjusted life: utilities add to them, and no costs.
pub fn quality(subject: &Subject) -> Vec<usize> {
    let all = 0..subject.model.outcomes.len();
    all.filter(|&o| subject.outcome_reads(o, &[Kind::Utility]) && !subject.outcome_reads(o, &[Kind::Cost]))
        .collect()
}
