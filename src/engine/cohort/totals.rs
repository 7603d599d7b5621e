//! Expected totals, from what was counted on each line.

use super::super::counts::StrategyCounts;
use super::super::paths::Paths;
use super::super::totals::{StrategyTotals, Total, Totals};
use super::moments::Moments;
use crate::model::Tables;

/// Expected totals of all strategies; `spread[strategy][outcome]` tells how far patients are from them, where known.
pub fn totals(
    tables: &Tables,
    paths: &Paths,
    counts: &[StrategyCounts],
    spread: &[Option<Vec<Moments>>],
) -> Totals {
    let model = tables.model;
    let mut strategies: Vec<StrategyTotals> = Vec::with_capacity(counts.len());
    for (s, counts) in counts.iter().enumerate() {
        let components = components(tables, paths, counts);
        let sd = |outcome: usize| Some(spread.get(s)?.as_ref()?[outcome].sd());
        let mut outcomes: Vec<Total> = (0..model.outcomes.len())
            .map(|o| Total { mean: 0.0, sd: sd(o) })
            .collect();
        for (component, mean) in model.components.iter().zip(&components) {
            outcomes[component.outcome].mean += mean;
        }
        strategies.push(StrategyTotals {
            increments: Vec::new(),
            outcomes,
            components,
        });
    }
    let reference = model.strategies.iter().position(|s| s.reference);
    let of_reference = reference
        .map(|r| strategies[r].outcomes.clone())
        .unwrap_or_default();
    for (s, own) in strategies.iter_mut().enumerate() {
        let pairs = own.outcomes.iter().zip(&of_reference);
        own.increments = pairs
            .map(|(own, other)| Total {
                mean: own.mean - other.mean,
                // Patients differ from themselves by nothing; how they differ between strategies is not worked out.
                sd: (Some(s) == reference).then_some(0.0),
            })
            .collect();
    }
    Totals { strategies }
}

/// The expected total of each component under one strategy.
pub fn components(tables: &Tables, paths: &Paths, counts: &StrategyCounts) -> Vec<f64> {
    let model = tables.model;
    let mut components = vec![0.0; model.components.len()];
    for (line, amounts) in paths.lines.iter().zip(&counts.lines) {
        let weights = &tables.weights[line.outcome(model)];
        components[model.rewards[line.reward].component] += line.total(weights, amounts);
    }
    components
}
