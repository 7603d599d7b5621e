//! `parameters_used.csv` and `conversions.csv`: the parameter values used in a run, with their sources and conversions.

use crate::analysis::run::RunAnswer;
use crate::output::figures::table::{Table, number, text};
use crate::scenario::parameters::ParameterRow;

/// Table of every parameter with the value used in the run.
pub fn parameters(run: &RunAnswer) -> Table {
    type Used<'a> = &'a ParameterRow;
    let columns = [
        text("name", "Name in expressions", "", |p: &Used| &p.name),
        text("label", "Description in a few words; empty if the parameter table has none", "", |p: &Used| {
            &p.label
        }),
        text(
            "kind",
            "Kind of the parameter",
            "rate; probability; hr; rr; or; mean_time; median_time; cost; utility; disutility; proportion; count; score; coefficient; shape; duration; number",
            |p: &Used| p.kind.name(),
        ),
        number(
            "base",
            "as `unit`",
            "The value that was used; conversions.csv says what the model makes of it",
            |p: &Used| p.in_table(p.base),
        ),
        text("written", "The value as written in the scenario or on the command line", "", |p: &Used| {
            &p.written
        }),
        text("unit", "The unit of `base` and `written`, as the parameter table says", "", |p: &Used| &p.unit),
        text("source", "Where it comes from", "", |p: &Used| &p.source),
        text(
            "evidence",
            "Grade of the evidence",
            "rct; cohort; registry; case_series; animal; in_vitro; expert; assumption; promotional; empty",
            |p: &Used| p.evidence.name(),
        ),
        text("note", "Remark", "", |p: &Used| &p.note),
    ];
    let about = "every parameter as used, with its source and grade of evidence";
    Table::of("parameters_used.csv", about, columns, &run.scenario.parameters)
}

/// Table of how numbers of the parameter table were converted; none if no number was converted.
pub fn conversions(run: &RunAnswer) -> Option<Table> {
    if run.scenario.conversions.is_empty() {
        return None;
    }
    type Converted<'a> = &'a (String, String);
    let columns = [
        text("parameter", "Name of the parameter", "", |c: &Converted| &c.0),
        text("conversion", "The number as written, and as it was used", "", |c: &Converted| &c.1),
    ];
    let about = "how numbers of the parameter table were converted";
    Some(Table::of("conversions.csv", about, columns, &run.scenario.conversions))
}
