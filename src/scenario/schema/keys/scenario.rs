//! Top-level keys and sections of a scenario file.

use super::*;

pub const FORMAT: Key =
    required("format", Shape::Count, "Version of the scenario format; this version of arcosim reads 1.")
        .not_compared();
pub const TITLE: Key = optional("title", Shape::Text, "Title, printed on every report.").not_compared();
pub const EXTENDS: Key =
    optional("extends", Shape::Name, "Base scenario that this one changes; path relative to this file.")
        .not_compared();
pub const REMOVE: Key = optional(
    "remove",
    NAMES,
    "Parts of the base scenario to take out, such as \"strategies.drug\"; only with `extends`.",
)
.not_compared();
pub const PARAMETERS: Key =
    optional("parameters", NAMES, "Parameter table (CSV), or a list of tables; paths relative to this file.")
        .not_compared();
pub const SET: Key = optional(
    "set",
    Shape::Named(&Shape::Any(&[Shape::Number, Shape::Term])),
    "Base values that replace those of the parameter table.",
)
.not_compared();
pub const DEFINE: Key = optional(
    "define",
    Shape::Named(&Shape::Expression),
    "Named formulas, which other formulas can use by their names.",
);
pub const MATRICES: Key = optional(
    "matrices",
    Shape::Named(&Shape::Table(&matrix::SECTION)),
    "Matrices of transition probabilities with their own period.",
);
pub const TABLES: Key = optional(
    "tables",
    Shape::Named(&Shape::Table(&table::SECTION)),
    "Life tables, and other tables for formulas.",
);
pub const TIME: Key = optional("time", Shape::Table(&time::SECTION), "Cycle length and horizon.");
pub const RUN: Key =
    optional("run", Shape::Table(&run::SECTION), "Defaults that the command line overrides.").not_compared();
pub const POPULATION: Key = optional(
    "population",
    Shape::Table(&population::SECTION),
    "Attributes of patients, and the states at the start.",
);
pub const STATES: Key = optional("states", Shape::Named(&Shape::Table(&state::SECTION)), "Health states.");
pub const GROUPS: Key = optional(
    "groups",
    Shape::Named(&Shape::Any(&[Shape::List(&Shape::Name), Shape::Table(&group::SECTION)])),
    "Groups of states.",
);
pub const TRANSITIONS: Key =
    optional("transitions", Shape::Named(&Shape::Table(&transition::SECTION)), "Transitions between states.");
pub const EVENTS: Key = optional(
    "events",
    Shape::Named(&Shape::Table(&event::SECTION)),
    "Events that happen beside the transitions and move nobody.",
);
pub const ENDPOINTS: Key = optional(
    "endpoints",
    Shape::Named(&Shape::Table(&endpoint::SECTION)),
    "Endpoints: first occurrence of an event.",
);
pub const OUTCOMES: Key = optional(
    "outcomes",
    Shape::Named(&Shape::Table(&outcome::SECTION)),
    "Totals per patient: costs, QALYs, life-years, events.",
);
pub const PERSPECTIVES: Key = optional(
    "perspectives",
    Shape::Named(&Shape::Table(&perspective::SECTION)),
    "Who pays the costs of the decision; the first pays what no reward assigns.",
);
pub const REWARDS: Key = optional(
    "rewards",
    Shape::Named(&Shape::Table(&reward::SECTION)),
    "Costs, utilities and other amounts that add to outcomes.",
);
pub const DECISION: Key = optional(
    "decision",
    Shape::Table(&decision::SECTION),
    "Costs, health outcome and willingness-to-pay thresholds of the decision.",
);
pub const UNCERTAINTY: Key =
    optional("uncertainty", Shape::Table(&uncertainty::SECTION), "Settings of the probabilistic analysis.");
pub const COMPONENTS: Key = optional(
    "components",
    Shape::Named(&Shape::Table(&component::SECTION)),
    "Components: parts of a treatment that strategies use.",
);
pub const STRATEGIES: Key =
    optional("strategies", Shape::Named(&Shape::Table(&strategy::SECTION)), "Treatment arms.");
pub const SUBGROUPS: Key = optional(
    "subgroups",
    Shape::Table(&subgroups::SECTION),
    "Subgroups of patients for which results are reported.",
)
.not_compared();
pub const FIGURES: Key =
    optional("figures", Shape::Table(&figures::SECTION), "Settings of figures.").not_compared();
pub const VERIFY: Key =
    optional("verify", Shape::Table(&verify::SECTION), "Settings of verification, and accepted findings.")
        .not_compared();
pub const EXPECTED: Key =
    optional("expected", Shape::Table(&expected::SECTION), "Expected results, for regression tests.")
        .not_compared();
pub const SECTION: Section = section(
    "a scenario",
    &[
        FORMAT,
        TITLE,
        EXTENDS,
        REMOVE,
        PARAMETERS,
        SET,
        DEFINE,
        MATRICES,
        TABLES,
        TIME,
        RUN,
        POPULATION,
        STATES,
        GROUPS,
        TRANSITIONS,
        EVENTS,
        ENDPOINTS,
        OUTCOMES,
        PERSPECTIVES,
        REWARDS,
        DECISION,
        UNCERTAINTY,
        COMPONENTS,
        STRATEGIES,
        SUBGROUPS,
        FIGURES,
        VERIFY,
        EXPECTED,
    ],
);
