//! Conventions by which an outcome is counted and discounted, in words and as JSON fields. The conventions are reported,
//! because totals can be compared only if their conventions are known.

use arcosim_core::words::wrapped;
use serde_json::{Value, json};

use crate::model::{Compounding, Correction, Discount, Model, Moment, Outcome, situation};
use crate::output::amounts::years;

/// The conventions of an outcome in one sentence.
pub fn words(model: &Model, outcome: &Outcome) -> String {
    let counted = match &outcome.correction {
        _ if model.time.continuous() => "continuously over time".into(),
        Correction::Start => "at the start of each cycle".into(),
        Correction::End => "at the end of each cycle".into(),
        Correction::LifeTable => "as the mean of the start and end of each cycle (life-table method)".into(),
        Correction::HalfCycle => {
            "at all points, with half weight at the first and last (half-cycle correction)".into()
        }
        Correction::Simpson => "at all points by Simpson's 1/3 rule".into(),
        Correction::Weights(weights) => format!("at all points by weights of its own ({})", ends(weights)),
    };
    let discounted = match &outcome.discount {
        None => "not discounted".to_string(),
        Some(discount) => discounted(model, discount),
    };
    let once = match (outcome.weighted_once, outcome.correction.by_points()) {
        _ if !has_one_off(model, outcome) => "",
        _ if model.time.continuous() => "; one-off amounts in full when incurred",
        (true, true) => "; one-off amounts weighted as the point at which they are incurred",
        (true, false) => "; one-off amounts weighted as the end of the cycle in which they are incurred",
        (false, _) => "; one-off amounts in full when incurred",
    };
    format!("{}: counted {counted}; {discounted}{once}.", name(outcome))
}

/// Whether any reward of the outcome is incurred once rather than accrued over time.
fn has_one_off(model: &Model, outcome: &Outcome) -> bool {
    model.rewards.iter().any(|reward| {
        let adds_to = &model.outcomes[reward.outcome(model)];
        adds_to.name == outcome.name && !reward.when.accrues()
    })
}

/// The conventions of an outcome in words, wrapped at `width` characters; all lines except the first are indented.
pub fn lines(model: &Model, outcome: &Outcome, width: usize) -> Vec<String> {
    wrapped(&words(model, outcome), width)
}

/// Label and unit of an outcome; only the label if it already contains the unit.
pub fn name(outcome: &Outcome) -> String {
    let (label, unit) = (outcome.label.to_lowercase(), outcome.unit.to_lowercase());
    // The unit must be a separate word in the label, because "Europe" does not contain the unit EUR.
    let word = |(at, _)| {
        let (before, after) = (&label[..at], &label[at + unit.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    };
    match label.match_indices(&unit).any(word) {
        true => outcome.label.clone(),
        false => format!("{} ({})", outcome.label, outcome.unit),
    }
}

/// The first few weights, which show the pattern, and the last weight.
fn ends(weights: &[f64]) -> String {
    const FIRST: usize = 5;
    let shown = |all: &[f64]| {
        let all = all.iter().map(|w| short((1e4 * w).round() / 1e4));
        all.collect::<Vec<String>>().join(", ")
    };
    match weights {
        [first @ .., last] if first.len() > FIRST => {
            format!("{}, ..., {}", shown(&first[..FIRST]), shown(&[*last]))
        }
        all => shown(all),
    }
}

fn discounted(model: &Model, discount: &Discount) -> String {
    let rates: Vec<String> = rates(model, discount)
        .into_iter()
        .map(|(from, rate)| match from {
            0.0 => format!("{}% per year", short(100.0 * rate)),
            _ => format!("{}% from {} on", short(100.0 * rate), years(from)),
        })
        .collect();
    let compounding = match discount.compounding {
        Compounding::Annual => "",
        Compounding::WholeYears => ", by whole years,",
        Compounding::Continuous => ", compounded continuously,",
    };
    let begins = match discount.from {
        0.0 => String::new(),
        from => format!(", starting after {}", years(from)),
    };
    let at = match discount.at {
        _ if model.time.continuous() => "the time of each amount",
        Moment::Start => "the start of each cycle",
        Moment::Middle => "the middle of each cycle",
        Moment::End => "the end of each cycle",
        Moment::Point => "each point of the grid",
    };
    format!("discounted at {}{compounding}{begins} from {at}", rates.join(", "))
}

/// Discount rates per year at the base values, each with the year from which the rate applies.
fn rates(model: &Model, discount: &Discount) -> Vec<(f64, f64)> {
    let base = model.base_values();
    let s = situation(model, &base, &[], 0);
    discount.rates.iter().map(|(from, rate)| (*from, rate.value(&s))).collect()
}

/// The conventions of an outcome as JSON fields.
pub fn fields(model: &Model, outcome: &Outcome) -> Value {
    let correction = match &outcome.correction {
        _ if model.time.continuous() => "none (continuous time)",
        Correction::Start => "start",
        Correction::End => "end",
        Correction::LifeTable => "life-table",
        Correction::HalfCycle => "half-cycle",
        Correction::Simpson => "simpson",
        Correction::Weights(_) => "weights",
    };
    let discount = outcome.discount.as_ref().map(|discount| {
        let rates = rates(model, discount);
        let rates =
            rates.into_iter().map(|(from, rate)| json!({ "from_years": from, "rate_per_year": rate }));
        json!({
            "rates": rates.collect::<Vec<Value>>(),
            "compounding": match discount.compounding {
                Compounding::Annual => "annual",
                Compounding::WholeYears => "whole years",
                Compounding::Continuous => "continuous",
            },
            "at": match discount.at {
                Moment::Start => "start",
                Moment::Middle => "middle",
                Moment::End => "end",
                Moment::Point => "point",
            },
            "from_years": discount.from,
        })
    });
    let weights = match &outcome.correction {
        Correction::Weights(weights) => Some(weights),
        _ => None,
    };
    json!({
        "name": outcome.name,
        "label": outcome.label,
        "unit": outcome.unit,
        "correction": correction,
        "weights": weights,
        "one_off": match outcome.weighted_once {
            true => "weighted with the arrival cycle",
            false => "as they fall",
        },
        "discount": discount,
        "in_words": words(model, outcome),
    })
}

/// A number rounded to six decimals, without trailing zeros and without binary rounding noise.
fn short(x: f64) -> String {
    format!("{}", (1e6 * x).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_show_their_pattern_and_labels_their_unit_once() {
        assert_eq!(ends(&[0.5, 1.0, 0.5]), "0.5, 1, 0.5");
        let simpson: Vec<f64> = [1.0, 4.0, 2.0, 4.0, 2.0, 4.0, 1.0].iter().map(|w| w / 3.0).collect();
        assert_eq!(ends(&simpson), "0.3333, 1.3333, 0.6667, 1.3333, 0.6667, ..., 0.3333");
        let outcome = |label: &str, unit: &str| Outcome {
            name: "x".into(),
            label: label.into(),
            unit: unit.into(),
            correction: Correction::End,
            weighted_once: false,
            discount: None,
        };
        assert_eq!(name(&outcome("QALYs, half-cycle", "QALYs")), "QALYs, half-cycle");
        assert_eq!(name(&outcome("Cost", "GBP")), "Cost (GBP)");
        assert_eq!(name(&outcome("Cost in Europe", "EUR")), "Cost in Europe (EUR)");
        assert_eq!(name(&outcome("Cost in € of 2020", "€")), "Cost in € of 2020");
    }
}
