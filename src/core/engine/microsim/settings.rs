//! Settings of a simulation, with progress reports and cancellation.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::quadrature::Node;

/// Number of patients per block, the unit of work, progress and cancellation.
pub const BLOCK: u64 = 4096;

/// Number of patients, random numbers and test options of a simulation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Number of simulated patients.
    pub patients: u64,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Number of the PSA draw; 0 for the base case.
    pub draw: u64,
    /// Two outcomes whose increments' covariance between patients is wanted, such as cost and effect.
    pub together: Option<(usize, usize)>,
    /// Nodes from which continuous attributes are drawn instead of their distributions, to test the chain without
    /// integration error; `None` to draw from the distributions.
    pub nodes: Option<Vec<Vec<Node>>>,
    /// Treatment of losing exits and ties. Every value except `Correct` is a deliberate error for tests.
    #[doc(hidden)]
    pub rule: Rule,
}

impl Settings {
    /// Settings for the base case, with default values for everything else.
    pub fn new(patients: u64, seed: u64) -> Settings {
        Settings { patients, seed, draw: 0, together: None, nodes: None, rule: Rule::Correct }
    }
}

/// Progress and cancellation of a simulation.
#[derive(Default)]
pub struct Watch<'a> {
    /// Callback with the number of patients of each finished block.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
    /// Callback with the number of patients expected in all, which a simulation that adds patients until it is precise enough raises.
    pub expect: Option<&'a (dyn Fn(u64) + Sync)>,
    /// Flag that stops the run when it is true.
    pub stop: Option<&'a AtomicBool>,
}

impl Watch<'_> {
    /// Whether the run should end.
    pub fn stopped(&self) -> bool {
        self.stop.is_some_and(|s| s.load(Ordering::Relaxed))
    }
}

/// Treatment of losing exits and ties. The values other than `Correct` are classic errors, which tests use to prove
/// that the comparison with the exact engine detects them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// The exit with the least u wins, and every other exit with hazard w spends w u.
    #[default]
    Correct,
    /// Error: losing exits spend the hazard of the whole cycle.
    LosersSpendTheCycle,
    /// Error: a transition into an absorbing state wins every cycle in which its threshold is used up, even if it
    /// competes.
    AbsorbingWins,
}
