//! Patients in formulas: their situation at the start, shares of the population, and classes of equal categories.

use super::{Attribute, Branch, Model, Share, Situation};

/// A situation at the start of the model.
pub fn situation<'a>(
    model: &Model,
    parameters: &'a [f64],
    attributes: &'a [f64],
    state: usize,
) -> Situation<'a> {
    Situation {
        parameters,
        attributes,
        state,
        cycle: 0,
        residence: &[],
        cycles_per_year: model.time.cycles_per_year,
    }
}

/// The values of stated shares, with `rest` filled in.
pub fn shares<'a>(shares: impl Iterator<Item = &'a Share>, s: &Situation) -> Vec<f64> {
    let mut rest = None;
    let mut values: Vec<f64> = shares
        .enumerate()
        .map(|(i, share)| match share {
            Share::Stated(e) => e.value(s),
            Share::Rest => {
                rest = Some(i);
                0.0
            }
        })
        .collect();
    if let Some(rest) = rest {
        values[rest] = (1.0 - values.iter().sum::<f64>()).max(0.0);
    }
    values
}

/// The proportions of a transition's branches.
pub fn branch_shares(branches: &[Branch], s: &Situation) -> Vec<f64> {
    shares(branches.iter().map(|b| &b.share), s)
}

/// Number of classes of an attribute that tables distinguish: its categories, or 1 for a number.
pub fn categories(model: &Model, attribute: usize) -> usize {
    model.attributes[attribute].classes()
}

/// Per attribute and category: whether any patients are in it. Empty categories need no values.
pub fn categories_present(model: &Model, parameters: &[f64]) -> Vec<Vec<bool>> {
    let present = |attribute: &Attribute| match attribute.listed(model, parameters) {
        Some(values) if !attribute.is_number() => values.iter().map(|node| node.weight > 0.0).collect(),
        _ => Vec::new(),
    };
    model.attributes.iter().map(present).collect()
}

/// Attribute values of which only the fixed ones are used.
pub fn fixed_attributes(model: &Model, parameters: &[f64]) -> Vec<f64> {
    let attributes = model.attributes.iter();
    attributes.map(|attribute| attribute.fixed_value(model, parameters).unwrap_or(0.0)).collect()
}

/// The mixed-radix class of a patient by these categorical attributes, each with its number of categories; the first
/// varies slowest.
pub fn class(by: impl Iterator<Item = (usize, usize)>, attributes: &[f64]) -> usize {
    by.fold(0, |class, (a, size)| class * size + attributes[a] as usize)
}

/// Sets the categorical attributes of mixed-radix `class`.
pub fn decode(mut class: usize, attributes: &[usize], sizes: &[usize], into: &mut [f64]) {
    for (&a, &size) in attributes.iter().zip(sizes).rev() {
        into[a] = (class % size) as f64;
        class /= size;
    }
}
