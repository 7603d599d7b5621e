//! Population of a model: the values that attributes take, and the arm that each patient follows.

use super::patients::situation;
use super::quadrature::{Node, nodes, single_rule};
use super::structure::Model;
use super::tables::Tables;

/// Values and shares of every attribute: categories, or `order` Gauss nodes per panel.
pub fn population_nodes(model: &Model, parameters: &[f64], order: usize) -> Vec<Vec<Node>> {
    population(model, parameters, |a| nodes(model, a, parameters, order))
}

/// As [`population_nodes`] with so many nodes of each continuous attribute, kinks or not.
pub fn few_nodes(model: &Model, parameters: &[f64], number: usize) -> Vec<Vec<Node>> {
    population(model, parameters, |a| single_rule(model, a, parameters, number))
}

fn population(model: &Model, parameters: &[f64], continuous: impl Fn(usize) -> Vec<Node>) -> Vec<Vec<Node>> {
    let of = |a: usize| match model.attributes[a].listed(model, parameters) {
        // An empty category would cost as much as any other.
        Some(values) => values.into_iter().filter(|node| node.weight > 0.0).collect(),
        None => continuous(a),
    };
    (0..model.attributes.len()).map(of).collect()
}

/// The arms that patients of a strategy can follow: its own, and those for patients who are not eligible.
pub fn chain(model: &Model, strategy: usize) -> Vec<usize> {
    let chain = std::iter::successors(Some(strategy), |&s| model.strategies[s].otherwise);
    chain.take(model.strategies.len() + 1).collect()
}

/// The first arm of `chain` for which a patient is eligible (the last one if none).
pub fn arm_of(tables: &Tables, chain: &[usize], attributes: &[f64], state: usize) -> usize {
    for &arm in chain {
        let s = situation(tables.model, &tables.parameters[arm], attributes, state);
        if tables.model.strategies[arm].eligible.value(&s) != 0.0 {
            return arm;
        }
    }
    *chain.last().expect("a chain begins with its own strategy")
}
