//! Clocks of a patient who is followed move by move, apart from the engines: when each group was entered, and how often the
//! transition of a counter has occurred.

use arcosim_core::model::{Group, Model};

/// A move: its transition, the states before and after it, and whether the patient enters a state, perhaps the same again.
pub struct Moved {
    pub transition: usize,
    pub from: usize,
    pub to: usize,
    pub enters: bool,
}

/// Updates the clocks after a move that takes effect at grid point `point`.
pub fn after(model: &Model, moved: &Moved, point: usize, clocks: &mut [usize]) {
    for (group, clock) in model.groups.iter().zip(clocks) {
        match group.counter {
            Some(counter) if counter.transition == moved.transition => {
                *clock = (*clock + 1).min(counter.most);
            }
            Some(_) => {}
            None if begins(group, moved) => *clock = point,
            None => {}
        }
    }
}

/// Whether the time in a group starts anew with a move: from outside, or in a state that is entered again.
fn begins(group: &Group, moved: &Moved) -> bool {
    let inside = |state: usize| group.states.contains(&state);
    let again = moved.enters && moved.from == moved.to && group.states == [moved.to];
    inside(moved.to) && (!inside(moved.from) || again)
}

/// What the clocks show at grid point `point`.
pub fn shown(model: &Model, clocks: &[usize], point: usize) -> Vec<usize> {
    let of = |(group, clock): (&Group, &usize)| match group.counter {
        Some(_) => *clock,
        None => point.saturating_sub(*clock),
    };
    model.groups.iter().zip(clocks).map(of).collect()
}
