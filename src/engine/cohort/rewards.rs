//! What the patients of a lane gather: at the start, cycle by cycle where they differ, and all at once where they do not.

use super::super::counts::StrategyCounts;
use super::super::lines::{Falls, falls_at_start};
use super::super::paths::Paths;
use super::amounts::Amounts;
use super::lane::Lane;
use super::places::Places;
use crate::model::{Situation, Tables, fixed_attributes, situation};

impl Lane {
    /// Counts what falls at time zero for a share of all patients, who take a branch of the procedure of `arm`.
    pub fn rewards_at_start(
        &mut self,
        tables: &Tables,
        paths: &Paths,
        (arm, branch): (usize, Option<usize>),
        (from, to): (usize, usize),
        share: f64,
        s: &Situation,
    ) {
        if self.apart.is_some() {
            return;
        }
        let model = tables.model;
        for (l, line) in paths
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.falls == Falls::Start)
        {
            let reward = &model.rewards[line.reward];
            if falls_at_start(reward, arm, branch, from, to) {
                gather(
                    &mut self.counts,
                    tables,
                    paths,
                    l,
                    0,
                    share * reward.amount.value(s),
                );
            }
        }
    }

    /// Counts the rewards in which all patients of a place are alike, from occupancy and moves.
    pub fn rewards_of_all(&mut self, tables: &Tables, paths: &Paths, places: &Places, arm: usize) {
        let model = tables.model;
        let parameters = &tables.parameters[arm];
        let attributes = fixed_attributes(model, parameters);
        let StrategyCounts {
            lines,
            components,
            occupancy,
            moves,
            ..
        } = &mut self.counts;
        for common in &places.common {
            let line = &paths.lines[common.line];
            let reward = &model.rewards[line.reward];
            let (patients, state) = match line.falls {
                Falls::In(state, _) => (&occupancy[state], state),
                Falls::Edge(e) => (&moves[e], paths.edges[e].from),
                Falls::Start => continue,
            };
            let s = situation(model, parameters, &attributes, state);
            let weights = &tables.weights[line.outcome(model)];
            let detail = lines.get_mut(common.line);
            if !common.varies {
                let amount = reward.amount.value(&s);
                components[reward.component] += amount * line.total(weights, patients);
                if let Some(own) = detail {
                    own.iter_mut()
                        .zip(patients)
                        .for_each(|(own, patients)| *own += patients * amount);
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
                own.iter_mut()
                    .zip(&amounts)
                    .for_each(|(own, amount)| *own += amount);
            }
        }
    }

    /// Counts what being where they are at grid point `cycle` is worth for patients who differ in it.
    pub fn rewards_of_stays(
        &mut self,
        tables: &Tables,
        paths: &Paths,
        places: &Places,
        amounts: &mut Amounts,
        cycle: usize,
    ) {
        if self.apart.is_some() {
            return;
        }
        for (place, cells) in places
            .states
            .iter()
            .zip(&self.cells)
            .filter(|(p, _)| !p.rewards.is_empty())
        {
            for (entered, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                for (&g, &entered) in place.clocks.iter().zip(&entered) {
                    self.residence[g] = cycle - entered as usize;
                }
                for entry in &place.rewards {
                    let each = amounts.at(entry.amount, tables, paths, cycle, &self.residence);
                    let total = each.map_or(0.0, |each| entry.total(each, mass));
                    gather(&mut self.counts, tables, paths, entry.line, cycle, total);
                }
            }
        }
    }
}

/// Adds what falls on a line at grid point `k`.
pub fn gather(
    counts: &mut StrategyCounts,
    tables: &Tables,
    paths: &Paths,
    line: usize,
    k: usize,
    amount: f64,
) {
    let model = tables.model;
    let own = &paths.lines[line];
    let weights = own.weights(&tables.weights[own.outcome(model)]);
    counts.components[model.rewards[own.reward].component] += weights[k] * amount;
    if let Some(amounts) = counts.lines.get_mut(line) {
        amounts[k] += amount;
    }
}
