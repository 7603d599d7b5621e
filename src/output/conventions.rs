//! How an outcome is counted and discounted, in words and as fields: a total without its conventions cannot be
//! compared with any other.

use serde_json::{Value, json};

use crate::model::{Compounding, Correction, Discount, Model, Moment, Outcome, situation};

/// The conventions of an outcome in one sentence.
pub fn words(model: &Model, outcome: &Outcome) -> String {
    let counted = match &outcome.correction {
        Correction::Start => "counted at cycle starts",
        Correction::End => "counted at cycle ends",
        Correction::LifeTable => "counted as the mean of each cycle's start and end (life-table method)",
        Correction::HalfCycle => {
            "counted at all points, half at the first and the last (half-cycle correction)"
        }
        Correction::Simpson => "counted at all points by Simpson's 1/3 rule",
        Correction::Weights(_) => "counted at all points by the scenario's own weights",
    };
    let discounted = match &outcome.discount {
        None => "not discounted".to_string(),
        Some(discount) => discounted(model, discount),
    };
    let once = match (outcome.weighted_once, outcome.correction.by_points()) {
        (true, true) => "one-off amounts with the weight of the point at which they fall",
        (true, false) => "one-off amounts with the weight of the end of the cycle in which they fall",
        (false, _) => "one-off amounts in full when they fall",
    };
    format!("{}: {counted}; {discounted}; {once}.", name(outcome))
}

/// The same on lines of at most `width` characters, all but the first indented.
pub fn lines(model: &Model, outcome: &Outcome, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(model, outcome).split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.into()),
        }
    }
    lines
}

/// Label and unit, where these are not the same words.
pub fn name(outcome: &Outcome) -> String {
    match outcome.label == outcome.unit {
        true => outcome.label.clone(),
        false => format!("{} ({})", outcome.label, outcome.unit),
    }
}

fn discounted(model: &Model, discount: &Discount) -> String {
    let rates: Vec<String> = rates(model, discount)
        .into_iter()
        .map(|(from, rate)| match from {
            0.0 => format!("{} % a year", short(100.0 * rate)),
            _ => format!("{} % from {} years on", short(100.0 * rate), short(from)),
        })
        .collect();
    let compounding = match discount.compounding {
        Compounding::Annual => "",
        Compounding::WholeYears => ", by whole years",
        Compounding::Continuous => ", continuously",
    };
    let begins = match discount.from {
        0.0 => String::new(),
        years => format!(", beginning after {} years", short(years)),
    };
    let at = match discount.at {
        Moment::Start => "each cycle's start",
        Moment::Middle => "each cycle's middle",
        Moment::End => "each cycle's end",
        Moment::Point => "each point of the grid",
    };
    format!(
        "discounted at {}{compounding}{begins} from {at}",
        rates.join(", ")
    )
}

/// Rates per year at the base values, each with the year from which it holds.
fn rates(model: &Model, discount: &Discount) -> Vec<(f64, f64)> {
    let base: Vec<f64> = model.parameters.iter().map(|p| p.base).collect();
    let s = situation(model, &base, &[], 0);
    discount
        .rates
        .iter()
        .map(|(from, rate)| (*from, rate.value(&s)))
        .collect()
}

/// The conventions as fields.
pub fn fields(model: &Model, outcome: &Outcome) -> Value {
    let correction = match &outcome.correction {
        Correction::Start => "start",
        Correction::End => "end",
        Correction::LifeTable => "life-table",
        Correction::HalfCycle => "half-cycle",
        Correction::Simpson => "simpson",
        Correction::Weights(_) => "weights",
    };
    let discount = outcome.discount.as_ref().map(|discount| {
        let rates = rates(model, discount);
        let rates = rates
            .into_iter()
            .map(|(from, rate)| json!({ "from_years": from, "rate_per_year": rate }));
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
    json!({
        "name": outcome.name,
        "label": outcome.label,
        "unit": outcome.unit,
        "correction": correction,
        "one_off": match outcome.weighted_once {
            true => "weighted with the arrival cycle",
            false => "as they fall",
        },
        "discount": discount,
        "in_words": words(model, outcome),
    })
}

/// A number without the noise of binary fractions and without trailing zeros.
fn short(x: f64) -> String {
    format!("{}", (1e6 * x).round() / 1e6)
}
