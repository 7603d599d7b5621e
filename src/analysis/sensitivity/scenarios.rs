//! Scenario analysis: incremental results of several scenarios in one table, on the exact engine.

use std::path::PathBuf;

use super::net_benefit::{Ratio, best, increment};
use super::{Outcome, Totals, finite};
use crate::evaluation::{Evaluator, Integration};
use arcosim_core::model::Decision;
use arcosim_scenario::Scenario;

/// One scenario of a scenario analysis.
pub struct Variant<'a> {
    /// Path of the scenario file.
    pub path: PathBuf,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Incremental results, or the reason why the scenario has no results.
    pub lines: Result<Vec<Line>, String>,
}

/// Incremental results of one strategy versus the reference of its scenario, at one threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Index of the strategy in its scenario.
    pub strategy: usize,
    /// Willingness to pay per unit of effect.
    pub threshold: f64,
    /// Whether this is the willingness to pay of the headline results (the first one).
    pub leads: bool,
    /// Incremental cost.
    pub cost: f64,
    /// Incremental effect.
    pub effect: f64,
    /// Incremental cost-effectiveness ratio, or dominance.
    pub ratio: Ratio,
    /// Incremental net benefit.
    pub benefit: f64,
    /// Optimal strategy at the threshold; `None` if every strategy is a bound.
    pub best: Option<usize>,
    /// Whether the optimal strategy differs from that of the base scenario. `None` if one of them has no optimal strategy:
    /// thresholds are compared in the order in which each scenario lists them, and the base may list fewer.
    pub decision_changes: Option<bool>,
}

/// Expected totals of a scenario at its base values, as in `arcosim run`.
pub fn exact(scenario: &Scenario) -> Outcome {
    let model = &scenario.model;
    finite(Evaluator::new(model, Integration::RUN).totals(&model.base_values()))
}

/// Incremental results of a scenario, compared with a base scenario. The thresholds are the scenario's own (with `lead`
/// in front, if given), because the base scenario may use another currency. Optimal strategies are compared by name, at
/// thresholds with the same position in both lists.
pub fn lines(
    (scenario, decision, totals): (&Scenario, &Decision, &Totals),
    (base, base_decision, base_totals): (&Scenario, &Decision, &Totals),
    lead: Option<f64>,
) -> Vec<Line> {
    let model = &scenario.model;
    let reference = model.reference();
    let base_thresholds = super::net_benefit::thresholds(base_decision, lead);
    let mut lines = Vec::new();
    for (i, threshold) in super::net_benefit::thresholds(decision, lead).into_iter().enumerate() {
        let own_best = best(model, decision, totals, threshold);
        let base_best = base_thresholds.get(i).and_then(|&threshold| {
            let best = best(&base.model, base_decision, base_totals, threshold)?;
            Some(&base.model.strategies[best].name)
        });
        let decision_changes =
            own_best.zip(base_best).map(|(own, before)| model.strategies[own].name != *before);
        for strategy in (0..model.strategies.len()).filter(|&s| s != reference) {
            let (own, other) = (&totals[strategy], &totals[reference]);
            lines.push(Line {
                strategy,
                threshold,
                leads: i == 0,
                cost: own[decision.cost] - other[decision.cost],
                effect: own[decision.effect] - other[decision.effect],
                ratio: Ratio::between(decision, own, other),
                benefit: increment(decision, totals, (strategy, reference), threshold),
                best: own_best,
                decision_changes,
            });
        }
    }
    lines
}
