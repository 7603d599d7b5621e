//! Transitions out of a state.

use arcosim_core::model::Model;

/// Transitions that leave a state.
pub fn exits(model: &Model, state: usize) -> Vec<usize> {
    let all = model.transitions.iter().enumerate();
    all.filter(|(_, t)| t.from.contains(&state)).map(|(t, _)| t).collect()
}
