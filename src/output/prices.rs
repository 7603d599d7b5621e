//! Formats willingness to pay and ICERs as money per unit of effect.

use super::amounts::{amount, places, singular};
use super::figures::figure_amount;
use crate::model::{Decision, Model};

/// The units of the decision's cost and effect.
pub fn units<'a>(model: &'a Model, decision: &Decision) -> [&'a str; 2] {
    [decision.cost, decision.effect].map(|o| model.outcomes[o].unit.as_str())
}

/// A willingness to pay or an ICER as text, such as `GBP 25,000 per QALY`.
pub fn price(model: &Model, decision: &Decision, value: f64) -> String {
    let [cost, effect] = units(model, decision);
    format!("{cost} {} per {}", amount(value, places(cost, value)).trim_end_matches(".00"), singular(effect))
}

/// A willingness to pay or an ICER as text, formatted as on the axes of figures.
pub fn drawn_price(model: &Model, decision: &Decision, value: f64) -> String {
    let [cost, effect] = units(model, decision);
    format!("{cost} {} per {}", figure_amount(value, 0), singular(effect))
}
