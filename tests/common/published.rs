//! The models of `scenarios/published`, solved, with results by name.

use std::path::Path;

use arcosim::analysis::curves::Solution;
use arcosim::model::{Model, Tables};
use arcosim::scenario::Scenario;

use super::{shipped, solve};

/// A scenario and its exact solution.
pub struct Published {
    pub scenario: Scenario,
    pub exact: Solution,
}

impl Published {
    /// `scenarios/published/<name>.toml` with some base values changed.
    pub fn with(name: &str, overrides: &[(&str, f64)]) -> Published {
        let overrides: Vec<(String, String)> =
            overrides.iter().map(|(parameter, value)| (parameter.to_string(), value.to_string())).collect();
        let path = format!("scenarios/published/{name}.toml");
        Published::of(shipped::load(Path::new(&path), &overrides))
    }

    /// `scenarios/published/<name>.toml` as it stands.
    pub fn new(name: &str) -> Published {
        Published::with(name, &[])
    }

    /// Any scenario.
    pub fn of(scenario: Scenario) -> Published {
        let exact = solve::exact(&scenario).solution;
        Published { scenario, exact }
    }

    /// The scenario with its model changed, solved again.
    pub fn changed(&self, change: impl Fn(&mut Model)) -> Published {
        let mut scenario = self.scenario.clone();
        change(&mut scenario.model);
        Published::of(scenario)
    }

    pub fn model(&self) -> &Model {
        &self.scenario.model
    }

    pub fn strategy(&self, name: &str) -> usize {
        let found = self.model().strategies.iter().position(|s| s.name == name);
        found.unwrap_or_else(|| panic!("no strategy {name}"))
    }

    pub fn outcome(&self, name: &str) -> usize {
        let found = self.model().outcomes.iter().position(|o| o.name == name);
        found.unwrap_or_else(|| panic!("no outcome {name}"))
    }

    pub fn state(&self, name: &str) -> usize {
        let found = self.model().states.iter().position(|s| s.name == name);
        found.unwrap_or_else(|| panic!("no state {name}"))
    }

    /// The mean total of an outcome under a strategy.
    pub fn total(&self, strategy: &str, outcome: &str) -> f64 {
        self.exact.totals.strategies[self.strategy(strategy)].outcomes[self.outcome(outcome)].mean
    }

    /// The part of it that belongs to a category.
    pub fn component(&self, strategy: &str, outcome: &str, category: &str) -> f64 {
        let outcome = self.outcome(outcome);
        let mut all = self.model().components.iter();
        let found = all.position(|c| c.outcome == outcome && c.category == category);
        let found = found.unwrap_or_else(|| panic!("no category {category}"));
        self.exact.totals.strategies[self.strategy(strategy)].components[found]
    }

    /// How much more of an outcome `strategy` gives than `other`.
    pub fn more(&self, strategy: &str, other: &str, outcome: &str) -> f64 {
        self.total(strategy, outcome) - self.total(other, outcome)
    }

    /// What a unit of `effect` costs more under `strategy` than under `other`.
    pub fn ratio(&self, strategy: &str, other: &str, effect: &str) -> f64 {
        self.more(strategy, other, "cost") / self.more(strategy, other, effect)
    }

    /// What falls at a point of the grid, discounted.
    pub fn falls_at(&self, strategy: &str, outcome: &str, point: usize) -> f64 {
        let (model, outcome) = (self.model(), self.outcome(outcome));
        let tables = Tables::new(model, &solve::values(model));
        let counts = &self.exact.counts.strategies[self.strategy(strategy)];
        let lines = &model.paths().lines;
        let own = lines.iter().zip(&counts.lines).filter(|(l, _)| l.outcome(model) == outcome);
        own.map(|(line, amounts)| line.weights(&tables.weights[outcome])[point] * amounts[point]).sum()
    }

    /// The share of patients in a state at a point of the grid.
    pub fn occupancy(&self, strategy: &str, state: &str, point: usize) -> f64 {
        self.exact.counts.strategies[self.strategy(strategy)].occupancy[self.state(state)][point]
    }
}

/// The rows of a table in `tests/data`.
pub fn table(file: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(shipped::ROOT).join("tests/data").join(file);
    let reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path);
    let rows: Vec<_> = reader.unwrap().records().map(|row| row.unwrap()).collect();
    assert!(!rows.is_empty(), "{file}");
    rows
}

/// A cell that is a number.
pub fn number(row: &csv::StringRecord, column: usize) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{row:?}"))
}

/// A number as far as a computation with all digits gives it.
#[track_caller]
pub fn is(what: &str, is: f64, due: f64) {
    printed(what, is, due, 1e-9 * due.abs());
}

/// A number to the digits that a publication prints.
#[track_caller]
pub fn printed(what: &str, is: f64, due: f64, tolerance: f64) {
    assert!((is - due).abs() <= tolerance, "{what}: {is}, due {due} +- {tolerance}");
}
