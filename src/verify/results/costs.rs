//! Reason for skipping checks of costs, and totals with raised prices.

use crate::evidence::Totals;
use crate::prelude::*;
use arcosim_analysis::evaluation::Evaluator;

/// Reason for skipping checks of costs.
pub const NO_COST: &str = "the cost outcome is unknown: the scenario has no [decision], and parameters of kind cost \
                           add to no outcome or to several";

/// Totals `[strategy][outcome]` with each of the parameters raised by 10%, one at a time (by 1 if the parameter is 0).
pub fn raised(evidence: &Evidence, parameters: &[usize]) -> Vec<Totals> {
    let mut evaluator = Evaluator::new(evidence.model, evidence.integration);
    let one = |&p: &usize| {
        let mut values = evidence.base.clone();
        values[p] += if values[p] == 0.0 { 1.0 } else { 0.1 * values[p].abs() };
        evaluator.totals(&values)
    };
    parameters.iter().map(one).collect()
}
