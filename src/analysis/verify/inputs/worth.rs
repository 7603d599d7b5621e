//! What states are worth: forgotten states, states worth too much, amounts that are counted twice.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::situations;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use crate::model::hazard::Reads;
use crate::model::{Binary, Expr, Hazard, Model, Reward, Situation, When};
use crate::scenario::parameters::Kind;

/// What a year in a state adds to an outcome under a strategy, losses taken away; `None` if nothing is counted there.
pub fn per_year(model: &Model, outcome: usize, strategy: usize, state: usize) -> Option<Expr> {
    let own = model.rewards.iter().filter(|r| {
        let here = matches!(&r.when, When::In(states) if states.contains(&state));
        here && r.outcome(model) == outcome && r.given_under(strategy)
    });
    own.map(|r| r.amount.clone())
        .reduce(|a, b| Expr::Binary(Binary::Add, Box::new([a, b])))
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
                && matches!(r.when, When::In(_))
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
    let mut tally = Tally::new(
        "quality of life and costs in every living state, none in the dead",
        0.0,
    );
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
            let living: Vec<usize> = subject
                .living()
                .into_iter()
                .filter(|&state| lived(state))
                .collect();
            let something = |state: usize| {
                let mut any = false;
                each_worth(subject, (outcome, s, state), |worth, _| any |= worth != 0.0);
                any
            };
            let without: Vec<usize> = living
                .iter()
                .copied()
                .filter(|&state| !something(state))
                .collect();
            for (state, own) in model.states.iter().enumerate() {
                if told.contains(&state) {
                    continue;
                }
                if subject.is_dead(state) {
                    let fine = !something(state);
                    tally.holds(&own.name, fine, || {
                        format!(
                            "the dead in `{}` add to `{name}` year by year under `{}`",
                            own.name, strategy.name
                        )
                    });
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
                        tally.advisable(&own.name, false, || {
                            format!("{text}, and {others} other states do")
                        });
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
          top of full health, or that a loss has the wrong sign. Below 0 is worse than death, and worth asking about.",
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
                told |= !tally.advisable(&own.name, low >= -1e-12, || {
                    format!(
                        "a year in `{}` under `{}` is worth {} at its worst, less than death",
                        own.name,
                        strategy.name,
                        number(low)
                    )
                });
            }
        }
    }
    tally.verdict("quality of life is not counted by the year")
}

pub static S22: Check = Check {
    id: "S22",
    title: "Nothing is counted twice",
    why: "Two rewards that add to the same outcome, for the same patients at the same moment (in the same state, on the same \
          transition, at the start), and that read the same cost or quality of life, count it twice. It happens when a cost is \
          given to a transition and to the state it leads to, or when a reward is copied for one strategy and the first is \
          left on all. In the same way a strategy may have one ratio twice on the same transition, and one life table may \
          kill the same people by two transitions.",
    hint: "Keep one of the two rewards named, or split the states, transitions or strategies between them.",
    basis: "own",
    quick: true,
    run: s22,
};

fn s22(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new(
        "no cost or quality of life in two rewards for the same thing",
        0.0,
    );
    for (i, a) in model.rewards.iter().enumerate() {
        for b in &model.rewards[i + 1..] {
            let same = a.outcome(model) == b.outcome(model);
            let arms = (0..model.strategies.len()).any(|s| a.given_under(s) && b.given_under(s));
            if !same || !arms {
                continue;
            }
            let both = shared(subject, a, b);
            tally.advisable(&b.name, both.is_none(), || {
                let (parameter, place) = both.clone().unwrap_or_default();
                format!(
                    "rewards `{}` and `{}` both add `{parameter}` {place}",
                    a.name, b.name
                )
            });
        }
    }
    effects_twice(subject, &mut tally);
    tables_twice(subject, &mut tally);
    tally.verdict("no two rewards, effects or life tables meet")
}

/// Two effects of one strategy on one transition that read the same ratio.
fn effects_twice(subject: &Subject, tally: &mut Tally) {
    let model = subject.model;
    for strategy in &model.strategies {
        for (i, a) in strategy.effects.iter().enumerate() {
            for b in &strategy.effects[i + 1..] {
                let Some(&t) = a.transitions.iter().find(|t| b.transitions.contains(t)) else {
                    continue;
                };
                let read = parameters_in(&a.ratio, None);
                let both = parameters_in(&b.ratio, None)
                    .into_iter()
                    .find(|p| read.contains(p));
                tally.advisable(&strategy.name, both.is_none(), || {
                    format!(
                        "two effects of strategy `{}` multiply `{}` by `{}`",
                        strategy.name,
                        model.transitions[t].name,
                        model.parameters[both.unwrap_or(0)].name
                    )
                });
            }
        }
    }
}

/// Two transitions out of one state that follow the same life table.
fn tables_twice(subject: &Subject, tally: &mut Tally) {
    let model = subject.model;
    let table = |t: usize| match &model.transitions[t].hazard {
        Hazard::LifeTable { table, .. } => Some(*table),
        _ => None,
    };
    let followers: Vec<usize> = (0..model.transitions.len())
        .filter(|&t| table(t).is_some())
        .collect();
    for (i, &a) in followers.iter().enumerate() {
        for &b in &followers[i + 1..] {
            let (one, other) = (&model.transitions[a], &model.transitions[b]);
            let state = one
                .from
                .iter()
                .find(|s| other.from.contains(s) && table(a) == table(b));
            tally.holds(&other.name, state.is_none(), || {
                format!(
                    "those in `{}` die by the life table twice: by `{}` and by `{}`",
                    model.states[*state.unwrap_or(&0)].name,
                    one.name,
                    other.name
                )
            });
        }
    }
}

/// A cost or quality of life that two rewards add at the same moment, and when.
fn shared(subject: &Subject, a: &Reward, b: &Reward) -> Option<(String, String)> {
    let model = subject.model;
    let read = |r: &Reward, state: Option<usize>| -> Vec<usize> {
        let own = parameters_in(&r.amount, state).into_iter();
        own.filter(|&p| matches!(subject.kind(p), Kind::Cost | Kind::Utility | Kind::Disutility))
            .collect()
    };
    let common = |state: Option<usize>| {
        let mine = read(a, state);
        let found = read(b, state).into_iter().find(|p| mine.contains(p));
        found.map(|p| model.parameters[p].name.clone())
    };
    match (&a.when, &b.when) {
        (When::In(x), When::In(y)) => {
            let both = x.iter().copied().filter(|state| y.contains(state));
            both.filter_map(|state| {
                let at = format!("to a year in `{}`", model.states[state].name);
                Some((common(Some(state))?, at))
            })
            .next()
        }
        (When::In(_), _) | (_, When::In(_)) => None,
        (When::Starting(x), When::Starting(y)) => {
            let overlap = match (x, y) {
                (Some(x), Some(y)) => x.iter().any(|branch| y.contains(branch)),
                _ => true,
            };
            Some((common(None).filter(|_| overlap)?, "at the start".into()))
        }
        _ => {
            let falls = |r: &Reward, t: usize, branch: usize, from: usize, to: usize| match &r.when {
                When::Firing(all) => all.contains(&(t, branch)),
                when => when.on_move(from, to),
            };
            subject.paths.edges.iter().find_map(|e| {
                let both = falls(a, e.transition, e.branch, e.from, e.to)
                    && falls(b, e.transition, e.branch, e.from, e.to);
                let at = format!("when `{}` happens", model.transitions[e.transition].name);
                Some((common(Some(e.from)).filter(|_| both)?, at))
            })
        }
    }
}
