//! `agreement.csv` and `expected.csv`: comparison of both engines, and of results with expected numbers of the scenario.

use crate::analysis::agreement::{Agreement, CELL_LIMIT, Cell, HEADLINE_LIMIT, Quantity};
use crate::analysis::expected::ExpectedComparison;
use crate::analysis::run::RunAnswer;
use crate::model::Model;
use crate::output::columns::{scenario, strategy};
use crate::output::figures::table::{Column, Table, number, text};

fn subject<'a, R, T: AsRef<str>>(name: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    text(
        "endpoint_or_state",
        "Endpoint, the state of an occupancy, or the outcome or transition that is meant",
        "",
        name,
    )
}

/// A result computed by both engines, with the largest acceptable difference in standard errors.
struct Judged<'a> {
    kind: &'static str,
    cell: &'a Cell,
    limit: f64,
}

/// Table `agreement.csv`: exact versus Monte Carlo results.
pub fn agreement(run: &RunAnswer, agreement: &Agreement) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        text(
            "kind",
            "A headline number, or the one of all cells of all grids that is furthest off",
            "headline; worst cell",
            |r: &Judged| r.kind,
        ),
        strategy(model, |r: &Judged| r.cell.strategy),
        text(
            "quantity",
            "Quantity compared; shares refer to all patients, including those never at risk; outcomes are discounted totals",
            "kaplan_meier_survival; share_with_event; share_with_competing_event; occupancy; outcome",
            |r: &Judged| quantity(model, r.cell).0,
        ),
        subject(|r: &Judged| quantity(model, r.cell).1),
        number(
            "time_years",
            "years",
            "Years since the start, or since the endpoint's origin",
            |r: &Judged| model.time.years(r.cell.cycle),
        ),
        number(
            "exact",
            "proportion of all patients (survival: of those at risk; outcome: its own unit)",
            "Value of the cohort engine",
            |r: &Judged| r.cell.exact,
        ),
        number("simulated", "as exact", "Value of the microsimulation", |r: &Judged| r.cell.simulated),
        number("se", "as exact", "Standard error that chance allows, from the exact value", |r: &Judged| {
            r.cell.se
        }),
        number(
            "difference_in_se",
            "standard errors",
            "Distance beyond the integration error; binomial tails where fewer than a thousand are expected",
            |r: &Judged| r.cell.z,
        ),
        number("limit", "standard errors", "Largest distance that is let pass", |r: &Judged| r.limit),
        text("verdict", "Whether it lies within the limit", "pass; miss", |r: &Judged| {
            if r.cell.z <= r.limit { "pass" } else { "miss" }
        }),
        text(
            "status",
            "Why there is no distance",
            "ok; differs where chance allows nothing",
            |r: &Judged| match r.cell.z.is_finite() {
                true => "ok",
                false => "differs where chance allows nothing",
            },
        ),
    ];
    let headlines = agreement.headlines.iter();
    let headlines = headlines.map(|cell| Judged { kind: "headline", cell, limit: HEADLINE_LIMIT });
    let worst = agreement.worst_cell.iter();
    let worst = worst.map(|cell| Judged { kind: "worst cell", cell, limit: CELL_LIMIT });
    let about = "exact against Monte Carlo: headline numbers and the worst of all cells";
    Table::of("agreement.csv", about, columns, headlines.chain(worst))
}

/// The name of the quantity that a cell compares, and of the state, endpoint or outcome.
pub fn quantity<'a>(model: &'a Model, cell: &Cell) -> (&'static str, &'a str) {
    match cell.quantity {
        Quantity::Occupancy(s) => ("occupancy", &model.states[s].name),
        // The share refers to all patients, so its count is binomial; a cumulative incidence refers only to patients ever at risk.
        Quantity::Incidence(e) => ("share_with_event", &model.endpoints[e].name),
        Quantity::Competing(e) => ("share_with_competing_event", &model.endpoints[e].name),
        Quantity::Survival(e) => ("kaplan_meier_survival", &model.endpoints[e].name),
        Quantity::Total(o) => ("outcome", &model.outcomes[o].name),
    }
}

/// Table `expected.csv`: expected numbers of the scenario and the results of this run.
pub fn expected(run: &RunAnswer, rows: &[ExpectedComparison]) -> Table {
    let model = run.model();
    type ExpectedRow<'a> = &'a ExpectedComparison;
    let columns = [
        scenario(run.scenario),
        strategy(model, |c: &ExpectedRow| c.row.strategy),
        text(
            "quantity",
            "Quantity compared",
            "kaplan_meier_survival; cumulative_incidence; occupancy; outcome; outcome_undiscounted; outcome_sd; increment; \
             incremental_ratio; component; firings",
            |c: &ExpectedRow| c.row.quantity.name(),
        ),
        subject(|c: &ExpectedRow| c.row.quantity.subject(model)),
        text("unit", "Unit of the numbers of this row", "", |c: &ExpectedRow| c.row.quantity.unit(model)),
        number(
            "time_years",
            "years",
            "Years since the start, or since the endpoint's origin",
            |c: &ExpectedRow| c.row.years,
        ),
        number(
            "expected",
            "as `unit`",
            "The number that the scenario is known to give",
            |c: &ExpectedRow| c.row.expected,
        ),
        number("tolerance", "as `unit`", "How far off it may be", |c: &ExpectedRow| c.row.tolerance),
        number("result", "as `unit`", "The exact result of this run", |c: &ExpectedRow| c.result),
        text(
            "verdict",
            "Whether it lies within the tolerance",
            "pass; miss; not worked out",
            |c: &ExpectedRow| c.verdict(),
        ),
        text(
            "status",
            "Why there is no result",
            "ok; nobody is at risk; no difference to divide by; not worked out, and why",
            |c: &ExpectedRow| c.status(),
        ),
        text("source", "Where the expected number comes from", "", |c: &ExpectedRow| &c.row.source),
        text("note", "Remark", "", |c: &ExpectedRow| &c.row.note),
    ];
    let about = "expected numbers of the scenario, compared with the results of this run";
    Table::of("expected.csv", about, columns, rows)
}
