//! `landmarks.csv`: the numbers that people quote.

use super::source_status;
use super::survival::{NOBODY, each};
use crate::analysis::landmarks::{Value, incidence, median, on_grid, restricted_mean, survival};
use crate::analysis::run::RunAnswer;
use crate::output::columns::{ENDPOINT, EVIDENCE, SCENARIO, SE, SOURCE, STRATEGY};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};
use crate::survival::Limits;

const LANDMARKS: &[Column] = &[
    SCENARIO,
    STRATEGY,
    ENDPOINT,
    text(
        "quantity",
        "What is reported: with competing events censored (survival, RMST, median) or competing (cumulative incidence)",
        "kaplan_meier_survival; cumulative_incidence; rmst_years; median_years",
    ),
    SOURCE,
    number("time_years", "years", "Landmark; empty for a median"),
    number("estimate", "proportion (rmst_years and median_years: years)", "The number"),
    SE,
    number("low", "as estimate", "Lower 95 % limit of the Monte Carlo error"),
    number("high", "as estimate", "Upper 95 % limit of the Monte Carlo error"),
    text(
        "status",
        "Whether the number exists, or why not",
        "ok; exact: no sampling error; beyond the follow-up; not reached; nobody is ever at risk: no curve",
    ),
    EVIDENCE,
];

/// The table.
pub fn landmarks(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "landmarks.csv",
        "survival, cumulative incidence and restricted mean survival time at landmark years; medians",
        LANDMARKS,
    );
    let model = run.model();
    for (source, s, e, curves) in each(run) {
        let mut row = |quantity: &str, time, value: Option<Value>, missing: &str| {
            let limits = value.and_then(|v| v.limits);
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Text(&model.strategies[s].name),
                Cell::Text(&model.endpoints[e].name),
                Cell::Text(quantity),
                Cell::Text(source.name()),
                Cell::Maybe(time),
                Cell::Maybe(value.map(|v| v.estimate)),
                Cell::Maybe(value.and_then(|v| v.se)),
                Cell::Maybe(limits.map(|l| l.lower)),
                Cell::Maybe(limits.map(|l| l.upper)),
                Cell::Text(if value.is_some() { source_status(source) } else { missing }),
                Cell::Text(mark(model, s)),
            ]);
        };
        let Some(curves) = curves else {
            row("kaplan_meier_survival", None, None, NOBODY);
            continue;
        };
        for &years in run.landmarks() {
            let years = on_grid(&model.time, years);
            let late = "beyond the follow-up";
            row("kaplan_meier_survival", Some(years), survival(curves, source, years), late);
            row("cumulative_incidence", Some(years), incidence(curves, source, years), late);
            row("rmst_years", Some(years), restricted_mean(curves, source, years), late);
        }
        let m = median(curves, source);
        let value = m.years.map(|estimate| Value {
            estimate,
            se: None,
            limits: m.low.zip(m.high).map(|(lower, upper)| Limits { lower, upper }),
        });
        row("median_years", None, value, "not reached");
    }
    table
}
