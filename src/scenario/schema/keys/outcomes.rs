//! Keys of `[outcomes]`: units, within-cycle correction and discounting.

use super::*;

/// Names of within-cycle corrections.
pub const CORRECTIONS: &[&str] = &["start", "end", "half-cycle", "life-table", "simpson"];

pub mod outcome {
    use super::*;

    pub const UNIT: Key = required("unit", Shape::Term, "Unit, as printed in tables: \"GBP\", \"QALYs\".");
    pub const CORRECTION: Key = optional(
        "correction",
        Shape::Any(&[Shape::Word(CORRECTIONS), Shape::Table(&weights::SECTION)]),
        "Within-cycle correction: \"start\", \"end\", \"half-cycle\", \"life-table\", \"simpson\", or weights; required unless \
             time is continuous.",
    );
    pub const DISCOUNT: Key = required(
        "discount",
        Shape::Any(&[Shape::Word(&["none"]), Shape::Table(&discount::SECTION)]),
        "\"none\", or { rate = \"3.5 %\", at = \"start\" }.",
    );
    pub const ONE_OFF: Key = optional(
        "one_off",
        Shape::Word(&["as they fall", "weighted with the arrival cycle"]),
        "Whether one-off amounts count in full (\"as they fall\", default) or with the weight of the point at \
             which they occur.",
    );
    pub const SECTION: Section = section("an outcome", &[LABEL, UNIT, CORRECTION, DISCOUNT, ONE_OFF]);
}

pub mod weights {
    use super::*;

    pub const WEIGHTS: Key = optional(
        "weights",
        Shape::List(&Shape::Expression),
        "One weight for each point, one more than the number of cycles.",
    );
    pub const FIRST: Key = optional("first", Shape::Expression, "Weight of the first point.");
    pub const REPEAT: Key = optional(
        "repeat",
        Shape::List(&Shape::Expression),
        "Weights of the inner points, repeated in order.",
    );
    pub const LAST: Key = optional("last", Shape::Expression, "Weight of the last point.");
    pub const SECTION: Section = Section {
        title: "a list of weights",
        keys: &[WEIGHTS, FIRST, REPEAT, LAST],
        others: None,
        one_of: &[],
        occasions: &[WEIGHTS, REPEAT],
        companions: &[FIRST, LAST],
    };
}

pub mod discount {
    use super::*;

    pub const RATE: Key = required("rate", Shape::Expression, "Rate per year, e.g. \"3.5 %\".");
    pub const AT: Key = optional(
        "at",
        Shape::Word(&["start", "middle", "end", "point"]),
        "Moment of the cycle used for discounting, or the \"point\" at which an amount is counted.",
    );
    pub const COMPOUNDING: Key = optional(
        "compounding",
        Shape::Word(&["annual", "continuous", "whole years"]),
        "Discount factor: (1 + r)^-t (\"annual\", default), exp(-r t) (\"continuous\"), or (1 + r)^-t in whole years.",
    );
    pub const FROM: Key = optional(
        "from",
        Shape::Duration,
        "Time at which discounting starts; default the start of the model.",
    );
    pub const LATER: Key = optional(
        "later",
        Shape::List(&Shape::Table(&later::SECTION)),
        "Rates for later times, in ascending order.",
    );
    pub const SECTION: Section = section("a discount", &[RATE, AT, COMPOUNDING, FROM, LATER]);
}

pub mod later {
    use super::*;

    pub const AFTER: Key = required("after", Shape::Duration, "Time from which the rate applies.");
    pub const RATE: Key = required("rate", Shape::Expression, "Rate per year.");
    pub const SECTION: Section = section("a later rate", &[AFTER, RATE]);
}
