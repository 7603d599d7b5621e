//! `[rewards]`.

use super::*;

/// The occasions on which a reward may fall once; it has exactly one.
pub const OCCASIONS: &[Key] = &[reward::ON_ENTERING, reward::ON_LEAVING, reward::ON, reward::AT_START];

pub mod reward {
    use super::*;

    pub const OUTCOME: Key = required("outcome", Shape::Name, "The outcome that it adds to.");
    pub const CATEGORY: Key = optional(
        "category",
        Shape::Term,
        "The part of the outcome that tables show apart; default its label.",
    );
    pub const STRATEGIES: Key = optional("strategies", NAMES, "Strategies that give it; default all.");
    pub const LOSS: Key =
        optional("loss", Shape::Flag, "The amount is a loss, written as a positive number; default false.");
    pub const PER_YEAR: Key = optional("per_year", Shape::Expression, "Amount per year.");
    pub const IN: Key = optional("in", NAMES, "States or groups in which `per_year` is counted.");
    pub const ONCE: Key = optional("once", Shape::Expression, "Amount each time it falls.");
    pub const ON_ENTERING: Key = optional(
        "on_entering",
        NAMES,
        "`once` falls on entering one of these states or groups from another state.",
    );
    pub const ON_LEAVING: Key = optional(
        "on_leaving",
        NAMES,
        "`once` falls on leaving one of these states or groups for another state.",
    );
    pub const ON: Key = optional("on", NAMES, "`once` falls when one of these transitions fires.");
    pub const AT_START: Key = optional("at_start", Shape::Flag, "`once` falls at time zero.");
    pub const BRANCHES: Key = optional(
        "branches",
        NAMES,
        "Only if these branches are taken, of the transitions or of what happens at the start.",
    );
    pub const SECTION: Section = Section {
        title: "a reward",
        keys: &[
            OUTCOME,
            CATEGORY,
            LABEL,
            STRATEGIES,
            LOSS,
            PER_YEAR,
            IN,
            ONCE,
            ON_ENTERING,
            ON_LEAVING,
            ON,
            AT_START,
            BRANCHES,
        ],
        others: None,
        one_of: &[PER_YEAR, ONCE],
        occasions: OCCASIONS,
        companions: &[IN, ON_ENTERING, ON_LEAVING, ON, AT_START, BRANCHES],
    };
}
