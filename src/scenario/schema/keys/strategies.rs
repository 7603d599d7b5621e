//! `[strategies]` and their effects.

use super::transitions::BRANCHES;
use super::*;

pub mod strategy {
    use super::*;

    pub const REFERENCE: Key =
        optional("reference", Shape::Flag, "The comparator; exactly one strategy, the first by default.");
    pub const BOUND: Key =
        optional("bound", Shape::Flag, "A bound rather than a treatment on offer; default false.");
    pub const HYPOTHETICAL: Key =
        optional("hypothetical", Shape::Flag, "Rests on animal or promotional evidence; default false.");
    pub const EVIDENCE_UNTIL: Key = optional(
        "evidence_until",
        Shape::Duration,
        "Follow-up behind the effects; curves are shaded beyond.",
    );
    pub const ELIGIBLE: Key =
        optional("eligible", Shape::Expression, "Who gets it, read at the start; default everyone.");
    pub const OTHERWISE: Key = optional("otherwise", Shape::Name, "The strategy that the ineligible get.");
    pub const AT_START: Key =
        optional("at_start", BRANCHES, "What happens at time zero: branches with their proportions.");
    pub const PARAMETERS: Key =
        optional("parameters", Shape::Named(&Shape::Expression), "Parameters that read otherwise under it.");
    pub const LIKE: Key = optional("like", Shape::Name, "A strategy whose effects and start it takes over.");
    pub const EFFECTS: Key = optional(
        "effects",
        Shape::List(&Shape::Table(&effect::SECTION)),
        "Hazard ratios on named transitions.",
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
            EFFECTS,
        ],
    );
}

pub mod effect {
    use super::*;

    pub const ON: Key = required("on", NAMES, "Transitions that it acts on.");
    pub const HAZARD_RATIO: Key = optional("hazard_ratio", Shape::Expression, "The full hazard ratio.");
    pub const RELATIVE_RISK: Key = optional(
        "relative_risk",
        Shape::Expression,
        "The full relative risk, of transitions whose probability holds as stated.",
    );
    pub const ONSET: Key =
        optional("onset", Shape::Duration, "Time over which it builds up; default at once.");
    pub const FULL_UNTIL: Key =
        optional("full_until", Shape::Duration, "Time up to which it is full; default for ever.");
    pub const GONE_AFTER: Key =
        optional("gone_after", Shape::Duration, "Time after which it is gone; default full_until.");
    pub const SECTION: Section = Section {
        title: "an effect",
        keys: &[ON, HAZARD_RATIO, RELATIVE_RISK, ONSET, FULL_UNTIL, GONE_AFTER],
        others: None,
        one_of: &[HAZARD_RATIO, RELATIVE_RISK],
        occasions: &[],
        companions: &[],
    };
}
