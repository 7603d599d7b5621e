//! Discounting of one-off amounts and of later years.

use crate::prelude::*;
use arcosim_core::model::{Discount, Model, situation};

/// Why checks of discounting are skipped.
pub const NO_DISCOUNTING: &str = "nothing is discounted";

/// Outcomes that are discounted.
pub fn discounted(model: &Model) -> Vec<(usize, &Discount)> {
    let outcomes = model.outcomes.iter().enumerate();
    outcomes.filter_map(|(o, outcome)| Some((o, outcome.discount.as_ref()?))).collect()
}

/// The first rate of a discount.
pub fn rate_of(evidence: &Evidence, discount: &Discount) -> f64 {
    let s = situation(evidence.model, &evidence.base, &[], 0);
    discount.rates.first().map_or(0.0, |(_, rate)| rate.value(&s))
}
