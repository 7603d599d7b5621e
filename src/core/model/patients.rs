//! Evaluation of formulas for patients: situation at the start, shares of the population, and classes by category.

use super::{Attribute, Branch, Model, Share, Situation};

/// Situation of a patient at the start of the model, in which expressions are evaluated.
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
        part: 0.0,
    }
}

/// Values of all shares. The share that is the rest is one minus the stated shares, but not below 0.
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

/// Proportions of patients who take each branch of a transition.
pub fn branch_shares(branches: &[Branch], s: &Situation) -> Vec<f64> {
    shares(branches.iter().map(|b| &b.share), s)
}

/// Number of classes into which an attribute divides the patients in tables: its number of categories, or 1 if the attribute is a number.
pub fn categories(model: &Model, attribute: usize) -> usize {
    model.attributes[attribute].classes()
}

/// Per attribute and category: whether the category contains any patients. Tables skip empty categories.
pub fn categories_present(model: &Model, parameters: &[f64]) -> Vec<Vec<bool>> {
    let present = |attribute: &Attribute| match attribute.listed(model, parameters) {
        Some(values) if !attribute.is_number() => values.iter().map(|node| node.weight > 0.0).collect(),
        _ => Vec::new(),
    };
    model.attributes.iter().map(present).collect()
}

/// Attribute values that are the same for all patients; 0 for every other attribute.
pub fn fixed_attributes(model: &Model, parameters: &[f64]) -> Vec<f64> {
    let attributes = model.attributes.iter();
    attributes.map(|attribute| attribute.fixed_value(model, parameters).unwrap_or(0.0)).collect()
}

/// Class of a patient, as a mixed-radix number. `by` lists the categorical attributes, each with its number of
/// categories; the first attribute varies slowest.
pub fn class(by: impl Iterator<Item = (usize, usize)>, attributes: &[f64]) -> usize {
    by.fold(0, |class, (a, size)| class * size + attributes[a] as usize)
}

/// Sets the values of the categorical `attributes` that belong to the mixed-radix number `class`.
pub fn decode(mut class: usize, attributes: &[usize], sizes: &[usize], into: &mut [f64]) {
    for (&a, &size) in attributes.iter().zip(sizes).rev() {
        into[a] = (class % size) as f64;
        class /= size;
    }
}
