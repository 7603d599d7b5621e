//! Reasons for skipping a check because the scenario, the model or a quick verification lacks something that the check needs.

/// Reason if the scenario has no decision: no cost, no effect and no threshold.
pub const DECISION: &str = "the scenario has no [decision]";

/// Reason if the decision compares fewer than two strategies.
pub const CHOICE: &str = "the decision has fewer than two strategies to choose from";

/// Reason if the check takes too long for a quick verification.
pub const QUICK: &str = "not included in quick verification";

/// Reason if the model has no death state.
pub const DEAD: &str = "the model has no death state";

/// Reason if the scenario does not list the states of the disease in order.
pub const PROGRESSION: &str =
    "the scenario does not list the states of the disease in order ([verify] progression)";
