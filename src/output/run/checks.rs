//! `agreement.csv` and `expected.csv`: what speaks for the numbers.

use crate::analysis::agreement::{Agreement, CELL_LIMIT, Cell as Compared, HEADLINE_LIMIT, Quantity};
use crate::analysis::expected;
use crate::analysis::run::RunAnswer;
use crate::model::Model;
use crate::output::columns::{SCENARIO, STRATEGY};
use crate::output::table::{Cell, Column, Table, number, text};

const SUBJECT: Column = text(
    "endpoint_or_state",
    "Endpoint, the state of an occupancy, or the outcome or transition that is meant",
    "",
);

const AGREEMENT: &[Column] = &[
    SCENARIO,
    text(
        "kind",
        "A headline number, or the one of all cells of all grids that is furthest off",
        "headline; worst cell",
    ),
    STRATEGY,
    text(
        "quantity",
        "What is compared; shares are of all patients, also those who are never at risk; outcomes are discounted totals",
        "kaplan_meier_survival; share_with_event; share_with_competing_event; occupancy; outcome",
    ),
    SUBJECT,
    number("time_years", "years", "Years since the start, or since the endpoint's origin"),
    number(
        "exact",
        "proportion of all patients (survival: of those at risk; outcome: its own unit)",
        "Value of the cohort engine",
    ),
    number("simulated", "as exact", "Value of the microsimulation"),
    number("se", "as exact", "Standard error that chance allows, from the exact value"),
    number(
        "difference_in_se",
        "standard errors",
        "Distance beyond the integration error; binomial tails where fewer than a thousand are expected",
    ),
    number("limit", "standard errors", "Largest distance that is let pass"),
    text("verdict", "Whether it lies within the limit", "pass; miss"),
    text("status", "Why there is no distance", "ok; differs where chance allows nothing"),
];

/// Exact against Monte Carlo.
pub fn agreement(run: &RunAnswer, agreement: &Agreement) -> Table {
    let mut table = Table::new(
        "agreement.csv",
        "exact against Monte Carlo: headline numbers and the worst of all cells",
        AGREEMENT,
    );
    let model = run.model();
    let headlines = agreement.headlines.iter().map(|c| ("headline", c, HEADLINE_LIMIT));
    let worst = agreement.worst_cell.iter().map(|c| ("worst cell", c, CELL_LIMIT));
    for (kind, cell, limit) in headlines.chain(worst) {
        let (quantity, subject) = quantity(model, cell);
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(kind),
            Cell::Text(&model.strategies[cell.strategy].name),
            Cell::Text(quantity),
            Cell::Text(subject),
            Cell::Number(model.time.years(cell.cycle)),
            Cell::Number(cell.exact),
            Cell::Number(cell.simulated),
            Cell::Number(cell.se),
            Cell::Number(cell.z),
            Cell::Number(limit),
            Cell::Text(if cell.z <= limit { "pass" } else { "miss" }),
            Cell::Text(match cell.z.is_finite() {
                true => "ok",
                false => "differs where chance allows nothing",
            }),
        ]);
    }
    table
}

/// The words for what a cell compares.
pub fn quantity<'a>(model: &'a Model, cell: &Compared) -> (&'static str, &'a str) {
    match cell.quantity {
        Quantity::Occupancy(s) => ("occupancy", &model.states[s].name),
        // Of all patients, so that it is a plain binomial; a cumulative incidence is of those who enter.
        Quantity::Incidence(e) => ("share_with_event", &model.endpoints[e].name),
        Quantity::Competing(e) => ("share_with_competing_event", &model.endpoints[e].name),
        Quantity::Survival(e) => ("kaplan_meier_survival", &model.endpoints[e].name),
        Quantity::Total(o) => ("outcome", &model.outcomes[o].name),
    }
}

const EXPECTED: &[Column] = &[
    SCENARIO,
    STRATEGY,
    text(
        "quantity",
        "What is compared",
        "kaplan_meier_survival; cumulative_incidence; occupancy; outcome; outcome_undiscounted; outcome_sd; increment; \
         incremental_ratio; component; firings",
    ),
    SUBJECT,
    text("unit", "Unit of the numbers of this row", ""),
    number("time_years", "years", "Years since the start, or since the endpoint's origin"),
    number("expected", "as `unit`", "The number that the scenario is known to give"),
    number("tolerance", "as `unit`", "How far off it may be"),
    number("result", "as `unit`", "The exact result of this run"),
    text("verdict", "Whether it lies within the tolerance", "pass; miss; not worked out"),
    text(
        "status",
        "Why there is no result",
        "ok; nobody is at risk; no difference to divide by; not worked out, and why",
    ),
    text("source", "Where the expected number comes from", ""),
    text("note", "Remark", ""),
];

/// Expected numbers beside the results.
pub fn expected(run: &RunAnswer, rows: &[expected::Comparison]) -> Table {
    let mut table = Table::new(
        "expected.csv",
        "numbers that the scenario is known to give, beside those of this run",
        EXPECTED,
    );
    let model = run.model();
    for c in rows {
        let quantity = c.row.quantity;
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(&model.strategies[c.row.strategy].name),
            Cell::Text(quantity.name()),
            Cell::Text(&quantity.subject(model)),
            Cell::Text(&quantity.unit(model)),
            Cell::Number(c.row.years),
            Cell::Number(c.row.expected),
            Cell::Number(c.row.tolerance),
            Cell::Maybe(c.result),
            Cell::Text(c.verdict()),
            Cell::Text(c.status()),
            Cell::Text(&c.row.source),
            Cell::Text(&c.row.note),
        ]);
    }
    table
}
