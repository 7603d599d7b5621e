//! Columns that the tables of several figures have, and tables of results too.

use super::table::{Column, number, text};

/// The strategy, by its name in the scenario.
pub fn strategy<'a, R>(name: impl Fn(&R) -> &'a str + 'a) -> Column<'a, R> {
    text("strategy", "Strategy, as the scenario names it", "", name)
}

/// The engine that a number comes from.
pub fn source<'a, R>(name: impl Fn(&R) -> &'static str + 'a) -> Column<'a, R> {
    text("source", "The exact expectation, or individual patients", "exact; microsimulation", name)
}

/// Years on the axis of a curve.
pub fn time<'a, R, T: Into<Option<f64>>>(years: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    number("time_years", "years", "Years since the start, or since the endpoint's origin", years)
}

/// A Monte Carlo standard error.
pub fn se<'a, R, T: Into<Option<f64>>>(error: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    number("se", "", "Monte Carlo standard error; empty for exact numbers, which have none", error)
}

/// The willingness to pay.
pub fn threshold<'a, R, T: Into<Option<f64>>>(value: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    number("threshold", "cost per unit of effect", "Willingness to pay per unit of effect", value)
}
