//! Keys of `[decision]`: cost and health outcomes, willingness-to-pay thresholds, and the population affected.

use super::*;

pub const COST: Key = required("cost", Shape::Name, "Outcome in money.");
pub const EFFECT: Key = required("effect", Shape::Name, "Health outcome.");
pub const THRESHOLDS: Key = required(
    "thresholds",
    Shape::List(&Shape::Table(&threshold::SECTION)),
    "Willingness to pay per unit of effect; the first is used for headline results.",
);
pub const POPULATION: Key = optional(
    "population",
    Shape::Table(&beneficiaries::SECTION),
    "Population affected by the decision, for the value of information.",
);
pub const SECTION: Section = section("[decision]", &[COST, EFFECT, THRESHOLDS, POPULATION]);

pub mod threshold {
    use super::*;

    pub const VALUE: Key = required("value", Shape::Number, "Money per unit of effect.");
    pub const DATE: Key =
        required("date", Shape::Text, "Date since which the threshold applies, e.g. \"2026-04\".");
    pub const SOURCE: Key = required("source", Shape::Text, "Source, or \"assumption\".");
    pub const NOTE: Key = optional("note", Shape::Text, "Remark.");
    pub const SECTION: Section = section("a threshold", &[VALUE, DATE, SOURCE, NOTE]);
}

pub mod beneficiaries {
    use super::*;

    pub const PER_YEAR: Key = required("per_year", Shape::Number, "New patients per year.");
    pub const YEARS: Key = required("years", Shape::Number, "Years for which the decision applies.");
    pub const DISCOUNT: Key =
        optional("discount", Shape::Expression, "Discount rate per year, e.g. \"3.5 %\".");
    pub const SECTION: Section = section("the population of a decision", &[PER_YEAR, YEARS, DISCOUNT]);
}
