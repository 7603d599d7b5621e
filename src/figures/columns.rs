//! Columns shared by the tables of several figures and by tables of results.

use super::table::{Column, number, text};

/// The column of strategies, identified by their name in the scenario.
pub fn strategy<'a, R>(name: impl Fn(&R) -> &'a str + 'a) -> Column<'a, R> {
    text("strategy", "Strategy, as the scenario names it", "", name)
}

/// The column of the engine that computed a number.
pub fn source<'a, R>(name: impl Fn(&R) -> &'static str + 'a) -> Column<'a, R> {
    text("source", "The exact expectation, or individual patients", "exact; microsimulation", name)
}

/// The column of the time of a point on a curve, in years.
pub fn time<'a, R, T: Into<Option<f64>>>(years: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    number("time_years", "years", "Years since the start, or since the endpoint's origin", years)
}

/// The column of Monte Carlo standard errors.
pub fn se<'a, R, T: Into<Option<f64>>>(error: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    number("se", "", "Monte Carlo standard error; empty for exact numbers, which have none", error)
}

/// The column of willingness-to-pay thresholds.
pub fn threshold<'a, R, T: Into<Option<f64>>>(value: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    number("threshold", "cost per unit of effect", "Willingness to pay per unit of effect", value)
}
