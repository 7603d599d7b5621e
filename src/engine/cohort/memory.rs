//! How many patients the recursion keeps apart, told before any memory is taken for them.

use super::super::paths::Paths;
use super::strata::{chain, population_nodes, relevant};
use crate::model::{Model, Tables};

/// Strategies that are looked at; of more, the others are taken to be like the largest of these.
const LOOKED_AT: usize = 16;

/// Room that a growing list takes beside what it holds, and who arrives at the end of a cycle.
const GROWTH: f64 = 1.6;

/// Strategies that patients of this one can follow: its own, and what the ineligible get.
pub fn arms_of(model: &Model, strategy: usize) -> usize {
    chain(model, strategy).len()
}

/// What the patients of one arm take at most, in bytes, and into how many classes they fall: for each state the
/// combinations of the attributes that matter from there on, by the cycles of entry into up to two groups of states.
pub fn patients_kept(tables: &Tables, paths: &Paths) -> (f64, f64) {
    let model = tables.model;
    let nodes = population_nodes(model, &tables.parameters[0], 2);
    let points = model.time.cycles as f64 + 1.0;
    let cells = |state: usize| {
        let clocks = paths.clocks.iter().filter(|&&g| paths.inside[g][state]).count();
        match clocks {
            0 => 1.0,
            1 => points,
            // The second group is entered no earlier than the first.
            _ => points * points / 2.0,
        }
    };
    let arm = |arm: usize| {
        let strata = relevant(tables, paths, arm).into_iter();
        let classes = strata.enumerate().map(|(state, attributes)| {
            let exits = tables.rows[arm][state].first.len() + tables.rows[arm][state].rest.len();
            let classes: f64 = attributes.iter().map(|&a| nodes[a].len() as f64).product();
            // A share of patients for each class; and for each class of attributes where it goes by each way.
            (
                classes * cells(state),
                8.0 * classes * (GROWTH * cells(state) + 3.0 * exits as f64),
            )
        });
        classes.fold((0.0, 0.0), |(all, bytes), (n, more)| (all + n, bytes + more))
    };
    let arms = (0..model.strategies.len()).take(LOOKED_AT).map(arm);
    let (classes, bytes) = arms.fold((0.0, 0.0), |a: (f64, f64), b| (a.0.max(b.0), a.1.max(b.1)));
    (bytes, classes)
}
