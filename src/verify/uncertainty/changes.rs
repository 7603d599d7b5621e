//! Changes in the totals when parameters change.

use crate::evidence::Totals;

/// Size of each outcome: its largest absolute total under any strategy.
pub fn sizes(totals: &Totals) -> Vec<f64> {
    let outcomes = totals.first().map_or(0, Vec::len);
    let largest = |o: usize| totals.iter().map(|own| own[o].abs()).fold(0.0, f64::max);
    (0..outcomes).map(largest).collect()
}

/// Largest change of any total, relative to the size of its outcome.
pub fn largest_change(totals: &Totals, base: &Totals, sizes: &[f64]) -> f64 {
    let pairs = totals.iter().zip(base).flat_map(|(own, base)| own.iter().zip(base).enumerate());
    let relative = |(o, (x, y)): (usize, (&f64, &f64))| {
        if sizes[o] > 0.0 { (x - y).abs() / sizes[o] } else { (x - y).abs() }
    };
    pairs.map(relative).fold(0.0, f64::max)
}
