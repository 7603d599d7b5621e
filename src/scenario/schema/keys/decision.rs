//! `[decision]`: costs, effects, thresholds and the population concerned.

use super::*;

pub const COST: Key = required("cost", Shape::Name, "The outcome that is paid.");
pub const EFFECT: Key = required("effect", Shape::Name, "The outcome that is gained.");
pub const THRESHOLDS: Key = required(
    "thresholds",
    Shape::List(&Shape::Table(&threshold::SECTION)),
    "What a unit of effect may cost; reports lead with the first.",
);
pub const POPULATION: Key = optional(
    "population",
    Shape::Table(&beneficiaries::SECTION),
    "For how many people is decided, for the value of information.",
);
pub const SECTION: Section = section("[decision]", &[COST, EFFECT, THRESHOLDS, POPULATION]);

pub mod threshold {
    use super::*;

    pub const VALUE: Key = required("value", Shape::Number, "Money per unit of effect.");
    pub const DATE: Key = required("date", Shape::Text, "Since when it holds, e.g. \"2026-04\".");
    pub const SOURCE: Key = required("source", Shape::Text, "Who set it, or \"assumption\".");
    pub const NOTE: Key = optional("note", Shape::Text, "Remark.");
    pub const SECTION: Section = section("a threshold", &[VALUE, DATE, SOURCE, NOTE]);
}

pub mod beneficiaries {
    use super::*;

    pub const PER_YEAR: Key = required("per_year", Shape::Number, "New patients a year.");
    pub const YEARS: Key = required("years", Shape::Number, "Years for which the decision holds.");
    pub const DISCOUNT: Key =
        optional("discount", Shape::Expression, "Discount rate per year, e.g. \"3.5 %\".");
    pub const SECTION: Section = section("the population of a decision", &[PER_YEAR, YEARS, DISCOUNT]);
}
