//! Reward lines whose amount is the same for all patients of a state.

use crate::engine::cohort::layout::{ArmLayout, CommonReward};
use crate::model::reward_lines::RewardAt;
use crate::model::{Model, Situation, Tables, fixed_attributes, situation};

/// The lines of an arm that are paid at one place and are the same for all patients.
pub fn at(layout: &ArmLayout, model: &Model, here: impl Fn(RewardAt) -> bool) -> Vec<CommonReward> {
    let lines = &model.paths().lines;
    layout.common.iter().filter(|common| here(lines[common.line].at)).copied().collect()
}

/// Whether a line is paid for being in a state.
pub fn in_state(state: usize) -> impl Fn(RewardAt) -> bool {
    move |at| matches!(at, RewardAt::In(own, _) if own == state)
}

/// Whether a line is paid for moves along an edge.
pub fn on_edge(edge: usize) -> impl Fn(RewardAt) -> bool {
    move |at| at == RewardAt::Edge(edge)
}

/// Adds the amount of a line per patient at each grid point, discounted and weighted. `into` has one number per grid
/// point.
pub fn add_amounts(tables: &Tables, arm: usize, common: CommonReward, into: &mut [f64]) {
    let model = tables.model;
    let line = &model.paths().lines[common.line];
    let amount = &model.rewards[line.reward].amount;
    let parameters = &tables.parameters[arm];
    let attributes = fixed_attributes(model, parameters);
    let (state, first) = match line.at {
        RewardAt::In(state, _) => (state, 0),
        // Moves take effect at the end of a cycle, so none takes effect at time zero.
        RewardAt::Edge(edge) => (model.paths().edges[edge].from, 1),
        RewardAt::Start => return,
    };
    let s = situation(model, parameters, &attributes, state);
    let weights = line.weights(&tables.weights[line.outcome(model)]);
    let each = into.iter_mut().zip(weights).enumerate().skip(first);
    if !common.varies {
        let amount = amount.value(&s);
        each.for_each(|(_, (own, weight))| *own += amount * weight);
        return;
    }
    for (k, (own, weight)) in each {
        if let Some(cycle) = line.cycle_read(model, k)
            && *weight != 0.0
        {
            *own += amount.value(&Situation { cycle, ..s }) * weight;
        }
    }
}

/// Amounts of several lines, `[(outcome, k)]`; empty without lines.
pub fn amounts(tables: &Tables, arm: usize, lines: &[CommonReward], into: &mut Vec<f64>) {
    into.clear();
    if lines.is_empty() {
        return;
    }
    let model = tables.model;
    let points = model.time.cycles + 1;
    into.resize(model.outcomes.len() * points, 0.0);
    for &common in lines {
        let outcome = model.paths().lines[common.line].outcome(model);
        add_amounts(tables, arm, common, &mut into[outcome * points..][..points]);
    }
}
