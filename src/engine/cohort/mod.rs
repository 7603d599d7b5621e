//! The exact engine: expected occupancy, moves and endpoint counts by recursion over cycles.
//!
//! Strata are all combinations of the attributes that a state's future reads (continuous ones at quadrature
//! nodes); they are mixed by weight, and merge on entering a state after which nothing tells them apart.
//! Time in a state or group is carried as the cycle of entry, in a sparse list of cells.

mod blocks;
mod recursion;
mod strata;

use rayon::prelude::*;

use super::counts::{Counts, StrategyCounts};
use super::paths::Paths;
use crate::model::Tables;
use crate::model::quadrature::Node;

pub use strata::{arm_of, population_nodes};

/// Most clocks that one state may carry; more would need a dense product of entry cycles.
pub const MOST_CLOCKS: usize = 2;

/// Runs every strategy. `nodes[attribute]` are the attribute's values with their shares (see
/// [`population_nodes`]); counts are shares of one patient.
pub fn run(tables: &Tables, paths: &Paths, nodes: &[Vec<Node>]) -> Counts {
    let strategies = (0..tables.model.strategies.len())
        .into_par_iter()
        .map(|s| strategy(tables, paths, nodes, s))
        .collect();
    Counts {
        patients: 1.0,
        strategies,
    }
}

/// Runs one strategy: the eligible under it, the others under what it says they get.
pub fn strategy(tables: &Tables, paths: &Paths, nodes: &[Vec<Node>], strategy: usize) -> StrategyCounts {
    let model = tables.model;
    let branches = model.strategies[strategy].at_start.len();
    let mut sum = StrategyCounts::zero(
        model.states.len(),
        paths.edges.len(),
        branches,
        model.endpoints.len(),
        model.time.cycles,
    );
    for (arm, start) in strata::arms(tables, nodes, strategy) {
        let mut counts = recursion::run(tables, paths, nodes, arm, &start, None);
        for e in 0..model.endpoints.len() {
            // Where patients can come back to a state in which others are still at risk, occupancy does not
            // tell who is: run again with everyone leaving the model at the end of their time at risk.
            if model.endpoints[e].since.is_none() && !paths.at_risk_by_state(model, e) {
                let apart = recursion::run(tables, paths, nodes, arm, &start, Some(e));
                counts.endpoints[e] = apart.endpoints[e].clone();
            }
        }
        if arm != strategy {
            counts.procedure = vec![0.0; branches];
        }
        sum.add(&counts);
    }
    sum
}
