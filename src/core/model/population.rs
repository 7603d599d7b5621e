//! Population of a model: the values that attributes take, and the arm that each patient follows.

use super::patients::situation;
use super::quadrature::{Node, nodes, single_rule};
use super::structure::Model;
use super::tables::Tables;

/// Per attribute: its values with their population shares, which are the categories or the Gauss nodes (at least
/// `order` per panel).
pub fn population_nodes(model: &Model, parameters: &[f64], order: usize) -> Vec<Vec<Node>> {
    population(model, parameters, |a| nodes(model, a, parameters, order))
}

/// Like [`population_nodes`], but with exactly `number` nodes for each continuous attribute, without panels at
/// kinks.
pub fn few_nodes(model: &Model, parameters: &[f64], number: usize) -> Vec<Vec<Node>> {
    population(model, parameters, |a| single_rule(model, a, parameters, number))
}

fn population(model: &Model, parameters: &[f64], continuous: impl Fn(usize) -> Vec<Node>) -> Vec<Vec<Node>> {
    let of = |a: usize| match model.attributes[a].listed(model, parameters) {
        _ if model.attributes[a].rows().is_some() => model.attributes[a].row_nodes().unwrap_or_default(),
        // Empty categories are removed, because each category would take the same computing time.
        Some(values) => values.into_iter().filter(|node| node.weight > 0.0).collect(),
        None => continuous(a),
    };
    (0..model.attributes.len()).map(of).collect()
}

/// Strategies that patients may follow under `strategy`: `strategy` itself, then the alternatives for ineligible
/// patients.
pub fn chain(model: &Model, strategy: usize) -> Vec<usize> {
    let chain = std::iter::successors(Some(strategy), |&s| model.strategies[s].otherwise);
    chain.take(model.strategies.len() + 1).collect()
}

/// The first strategy in `chain` for which the patient is eligible, or the last strategy if the patient is
/// eligible for none.
pub fn arm_of(tables: &Tables, chain: &[usize], attributes: &[f64], state: usize) -> usize {
    for &arm in chain {
        let s = situation(tables.model, &tables.parameters[arm], attributes, state);
        if tables.model.strategies[arm].eligible.value(&s) != 0.0 {
            return arm;
        }
    }
    *chain.last().expect("a chain begins with its own strategy")
}
