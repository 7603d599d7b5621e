//! `landmarks.csv`: survival, cumulative incidence and restricted mean survival time at landmark years, and medians.

use super::source_status;
use super::survival::{Estimated, NOBODY, each};
use crate::analysis::landmarks::{Value, incidence, median, on_grid, restricted_mean, survival};
use crate::analysis::run::RunAnswer;
use crate::output::columns::{endpoint, scenario, se, source, strategy, warning};
use crate::output::figures::table::{Table, number, text};
use crate::survival::Limits;

/// A row of `landmarks.csv`: an estimate, or the reason why there is none.
struct Quoted<'a> {
    of: Estimated<'a>,
    quantity: &'static str,
    years: Option<f64>,
    value: Option<Value>,
    /// Reason for a missing value.
    missing: &'static str,
}

/// Table of survival, cumulative incidence and RMST at landmark years, and of medians.
pub fn landmarks(run: &RunAnswer) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &Quoted| r.of.strategy),
        endpoint(model, |r: &Quoted| r.of.endpoint),
        text(
            "quantity",
            "Quantity: with competing events censored (survival, RMST, median) or competing (cumulative incidence)",
            "kaplan_meier_survival; cumulative_incidence; rmst_years; median_years",
            |r: &Quoted| r.quantity,
        ),
        source(|r: &Quoted| r.of.source),
        number("time_years", "years", "Landmark; empty for a median", |r: &Quoted| r.years),
        number("estimate", "proportion (rmst_years and median_years: years)", "The number", |r: &Quoted| {
            r.value.map(|v| v.estimate)
        }),
        se(|r: &Quoted| r.value?.se),
        number("low", "as estimate", "Lower 95 % limit of the Monte Carlo error", |r: &Quoted| {
            Some(r.value?.limits?.lower)
        }),
        number("high", "as estimate", "Upper 95 % limit of the Monte Carlo error", |r: &Quoted| {
            Some(r.value?.limits?.upper)
        }),
        text(
            "status",
            "Whether the number exists, or why not",
            "ok; exact: no sampling error; beyond the follow-up; not reached; nobody is ever at risk: no curve",
            |r: &Quoted| match r.value {
                Some(_) => source_status(r.of.source),
                None => r.missing,
            },
        ),
        warning(model, |r: &Quoted| r.of.strategy),
    ];
    let about = "survival, cumulative incidence and restricted mean survival time at landmark years; medians";
    Table::of("landmarks.csv", about, columns, each(run).flat_map(|of| quoted(run, of)))
}

fn quoted<'a>(run: &RunAnswer, of: Estimated<'a>) -> Vec<Quoted<'a>> {
    let row = |quantity, years, value, missing| Quoted { of, quantity, years, value, missing };
    let Some(curves) = of.curves else {
        return vec![row("kaplan_meier_survival", None, None, NOBODY)];
    };
    let mut rows = Vec::new();
    for &years in run.landmarks() {
        let years = on_grid(&run.model().time, years);
        let mut at = |quantity, value| rows.push(row(quantity, Some(years), value, "beyond the follow-up"));
        at("kaplan_meier_survival", survival(curves, of.source, years));
        at("cumulative_incidence", incidence(curves, of.source, years));
        at("rmst_years", restricted_mean(curves, of.source, years));
    }
    let m = median(curves, of.source);
    let value = m.years.map(|estimate| Value {
        estimate,
        se: None,
        limits: m.low.zip(m.high).map(|(lower, upper)| Limits { lower, upper }),
    });
    rows.push(row("median_years", None, value, "not reached"));
    rows
}
