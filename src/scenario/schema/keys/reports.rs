//! Keys of `[figures]`, `[verify]` and `[expected]`: settings of figures, verification and regression tests.

use super::*;

pub mod figures {
    use super::*;

    pub const ORDER: Key = optional("order", Shape::List(&Shape::Name), "Order of the states in figures.");
    pub const STACK: Key = optional(
        "stack",
        Shape::List(&Shape::Name),
        "States and groups that together contain every state once.",
    );
    pub const UNIT: Key =
        optional("unit", Shape::Text, "Word for patients, in the plural; default \"patients\".");
    pub const LANDMARKS: Key = optional(
        "landmarks",
        Shape::List(&Shape::Number),
        "Years reported in tables; default 1, 2, 3, 5, 10.",
    );
    pub const YEARS: Key =
        optional("years", Shape::Number, "Length of the time axis of survival figures; default 20.");
    pub const SECTION: Section = section("[figures]", &[ORDER, STACK, UNIT, LANDMARKS, YEARS]);
}

pub mod verify {
    use super::*;

    pub const DEAD: Key = optional("dead", NAMES, "States of death; default: all absorbing states.");
    pub const PROGRESSION: Key = optional(
        "progression",
        Shape::List(&Shape::Name),
        "States in the order of disease progression, best first, without return.",
    );
    pub const WAIVE: Key = optional(
        "waive",
        Shape::Named(&Shape::Table(&waiver::SECTION)),
        "Accepted findings, by id of the check: [verify.waive.F11].",
    );
    pub const PLAUSIBLE: Key = optional(
        "plausible",
        Shape::Named(&Shape::Table(&plausible::SECTION)),
        "Plausible ranges of results, from clinical experts or other sources.",
    );
    pub const SECTION: Section = section("[verify]", &[DEAD, PROGRESSION, WAIVE, PLAUSIBLE]);
}

pub mod waiver {
    use super::*;

    pub const BY: Key = required("by", Shape::Text, "Name of the person who accepts the finding.");
    pub const WHY: Key = required("why", Shape::Text, "Reason why the finding is not an error.");
    pub const DATE: Key = required("date", Shape::Text, "Date of acceptance, such as \"2026-11-21\".");
    pub const OF: Key = optional(
        "of",
        NAMES,
        "Only findings about these strategies, states, parameters and so on, with the names of the report; \
             default: all findings of the check.",
    );
    pub const SECTION: Section = section("a waiver", &[BY, WHY, DATE, OF]);
}

pub mod plausible {
    use super::*;

    pub const STRATEGY: Key = required("strategy", Shape::Name, "Strategy to which the range applies.");
    pub const QUANTITY: Key = required(
        "quantity",
        Shape::Name,
        "Quantity, as in the table of expected results: \"cumulative_incidence\", \"occupancy\", \"outcome\", ...",
    );
    pub const SUBJECT: Key = required("subject", Shape::Name, "Endpoint, state, outcome or transition.");
    pub const YEARS: Key = optional(
        "years",
        Shape::Number,
        "Years since the start (or since the start of the endpoint); default: the horizon.",
    );
    pub const LOW: Key = required("low", Shape::Number, "Smallest plausible value.");
    pub const HIGH: Key = required("high", Shape::Number, "Largest plausible value.");
    pub const SOURCE: Key = required("source", Shape::Text, "Source of the range.");
    pub const NOTE: Key = optional("note", Shape::Text, "Remark.");
    pub const SECTION: Section =
        section("a plausible range", &[STRATEGY, QUANTITY, SUBJECT, YEARS, LOW, HIGH, SOURCE, NOTE]);
}

pub mod expected {
    use super::*;

    pub const FILE: Key =
        required("file", Shape::Name, "CSV file of expected results; path relative to this file.");
    pub const SECTION: Section = section("[expected]", &[FILE]);
}
