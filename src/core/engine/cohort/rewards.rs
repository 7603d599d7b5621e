//! Computes the rewards of a cohort: those at the start, those that differ between the patients of a state (cycle by
//! cycle), and those that are equal for all patients of a state (all cycles at once).

use super::amounts::{ClassAmounts, RewardEntry};
use super::layout::ArmLayout;
use super::options::Detail;
use super::strata::Beginning;
use crate::engine::counts::{Accrued, StrategyCounts};
use crate::model::reward_lines::RewardAt;
use crate::model::{Model, Situation, Tables, fixed_attributes, situation};

/// Zero counts for patients who follow `arm`.
pub fn zero(model: &Model, arm: usize, detail: Detail) -> StrategyCounts {
    let mut counts = StrategyCounts::zero(model, model.strategies[arm].at_start.len());
    if detail == Detail::Totals {
        counts.lines.clear();
        counts.accrued = Accrued::default();
    }
    counts
}

/// Adds the rewards that patients on `arm` accrue at time zero.
pub fn at_start(
    counts: &mut StrategyCounts,
    tables: &Tables,
    arm: usize,
    beginning: &Beginning,
    s: &Situation,
) {
    let Beginning { states: (from, to), branch, share, .. } = *beginning;
    for (l, line) in tables.model.paths().lines.iter().enumerate() {
        let reward = &tables.model.rewards[line.reward];
        if line.at == RewardAt::Start && reward.given_at_start(arm, branch, from, to) {
            add(counts, tables, l, 0, accrued(share, reward.amount.value(s)));
        }
    }
}

/// Adds the rewards that are the same for all patients of a state, computed from occupancy and moves.
pub fn of_all(counts: &mut StrategyCounts, tables: &Tables, layout: &ArmLayout) {
    let model = tables.model;
    let parameters = &tables.parameters[layout.arm];
    let attributes = fixed_attributes(model, parameters);
    let StrategyCounts { lines, components, occupancy, moves, .. } = counts;
    for common in &layout.common {
        let line = &model.paths().lines[common.line];
        let reward = &model.rewards[line.reward];
        let (patients, state) = match line.at {
            RewardAt::In(state, _) => (&occupancy[state], state),
            RewardAt::Edge(e) => (&moves[e], model.paths().edges[e].from),
            RewardAt::Start => continue,
        };
        let s = situation(model, parameters, &attributes, state);
        let weights = &tables.weights[line.outcome(model)];
        let detail = lines.get_mut(common.line);
        if !common.varies {
            let amount = reward.amount.value(&s);
            components[reward.component] += accrued(line.total(weights, patients), amount);
            if let Some(own) = detail {
                own.iter_mut().zip(patients).for_each(|(own, patients)| *own += accrued(*patients, amount));
            }
            continue;
        }
        let amounts = (0..patients.len()).map(|k| {
            let at = |cycle| reward.amount.value(&Situation { cycle, ..s });
            line.cycle_read(model, k).map_or(0.0, |cycle| accrued(patients[k], at(cycle)))
        });
        let amounts: Vec<f64> = amounts.collect();
        components[reward.component] += line.total(weights, &amounts);
        if let Some(own) = detail {
            own.iter_mut().zip(&amounts).for_each(|(own, amount)| *own += amount);
        }
    }
}

/// Reward of a share of patients; zero without patients, even if the amount is undefined (NaN or infinite).
fn accrued(patients: f64, amount: f64) -> f64 {
    if patients == 0.0 { 0.0 } else { patients * amount }
}

/// Adds the amounts of `entries` at grid point `k` for patients who have been in each group for `residence` cycles;
/// `mass` is the share of patients per stratum.
pub fn add_entries(
    counts: &mut StrategyCounts,
    tables: &Tables,
    entries: &[RewardEntry],
    amounts: &mut ClassAmounts,
    k: usize,
    residence: &[usize],
    mass: &[f64],
) {
    for entry in entries {
        if let Some(each) = amounts.at(entry.amount, tables, k, residence) {
            let total = entry.total(each, mass);
            add(counts, tables, entry.line, k, total);
        }
    }
}

/// Adds an amount to a reward line at grid point `k`, and the weighted amount to the total of its component.
pub fn add(counts: &mut StrategyCounts, tables: &Tables, line: usize, k: usize, amount: f64) {
    let model = tables.model;
    let own = &model.paths().lines[line];
    let weights = own.weights(&tables.weights[own.outcome(model)]);
    counts.components[model.rewards[own.reward].component] += weights[k] * amount;
    if let Some(amounts) = counts.lines.get_mut(line) {
        amounts[k] += amount;
    }
    if let Some(amounts) = counts.accrued.discounted.get_mut(line) {
        amounts[k] += weights[k] * amount;
    }
}
