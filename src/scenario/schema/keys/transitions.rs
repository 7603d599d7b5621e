//! Keys of `[transitions]`: moves between states, their hazards and branches.

use super::*;

/// Keys that define the hazard of a transition; each transition has exactly one of these keys.
pub const HAZARDS: &[Key] = &[
    transition::RATE,
    transition::PROBABILITY,
    transition::TABLE,
    transition::EXPONENTIAL,
    transition::WEIBULL,
    transition::GOMPERTZ,
    transition::LOGLOGISTIC,
    transition::LOGNORMAL,
    transition::GAMMA,
    transition::GENERALISED_GAMMA,
    transition::TABULATED,
];

/// Units of time in which a distribution on the log scale may be stated.
const TIME_UNITS: &[&str] = &["years", "months", "weeks", "days"];

/// Branches by name; each is a share, or a table with a share and a target state.
pub(super) const BRANCHES: Shape = Shape::Named(&BRANCH);
static BRANCH: Shape = Shape::Any(&[Shape::Share, Shape::Table(&branch::SECTION)]);

pub mod transition {
    use super::*;

    pub const FROM: Key = required("from", NAMES, "State, group, or list of these.");
    pub const TO: Key = required(
        "to",
        Shape::Any(&[Shape::Name, BRANCHES]),
        "Target state, or branches with their probabilities: { dead = \"mortality.operation\", home = \"rest\" }.",
    );
    pub const RATE: Key =
        optional("rate", Shape::Expression, "Rate per year, evaluated at the start of each cycle.");
    pub const PROBABILITY: Key = optional(
        "probability",
        Shape::Share,
        "Probability per cycle, used as stated; or \"rest\" for the remainder.",
    );
    pub const COUNTED_UP_TO: Key = optional(
        "counted_up_to",
        Shape::Count,
        "Largest number of occurrences that `count` of this transition tells apart, from 1 to 20.",
    );
    pub const STATED: Key = optional(
        "stated",
        Shape::Flag,
        "Whether the probability per cycle of the hazard is used as stated, without competing risks; default false.",
    );
    pub const TABLE: Key = optional("table", Shape::Name, "Life table with mortality by attained age.");
    pub const EXPONENTIAL: Key =
        optional("exponential", Shape::Table(&exponential::SECTION), "Exponential time to event.");
    pub const WEIBULL: Key = optional(
        "weibull",
        Shape::Table(&shape_scale::SECTION),
        "Weibull time to event, H(t) = (t / scale)^shape.",
    );
    pub const GOMPERTZ: Key =
        optional("gompertz", Shape::Table(&shape_rate::SECTION), "Gompertz time to event.");
    pub const LOGLOGISTIC: Key =
        optional("loglogistic", Shape::Table(&shape_scale::SECTION), "Log-logistic time to event.");
    pub const LOGNORMAL: Key =
        optional("lognormal", Shape::Table(&lognormal_time::SECTION), "Log-normal time to event.");
    pub const GAMMA: Key = optional("gamma", Shape::Table(&shape_rate::SECTION), "Gamma time to event.");
    pub const GENERALISED_GAMMA: Key = optional(
        "generalised_gamma",
        Shape::Table(&generalised_gamma::SECTION),
        "Generalised gamma (Prentice) time to event.",
    );
    pub const TABULATED: Key = optional(
        "hazards",
        Shape::Name,
        "Table of rates per year by time on the clock; each rate applies until the next row.",
    );
    pub const DELAY: Key = optional(
        "delay",
        Shape::Expression,
        "Time on the clock before which the event is impossible; the distribution starts then.",
    );
    pub const NEVER: Key = optional(
        "never",
        Shape::Expression,
        "Share of patients for whom the transition never fires: the same patients under every strategy.",
    );
    pub const CLOCK: Key = optional(
        "clock",
        Shape::Name,
        "Clock of a distribution: time (default), age or time_in(state or group).",
    );
    pub const HAZARD_RATIO: Key =
        optional("hazard_ratio", Shape::Expression, "Hazard ratio for a life table or a distribution.");
    pub const SECTION: Section = Section {
        title: "a transition",
        keys: &[
            LABEL,
            FROM,
            TO,
            COUNTED_UP_TO,
            RATE,
            PROBABILITY,
            STATED,
            TABLE,
            EXPONENTIAL,
            WEIBULL,
            GOMPERTZ,
            LOGLOGISTIC,
            LOGNORMAL,
            GAMMA,
            GENERALISED_GAMMA,
            TABULATED,
            CLOCK,
            DELAY,
            HAZARD_RATIO,
            NEVER,
        ],
        others: None,
        one_of: HAZARDS,
        occasions: &[],
        companions: &[CLOCK, DELAY, HAZARD_RATIO, STATED],
    };
}

pub mod branch {
    use super::*;

    pub const SHARE: Key = required("share", Shape::Share, "Probability of this branch, or \"rest\".");
    pub const TO: Key =
        optional("to", Shape::Name, "Target state, or \"same state\"; default the name of the branch.");
    pub const AGAIN: Key = optional(
        "again",
        Shape::Flag,
        "Whether patients who are in the target state enter it again, so that the time in it starts anew.",
    );
    pub const SECTION: Section = section("a branch", &[SHARE, TO, AGAIN]);
}

pub mod exponential {
    use super::*;

    pub const RATE: Key = required("rate", Shape::Expression, "Rate per year.");
    pub const SECTION: Section = section("an exponential distribution", &[RATE]);
}

pub mod shape_scale {
    use super::*;

    pub const SHAPE: Key = required("shape", Shape::Expression, "Shape.");
    pub const SCALE: Key = required("scale", Shape::Expression, "Scale in years.");
    pub const SECTION: Section = section("a time distribution with shape and scale", &[SHAPE, SCALE]);
}

pub mod shape_rate {
    use super::*;

    pub const SHAPE: Key = required("shape", Shape::Expression, "Shape.");
    pub const RATE: Key = required("rate", Shape::Expression, "Rate per year.");
    pub const SECTION: Section = section("a time distribution with shape and rate", &[SHAPE, RATE]);
}

pub mod lognormal_time {
    use super::*;

    pub const TIME_UNIT: Key = required(
        "time_unit",
        Shape::Word(TIME_UNITS),
        "Unit of the times whose logarithm has the mean `meanlog`: \"years\", \"months\", \"weeks\" or \"days\".",
    );
    pub const MEANLOG: Key = required("meanlog", Shape::Expression, "Mean of the logarithm of time.");
    pub const SDLOG: Key =
        required("sdlog", Shape::Expression, "Standard deviation of the logarithm of time.");
    pub const SECTION: Section = section("a log-normal time distribution", &[TIME_UNIT, MEANLOG, SDLOG]);
}

pub mod generalised_gamma {
    use super::*;

    pub const TIME_UNIT: Key = required(
        "time_unit",
        Shape::Word(TIME_UNITS),
        "Unit of the times whose logarithm has the location `mu`: \"years\", \"months\", \"weeks\" or \"days\".",
    );
    pub const MU: Key = required("mu", Shape::Expression, "Location of the logarithm of time.");
    pub const SIGMA: Key = required("sigma", Shape::Expression, "Scale of the logarithm of time.");
    pub const Q: Key = required("q", Shape::Expression, "Shape Q.");
    pub const SECTION: Section = section("a generalised gamma distribution", &[TIME_UNIT, MU, SIGMA, Q]);
}
