//! Keys of `[strategies]`: treatment arms and their effects on transitions.

use super::transitions::BRANCHES;
use super::*;

/// Ways to combine the effects of several components on one transition.
pub const COMBINATIONS: &[&str] = &["multiply", "strongest"];

pub mod strategy {
    use super::*;

    pub const REFERENCE: Key = optional(
        "reference",
        Shape::Flag,
        "Whether the strategy is the reference; exactly one is, by default the first.",
    );
    pub const BOUND: Key = optional(
        "bound",
        Shape::Flag,
        "Whether the strategy is a reference bound instead of an available treatment; default false.",
    );
    pub const HYPOTHETICAL: Key = optional(
        "hypothetical",
        Shape::Flag,
        "Whether the strategy is based on animal, laboratory or promotional evidence; default false.",
    );
    pub const EVIDENCE_UNTIL: Key = optional(
        "evidence_until",
        Shape::Duration,
        "Follow-up of the evidence; figures shade curves beyond it.",
    );
    pub const ELIGIBLE: Key =
        optional("eligible", Shape::Expression, "Eligible patients (a condition at the start); default all.");
    pub const OTHERWISE: Key = optional("otherwise", Shape::Name, "Strategy of ineligible patients.");
    pub const AT_START: Key =
        optional("at_start", BRANCHES, "Events at time zero: branches with their probabilities.");
    pub const PARAMETERS: Key = optional(
        "parameters",
        Shape::Named(&Shape::Expression),
        "Parameters that have a different value under this strategy.",
    );
    pub const LIKE: Key = optional(
        "like",
        Shape::Name,
        "Strategy that is copied: its effects, branches at the start, parameters, components, eligibility and rewards.",
    );
    pub const USES: Key = optional(
        "uses",
        Shape::Any(&[Shape::Name, Shape::List(&Shape::Name), Shape::Named(&Shape::Expression)]),
        "Components that the patients of this strategy use; with shares: { exercise = \"share.exercise\", diet = 1 }.",
    );
    pub const COMBINE: Key = optional(
        "combine",
        Shape::Word(COMBINATIONS),
        "How effects of components on the same transition are combined: multiply (default) or strongest.",
    );
    pub const EFFECTS: Key = optional(
        "effects",
        Shape::List(&Shape::Table(&effect::SECTION)),
        "Treatment effects on transitions.",
    );
    pub const SECTION: Section = section(
        "a strategy",
        &[
            LABEL,
            REFERENCE,
            BOUND,
            HYPOTHETICAL,
            EVIDENCE_UNTIL,
            ELIGIBLE,
            OTHERWISE,
            AT_START,
            PARAMETERS,
            LIKE,
            USES,
            COMBINE,
            EFFECTS,
        ],
    );
}

pub mod effect {
    use super::*;

    pub const ON: Key = required("on", NAMES, "Transitions whose hazard or probability the effect changes.");
    pub const HAZARD_RATIO: Key = optional("hazard_ratio", Shape::Expression, "Hazard ratio at full effect.");
    pub const RELATIVE_RISK: Key = optional(
        "relative_risk",
        Shape::Expression,
        "Relative risk at full effect, for transitions with a stated probability.",
    );
    pub const TIME_RATIO: Key = optional(
        "time_ratio",
        Shape::Expression,
        "Ratio by which the times of a distribution are multiplied (accelerated failure time).",
    );
    pub const NEVER_ODDS_RATIO: Key = optional(
        "never_odds_ratio",
        Shape::Expression,
        "Odds ratio on the share `never`, for whom the transition never fires.",
    );
    pub const ONSET: Key =
        optional("onset", Shape::Duration, "Time until the effect is full; default: full from the start.");
    pub const FULL_UNTIL: Key =
        optional("full_until", Shape::Duration, "Time until which the effect is full; default: for ever.");
    pub const GONE_AFTER: Key =
        optional("gone_after", Shape::Duration, "Time at which the effect has ended; default: `full_until`.");
    pub const USERS_OF: Key = optional(
        "users_of",
        NAMES,
        "Components: only patients who use all of them have the effect, such as an interaction.",
    );
    pub const SECTION: Section = Section {
        title: "an effect",
        keys: &[
            ON,
            HAZARD_RATIO,
            RELATIVE_RISK,
            TIME_RATIO,
            NEVER_ODDS_RATIO,
            ONSET,
            FULL_UNTIL,
            GONE_AFTER,
            USERS_OF,
        ],
        others: None,
        one_of: &[HAZARD_RATIO, RELATIVE_RISK, TIME_RATIO, NEVER_ODDS_RATIO],
        occasions: &[],
        companions: &[],
    };
}
