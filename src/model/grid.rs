//! What "at this point of time" means, wherever a formula compares a clock, rounds it down, or looks a table up by it.
//!
//! A clock is a number of whole cycles over the cycles of a year, and a limit is a number that somebody wrote in days, weeks or
//! decimals: the two meet at a grid point only up to rounding, and `13 / (365.25 / 28)` may come out a hair below `364 / 365.25`.
//! Two sides of a comparison are therefore equal if they would be with the clocks moved by less than [`HAIR`] of a cycle; so is a
//! clock at a whole number and at a row of a table. What reads no clock is compared exactly.

use super::{Binary, Clock, Expr, Function, Situation};
use crate::math;

/// The part of a cycle by which a clock may miss a limit and still be at it.
pub const HAIR: f64 = 1e-6;

/// Two numbers that differ by more than this part of them are told apart without asking how exact they are.
const PLAIN: f64 = 1e-4;

/// Whether two numbers are so near that rounding may have parted them.
#[inline]
pub(super) fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= PLAIN * a.abs().max(b.abs()).max(1.0)
}

/// The value of a comparison: 1 or 0.
#[inline]
pub(super) fn compare(operator: Binary, sides: &[Expr; 2], s: &Situation) -> f64 {
    let (a, b) = (sides[0].value(s), sides[1].value(s));
    let same = a == b || near(a, b) && (a - b).abs() <= slack(&sides[0], s) + slack(&sides[1], s);
    let holds = match operator {
        Binary::Less => a < b && !same,
        Binary::LessEqual => a < b || same,
        Binary::Greater => a > b && !same,
        Binary::GreaterEqual => a > b || same,
        Binary::Equal => same,
        _ => !same,
    };
    if holds { 1.0 } else { 0.0 }
}

/// The whole number at or below the value of `e`.
#[inline]
pub(super) fn floor(e: &Expr, s: &Situation) -> f64 {
    let x = e.value(s);
    let next = x.ceil();
    if x < next && near(x, next) && next - x <= slack(e, s) {
        next
    } else {
        x.floor()
    }
}

/// How far the value of `e` moves, to first order, when every clock that it reads moves by [`HAIR`] of a cycle. 0 if it reads
/// none, and where it steps.
pub fn slack(e: &Expr, s: &Situation) -> f64 {
    let slack = match e {
        Expr::Number(_) | Expr::Parameter(_) | Expr::Attribute(_) | Expr::Among(..) | Expr::Lookup(..) => 0.0,
        Expr::Clock(Clock::Cycle) => 0.0,
        Expr::Clock(_) => HAIR / s.cycles_per_year,
        Expr::Select(on, cases) => slack(&cases[on.index(s)], s),
        Expr::If(parts) => {
            let taken = if parts[0].value(s) != 0.0 { 1 } else { 2 };
            slack(&parts[taken], s)
        }
        Expr::Binary(operator, parts) => {
            let [own, other] = [0, 1].map(|i| slack(&parts[i], s));
            if own == 0.0 && other == 0.0 {
                return 0.0;
            }
            let [a, b] = [0, 1].map(|i| parts[i].value(s));
            match operator {
                Binary::Add | Binary::Subtract => own + other,
                Binary::Multiply => own * b.abs() + other * a.abs(),
                Binary::Divide => (own + other * (a / b).abs()) / b.abs(),
                Binary::Power => {
                    let by_exponent = if other == 0.0 {
                        0.0
                    } else {
                        math::pow(a, b) * math::ln(a)
                    };
                    own * (b * math::pow(a, b - 1.0)).abs() + other * by_exponent.abs()
                }
                _ => 0.0,
            }
        }
        Expr::Call(function, arguments) => {
            let own = |i: usize| slack(&arguments[i], s);
            let value = |i: usize| arguments[i].value(s);
            let largest = (0..arguments.len()).map(own).fold(0.0, f64::max);
            if largest == 0.0 {
                return 0.0;
            }
            match function {
                Function::Exp => own(0) * math::exp(value(0)),
                Function::Ln => own(0) / value(0).abs(),
                Function::Sqrt => own(0) / (2.0 * math::sqrt(value(0))),
                Function::Prob => {
                    let left = math::exp(-value(0) * value(1));
                    left * (own(0) * value(1).abs() + own(1) * value(0).abs())
                }
                Function::Rate => {
                    let (p, years) = (value(0), value(1));
                    (own(0) / (1.0 - p) + own(1) * (math::ln_1p(-p) / years).abs()) / years.abs()
                }
                Function::Abs | Function::Negate | Function::Min | Function::Max => largest,
                Function::Floor | Function::Not => 0.0,
            }
        }
    };
    if slack.is_finite() { slack } else { 0.0 }
}
