//! What the patients of a lane gather: at the start, cycle by cycle where they differ, and all at once where they do not.

use super::super::counts::StrategyCounts;
use super::amounts::{Amounts, Entry};
use super::lane::Lane;
use super::places::Places;
use super::strata::Beginning;
use crate::model::reward_lines::{Falls, falls_at_start};
use crate::model::{Situation, Tables, fixed_attributes, situation};

impl Lane {
    /// Counts what falls at time zero for patients who follow `arm`.
    pub fn rewards_at_start(&mut self, tables: &Tables, arm: usize, beginning: &Beginning, s: &Situation) {
        if self.apart.is_some() {
            return;
        }
        let Beginning { states: (from, to), branch, share, .. } = *beginning;
        for (l, line) in tables.model.paths().lines.iter().enumerate() {
            let reward = &tables.model.rewards[line.reward];
            if line.falls == Falls::Start && falls_at_start(reward, arm, branch, from, to) {
                gather(&mut self.counts, tables, l, 0, share * reward.amount.value(s));
            }
        }
    }

    /// Counts the rewards in which all patients of a place are alike, from occupancy and moves.
    pub fn rewards_of_all(&mut self, tables: &Tables, places: &Places, arm: usize) {
        let model = tables.model;
        let parameters = &tables.parameters[arm];
        let attributes = fixed_attributes(model, parameters);
        let StrategyCounts { lines, components, occupancy, moves, .. } = &mut self.counts;
        for common in &places.common {
            let line = &model.paths().lines[common.line];
            let reward = &model.rewards[line.reward];
            let (patients, state) = match line.falls {
                Falls::In(state, _) => (&occupancy[state], state),
                Falls::Edge(e) => (&moves[e], model.paths().edges[e].from),
                Falls::Start => continue,
            };
            let s = situation(model, parameters, &attributes, state);
            let weights = &tables.weights[line.outcome(model)];
            let detail = lines.get_mut(common.line);
            if !common.varies {
                let amount = reward.amount.value(&s);
                components[reward.component] += amount * line.total(weights, patients);
                if let Some(own) = detail {
                    own.iter_mut().zip(patients).for_each(|(own, patients)| *own += patients * amount);
                }
                continue;
            }
            let amounts = (0..patients.len()).map(|k| {
                let at = |cycle| reward.amount.value(&Situation { cycle, ..s });
                line.cycle_read(model, k).map_or(0.0, at) * patients[k]
            });
            let amounts: Vec<f64> = amounts.collect();
            components[reward.component] += line.total(weights, &amounts);
            if let Some(own) = detail {
                own.iter_mut().zip(&amounts).for_each(|(own, amount)| *own += amount);
            }
        }
    }

    /// Counts what being where they are at grid point `cycle` is worth for patients who differ in it.
    pub fn rewards_of_stays(
        &mut self,
        tables: &Tables,
        places: &Places,
        amounts: &mut Amounts,
        cycle: usize,
    ) {
        if self.apart.is_some() {
            return;
        }
        for (place, cells) in places.states.iter().zip(&self.cells).filter(|(p, _)| !p.rewards.is_empty()) {
            for (entered, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                for (&g, &entered) in place.clocks.iter().zip(&entered) {
                    self.residence[g] = cycle - entered as usize;
                }
                let Lane { counts, residence, .. } = self;
                gather_entries(counts, tables, &place.rewards, amounts, (cycle, residence), mass);
            }
        }
    }
}

/// Adds what `entries` are worth at grid point `k` for patients who have been in each group for so many cycles, by their
/// shares per stratum.
pub fn gather_entries(
    counts: &mut StrategyCounts,
    tables: &Tables,
    entries: &[Entry],
    amounts: &mut Amounts,
    (k, residence): (usize, &[usize]),
    mass: &[f64],
) {
    for entry in entries {
        if let Some(each) = amounts.at(entry.amount, tables, k, residence) {
            let total = entry.total(each, mass);
            gather(counts, tables, entry.line, k, total);
        }
    }
}

/// Adds what falls on a line at grid point `k`.
fn gather(counts: &mut StrategyCounts, tables: &Tables, line: usize, k: usize, amount: f64) {
    let model = tables.model;
    let own = &model.paths().lines[line];
    let weights = own.weights(&tables.weights[own.outcome(model)]);
    counts.components[model.rewards[own.reward].component] += weights[k] * amount;
    if let Some(amounts) = counts.lines.get_mut(line) {
        amounts[k] += amount;
    }
}
