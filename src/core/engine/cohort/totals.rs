//! Expected totals of outcomes, added up from the totals of their components.

use super::super::counts::StrategyCounts;
use super::super::totals::{StrategyTotals, Total, Totals};
use super::moments::Moments;
use crate::model::Model;

/// Expected totals of all strategies. `spread[strategy][outcome]` has the moments between patients, from which the
/// standard deviation is taken; `None` if unknown.
pub fn totals(model: &Model, counts: &[StrategyCounts], spread: &[Option<Vec<Moments>>]) -> Totals {
    let mut strategies: Vec<StrategyTotals> = Vec::with_capacity(counts.len());
    for (s, counts) in counts.iter().enumerate() {
        let components = counts.components.clone();
        let sd = |outcome: usize| Some(spread.get(s)?.as_ref()?[outcome].sd());
        let mut outcomes: Vec<Total> =
            (0..model.outcomes.len()).map(|o| Total { mean: 0.0, sd: sd(o) }).collect();
        for (outcome, mean) in outcomes.iter_mut().zip(by_outcome(model, &components)) {
            outcome.mean = mean;
        }
        strategies.push(StrategyTotals { increments: Vec::new(), covariance: None, outcomes, components });
    }
    let reference = model.reference();
    let of_reference = strategies.get(reference).map_or(Vec::new(), |own| own.outcomes.clone());
    for (s, own) in strategies.iter_mut().enumerate() {
        let pairs = own.outcomes.iter().zip(&of_reference);
        own.increments = pairs
            .map(|(own, other)| Total {
                mean: own.mean - other.mean,
                // The reference strategy differs from itself by 0 in every patient. Other strategies follow from
                // `spread_of_increments`.
                sd: (s == reference).then_some(0.0),
            })
            .collect();
    }
    Totals { strategies }
}

/// Totals of the outcomes from those of their components.
pub fn by_outcome(model: &Model, components: &[f64]) -> Vec<f64> {
    let mut outcomes = vec![0.0; model.outcomes.len()];
    for (component, mean) in model.components.iter().zip(components) {
        outcomes[component.outcome] += mean;
    }
    outcomes
}
