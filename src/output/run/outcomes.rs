//! `outcomes.csv`, `outcome_breakdown.csv` and `outcomes_over_time.csv`: mean costs and effects per patient, their
//! components, and their accrual over time.

use super::source_status;
use super::thin::kept;
use crate::analysis::curves::{Solution, Source};
use crate::analysis::outcomes::{Breakdown, Discounting, Entry, Place};
use crate::analysis::run::RunAnswer;
use crate::analysis::sampling::{Sampled, sampled};
use crate::engine::Total;
use crate::model::{Component, Model, Reward};
use crate::output::columns::{outcome, scenario, se, source, strategy, unit, warning};
use crate::output::figures::table::{Column, Table, number, text};

/// Status of an amount that is not finite because of a formula.
const NO_NUMBER: &str = "no number: a formula of its rewards divides by zero or overflows";
/// Status of a simulated mean whose standard error is unknown.
const NO_SPREAD: &str = "no standard error: it takes two patients";

/// A row of `outcomes.csv`: a mean per patient.
struct MeanRow {
    source: Source,
    strategy: usize,
    outcome: usize,
    quantity: &'static str,
    worth: Discounting,
    total: Total,
    /// Monte Carlo error of the mean, if patients were simulated.
    sampled: Option<Sampled>,
}

/// Table of mean totals and increments per patient over the time horizon.
pub fn outcomes(run: &RunAnswer) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &MeanRow| r.strategy),
        outcome(model, |r: &MeanRow| r.outcome),
        unit(model, |r: &MeanRow| r.outcome),
        source(|r: &MeanRow| r.source),
        text(
            "quantity",
            "Mean per patient by the horizon, or how much more that is than for the same patients under the reference strategy",
            "total; increment",
            |r: &MeanRow| r.quantity,
        ),
        text(
            "discounting",
            "Whether later amounts count for less, as README.txt says for each outcome",
            "discounted; undiscounted",
            |r: &MeanRow| r.worth.name(),
        ),
        number("estimate", "as `unit`", "The mean per patient", |r: &MeanRow| r.total.mean),
        number(
            "sd_between_patients",
            "as `unit`",
            "How far single patients are from the mean (standard deviation). Empty for exact results in continuous time, of models with more than 4,000,000 cells of patients, and for increments of strategies under which patients do not live the same lives as under the reference; simulated patients have all of them",
            |r: &MeanRow| r.total.sd,
        ),
        se(|r: &MeanRow| r.sampled?.se),
        number("low", "as `unit`", "Lower 95 % limit of the Monte Carlo error (normal)", |r: &MeanRow| {
            Some(r.sampled?.limits?.0)
        }),
        number("high", "as `unit`", "Upper 95 % limit of the Monte Carlo error (normal)", |r: &MeanRow| {
            Some(r.sampled?.limits?.1)
        }),
        text(
            "status",
            "Whether the number exists, or why not",
            "ok; exact: no sampling error; no standard error: it takes two patients; \
             no number: a formula of its rewards divides by zero or overflows",
            |r: &MeanRow| match r.sampled {
                _ if !r.total.mean.is_finite() => NO_NUMBER,
                Some(Sampled { se: None, .. }) => NO_SPREAD,
                _ => source_status(r.source),
            },
        ),
        warning(model, |r: &MeanRow| r.strategy),
    ];
    let rows = run.results.solutions().flat_map(|(source, solution)| {
        pairs(model).flat_map(move |(s, o)| means(run, source, solution, s, o))
    });
    let about = "costs, QALYs and other outcomes: means per patient by the horizon, and increments against the reference";
    Table::of("outcomes.csv", about, columns, rows)
}

/// The rows of `outcomes.csv` for one strategy and outcome from one engine.
fn means(
    run: &RunAnswer,
    source: Source,
    solution: &Solution,
    strategy: usize,
    outcome: usize,
) -> Vec<MeanRow> {
    let model = run.model();
    let (s, o, reference, horizon) = (strategy, outcome, model.reference(), model.time.cycles);
    let mut rows = Vec::new();
    let mut row = |quantity, worth, total, sampled| {
        rows.push(MeanRow { source, strategy, outcome, quantity, worth, total, sampled });
    };
    let totals = solution.totals.strategies.get(s);
    let total = totals.and_then(|t| t.outcomes.get(o));
    let increment = totals.and_then(|t| t.increments.get(o)).filter(|_| s != reference);
    match (source, &run.breakdown) {
        (Source::Exact, Some(breakdown)) => {
            for worth in Discounting::BOTH {
                // The standard deviation is known only for totals that are discounted as the outcome specifies.
                let known = |t: Option<&Total>| {
                    t.filter(|_| worth == Discounting::Discounted || model.outcomes[o].discount.is_none())
                        .and_then(|t| t.sd)
                };
                let mean = breakdown.total(worth, s, o, horizon);
                row("total", worth, Total { mean, sd: known(total) }, None);
                if s != reference {
                    let mean = breakdown.increment(worth, s, o, horizon);
                    row("increment", worth, Total { mean, sd: known(increment) }, None);
                }
            }
        }
        _ => {
            for (quantity, total) in [("total", total), ("increment", increment)] {
                if let Some(total) = total {
                    let error = sampled(total, solution.counts.patients);
                    row(quantity, Discounting::Discounted, *total, Some(error));
                }
            }
        }
    }
    rows
}

/// The status column of exact amounts: whether the amount is finite.
fn status<'a, R>(amount: impl Fn(&R) -> f64 + 'a) -> Column<'a, R> {
    text(
        "status",
        "Whether the numbers exist, or why not",
        "exact: no sampling error; no number: a formula of its rewards divides by zero or overflows",
        move |row| match amount(row).is_finite() {
            true => source_status(Source::Exact),
            false => NO_NUMBER,
        },
    )
}

/// Columns for the place at which an amount accrues: a state, a transition branch or the start.
pub fn place_columns<'a, R>(model: &'a Model, place: impl Fn(&R) -> Place + Copy + 'a) -> [Column<'a, R>; 3] {
    let words = move |row: &R| match place(row) {
        Place::State(state) => ("state", model.states[state].name.as_str(), ""),
        Place::Branch(t, b) => {
            let transition = &model.transitions[t];
            ("transition", transition.name.as_str(), transition.branches[b].name.as_str())
        }
        Place::Start => ("start", "", ""),
    };
    [
        text(
            "falls",
            "While in a state, with a transition, or at time zero",
            "state; transition; start",
            move |r| words(r).0,
        ),
        text(
            "state_or_transition",
            "State or transition at which it accrues, as the scenario names it; empty at the start",
            "",
            move |r| words(r).1,
        ),
        text("branch", "Branch of the transition; empty elsewhere", "", move |r| words(r).2),
    ]
}

/// A row of `outcome_breakdown.csv`: the amount of one reward that accrues at one place.
struct RewardRow<'a> {
    strategy: usize,
    entry: &'a Entry,
    reward: &'a Reward,
    component: &'a Component,
    discounted: f64,
    undiscounted: f64,
    increment: Option<f64>,
}

/// Table of the components of each total: every reward at every place where it accrues.
pub fn breakdown(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let model = run.model();
    let [falls, place, branch] = place_columns(model, |r: &RewardRow| r.entry.place);
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &RewardRow| r.strategy),
        outcome(model, |r: &RewardRow| r.component.outcome),
        unit(model, |r: &RewardRow| r.component.outcome),
        text("category", "Part of the outcome to which the reward belongs", "", |r: &RewardRow| {
            &r.component.category
        }),
        text("reward", "Reward, as the scenario names it", "", |r: &RewardRow| &r.reward.name),
        falls,
        place,
        branch,
        number(
            "discounted",
            "as `unit`",
            "Expected amount per patient by the horizon (exact); all rows of an outcome add to its total",
            |r: &RewardRow| r.discounted,
        ),
        number("undiscounted", "as `unit`", "The same with every amount in full", |r: &RewardRow| {
            r.undiscounted
        }),
        number(
            "increment_discounted",
            "as `unit`",
            "How much more than under the reference strategy; empty for the reference itself",
            |r: &RewardRow| r.increment,
        ),
        status(|r: &RewardRow| r.discounted),
        warning(model, |r: &RewardRow| r.strategy),
    ];
    let row = |strategy: usize, e: usize| {
        let entry = &breakdown.entries[e];
        let reward = &model.rewards[entry.reward];
        let discounted = breakdown.entry(Discounting::Discounted, strategy, e);
        let more = discounted - breakdown.entry(Discounting::Discounted, breakdown.reference, e);
        RewardRow {
            strategy,
            entry,
            reward,
            component: &model.components[reward.component],
            discounted,
            undiscounted: breakdown.entry(Discounting::Undiscounted, strategy, e),
            increment: (strategy != breakdown.reference).then_some(more),
        }
    };
    let rows = pairs(model).flat_map(|(s, o)| {
        let rows = (0..breakdown.entries.len()).map(move |e| row(s, e));
        rows.filter(move |row| row.component.outcome == o)
    });
    let about = "what makes up the outcomes: every reward in every state, with every transition and at the start (exact)";
    Table::of("outcome_breakdown.csv", about, columns, rows)
}

/// All pairs of a strategy and an outcome, as indices.
fn pairs(model: &Model) -> impl Iterator<Item = (usize, usize)> {
    (0..model.strategies.len()).flat_map(|s| (0..model.outcomes.len()).map(move |o| (s, o)))
}

/// A row of `outcomes_over_time.csv`: the amount that a cycle adds to an outcome, and the sum so far.
struct Added {
    strategy: usize,
    outcome: usize,
    point: usize,
    added: f64,
    gathered: f64,
}

/// Table of the accrual of each outcome over time.
pub fn over_time(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &Added| r.strategy),
        outcome(model, |r: &Added| r.outcome),
        unit(model, |r: &Added| r.outcome),
        number("time_years", "years", "Years since the start", |r: &Added| model.time.years(r.point)),
        number(
            "added",
            "as `unit`",
            "Expected discounted amount per patient of the cycle that ends at this time (time zero: amounts at the \
             start), or of this point where the outcome is counted at points",
            |r: &Added| r.added,
        ),
        number(
            "gathered",
            "as `unit`",
            "Sum of all cycles or points up to and including this time, also of those that this file leaves out",
            |r: &Added| r.gathered,
        ),
        status(|r: &Added| r.gathered),
        warning(model, |r: &Added| r.strategy),
    ];
    let points = kept(&model.time, run.landmarks());
    let rows = pairs(model).flat_map(|(strategy, outcome)| {
        let all = breakdown.over_time(Discounting::Discounted, strategy, outcome);
        points.iter().map(move |&point| {
            let (added, gathered) = all[point];
            Added { strategy, outcome, point, added, gathered }
        })
    });
    let about = "amounts of each cycle and cumulative amounts, discounted (exact)";
    Table::of("outcomes_over_time.csv", about, columns, rows)
}
