//! Numbers that a scenario is known to give, beside what it gives now: published results of a replicated model,
//! or the documented course of a disease.

use super::curves::Solution;
use super::landmarks::{grid_point, on_grid};
use crate::model::Model;

/// A row whose tolerance is at least this compares with a documented course; a smaller one guards the digits.
pub const DOCUMENTED: f64 = 0.001;

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Kaplan–Meier survival of the endpoint with this index.
    Survival(usize),
    /// Cumulative incidence of the endpoint with this index.
    Incidence(usize),
    /// Share of patients in the state with this index.
    Occupancy(usize),
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Strategy.
    pub strategy: usize,
    /// Quantity.
    pub quantity: Quantity,
    /// Years since the start (or since the endpoint's origin).
    pub years: f64,
    /// The number that is expected.
    pub expected: f64,
    /// How far off it may be.
    pub tolerance: f64,
    /// Where it comes from.
    pub source: String,
    /// Remark.
    pub note: String,
}

/// An expected number and what came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was expected.
    pub row: Expected,
    /// The exact result; none where nobody is at risk.
    pub result: Option<f64>,
}

impl Comparison {
    /// Whether the result lies within the tolerance.
    pub fn passes(&self) -> bool {
        self.result
            .is_some_and(|r| (r - self.row.expected).abs() <= self.row.tolerance)
    }
}

/// Reads `strategy,quantity,endpoint_or_state,years,expected,tolerance,source,note`. The error names the line.
pub fn read(text: &str, model: &Model) -> Result<Vec<Expected>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut columns = [0; 6];
    let names = [
        "strategy",
        "quantity",
        "endpoint_or_state",
        "years",
        "expected",
        "tolerance",
    ];
    for (column, name) in columns.iter_mut().zip(names) {
        let found = headers.iter().position(|h| h == name);
        *column = found.ok_or_else(|| format!("line 1: there is no column `{name}`"))?;
    }
    let optional = ["source", "note"].map(|name| headers.iter().position(|h| h == name));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, |p| p.line());
        let [strategy, quantity, subject, years, expected, tolerance] = columns.map(|c| &record[c]);
        let optional = optional.map(|c| c.map_or(String::new(), |c| record[c].to_string()));
        let row = row(
            model,
            [strategy, quantity, subject],
            [years, expected, tolerance],
            optional,
        );
        rows.push(row.map_err(|problem| format!("line {line}: {problem}"))?);
    }
    Ok(rows)
}

fn row(
    model: &Model,
    names: [&str; 3],
    numbers: [&str; 3],
    [source, note]: [String; 2],
) -> Result<Expected, String> {
    let [strategy, quantity, subject] = names;
    let unknown = |what: &str, name: &str| format!("there is no {what} `{name}` in this scenario");
    let endpoint = || {
        let found = model.endpoints.iter().position(|e| e.name == subject);
        found.ok_or_else(|| unknown("endpoint", subject))
    };
    let state = || {
        let found = model.states.iter().position(|s| s.name == subject);
        found.ok_or_else(|| unknown("state", subject))
    };
    let number = |text: &str| match text.parse::<f64>() {
        Ok(x) if x.is_finite() && x >= 0.0 => Ok(x),
        _ => Err(format!("`{text}` is not a number from 0 upwards")),
    };
    Ok(Expected {
        strategy: model
            .strategies
            .iter()
            .position(|s| s.name == strategy)
            .ok_or_else(|| unknown("strategy", strategy))?,
        quantity: match quantity {
            "kaplan_meier_survival" => Quantity::Survival(endpoint()?),
            "cumulative_incidence" => Quantity::Incidence(endpoint()?),
            "occupancy" => Quantity::Occupancy(state()?),
            _ => {
                return Err(format!(
                    "`{quantity}` is no quantity; there are kaplan_meier_survival, cumulative_incidence and occupancy"
                ));
            }
        },
        years: number(numbers[0])?,
        expected: number(numbers[1])?,
        tolerance: number(numbers[2])?,
        source,
        note,
    })
}

/// Compares every row with the exact results.
pub fn compare(rows: Vec<Expected>, model: &Model, exact: &Solution) -> Vec<Comparison> {
    let result = |row: &Expected| {
        let curves = |e: usize| exact.curves[row.strategy][e].as_ref();
        match row.quantity {
            Quantity::Survival(e) => curves(e)?
                .survival
                .at(on_grid(&model.time, row.years))
                .map(|s| s.survival),
            Quantity::Incidence(e) => curves(e)?
                .incidence
                .at(0, on_grid(&model.time, row.years))
                .map(|i| i.probability),
            Quantity::Occupancy(s) => {
                Some(exact.counts.strategies[row.strategy].occupancy[s][grid_point(&model.time, row.years)])
            }
        }
    };
    rows.into_iter()
        .map(|row| Comparison {
            result: result(&row),
            row,
        })
        .collect()
}
