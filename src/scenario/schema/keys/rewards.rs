//! Keys of `[rewards]`: amounts that are added to outcomes.

use super::*;

/// Keys that state the event of a one-off reward; each one-off reward has exactly one of these keys.
pub const OCCASIONS: &[Key] = &[reward::ON_ENTERING, reward::ON_LEAVING, reward::ON, reward::AT_START];

pub mod reward {
    use super::*;

    pub const OUTCOME: Key = required("outcome", Shape::Name, "Outcome to which the reward adds.");
    pub const CATEGORY: Key =
        optional("category", Shape::Term, "Category of the outcome in tables; default the label.");
    pub const STRATEGIES: Key =
        optional("strategies", NAMES, "Strategies to which the reward applies; default all.");
    pub const COMPONENTS: Key = optional(
        "components",
        NAMES,
        "Components whose users have the reward, in every strategy that uses them.",
    );
    pub const LOSS: Key =
        optional("loss", Shape::Flag, "Whether the amount, a positive number, is subtracted; default false.");
    pub const PAID_BY: Key = optional(
        "paid_by",
        Shape::Any(&[Shape::Name, Shape::Named(&Shape::Share)]),
        "Who pays the cost: a perspective, or shares of several; default the first perspective.",
    );
    pub const PER_YEAR: Key = optional("per_year", Shape::Expression, "Amount per year.");
    pub const IN: Key = optional("in", NAMES, "States or groups in which `per_year` accrues.");
    pub const ONCE: Key = optional("once", Shape::Expression, "One-off amount per event.");
    pub const ON_ENTERING: Key = optional(
        "on_entering",
        NAMES,
        "`once` is counted on entry into one of these states or groups from a different state.",
    );
    pub const ON_LEAVING: Key = optional(
        "on_leaving",
        NAMES,
        "`once` is counted on leaving one of these states or groups for a different state.",
    );
    pub const ON: Key = optional("on", NAMES, "`once` is counted when one of these transitions occurs.");
    pub const AT_START: Key = optional("at_start", Shape::Flag, "`once` is counted at time zero.");
    pub const BRANCHES: Key = optional(
        "branches",
        NAMES,
        "Only for these branches of the transitions, or of `at_start` of the strategies.",
    );
    pub const SECTION: Section = Section {
        title: "a reward",
        keys: &[
            OUTCOME,
            CATEGORY,
            LABEL,
            STRATEGIES,
            COMPONENTS,
            LOSS,
            PAID_BY,
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
