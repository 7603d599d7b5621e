//! Formats willingness to pay and ICERs as money per unit of effect.

use super::amounts::{amount, places, singular};
use super::figures::figure_amount;
use crate::model::{Decision, Model};

/// Units of cost and of effect.
pub fn units<'a>(model: &'a Model, decision: &Decision) -> [&'a str; 2] {
    [decision.cost, decision.effect].map(|o| model.outcomes[o].unit.as_str())
}

/// Money per unit of effect, such as `GBP 25,000 per QALY`.
pub fn price(model: &Model, decision: &Decision, value: f64) -> String {
    let [cost, effect] = units(model, decision);
    format!("{cost} {} per {}", amount(value, places(cost, value)).trim_end_matches(".00"), singular(effect))
}

/// Money per unit of effect, formatted as on the axes of figures.
pub fn drawn_price(model: &Model, decision: &Decision, value: f64) -> String {
    let [cost, effect] = units(model, decision);
    format!("{cost} {} per {}", figure_amount(value, 0), singular(effect))
}
