//! Columns shared by several tables of results.

use super::figures::columns;
pub use super::figures::columns::{se, threshold, time};
use super::figures::table::{Column, text};
use super::strategies::mark;
use crate::analysis::curves::Source;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::scenario::parameters::ParameterRow;

/// The column of the scenario's name.
pub fn scenario<'a, R>(scenario: &'a Scenario) -> Column<'a, R> {
    text("scenario", "Name of the scenario", "", |_| scenario.name.as_str())
}

/// The column of labels of parameters, empty without a label; `of` reads the parameter from a row.
pub fn parameter_label<'a, R>(of: impl Fn(&R) -> &'a ParameterRow + 'a) -> Column<'a, R> {
    text("label", "Description of the parameter; empty if its table has none", "", move |row| &of(row).label)
}

/// The column of strategies; `index` reads the strategy's index from a row.
pub fn strategy<'a, R>(model: &'a Model, index: impl Fn(&R) -> usize + 'a) -> Column<'a, R> {
    columns::strategy(move |row| model.strategies[index(row)].name.as_str())
}

/// The column of the reference strategy, the comparator in every row.
pub fn against<'a, R>(model: &'a Model) -> Column<'a, R> {
    let name = model.strategies[model.reference()].name.as_str();
    text("against", "Reference strategy, with which it is compared", "", move |_| name)
}

/// The column of warnings, which is not empty for hypothetical strategies and for bounds.
pub fn warning<'a, R>(model: &'a Model, strategy: impl Fn(&R) -> usize + 'a) -> Column<'a, R> {
    text("warning", "Not empty for a strategy that is hypothetical or a bound", "", move |row| {
        mark(model, strategy(row))
    })
}

/// The column of endpoints; `index` reads the endpoint's index from a row.
pub fn endpoint<'a, R>(model: &'a Model, index: impl Fn(&R) -> usize + 'a) -> Column<'a, R> {
    text("endpoint", "Endpoint, as the scenario names it", "", move |row| {
        model.endpoints[index(row)].name.as_str()
    })
}

/// The column of outcomes; `index` reads the outcome's index from a row.
pub fn outcome<'a, R>(model: &'a Model, index: impl Fn(&R) -> usize + 'a) -> Column<'a, R> {
    text("outcome", "Outcome, as the scenario names it", "", move |row| {
        model.outcomes[index(row)].name.as_str()
    })
}

/// The column of the unit of an outcome.
pub fn unit<'a, R>(model: &'a Model, outcome: impl Fn(&R) -> usize + 'a) -> Column<'a, R> {
    text("unit", "Unit of the amounts of this row", "", move |row| model.outcomes[outcome(row)].unit.as_str())
}

/// The column of the engine that computed a number.
pub fn source<'a, R>(source: impl Fn(&R) -> Source + 'a) -> Column<'a, R> {
    columns::source(move |row| source(row).name())
}
