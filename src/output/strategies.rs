//! Names and marks of strategies (hypothetical, bound) in tables, in figures and on the console.

use super::figures::Strategy;
use crate::model::Model;

/// The warning for hypothetical strategies.
pub const HYPOTHETICAL: &str = "hypothetical: rests on animal or promotional evidence";

/// The warning of a hypothetical strategy or a bound, as written in tables; empty for other strategies.
pub fn mark(model: &Model, strategy: usize) -> &'static str {
    let strategy = &model.strategies[strategy];
    match (strategy.hypothetical, strategy.bound) {
        (true, _) => HYPOTHETICAL,
        (false, true) => "bound: a limit, not a decision option",
        (false, false) => "",
    }
}

/// A strategy as input for figures. The reference always has the first colour, whatever its position in the scenario.
pub fn drawn(model: &Model, s: usize) -> Strategy {
    let strategy = &model.strategies[s];
    let reference = model.reference();
    Strategy {
        index: match s {
            _ if s == reference => 0,
            _ if s < reference => s + 1,
            _ => s,
        },
        name: strategy.name.clone(),
        label: strategy.label.clone(),
        bound: strategy.bound,
        hypothetical: strategy.hypothetical,
    }
}

/// Labels of the strategies for the first column of a console table, and the width of this column.
pub fn stub(model: &Model) -> (Vec<String>, usize) {
    let labels: Vec<String> =
        model.strategies.iter().map(|s| label(&s.label, s.bound, s.hypothetical)).collect();
    let longest = labels.iter().map(|l| l.chars().count()).max();
    (labels, longest.unwrap_or(0).max(24))
}

/// The label of a strategy with the mark "(hypothetical)" or "(bound)", if any.
pub fn label(label: &str, bound: bool, hypothetical: bool) -> String {
    let mark = match (hypothetical, bound) {
        (true, _) => " (hypothetical)",
        (false, true) => " (bound)",
        (false, false) => "",
    };
    format!("{label}{mark}")
}
