//! Comparisons by which an amount chooses between cases, such as `time < 3` in `if(time < 3, 100, 50)`.
//!
//! If an amount reads a clock in comparisons only, it takes few different forms, and each needs to be evaluated only once.

use super::{Expr, Situation};

/// Collects the comparisons for which `reads` is true. Returns whether no other part of the expression reads the same: the
/// expression then depends on it only through the truth of these comparisons.
pub fn choices(expr: &Expr, reads: &impl Fn(&Expr) -> bool, into: &mut Vec<Expr>) -> bool {
    match expr {
        _ if !reads(expr) => true,
        Expr::Clock(_) => false,
        Expr::Binary(operator, _) if operator.is_comparison() => {
            if !into.contains(expr) {
                into.push(expr.clone());
            }
            true
        }
        _ => expr.children().iter().all(|child| choices(child, reads, into)),
    }
}

/// Whether comparisons hold, one bit each; there are at most 64.
pub fn taken(choices: &[Expr], s: &Situation) -> u64 {
    let each = choices.iter().enumerate();
    each.fold(0, |bits, (i, choice)| bits | (u64::from(choice.value(s) != 0.0) << i))
}
