//! Columns that several tables have.

use super::table::{Column, number, text};

pub const SCENARIO: Column = text("scenario", "Name of the scenario", "");
pub const STRATEGY: Column = text("strategy", "Strategy, as the scenario names it", "");
pub const ENDPOINT: Column = text("endpoint", "Endpoint, as the scenario names it", "");
pub const SOURCE: Column =
    text("source", "The exact expectation, or individual patients", "exact; microsimulation");
pub const EVIDENCE: Column = text("warning", "Not empty for a strategy that is hypothetical or a bound", "");
pub const SE: Column =
    number("se", "", "Monte Carlo standard error; empty for exact numbers, which have none");
pub const TIME: Column =
    number("time_years", "years", "Years since the start, or since the endpoint's origin");
pub const AGAINST: Column = text("against", "Reference strategy, with which it is compared", "");
pub const OUTCOME: Column = text("outcome", "Outcome, as the scenario names it", "");
pub const UNIT: Column = text("unit", "Unit of the amounts of this row", "");
