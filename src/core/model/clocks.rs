//! Clocks of states and groups: the groups whose clock is tracked, and the limit on clocks that run at the same
//! time.

use super::expression::{Clock, Expr};
use super::hazard::insert;
use super::structure::{Hazard, Structure};

/// Largest number of clocks of states and groups that may run in one state. The exact engine distinguishes
/// patients by the cycle of entry into each group, so every additional clock multiplies the number of
/// combinations.
pub const MOST_CLOCKS: usize = 4;

/// Groups of states whose clock must be tracked, ascending: a hazard or a reward reads the clock, or an endpoint
/// counts time in the group.
pub fn carried(model: &Structure) -> Vec<usize> {
    let mut groups = Vec::new();
    let mut read = |expr: &Expr| {
        expr.walk(&mut |e| {
            if let Expr::Clock(Clock::TimeIn(g)) = e {
                insert(&mut groups, *g);
            }
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut read);
        if let Hazard::Distribution { clock, .. } = &transition.hazard {
            read(&Expr::Clock(*clock));
        }
    }
    model.rewards.iter().for_each(|reward| read(&reward.amount));
    for endpoint in &model.endpoints {
        if let Some(g) = endpoint.since {
            insert(&mut groups, g);
        }
    }
    groups
}

/// The first state in which more than [`MOST_CLOCKS`] clocks run, with the groups of these clocks.
pub fn too_many(model: &Structure) -> Option<(usize, Vec<usize>)> {
    let carried = carried(model);
    (0..model.states.len()).find_map(|state| {
        let here = |g: &usize| model.groups[*g].states.contains(&state);
        let running: Vec<usize> = carried.iter().copied().filter(here).collect();
        (running.len() > MOST_CLOCKS).then_some((state, running))
    })
}
