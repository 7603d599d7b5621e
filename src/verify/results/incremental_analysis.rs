//! Incremental analysis of the decision at the base values.

use crate::prelude::*;
use arcosim_core::economics::{Incremental, incremental};

/// Reason for skipping checks of the decision.
pub const NO_DECISION: &str = "the scenario has no [decision], or fewer than two strategies to choose from";

/// Costs, effects and the incremental analysis of all strategies; `None` without a decision between at least two
/// strategies.
pub fn table(evidence: &Evidence) -> Option<(Vec<f64>, Vec<f64>, Incremental)> {
    let decision = evidence.scenario.decision.as_ref()?;
    let totals = evidence.totals();
    let of = |o: usize| -> Vec<f64> { totals.iter().map(|own| own[o]).collect() };
    let (costs, effects) = (of(decision.cost), of(decision.effect));
    let offered: Vec<bool> = evidence.model.strategies.iter().map(|s| !s.bound).collect();
    let table = incremental(&costs, &effects, &offered).ok()?;
    (offered.iter().filter(|o| **o).count() > 1).then_some((costs, effects, table))
}
