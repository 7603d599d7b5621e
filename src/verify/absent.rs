//! Why a check is skipped that needs something which the scenario or the model does not have.

/// The scenario states no decision: no cost, no effect and no threshold.
pub const DECISION: &str = "there is no [decision]";

/// The decision compares fewer than two strategies.
pub const CHOICE: &str = "there is nothing to choose between";

/// The scenario does not say in which states patients are dead.
pub const DEAD: &str = "no state is one of the dead";

/// The scenario does not list the states of the disease.
pub const PROGRESSION: &str =
    "the scenario does not list the states of the disease in order ([verify] progression)";
