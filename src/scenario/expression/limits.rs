//! Limits of clocks that were written without a unit and read like months, weeks or days: clocks run in years.

use super::lower::{Lowering, Value};
use super::parser::{Node, NodeKind};
use crate::model::{Clock, Expr};
use crate::scenario::diagnostic::Diagnostic;

/// Whole numbers from here on, if they are whole half years of months, or one of [`ROUND`].
const FEWEST: f64 = 12.0;
const HALF_YEAR_OF_MONTHS: f64 = 6.0;
/// Usual lengths of time in weeks and days.
const ROUND: [f64; 10] = [26.0, 28.0, 52.0, 56.0, 91.0, 104.0, 182.0, 364.0, 365.0, 730.0];

/// Says that a limit without a unit is one of years, where it looks like one of months, weeks or days.
pub(super) fn say_years(clock: &Value, limit: &Node, lowering: &mut Lowering) {
    let NodeKind::Number(number) = limit.kind else {
        return;
    };
    let looks_otherwise =
        number >= FEWEST && (number % HALF_YEAR_OF_MONTHS == 0.0 || ROUND.contains(&number));
    if !looks_otherwise || !runs_in_years(&clock.expr) {
        return;
    }
    let span = lowering.report.span(limit.at);
    lowering.report.push(
        Diagnostic::warning(
            "W0537",
            format!("the limit {number} of a clock is read as {number} years"),
        )
        .at(span, "a number without a unit")
        .why("clocks of time run in years, and this looks like a number of months, weeks or days")
        .help(format!(
            "write the unit: `{number} months`, `{number} days` or `{number} years`"
        )),
    );
}

/// Whether it reads a clock of time, and neither an age nor the number of the cycle.
fn runs_in_years(expr: &Expr) -> bool {
    let (mut time, mut other) = (false, false);
    expr.walk(&mut |part| match part {
        Expr::Clock(Clock::Time | Clock::TimeIn(_)) => time = true,
        Expr::Clock(_) | Expr::Attribute(_) => other = true,
        _ => {}
    });
    time && !other
}
