//! Checks of numbers that are compared with clocks: clocks are in years, but a number may be in months, weeks or days.

use super::kinds::Quantity;
use super::lower::{Lowering, Value};
use super::parser::{Node, NodeKind};
use crate::diagnostic::Diagnostic;
use crate::parameters::Kind;
use crate::read::unit::time_other_than_a_year;
use arcosim_core::model::{Binary, Clock, Expr, Function};

/// Smallest suspicious number. From this number on, multiples of 6 (half-years in months) and the numbers in [`ROUND`]
/// are suspicious.
const FEWEST: f64 = 12.0;
const HALF_YEAR_OF_MONTHS: f64 = 6.0;
/// Common lengths of time in weeks and days.
const ROUND: [f64; 10] = [26.0, 28.0, 52.0, 56.0, 91.0, 104.0, 182.0, 364.0, 365.0, 730.0];

/// Warns about a limit without a unit that is read as years but looks like months, weeks or days.
pub(super) fn say_years(clock: &Value, limit: &Node, lowering: &mut Lowering) {
    let Some(number) = without_unit(limit, lowering) else {
        return;
    };
    let looks_otherwise =
        number >= FEWEST && (number % HALF_YEAR_OF_MONTHS == 0.0 || ROUND.contains(&number));
    if !looks_otherwise || !is_time(&clock.expr) {
        return;
    }
    let span = lowering.report.span(limit.at);
    let (label, help) = match limit.kind {
        NodeKind::Name(name) => (
            "a parameter without a unit",
            format!(
                "change the kind of `{name}` to `duration`, and write its unit, such as `months` or `years`, into `unit`"
            ),
        ),
        _ => (
            "a number without a unit",
            format!("add the unit: `{number} months`, `{number} days` or `{number} years`"),
        ),
    };
    lowering.report.push(
        Diagnostic::warning(
            "W0537",
            format!("the number {number} is compared with a time and read as {number} years"),
        )
        .at(span, label)
        .why("times in formulas are in years; if months, weeks or days are meant, the change would occur far too late or never")
        .help(help),
    );
}

/// Reports a number that is compared with a clock but is in months or another unit that is not converted to years.
pub(super) fn in_another_unit(
    clock: &Value,
    number: &Value,
    at: &Node,
    lowering: &mut Lowering,
) -> Option<()> {
    let Expr::Parameter(p) = number.expr else {
        return Some(());
    };
    let row = &lowering.names.rows[p];
    if !time_other_than_a_year(&row.unit) || !is_time(&clock.expr) || number.quantity != Quantity::Number {
        return Some(());
    }
    let (name, unit, kind) = (row.name.clone(), row.unit.clone(), row.kind.name());
    let title = format!("parameter `{name}` has the unit `{unit}`, but is combined with a time in years");
    lowering.error(
        "E0223",
        title,
        at.at,
        format!("not converted to years, because its kind is `{kind}`"),
        |d| {
            d.why("times such as `time` are in years, and the number would be read as years too").help(format!(
                "in the parameter table, change the kind of `{name}` to `duration`, which is converted to years; or write \
                 the number in years and the unit `years`"
            ))
        },
    )
}

/// Value of a limit that has no unit, neither in the formula nor in the parameter table.
fn without_unit(limit: &Node, lowering: &Lowering) -> Option<f64> {
    match limit.kind {
        NodeKind::Number(number) => Some(number),
        NodeKind::Name(name) => {
            let row = &lowering.names.rows[*lowering.names.parameters.get(name)?];
            (row.kind == Kind::Number && row.unit.is_empty()).then_some(row.base)
        }
        _ => None,
    }
}

/// Whether an expression is a constant, such as a length of time.
fn is_length(expr: &Expr) -> bool {
    matches!(expr, Expr::Number(_) | Expr::CycleLength(_) | Expr::Parameter(_))
}

/// Whether an expression is a time in years: a clock of the model or of a state, possibly with lengths of time added,
/// but not multiplied, rounded or counted in another unit.
pub(super) fn is_time(expr: &Expr) -> bool {
    match expr {
        Expr::Clock(Clock::Time | Clock::TimeIn(_)) => true,
        Expr::Binary(Binary::Add | Binary::Subtract, parts) => {
            let moved = |part: &Expr| is_time(part) || is_length(part);
            is_time(&parts[0]) && moved(&parts[1])
                || matches!(expr, Expr::Binary(Binary::Add, _)) && moved(&parts[0]) && is_time(&parts[1])
        }
        Expr::If(parts) => is_time(&parts[1]) && is_time(&parts[2]),
        Expr::Call(Function::Min | Function::Max, of) => {
            of.iter().any(is_time) && of.iter().all(|part| is_time(part) || is_length(part))
        }
        _ => false,
    }
}

/// Whether the name of a column is a unit of time other than the year.
pub(super) fn names_another_unit(column: &str) -> bool {
    let word = column.to_lowercase();
    let foreign = [
        "monat", "monate", "mois", "mes", "meses", "woche", "wochen", "semaine", "semaines", "tag", "tage",
        "jour", "jours",
    ];
    time_other_than_a_year(&word) || foreign.contains(&word.as_str())
}
