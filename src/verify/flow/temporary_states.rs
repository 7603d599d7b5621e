//! Temporary states, which all patients leave after a fixed number of cycles.

use crate::prelude::*;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::{Hazard, Situation, Tables};

/// A state that all patients leave after a fixed number of cycles.
pub struct Temporary {
    /// Index of the state.
    pub state: usize,
    /// Number of cycles after which all patients have left.
    pub cycles: usize,
}

/// Temporary living states, with the longest stay under any strategy.
pub fn temporary(evidence: &Evidence, tables: &Tables) -> Vec<Temporary> {
    let model = evidence.model;
    let living = evidence.living().into_iter();
    let found = living.filter_map(|state| {
        let own = model.groups.iter().position(|g| g.states.len() == 1 && g.states[0] == state);
        let stays = (0..model.strategies.len()).map(|arm| stay(evidence, tables, arm, state, own));
        let longest: Option<Vec<usize>> = stays.collect();
        let cycles = longest?.into_iter().max()?;
        Some(Temporary { state, cycles })
    });
    found.collect()
}

/// Indices of the temporary living states.
pub fn temporary_states(evidence: &Evidence, tables: &Tables) -> Vec<usize> {
    let all = temporary(evidence, tables).into_iter();
    all.map(|own| own.state).collect()
}

/// Number of cycles after which all patients have left a state under a strategy; `None` if leaving is not certain, or
/// if it depends on more than the time in the state.
fn stay(evidence: &Evidence, tables: &Tables, arm: usize, state: usize, own: Option<usize>) -> Option<usize> {
    let model = evidence.model;
    let row = &tables.rows[arm][state];
    if !row.rest_stated || row.rest.is_empty() {
        return None;
    }
    let moves = || row.rest.iter().map(|exit| &model.transitions[exit.transition]);
    let mut branches = moves().flat_map(|transition| &transition.branches);
    if branches.any(|b| b.to.is_none_or(|to| to == state)) {
        return None;
    }
    if moves().any(|transition| matches!(transition.hazard, Hazard::Complement)) {
        return Some(1);
    }
    for exit in &row.rest {
        let own_reads = reads(model, arm, exit.transition);
        let others = own_reads.residence.iter().any(|g| Some(*g) != own);
        if others || own_reads.time || own_reads.age || !own_reads.attributes().is_empty() {
            return None;
        }
    }
    let attributes = vec![0.0; model.attributes.len()];
    (0..model.time.cycles).find_map(|spent| {
        let residence = vec![spent; model.groups.len()];
        let s = Situation {
            parameters: &tables.parameters[arm],
            attributes: &attributes,
            state,
            cycle: spent,
            residence: &residence,
            cycles_per_year: model.time.cycles_per_year,
            part: 0.0,
        };
        let leaves: f64 = row.rest.iter().map(|e| spend(model, arm, e.transition, &s)).sum();
        (leaves >= 1.0 - EXACT).then_some(spent + 1)
    })
}
