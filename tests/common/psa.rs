//! Probabilistic analyses of scenarios, and statistics of their results.

use std::sync::atomic::AtomicBool;

use arcosim::analysis::evaluation::Integration;
use arcosim::analysis::psa::{self, DrawEngine, Draws, Ended, Psa};
use arcosim::model::Model;
use arcosim::model::uncertainty::{Sampling, Uncertainty};
use arcosim::scenario::Scenario;

use super::solve;

/// The exact engine with the nodes that a scenario asks for.
pub fn exact(scenario: &Scenario) -> DrawEngine {
    DrawEngine::Cohort(Integration::Nodes(scenario.psa.nodes))
}

/// `count` draws of a model, on any engine.
pub fn draws<'a>(
    scenario: &'a Scenario,
    uncertainty: &'a Uncertainty,
    sampling: Sampling,
    (seed, count): (u64, u64),
) -> Draws<'a> {
    let base = solve::values(&scenario.model);
    Draws::new(&scenario.model, &base, uncertainty, sampling, (seed, count))
}

/// Runs these draws; `redraw` says whether one with a row over 1 is drawn again.
pub fn with(model: &Model, draws: &Draws, engine: DrawEngine, redraw: bool) -> Result<Psa, Ended> {
    let go_on = AtomicBool::new(false);
    psa::run(model, draws, (engine, redraw), &|_| {}, &go_on)
}

/// A scenario on the exact engine, with its own distributions.
pub fn run(scenario: &Scenario, sampling: Sampling, (seed, count): (u64, u64)) -> Psa {
    let draws = draws(scenario, &scenario.uncertainty, sampling, (seed, count));
    with(&scenario.model, &draws, exact(scenario), false).unwrap_or_else(|e| panic!("{e:?}"))
}

pub fn parameter(scenario: &Scenario, name: &str) -> usize {
    let found = scenario.model.parameters.iter().position(|p| p.name == name);
    found.unwrap_or_else(|| panic!("no parameter {name}"))
}

pub fn outcome(scenario: &Scenario, name: &str) -> usize {
    let found = scenario.model.outcomes.iter().position(|o| o.name == name);
    found.unwrap_or_else(|| panic!("no outcome {name}"))
}

pub fn strategy(scenario: &Scenario, name: &str) -> usize {
    let found = scenario.model.strategies.iter().position(|s| s.name == name);
    found.unwrap_or_else(|| panic!("no strategy {name}"))
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub fn variance(values: &[f64]) -> f64 {
    covariance(values, values)
}

pub fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    let cross: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    cross / (a.len() as f64 - 1.0)
}

/// Fourth central moment over the squared second one: 3 for a normal.
pub fn kurtosis(values: &[f64]) -> f64 {
    let (m, v) = (mean(values), variance(values));
    mean(&values.iter().map(|x| (x - m).powi(4)).collect::<Vec<f64>>()) / (v * v)
}
