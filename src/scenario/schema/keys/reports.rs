//! `[figures]`, `[verify]` and `[expected]`.

use super::*;

pub mod figures {
    use super::*;

    pub const ORDER: Key = optional("order", Shape::List(&Shape::Name), "Order of the states in figures.");
    pub const STACK: Key = optional(
        "stack",
        Shape::List(&Shape::Name),
        "States and groups that together hold every state once.",
    );
    pub const UNIT: Key =
        optional("unit", Shape::Text, "What one patient is called, in the plural; default \"patients\".");
    pub const LANDMARKS: Key = optional(
        "landmarks",
        Shape::List(&Shape::Number),
        "Years at which tables report; default 1, 2, 3, 5, 10.",
    );
    pub const YEARS: Key =
        optional("years", Shape::Number, "Length of the time axis of survival figures; default 20.");
    pub const SECTION: Section = section("[figures]", &[ORDER, STACK, UNIT, LANDMARKS, YEARS]);
}

pub mod verify {
    use super::*;

    pub const DEAD: Key = optional("dead", NAMES, "States of the dead; default: all absorbing states.");
    pub const PROGRESSION: Key = optional(
        "progression",
        Shape::List(&Shape::Name),
        "States in the order in which the disease goes through them, best first: nobody may go back.",
    );
    pub const WAIVE: Key = optional(
        "waive",
        Shape::Named(&Shape::Table(&waiver::SECTION)),
        "Findings that are accepted, by the id of the check: [verify.waive.F11].",
    );
    pub const PLAUSIBLE: Key = optional(
        "plausible",
        Shape::Named(&Shape::Table(&plausible::SECTION)),
        "Ranges in which results should lie, as those who know the disease see it.",
    );
    pub const SECTION: Section = section("[verify]", &[DEAD, PROGRESSION, WAIVE, PLAUSIBLE]);
}

pub mod waiver {
    use super::*;

    pub const BY: Key = required("by", Shape::Text, "Who accepts the finding.");
    pub const WHY: Key = required("why", Shape::Text, "Why it is no error.");
    pub const DATE: Key = required("date", Shape::Text, "When it was accepted, such as \"2026-11-21\".");
    pub const OF: Key = optional(
        "of",
        NAMES,
        "Only findings about these: names of strategies, states, parameters and so on, as the report names them; \
             default: all findings of the check.",
    );
    pub const SECTION: Section = section("a waiver", &[BY, WHY, DATE, OF]);
}

pub mod plausible {
    use super::*;

    pub const STRATEGY: Key = required("strategy", Shape::Name, "Strategy.");
    pub const QUANTITY: Key = required(
        "quantity",
        Shape::Name,
        "What is meant, as in the table of expected numbers: \"cumulative_incidence\", \"occupancy\", \"outcome\", ...",
    );
    pub const SUBJECT: Key =
        required("subject", Shape::Name, "The endpoint, state, outcome or transition that is meant.");
    pub const YEARS: Key = optional(
        "years",
        Shape::Number,
        "Years since the start (or since the endpoint's origin); default: the horizon.",
    );
    pub const LOW: Key = required("low", Shape::Number, "Smallest plausible value.");
    pub const HIGH: Key = required("high", Shape::Number, "Largest plausible value.");
    pub const SOURCE: Key = required("source", Shape::Text, "Who says so.");
    pub const NOTE: Key = optional("note", Shape::Text, "Remark.");
    pub const SECTION: Section =
        section("a plausible range", &[STRATEGY, QUANTITY, SUBJECT, YEARS, LOW, HIGH, SOURCE, NOTE]);
}

pub mod expected {
    use super::*;

    pub const FILE: Key = required("file", Shape::Name, "CSV of expected results, relative to this file.");
    pub const SECTION: Section = section("[expected]", &[FILE]);
}
