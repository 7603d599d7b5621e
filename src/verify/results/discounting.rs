//! Discounted outcomes and their discount rates.

use crate::prelude::*;
use arcosim_core::model::{Discount, Model, situation};

/// Reason for skipping checks of discounting.
pub const NO_DISCOUNTING: &str = "no outcome is discounted";

/// Outcomes that are discounted.
pub fn discounted(model: &Model) -> Vec<(usize, &Discount)> {
    let outcomes = model.outcomes.iter().enumerate();
    outcomes.filter_map(|(o, outcome)| Some((o, outcome.discount.as_ref()?))).collect()
}

/// First discount rate of an outcome, at the base values.
pub fn rate_of(evidence: &Evidence, discount: &Discount) -> f64 {
    let s = situation(evidence.model, &evidence.base, &[], 0);
    discount.rates.first().map_or(0.0, |(_, rate)| rate.value(&s))
}
