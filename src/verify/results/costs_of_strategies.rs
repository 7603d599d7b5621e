//! Costs that only some strategies incur.

use crate::prelude::*;
use arcosim_core::model::{Model, Reward, Strategy};
use arcosim_scenario::parameters::Kind;

/// Rewards that add to the cost outcome in some strategies only, each with the sorted indices of these strategies.
pub fn own_costs<'m>(model: &'m Model, cost: usize) -> impl Iterator<Item = (&'m Reward, &'m [usize])> {
    let limited = move |r: &'m Reward| Some((r, &r.strategies.as_ref()?[..]));
    model.rewards.iter().filter(move |r| r.outcome(model) == cost).filter_map(limited)
}

/// Whether a strategy replaces a price.
pub fn replaces_price(evidence: &Evidence, strategy: &Strategy) -> bool {
    strategy.substitutions.iter().any(|(p, _)| evidence.kind(*p) == Kind::Cost)
}
