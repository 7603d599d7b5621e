//! `parameters_used.csv` and `conversions.csv`: the numbers that went in, with their sources.

use crate::analysis::run::RunAnswer;
use crate::output::table::{Cell, Column, Table, number, text};

const PARAMETERS: &[Column] = &[
    text("name", "Name in expressions", ""),
    text(
        "kind",
        "What the number is",
        "rate; probability; hr; rr; or; mean_time; median_time; cost; utility; disutility; proportion; count; score; coefficient; shape; duration; number",
    ),
    number("base", "as `unit`", "The value that was used; conversions.csv says what the model makes of it"),
    text("written", "The value as written in the scenario or on the command line", ""),
    text("unit", "The unit of `base` and `written`, as the parameter table says", ""),
    text("source", "Where it comes from", ""),
    text(
        "evidence",
        "Grade of the evidence",
        "rct; cohort; registry; case_series; animal; in_vitro; expert; assumption; promotional; empty",
    ),
    text("note", "Remark", ""),
];

/// Every parameter as used.
pub fn parameters(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "parameters_used.csv",
        "every parameter as used, with its source and grade of evidence",
        PARAMETERS,
    );
    for row in &run.scenario.parameters {
        table.row(&[
            Cell::Text(&row.name),
            Cell::Text(row.kind.name()),
            Cell::Number(row.in_table(row.base)),
            Cell::Text(&row.written),
            Cell::Text(&row.unit),
            Cell::Text(&row.source),
            Cell::Text(row.evidence.name()),
            Cell::Text(&row.note),
        ]);
    }
    table
}

const CONVERSIONS: &[Column] = &[
    text("parameter", "Name of the parameter", ""),
    text("conversion", "The number as written, and as it was used", ""),
];

/// How numbers were converted; none if none was.
pub fn conversions(run: &RunAnswer) -> Option<Table> {
    if run.scenario.conversions.is_empty() {
        return None;
    }
    let mut table =
        Table::new("conversions.csv", "how numbers of the parameter table were converted", CONVERSIONS);
    for (parameter, line) in &run.scenario.conversions {
        table.row(&[parameter, line].map(|cell| Cell::Text(cell)));
    }
    Some(table)
}
