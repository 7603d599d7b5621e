//! Memory for the patients of the cohort engine, estimated before the run allocates any.

use super::backward::MOST_VALUES;
use super::strata::{Stratum, relevant};
use crate::model::population::{chain, population_nodes};
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

/// Maximum number of strategies examined. Further strategies are assumed to need no more than the largest of these.
const LOOKED_AT: usize = 16;

/// Memory of a growing list relative to its elements, including spare capacity and the arrivals at the end of a cycle.
const GROWTH: f64 = 1.6;

/// Number of strategies that patients of `strategy` can follow: the strategy itself and the alternatives for ineligible
/// patients.
pub fn arms_of(model: &Model, strategy: usize) -> usize {
    chain(model, strategy).len()
}

/// Estimated memory for the patients of one arm.
pub struct Kept {
    /// Maximum number of bytes for the patients of one arm.
    pub bytes: f64,
    /// Number of classes to which patients can belong.
    pub classes: f64,
    /// Bytes that one strategy needs to compute the standard deviation of totals between patients.
    pub spread: f64,
}

/// Number of shares of patients that one arm keeps in a cycle, at most, for attributes with these values.
pub fn shares_kept(tables: &Tables, nodes: &[Vec<Node>]) -> f64 {
    kept(tables, nodes).classes
}

/// Maximum memory for the patients of one arm.
pub fn patients_kept(tables: &Tables) -> Kept {
    kept(tables, &population_nodes(tables.model, &tables.parameters[0], 2))
}

/// The number of classes of a state is the number of combinations of attributes that matter from the state onwards, times the
/// combinations of cycles of entry into groups of states.
fn kept(tables: &Tables, nodes: &[Vec<Node>]) -> Kept {
    let model = tables.model;
    // In continuous time the model is solved with cycles of half the length too, and each share of patients has several numbers.
    let (finer, numbers) = if model.time.continuous() { (2.0, 5.0) } else { (1.0, 1.0) };
    let points = finer * model.time.cycles as f64 + 1.0;
    let cells = |state: usize| {
        let here = model.paths().clocks.iter().filter(|&&g| model.paths().inside[g][state]);
        let counters = here.clone().filter_map(|&g| model.groups[g].counter);
        let counted: f64 = counters.map(|counter| (counter.most + 1) as f64).product();
        let clocks = here.filter(|&&g| model.groups[g].counter.is_none()).count();
        // Divided by n because groups are entered one after another: each set of cycles of entry occurs in only one
        // order.
        (1..=clocks).fold(counted, |cells, n| cells * points / n as f64)
    };
    let arm = |arm: usize| {
        let strata = relevant(tables, arm).into_iter();
        let classes = strata.enumerate().map(|(state, attributes)| {
            let exits = tables.rows[arm][state].first.len() + tables.rows[arm][state].rest.len();
            let stratum = Stratum::new(attributes, nodes);
            let classes: f64 = stratum.attributes.iter().map(|&a| nodes[a].len() as f64).product();
            // One share of patients per class and cell, and per class of attributes the destinations of every exit.
            (classes * cells(state), 8.0 * classes * (numbers * GROWTH * cells(state) + 3.0 * exits as f64))
        });
        classes.fold((0.0, 0.0), |(all, bytes), (n, more)| (all + n, bytes + more))
    };
    let arms = (0..model.strategies.len()).take(LOOKED_AT).map(arm);
    let (classes, bytes) = arms.fold((0.0, 0.0), |a: (f64, f64), b| (a.0.max(b.0), a.1.max(b.1)));
    // The cells of every cycle are listed; on average a cycle has half as many as the last.
    let listed: f64 = (0..model.states.len()).map(|s| 0.5 * cells(s) * points).sum();
    let spread = match model.outcomes.len() {
        0 => 0.0,
        // Four numbers per cell, a measured value, for its destinations and the moments of its future rewards.
        outcomes => 4.0 * 8.0 * listed.min(MOST_VALUES as f64 / outcomes as f64),
    };
    Kept { bytes, classes, spread }
}
