//! Keys of `[run]`: engine, number of patients and seed.

use super::*;

/// The engines that a run may use.
pub const ENGINES: &[&str] = &["cohort", "microsim", "both"];

pub const PATIENTS: Key =
    optional("patients", Shape::Count, "Number of simulated patients per strategy; default 100,000.");
pub const SEED: Key = optional("seed", Shape::Count, "Seed of the random numbers; default 1.");
pub const ENGINE: Key =
    optional("engine", Shape::Word(ENGINES), "cohort (exact), microsim (Monte Carlo) or both (default).");
pub const STRATEGIES: Key =
    optional("strategies", NAMES, "Strategies to compare, in this scenario only; default: all strategies.");
pub const SECTION: Section = section("[run]", &[PATIENTS, SEED, ENGINE, STRATEGIES]);
