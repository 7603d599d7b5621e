//! `outcomes.csv`, `outcome_breakdown.csv` and `outcomes_over_time.csv`: what patients gather, what makes it up,
//! and when it falls.

use super::source_status;
use super::thin::kept;
use crate::analysis::curves::Source;
use crate::analysis::landmarks::LEVEL;
use crate::analysis::outcomes::{Breakdown, Place, Worth};
use crate::analysis::run::RunAnswer;
use crate::engine::Total;
use crate::math::{normal, sqrt};
use crate::model::Model;
use crate::output::columns::{EVIDENCE, SCENARIO, SE, SOURCE, STRATEGY};
use crate::output::columns::{OUTCOME, UNIT};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};

/// Status of an amount that a formula made impossible.
const NO_NUMBER: &str = "no number: a formula of its rewards divides by zero or overflows";
/// Status of a simulated mean of unknown spread.
const NO_SPREAD: &str = "no standard error: it takes two patients";

const OUTCOMES: &[Column] = &[
    SCENARIO,
    STRATEGY,
    OUTCOME,
    UNIT,
    SOURCE,
    text(
        "quantity",
        "Mean per patient by the horizon, or how much more that is than for the same patients under the reference strategy",
        "total; increment",
    ),
    text(
        "discounting",
        "Whether later amounts count for less, as README.txt says for each outcome",
        "discounted; undiscounted",
    ),
    number("estimate", "as `unit`", "The mean per patient"),
    number(
        "sd_between_patients",
        "as `unit`",
        "How far single patients are from the mean (standard deviation); empty where it is not known",
    ),
    SE,
    number("low", "as `unit`", "Lower 95 % limit of the Monte Carlo error (normal)"),
    number("high", "as `unit`", "Upper 95 % limit of the Monte Carlo error (normal)"),
    text(
        "status",
        "Whether the number exists, or why not",
        "ok; exact: no sampling error; no standard error: it takes two patients; \
         no number: a formula of its rewards divides by zero or overflows",
    ),
    EVIDENCE,
];

const STATUS: Column = text(
    "status",
    "Whether the numbers exist, or why not",
    "exact: no sampling error; no number: a formula of its rewards divides by zero or overflows",
);

/// Status of exact amounts.
fn exact_status(amount: f64) -> &'static str {
    match amount.is_finite() {
        true => source_status(Source::Exact),
        false => NO_NUMBER,
    }
}

/// A mean over simulated patients with its Monte Carlo error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// Standard error; none where the spread is not known.
    pub se: Option<f64>,
    /// 95 % limits.
    pub limits: Option<(f64, f64)>,
}

/// The Monte Carlo error of a mean over so many patients.
pub fn sampled(total: &Total, patients: f64) -> Sampled {
    let se = total.sd.map(|sd| sd / sqrt(patients));
    let reach = normal::quantile(0.5 + LEVEL / 2.0);
    Sampled { se, limits: se.map(|se| (total.mean - reach * se, total.mean + reach * se)) }
}

/// Totals and increments by the horizon.
pub fn outcomes(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "outcomes.csv",
        "costs, QALYs and other outcomes: means per patient by the horizon, and increments against the reference",
        OUTCOMES,
    );
    let model = run.model();
    let reference = model.reference();
    let horizon = model.time.cycles;
    for (source, solution) in run.results.solutions() {
        for (s, strategy) in model.strategies.iter().enumerate() {
            for (o, outcome) in model.outcomes.iter().enumerate() {
                let mut row = |quantity: &str, worth: Worth, total: Total, sampled: Option<Sampled>| {
                    let status = match sampled {
                        _ if !total.mean.is_finite() => NO_NUMBER,
                        Some(Sampled { se: None, .. }) => NO_SPREAD,
                        _ => source_status(source),
                    };
                    let limits = sampled.and_then(|x| x.limits);
                    table.row(&[
                        Cell::Text(&run.scenario.name),
                        Cell::Text(&strategy.name),
                        Cell::Text(&outcome.name),
                        Cell::Text(&outcome.unit),
                        Cell::Text(source.name()),
                        Cell::Text(quantity),
                        Cell::Text(worth.name()),
                        Cell::Number(total.mean),
                        Cell::Maybe(total.sd),
                        Cell::Maybe(sampled.and_then(|x| x.se)),
                        Cell::Maybe(limits.map(|l| l.0)),
                        Cell::Maybe(limits.map(|l| l.1)),
                        Cell::Text(status),
                        Cell::Text(mark(model, s)),
                    ]);
                };
                let totals = solution.totals.strategies.get(s);
                let total = totals.and_then(|t| t.outcomes.get(o));
                let increment = totals.and_then(|t| t.increments.get(o)).filter(|_| s != reference);
                match (source, &run.breakdown) {
                    (Source::Exact, Some(breakdown)) => {
                        let exact = |mean, sd| Total { mean, sd };
                        for worth in Worth::BOTH {
                            // The spread is that of totals as the outcome says.
                            let known = |t: Option<&Total>| {
                                t.filter(|_| worth == Worth::Discounted || outcome.discount.is_none())
                                    .and_then(|t| t.sd)
                            };
                            let mean = breakdown.total(worth, s, o, horizon);
                            row("total", worth, exact(mean, known(total)), None);
                            if s != reference {
                                let mean = breakdown.increment(worth, s, o, horizon);
                                row("increment", worth, exact(mean, known(increment)), None);
                            }
                        }
                    }
                    _ => {
                        let n = solution.counts.patients;
                        for (quantity, total) in [("total", total), ("increment", increment)] {
                            if let Some(total) = total {
                                row(quantity, Worth::Discounted, *total, Some(sampled(total, n)));
                            }
                        }
                    }
                }
            }
        }
    }
    table
}

const BREAKDOWN: &[Column] = &[
    SCENARIO,
    STRATEGY,
    OUTCOME,
    UNIT,
    text("category", "Part of the outcome to which the reward belongs", ""),
    text("reward", "Reward, as the scenario names it", ""),
    text("falls", "While in a state, with a transition, or at time zero", "state; transition; start"),
    text("state_or_transition", "Where it falls, as the scenario names it; empty at the start", ""),
    text("branch", "Branch of the transition; empty elsewhere", ""),
    number(
        "discounted",
        "as `unit`",
        "Expected amount per patient by the horizon (exact); all rows of an outcome add to its total",
    ),
    number("undiscounted", "as `unit`", "The same with every amount in full"),
    number(
        "increment_discounted",
        "as `unit`",
        "How much more than under the reference strategy; empty for the reference itself",
    ),
    STATUS,
    EVIDENCE,
];

/// Kind, name and branch of a place.
pub fn place(model: &Model, place: Place) -> (&'static str, &str, &str) {
    match place {
        Place::State(state) => ("state", &model.states[state].name, ""),
        Place::Branch(t, b) => {
            let transition = &model.transitions[t];
            ("transition", &transition.name, &transition.branches[b].name)
        }
        Place::Start => ("start", "", ""),
    }
}

/// What makes up the totals: every reward at every place.
pub fn breakdown(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let mut table = Table::new(
        "outcome_breakdown.csv",
        "what makes up the outcomes: every reward in every state, with every transition and at the start (exact)",
        BREAKDOWN,
    );
    let model = run.model();
    for (s, strategy) in model.strategies.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            for (e, entry) in breakdown.entries.iter().enumerate() {
                let reward = &model.rewards[entry.reward];
                let component = &model.components[reward.component];
                if component.outcome != o {
                    continue;
                }
                let (falls, place, branch) = place(model, entry.place);
                let discounted = breakdown.entry(Worth::Discounted, s, e);
                let more = discounted - breakdown.entry(Worth::Discounted, breakdown.reference, e);
                table.row(&[
                    Cell::Text(&run.scenario.name),
                    Cell::Text(&strategy.name),
                    Cell::Text(&outcome.name),
                    Cell::Text(&outcome.unit),
                    Cell::Text(&component.category),
                    Cell::Text(&reward.name),
                    Cell::Text(falls),
                    Cell::Text(place),
                    Cell::Text(branch),
                    Cell::Number(discounted),
                    Cell::Number(breakdown.entry(Worth::Undiscounted, s, e)),
                    Cell::Maybe((s != breakdown.reference).then_some(more)),
                    Cell::Text(exact_status(discounted)),
                    Cell::Text(mark(model, s)),
                ]);
            }
        }
    }
    table
}

const OVER_TIME: &[Column] = &[
    SCENARIO,
    STRATEGY,
    OUTCOME,
    UNIT,
    number("time_years", "years", "Years since the start"),
    number(
        "added",
        "as `unit`",
        "Expected discounted amount per patient of the cycle that ends at this time (time zero: what falls at the \
         start), or of this point where the outcome is counted at points",
    ),
    number(
        "gathered",
        "as `unit`",
        "Sum of all cycles or points up to and including this time, also of those that this file leaves out",
    ),
    STATUS,
    EVIDENCE,
];

/// When the totals are gathered.
pub fn over_time(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let mut table = Table::new(
        "outcomes_over_time.csv",
        "what each cycle adds to the outcomes and what has been gathered so far, discounted (exact)",
        OVER_TIME,
    );
    let model = run.model();
    let points = kept(&model.time, run.landmarks());
    for (s, strategy) in model.strategies.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let all = breakdown.over_time(Worth::Discounted, s, o);
            for &point in &points {
                let (added, gathered) = all[point];
                table.row(&[
                    Cell::Text(&run.scenario.name),
                    Cell::Text(&strategy.name),
                    Cell::Text(&outcome.name),
                    Cell::Text(&outcome.unit),
                    Cell::Number(model.time.years(point)),
                    Cell::Number(added),
                    Cell::Number(gathered),
                    Cell::Text(exact_status(gathered)),
                    Cell::Text(mark(model, s)),
                ]);
            }
        }
    }
    table
}
