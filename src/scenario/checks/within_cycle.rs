//! Continuous time: warns about limits of clocks that are not whole cycles.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use crate::spans::Spans;
use arcosim_core::model::grid::HAIR;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Expr, Model};
use arcosim_core::words::rounded;

/// Warns about comparisons of a clock with a limit within a cycle, in hazards and in amounts.
pub fn limits(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    if !model.time.continuous() {
        return;
    }
    for (transition, &place) in model.transitions.iter().zip(&spans.hazards) {
        let mut found = None;
        transition.expressions(&mut |e| found = found.or_else(|| limit(model, e)));
        warn(found, &format!("transition `{}`", transition.name), place, model, out);
    }
    for (reward, &place) in model.rewards.iter().zip(&spans.rewards) {
        warn(limit(model, &reward.amount), &format!("reward `{}`", reward.name), place, model, out);
    }
}

/// A number of years that is compared with a clock other than age and is not a whole number of cycles.
fn limit(model: &Model, expr: &Expr) -> Option<f64> {
    let mut found = None;
    expr.walk(&mut |e| {
        let Expr::Binary(operator, sides) = e else { return };
        if !operator.is_comparison() {
            return;
        }
        for (one, other) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            let reads = Reads::of(one);
            if let Expr::Number(years) = other
                && reads.clocks() > 0
                && !reads.age
            {
                let cycles = years * model.time.cycles_per_year;
                if (cycles - cycles.round()).abs() > HAIR {
                    found = found.or(Some(*years));
                }
            }
        }
    });
    found
}

fn warn(found: Option<f64>, what: &str, place: Span, model: &Model, out: &mut Diagnostics) {
    let Some(years) = found else { return };
    let per_year = model.time.cycles_per_year;
    let below = (years * per_year).floor();
    let near = |cycles: f64| rounded(cycles / per_year, 6);
    out.push(
        Diagnostic::warning("W0543", format!("{what} has a limit of {} years, which is within a cycle", rounded(years, 6)))
            .at(place, "a formula is evaluated once for each cycle, in its middle")
            .why("the cycle that contains the limit counts as a whole to one side of it, so that results change with the cycle length")
            .help(format!("write a limit of whole cycles, such as {} or {}; or choose a cycle of which the limit is a multiple", near(below), near(below + 1.0))),
    );
}
