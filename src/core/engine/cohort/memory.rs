//! Memory of the cohort engine's patients, estimated before any of it is taken.

use super::backward::MOST_VALUES;
use super::strata::relevant;
use crate::model::population::{chain, population_nodes};
use crate::model::{Model, Tables};

/// Strategies that are looked at; of more, the others are taken to be like the largest of these.
const LOOKED_AT: usize = 16;

/// Memory that a growing list takes in addition to its elements and to the arrivals at the end of a cycle.
const GROWTH: f64 = 1.6;

/// Strategies that patients of this one can follow: its own, and what the ineligible get.
pub fn arms_of(model: &Model, strategy: usize) -> usize {
    chain(model, strategy).len()
}

/// What the patients of one arm take.
pub struct Kept {
    /// Bytes of the patients of one arm at most.
    pub bytes: f64,
    /// Classes to which they belong.
    pub classes: f64,
    /// Bytes that are kept for each to compute the spread of totals between patients.
    pub spread: f64,
}

/// What the patients of one arm take at most: for each state the combinations of the attributes that matter from there
/// on, by the cycles of entry into groups of states.
pub fn patients_kept(tables: &Tables) -> Kept {
    let model = tables.model;
    let nodes = population_nodes(model, &tables.parameters[0], 2);
    let points = model.time.cycles as f64 + 1.0;
    let cells = |state: usize| {
        let clocks = model.paths().clocks.iter().filter(|&&g| model.paths().inside[g][state]).count();
        // Groups are entered one after another: each set of cycles of entry has one order.
        (1..=clocks).fold(1.0, |cells, n| cells * points / n as f64)
    };
    let arm = |arm: usize| {
        let strata = relevant(tables, arm).into_iter();
        let classes = strata.enumerate().map(|(state, attributes)| {
            let exits = tables.rows[arm][state].first.len() + tables.rows[arm][state].rest.len();
            let classes: f64 = attributes.iter().map(|&a| nodes[a].len() as f64).product();
            // A share of patients for each class; and for each class of attributes where it goes by each way.
            (classes * cells(state), 8.0 * classes * (GROWTH * cells(state) + 3.0 * exits as f64))
        });
        classes.fold((0.0, 0.0), |(all, bytes), (n, more)| (all + n, bytes + more))
    };
    let arms = (0..model.strategies.len()).take(LOOKED_AT).map(arm);
    let (classes, bytes) = arms.fold((0.0, 0.0), |a: (f64, f64), b| (a.0.max(b.0), a.1.max(b.1)));
    // Every cell of every cycle is listed; there are half as many on average as in the end.
    let listed: f64 = (0..model.states.len()).map(|s| 0.5 * cells(s) * points).sum();
    let spread = match model.outcomes.len() {
        0 => 0.0,
        // For each cell its destinations, the mean and the mean square of future amounts; measured.
        outcomes => 4.0 * 8.0 * listed.min(MOST_VALUES as f64 / outcomes as f64),
    };
    Kept { bytes, classes, spread }
}
