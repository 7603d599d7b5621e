//! Costs: their sources, the strategies that incur them, and the direction in which each price changes the total.

use crate::evidence::Totals;
use crate::prelude::*;
use arcosim_analysis::evaluation::Evaluator;

/// Why checks of costs are skipped.
pub const NO_COST: &str = "the cost outcome is unknown: there is no [decision], and parameters of kind cost add to no outcome or to several";

/// Totals `[strategy][outcome]` with one parameter after another raised by a tenth (by 1 where it is 0).
pub fn raised(evidence: &Evidence, parameters: &[usize]) -> Vec<Totals> {
    let mut evaluator = Evaluator::new(evidence.model, evidence.integration);
    let one = |&p: &usize| {
        let mut values = evidence.base.clone();
        values[p] += if values[p] == 0.0 { 1.0 } else { 0.1 * values[p].abs() };
        evaluator.totals(&values)
    };
    parameters.iter().map(one).collect()
}
