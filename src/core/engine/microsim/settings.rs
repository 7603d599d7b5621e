//! Settings of a simulation, and the ways to watch and stop it.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::quadrature::Node;

/// Patients per block: the unit of work, of progress and of cancellation.
pub const BLOCK: u64 = 4096;

/// How to simulate.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Number of patients.
    pub patients: u64,
    /// Seed.
    pub seed: u64,
    /// Number of the PSA draw; 0 for the base case.
    pub draw: u64,
    /// Draw continuous attributes from these nodes instead of their distributions (to test the chain itself
    /// without integration error).
    pub nodes: Option<Vec<Vec<Node>>>,
    /// How losers and ties are treated; anything but `Correct` is an error planted by a test.
    #[doc(hidden)]
    pub rule: Rule,
}

impl Settings {
    /// Plain settings.
    pub fn new(patients: u64, seed: u64) -> Settings {
        Settings { patients, seed, draw: 0, nodes: None, rule: Rule::Correct }
    }
}

/// Progress and cancellation of a simulation.
#[derive(Default)]
pub struct Watch<'a> {
    /// Called with the number of patients of each finished block.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
    /// Set to true to stop the run.
    pub stop: Option<&'a AtomicBool>,
}

impl Watch<'_> {
    /// Whether the run should end.
    pub fn stopped(&self) -> bool {
        self.stop.is_some_and(|s| s.load(Ordering::Relaxed))
    }
}

/// How losers and ties are treated. The others are the classic errors, which tests plant to see that the
/// comparison with the exact engine finds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// The least u wins; losers spend w u.
    #[default]
    Correct,
    /// Losers spend the whole cycle.
    LosersSpendTheCycle,
    /// A transition into an absorbing state wins every cycle in which it is used up, although it competes.
    AbsorbingWins,
}
