//! Keys of `[population]`: attributes of patients, and their states at the start.

use super::*;

/// Keys of the distributions of a continuous attribute.
pub const FAMILIES: &[Key] = &[
    attribute::NORMAL,
    attribute::LOGNORMAL,
    attribute::UNIFORM,
    attribute::GAMMA,
    attribute::BETA,
    attribute::FIXED,
];

pub const ATTRIBUTES: Key = optional(
    "attributes",
    Shape::Named(&Shape::Table(&attribute::SECTION)),
    "Attributes in which patients differ.",
);
pub const TABLE: Key = optional(
    "table",
    Shape::Name,
    "Table of real patients, one in a row, whose columns are attributes; path relative to this file.",
);
pub const WEIGHTS: Key = optional(
    "weights",
    Shape::Name,
    "Column of the table with a weight for each patient; default all alike.",
);
pub const START: Key =
    optional("start", Shape::Table(&start::SECTION), "Share of patients who start in each state.");
pub const SECTION: Section = section("[population]", &[ATTRIBUTES, TABLE, WEIGHTS, START]);

pub mod start {
    use super::*;

    pub const BY: Key = attribute::BY;
    pub const SECTION: Section = Section {
        title: "[population.start]",
        keys: &[BY],
        others: Some(&Shape::Share),
        one_of: &[],
        occasions: &[],
        companions: &[],
    };
}

pub mod attribute {
    use super::*;

    pub const BY: Key =
        optional("by", NAMES, "Attributes with categories on which the shares or the distribution depend.");

    pub const COLUMN: Key =
        optional("column", Shape::Name, "Column of the table of patients with its values.");
    pub const NORMAL: Key = optional("normal", Shape::Table(&normal::SECTION), "A normal distribution.");
    pub const LOGNORMAL: Key =
        optional("lognormal", Shape::Table(&lognormal::SECTION), "A log-normal distribution.");
    pub const UNIFORM: Key = optional("uniform", Shape::Table(&uniform::SECTION), "A uniform distribution.");
    pub const GAMMA: Key = optional(
        "gamma",
        Shape::Table(&normal::SECTION),
        "A gamma distribution, such as frailty with the mean 1.",
    );
    pub const BETA: Key =
        optional("beta", Shape::Table(&normal::SECTION), "A beta distribution, between 0 and 1.");
    pub const FIXED: Key =
        optional("fixed", Shape::Table(&fixed::SECTION), "The same value for all patients.");
    pub const WITHIN: Key = optional(
        "within",
        Shape::Numbers(2),
        "Smallest and largest value, to which the distribution is truncated.",
    );
    pub const SECTION: Section = Section {
        title: "an attribute",
        keys: &[LABEL, BY, COLUMN, NORMAL, LOGNORMAL, UNIFORM, GAMMA, BETA, FIXED, WITHIN],
        others: Some(&Shape::Share),
        one_of: &[NORMAL, LOGNORMAL, UNIFORM, GAMMA, BETA, FIXED, COLUMN],
        occasions: &[],
        companions: &[WITHIN],
    };
}

pub mod normal {
    use super::*;

    pub const MEAN: Key = required("mean", Shape::Expression, "Mean.");
    pub const SD: Key = required("sd", Shape::Expression, "Standard deviation.");
    pub const SECTION: Section = section("a distribution with mean and standard deviation", &[MEAN, SD]);
}

pub mod lognormal {
    use super::*;

    pub const MEANLOG: Key = required("meanlog", Shape::Expression, "Mean of the logarithm.");
    pub const SDLOG: Key = required("sdlog", Shape::Expression, "Standard deviation of the logarithm.");
    pub const SECTION: Section = section("a log-normal distribution", &[MEANLOG, SDLOG]);
}

pub mod uniform {
    use super::*;

    pub const LOW: Key = required("low", Shape::Expression, "Lowest value.");
    pub const HIGH: Key = required("high", Shape::Expression, "Highest value.");
    pub const SECTION: Section = section("a uniform distribution", &[LOW, HIGH]);
}

pub mod fixed {
    use super::*;

    pub const VALUE: Key = required("value", Shape::Expression, "Value of all patients.");
    pub const SECTION: Section = section("a fixed value", &[VALUE]);
}
