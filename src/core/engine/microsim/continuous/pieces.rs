//! Pieces of a stay in which no clock completes a cycle, so that formulas are constant.

use crate::model::paths::Paths;

/// Pieces shorter than this share of a cycle come from rounding.
pub const SLIVER: f64 = 1e-11;

/// Next time at which model time, or the clock of a group that contains `state`, completes a cycle. `entered` has the time of entry into
/// each group.
pub fn end_of_piece(paths: &Paths, state: usize, entered: &[f64], now: f64) -> f64 {
    let next = |entered: f64| {
        let next = entered + (now - entered).floor() + 1.0;
        if next - now < SLIVER { next + 1.0 } else { next }
    };
    let groups = paths.clocks.iter().filter(|&&g| paths.inside[g][state]);
    groups.map(|&g| next(entered[g])).fold(next(0.0), f64::min)
}
