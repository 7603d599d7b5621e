//! Comparison, rounding and table look-up of clocks on the grid of cycles, with a tolerance for rounding errors.
//!
//! A clock is a whole number of cycles divided by the number of cycles per year; a limit is a number written in
//! days, weeks or decimals. A clock and a limit that are equal in theory may differ by a rounding error: `13 /
//! (365.25 / 28)` may be slightly less than `364 / 365.25`. Two sides of a comparison are therefore equal if a
//! change of the clocks by less than [`HAIR`] of a cycle would make them equal. The same tolerance applies when a
//! clock is compared with a whole number or a row of a table. Sides that read no clock are compared exactly.

use super::expression::{call, operate, truth};
use super::{Binary, Clock, Expr, Function, Situation};
use crate::math;

/// Tolerance, as a fraction of a cycle, within which a clock counts as equal to a limit.
pub const HAIR: f64 = 1e-6;

/// Relative difference above which two numbers always count as different.
const PLAIN: f64 = 1e-4;

/// Whether two numbers are so close that their difference may be a rounding error.
#[inline]
pub(super) fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= PLAIN * (a.abs() + b.abs() + 1.0)
}

/// Value of a comparison: 1 for true, 0 for false.
#[inline]
pub(super) fn compare(operator: Binary, sides: &[Expr; 2], s: &Situation) -> f64 {
    let (a, b) = (sides[0].value(s), sides[1].value(s));
    if near(a, b) {
        return compare_near(operator, (a, b), sides, s);
    }
    truth(match operator {
        Binary::Less => a < b,
        Binary::LessEqual => a <= b,
        Binary::Greater => a > b,
        Binary::GreaterEqual => a >= b,
        Binary::Equal => a == b,
        _ => a != b,
    })
}

#[cold]
fn compare_near(operator: Binary, (a, b): (f64, f64), sides: &[Expr; 2], s: &Situation) -> f64 {
    let same = a == b || (a - b).abs() <= slack(&sides[0], s) + slack(&sides[1], s);
    compared(operator, a, b, same)
}

fn compared(operator: Binary, a: f64, b: f64, same: bool) -> f64 {
    truth(match operator {
        Binary::Less => a < b && !same,
        Binary::LessEqual => a < b || same,
        Binary::Greater => a > b && !same,
        Binary::GreaterEqual => a > b || same,
        Binary::Equal => same,
        _ => !same,
    })
}

/// The largest whole number not above the value of `e`, with the tolerance for rounding errors.
pub(super) fn floor(e: &Expr, s: &Situation) -> f64 {
    let x = e.value(s);
    if x < x.ceil() && near(x, x.ceil()) { floored(x, slack(e, s)) } else { x.floor() }
}

fn floored(x: f64, slack: f64) -> f64 {
    let next = x.ceil();
    if next - x <= slack { next } else { x.floor() }
}

/// First-order change in the value of `e` when every clock in `e` changes by [`HAIR`] of a cycle; 0 if `e` reads
/// no clock or is a step function.
pub fn slack(e: &Expr, s: &Situation) -> f64 {
    with_slack(e, s).1
}

/// The value of `e` (equal to [`Expr::value`]) and its slack. One pass computes both, so that the time is
/// proportional to the length of a formula, even if formulas are nested.
fn with_slack(e: &Expr, s: &Situation) -> (f64, f64) {
    let (value, slack) = match e {
        Expr::Number(_)
        | Expr::CycleLength(_)
        | Expr::Parameter(_)
        | Expr::Attribute(_)
        | Expr::Among(..)
        | Expr::Clock(Clock::Cycle) => (e.value(s), 0.0),
        Expr::Clock(_) => (e.value(s), HAIR / s.cycles_per_year),
        Expr::Lookup(table, at) => {
            let (x, slack) = with_slack(&at[0], s);
            (table.value_on_grid(x, || slack, s.attributes), 0.0)
        }
        Expr::Select(on, cases) => with_slack(&cases[on.index(s)], s),
        Expr::If(parts) => {
            let taken = if with_slack(&parts[0], s).0 != 0.0 { 1 } else { 2 };
            with_slack(&parts[taken], s)
        }
        Expr::Binary(operator, parts) => {
            of_binary(*operator, with_slack(&parts[0], s), with_slack(&parts[1], s))
        }
        Expr::Call(function, arguments) => {
            let arguments: Vec<(f64, f64)> = arguments.iter().map(|a| with_slack(a, s)).collect();
            of_call(*function, &arguments)
        }
    };
    (value, if slack.is_finite() { slack } else { 0.0 })
}

fn of_binary(operator: Binary, (a, own): (f64, f64), (b, other): (f64, f64)) -> (f64, f64) {
    if operator.is_comparison() {
        let same = a == b || near(a, b) && (a - b).abs() <= own + other;
        return (compared(operator, a, b, same), 0.0);
    }
    let value = operate(operator, a, b);
    if own == 0.0 && other == 0.0 {
        return (value, 0.0);
    }
    let slack = match operator {
        Binary::Add | Binary::Subtract => own + other,
        Binary::Multiply => own * b.abs() + other * a.abs(),
        Binary::Divide => (own + other * value.abs()) / b.abs(),
        Binary::Power => {
            let by_exponent = if other == 0.0 { 0.0 } else { value * math::ln(a) };
            own * (b * math::pow(a, b - 1.0)).abs() + other * by_exponent.abs()
        }
        _ => 0.0,
    };
    (value, slack)
}

fn of_call(function: Function, arguments: &[(f64, f64)]) -> (f64, f64) {
    let (x, own) = arguments[0];
    if let Function::Floor = function {
        return (if own > 0.0 { floored(x, own) } else { x.floor() }, 0.0);
    }
    let values: Vec<f64> = arguments.iter().map(|(x, _)| *x).collect();
    let value = call(function, x, |i| values[i], values.len());
    let other = arguments.get(1).map_or(0.0, |(_, slack)| *slack);
    let largest = arguments.iter().fold(0.0, |most: f64, (_, slack)| most.max(*slack));
    if largest == 0.0 {
        return (value, 0.0);
    }
    let slack = match function {
        Function::Exp => own * value,
        Function::Ln => own / x.abs(),
        Function::Sqrt => own / (2.0 * value),
        Function::Prob => (1.0 - value) * (own * values[1].abs() + other * x.abs()),
        Function::Rate => (own / (1.0 - x) + other * value.abs()) / values[1].abs(),
        Function::Abs | Function::Negate | Function::Min | Function::Max => largest,
        // The slack is 0, because the first two functions have steps and matrix functions read only parameters.
        Function::Floor | Function::Not | Function::MatrixRate | Function::MatrixProbability => 0.0,
    };
    (value, slack)
}
