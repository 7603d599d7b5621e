//! Costs that only some strategies pay.

use crate::prelude::*;
use arcosim_core::model::{Model, Reward, Strategy};
use arcosim_scenario::parameters::Kind;

/// Rewards of the cost that strategies get, each as a sorted list of strategies; those that everybody gets are left out.
pub fn own_costs<'m>(model: &'m Model, cost: usize) -> impl Iterator<Item = (&'m Reward, &'m [usize])> {
    let limited = move |r: &'m Reward| Some((r, &r.strategies.as_ref()?[..]));
    model.rewards.iter().filter(move |r| r.outcome(model) == cost).filter_map(limited)
}

/// What a strategy replaces or brings into play that has a price.
pub fn replaces_price(evidence: &Evidence, strategy: &Strategy) -> bool {
    strategy.substitutions.iter().any(|(p, _)| evidence.kind(*p) == Kind::Cost)
}
