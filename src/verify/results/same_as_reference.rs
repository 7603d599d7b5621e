//! A model in which every strategy has the inputs of the reference strategy.

use crate::evidence::totals_of;
use crate::prelude::*;
use arcosim_core::model::Model;

/// Reason for skipping checks that compare strategies.
pub const ONE_STRATEGY: &str = "the model has only one strategy";

/// Runs the model with the inputs of the reference strategy in all strategies, and compares occupancy and the chosen
/// outcomes.
pub fn same_as_reference(
    evidence: &Evidence,
    comparisons: &mut Comparisons,
    chosen: &dyn Fn(usize) -> bool,
) -> Result<Vec<Vec<f64>>, &'static str> {
    let model = evidence.model;
    let reference = model.reference();
    if model.strategies.len() < 2 {
        return Err(ONE_STRATEGY);
    }
    if model.strategies[reference].otherwise.is_some() {
        return Err("patients who are not eligible for the reference strategy follow another strategy");
    }
    let same = as_reference(model, reference, chosen);
    let counts = evidence.solve(&same, &evidence.base);
    let totals = totals_of(&same, &counts);
    let gap = |arm: usize| -> f64 {
        let states = counts.strategies[arm].occupancy.iter().zip(&counts.strategies[reference].occupancy);
        let points = states.flat_map(|(a, b)| a.iter().zip(b));
        points.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let mut left = Vec::new();
    for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| *arm != reference) {
        let apart = gap(arm) / counts.patients;
        let what = format!(
            "with the inputs of the reference, the largest difference in occupancy under `{}`",
            strategy.name
        );
        comparisons.same_by(&strategy.name, &what, (0.0, apart), 1.0);
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let (expected, observed) = (totals[reference][o], totals[arm][o]);
            if chosen(o) {
                let what =
                    format!("with the inputs of the reference, `{}` under `{}`", outcome.name, strategy.name);
                comparisons.same(&strategy.name, &what, expected, observed);
            } else if expected != observed {
                left.push(format!("{} for `{}`", number(observed - expected), strategy.name));
            }
        }
    }
    if !left.is_empty() {
        comparisons.note(format!("remaining differences in cost with the same effects: {}", left.join(", ")));
    }
    Ok(totals)
}

/// Copy of the model in which all strategies have the inputs of the reference strategy, and its rewards in the chosen
/// outcomes.
fn as_reference(model: &Model, reference: usize, chosen: &dyn Fn(usize) -> bool) -> Model {
    let mut same = model.clone();
    let pattern = model.strategies[reference].clone();
    for strategy in &mut same.strategies {
        strategy.eligible = pattern.eligible.clone();
        strategy.otherwise = pattern.otherwise;
        strategy.at_start = pattern.at_start.clone();
        strategy.effects = pattern.effects.clone();
        strategy.substitutions = pattern.substitutions.clone();
    }
    same.rewards.retain(|reward| !chosen(reward.outcome(model)) || reward.given_under(reference));
    for reward in &mut same.rewards {
        if chosen(reward.outcome(model)) {
            reward.strategies = None;
        }
        if let Some(branches) = reward.when.procedures_mut() {
            let own: Vec<usize> = branches.iter().filter(|(s, _)| *s == reference).map(|(_, b)| *b).collect();
            let arms = 0..model.strategies.len();
            *branches = arms.flat_map(|arm| own.iter().map(move |&b| (arm, b))).collect();
        }
    }
    same
}
