//! Comparison of simulated patients under two strategies.

use arcosim_core::engine::counts::StrategyCounts;
use arcosim_core::engine::microsim::Simulated;
use arcosim_core::engine::totals::StrategyTotals;

pub fn same_counts(a: &StrategyCounts, b: &StrategyCounts) -> bool {
    a.occupancy == b.occupancy
        && a.moves == b.moves
        && a.endpoints == b.endpoints
        && a.procedure == b.procedure
}

/// Whether simulated patients have the same courses and amounts under two strategies.
pub fn identical(simulated: &Simulated, a: usize, b: usize) -> bool {
    let (x, y) = (&simulated.counts.strategies[a], &simulated.counts.strategies[b]);
    // A model without rewards has no totals.
    let (t, u) = (simulated.totals.strategies.get(a), simulated.totals.strategies.get(b));
    let amounts = |of: Option<&StrategyTotals>| of.map(|of| (of.outcomes.clone(), of.components.clone()));
    same_counts(x, y) && amounts(t) == amounts(u)
}
