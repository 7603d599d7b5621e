//! What states are worth: forgotten states, states worth too much, amounts that are counted twice.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::situations;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Binary, Expr, Model, Situation};
use arcosim_scenario::parameters::Kind;

/// What a year in a state adds to an outcome under a strategy, losses taken away; `None` if nothing is counted there.
pub fn per_year(model: &Model, outcome: usize, strategy: usize, state: usize) -> Option<Expr> {
    let own = model.rewards.iter().filter(|r| {
        let here = r.when.in_state(state);
        here && r.outcome(model) == outcome && r.given_under(strategy)
    });
    own.map(|r| r.amount.clone()).reduce(|a, b| Expr::Binary(Binary::Add, Box::new([a, b])))
}

/// Calls `visit` with what a year in a state is worth in every situation; nothing if nothing is counted there.
pub fn each_worth(
    subject: &Subject,
    (outcome, strategy, state): (usize, usize, usize),
    mut visit: impl FnMut(f64, &Situation),
) {
    let model = subject.model;
    if let Some(amount) = per_year(model, outcome, strategy, state) {
        let parameters = model.strategies[strategy].parameters(model, &subject.base);
        situations::each(model, &parameters, state, &Reads::of(&amount), false, |s| {
            visit(amount.value(s), s);
        });
    }
}

/// Per state: the mean worth of a year in it under the reference strategy, over the same situations in every state, all
/// alike: enough to tell better states from worse ones. The dead have nothing; `None` where quality of life is not counted.
pub fn mean_worths(subject: &Subject) -> Vec<Option<f64>> {
    let model = subject.model;
    let states = 0..model.states.len();
    let Some(&outcome) = quality(subject).first() else {
        return vec![None; model.states.len()];
    };
    let strategy = model.reference();
    let amounts: Vec<Option<Expr>> = states.map(|s| per_year(model, outcome, strategy, s)).collect();
    let mut reads = Reads::default();
    amounts.iter().flatten().for_each(|amount| reads.add(amount));
    let parameters = model.strategies[strategy].parameters(model, &subject.base);
    let mean = |(state, amount): (usize, &Option<Expr>)| {
        if subject.is_dead(state) {
            return Some(0.0);
        }
        let amount = amount.as_ref()?;
        let (mut sum, mut n) = (0.0, 0.0);
        situations::each(model, &parameters, state, &reads, false, |s| {
            sum += amount.value(s);
            n += 1.0;
        });
        (n > 0.0).then(|| sum / n)
    };
    amounts.iter().enumerate().map(mean).collect()
}

/// Outcomes that count quality of life year by year.
pub fn quality(subject: &Subject) -> Vec<usize> {
    counting(subject, &[Kind::Utility, Kind::Disutility])
}

/// Outcomes whose amounts per year read parameters of some kinds.
fn counting(subject: &Subject, kinds: &[Kind]) -> Vec<usize> {
    let model = subject.model;
    let counts = |o: &usize| {
        model.rewards.iter().any(|r| {
            let read = || parameters_in(&r.amount, None);
            r.outcome(model) == *o
                && r.when.accrues()
                && read().into_iter().any(|p| kinds.contains(&subject.kind(p)))
        })
    };
    (0..model.outcomes.len()).filter(counts).collect()
}

pub static S15: Check = Check {
    id: "S15",
    title: "Every state in which people live has its quality of life and its costs, and the dead have none",
    why: "Every state in which patients spend time is looked for among the rewards that count by the year, strategy by strategy. \
          A living state without quality of life makes those in it worth as much as the dead; one without costs, where all its \
          neighbours have some, has probably been forgotten; and the dead neither cost nor enjoy anything year by year.",
    hint: "Add the state to the `in` of the reward, or give it an amount of its own; take the states of the dead out.",
    basis: "own",
    quick: true,
    run: s15,
};

fn s15(subject: &Subject) -> Verdict {
    let model = subject.model;
    let counts = subject.counts();
    let mut tally = Tally::new("quality of life and costs in every living state, none in the dead", 0.0);
    let qualities = quality(subject);
    let costs = counting(subject, &[Kind::Cost]);
    for outcome in 0..model.outcomes.len() {
        let (quality, cost) = (qualities.contains(&outcome), costs.contains(&outcome));
        let name = &model.outcomes[outcome].name;
        let mut told: Vec<usize> = Vec::new();
        for (s, strategy) in model.strategies.iter().enumerate() {
            // Those who get the strategy are counted under it, whatever the states of the others.
            let lived = |state: usize| {
                let years = subject.years(counts, &[state], outcome, &subject.base);
                years[s] > 1e-12
            };
            let living: Vec<usize> = subject.living().into_iter().filter(|&state| lived(state)).collect();
            let something = |state: usize| {
                let mut any = false;
                each_worth(subject, (outcome, s, state), |worth, _| any |= worth != 0.0);
                any
            };
            let without: Vec<usize> = living.iter().copied().filter(|&state| !something(state)).collect();
            for (state, own) in model.states.iter().enumerate() {
                if told.contains(&state) {
                    continue;
                }
                if subject.is_dead(state) {
                    let fine = !something(state);
                    let text = || {
                        format!(
                            "the dead in `{}` add to `{name}` year by year under `{}`",
                            own.name, strategy.name
                        )
                    };
                    let here = |r: &usize| {
                        let reward = &model.rewards[*r];
                        let there = reward.when.in_state(state);
                        there && reward.outcome(model) == outcome && reward.given_under(s)
                    };
                    let mut rewards = (0..model.rewards.len()).filter(here);
                    // The dead have no quality of life; those whom they leave behind may lose some.
                    let mut gains = false;
                    each_worth(subject, (outcome, s, state), |worth, _| gains |= worth > 0.0);
                    match rewards.all(|r| subject.only_of_the_dead(r)) && !(quality && gains) {
                        true => tally.advisable(&own.name, fine, text),
                        false => tally.holds(&own.name, fine, text),
                    };
                    if !fine {
                        told.push(state);
                    }
                } else if without.contains(&state) {
                    let text = format!(
                        "a year in `{}` adds nothing to `{name}` under `{}`, as if it were not lived",
                        own.name, strategy.name
                    );
                    let others = living.len() - without.len();
                    if quality {
                        tally.holds(&own.name, false, || text);
                        told.push(state);
                    } else if cost && others >= 2 && without.len() == 1 {
                        tally.advisable(&own.name, false, || format!("{text}, and {others} other states do"));
                        told.push(state);
                    }
                } else if quality || cost {
                    tally.holds(&own.name, true, String::new);
                }
            }
        }
    }
    tally.verdict("nothing is counted by the year")
}

pub static S19: Check = Check {
    id: "S19",
    title: "No year is worth more than a year in full health",
    why: "All that a year in a state adds to quality-adjusted life is summed, gains and losses together, for every strategy, kind \
          of patient and cycle. Full health is 1: more than that means that something is added twice, that a gain was put on \
          top of full health, or that a loss has the wrong sign. Below 0 is worse than death, and worth asking about; below -1 \
          no instrument goes.",
    hint: "The finding names state and strategy; see all rewards that are counted in that state, and whether losses say `loss`.",
    basis: "TECH-VER",
    quick: true,
    run: s19,
};

fn s19(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("a year in any state is worth between 0 and 1", 1e-9);
    for outcome in quality(subject) {
        for (state, own) in model.states.iter().enumerate() {
            let mut told = false;
            for (s, strategy) in model.strategies.iter().enumerate() {
                let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
                each_worth(subject, (outcome, s, state), |worth, _| {
                    (low, high) = (low.min(worth), high.max(worth));
                });
                if low > high || told {
                    continue;
                }
                let what = format!("a year in `{}` under `{}`, at its best,", own.name, strategy.name);
                told |= !tally.at_most(&own.name, &what, 1.0, high);
                let text = || {
                    format!(
                        "a year in `{}` under `{}` is worth {} at its worst, less than death",
                        own.name,
                        strategy.name,
                        number(low)
                    )
                };
                told |= match low >= -1.0 {
                    true => !tally.advisable(&own.name, low >= -1e-12, text),
                    false => !tally.holds(&own.name, false, text),
                };
            }
        }
    }
    tally.verdict("quality of life is not counted by the year")
}
