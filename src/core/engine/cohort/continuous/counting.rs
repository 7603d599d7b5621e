//! Adds up the moves, endpoints and rewards of one cycle of a cohort in continuous time.

use super::super::amounts::RewardEntry;
use super::super::cells::sum;
use super::super::layout::{ExitBranch, StateLayout};
use super::cell_clocks::CellClocks;
use super::flow::{Flow, Patients, Shared};
use crate::model::clocks::MOST_CLOCKS;
use crate::model::reward_lines::RewardAt;
use crate::model::{Situation, fixed_attributes, situation};

impl Flow {
    /// Adds up the cycle that has been solved.
    pub(super) fn count(&mut self, own: &mut Patients, shared: &mut Shared) {
        let model = shared.tables.model;
        let profiles = self.system.integrals.len();
        let blank = |list: &mut Vec<Vec<f64>>, size: usize| {
            list.resize_with(profiles, Vec::new);
            list.iter_mut().for_each(|own| {
                own.clear();
                own.resize(size, 0.0);
            });
        };
        blank(&mut self.stays, shared.layout.states.len());
        blank(&mut self.moves, model.paths().edges.len());
        self.moved.resize_with(profiles, Vec::new);
        let paid = own.removal_endpoint.is_none();
        let per_cycle = 1.0 / model.time.cycles_per_year;
        let mut arcs = std::mem::take(&mut self.arcs).into_iter().peekable();
        for (n, node) in self.nodes.iter().enumerate() {
            let here = &shared.layout.states[node.state];
            let cell = self.system.strata(n);
            self.clocks.set(here, &node.entry, shared.cycle);
            for (stays, integral) in self.stays.iter_mut().zip(&self.system.integrals) {
                stays[node.state] += sum(&integral[cell.clone()]);
            }
            if paid {
                let stays = |profile: usize| &self.system.integrals[profile][cell.clone()];
                for reward in &here.rewards {
                    pay(own, shared, &self.clocks, reward, per_cycle, stays);
                }
            }
            while let Some(arc) = arcs.next_if(|arc| arc.node == n) {
                let branch = &here.exit_sets[arc.set].branches[arc.branch];
                let rates = &self.system.rates[arc.rates..];
                for (moved, integral) in self.moved.iter_mut().zip(&self.system.integrals) {
                    moved.clear();
                    moved.extend(integral[cell.clone()].iter().zip(rates).map(|(m, rate)| m * rate));
                }
                for (moves, moved) in self.moves.iter_mut().zip(&self.moved) {
                    moves[branch.edge] += moved.iter().sum::<f64>();
                }
                time_event(own, here, branch, &node.entry, shared.cycle, sum(&self.moved[0]));
                if paid {
                    for reward in &branch.rewards {
                        pay(own, shared, &self.clocks, reward, 1.0, |profile| &self.moved[profile]);
                    }
                }
            }
        }
        for (own, moved) in own.counts.moves.iter_mut().zip(&self.moves[0]) {
            own[shared.cycle + 1] += moved;
        }
        if paid {
            self.pay_common(own, shared);
        }
    }

    /// Adds the rewards that are the same for all patients of a state, and the years in each state.
    fn pay_common(&self, own: &mut Patients, shared: &Shared) {
        let (model, layout, cycle) = (shared.tables.model, shared.layout, shared.cycle);
        let parameters = &shared.tables.parameters[layout.arm];
        let attributes = fixed_attributes(model, parameters);
        let year = 1.0 / model.time.cycles_per_year;
        for common in &layout.common {
            let line = &model.paths().lines[common.line];
            let reward = &model.rewards[line.reward];
            let profile = shared.discounts.profiles.of_outcome[line.outcome(model)];
            let (state, patients) = match line.at {
                RewardAt::In(state, _) => (state, [0, profile].map(|p| self.stays[p][state] * year)),
                RewardAt::Edge(e) => (model.paths().edges[e].from, [0, profile].map(|p| self.moves[p][e])),
                RewardAt::Start => continue,
            };
            // Without patients nothing is paid, even if the amount is undefined.
            if patients[0] != 0.0 {
                let s = Situation {
                    cycle,
                    part: model.time.part(),
                    ..situation(model, parameters, &attributes, state)
                };
                let amount = reward.amount.value(&s);
                own.counts.accrue(model, common.line, cycle + 1, patients[0] * amount, patients[1] * amount);
            }
        }
        let accrued = &mut own.counts.accrued;
        for (years, &profile) in accrued.years.iter_mut().zip(&shared.discounts.profiles.of_outcome) {
            years.iter_mut().zip(&self.stays[profile]).for_each(|(own, stay)| *own += stay * year);
        }
        let undiscounted = accrued.undiscounted_years.iter_mut().zip(&self.stays[0]);
        undiscounted.for_each(|(own, stay)| *own += stay * year);
    }
}

/// Adds a reward that differs between the patients of a cell. `patients` gives, for a profile of discounting, the cycles lived or
/// the moves made, per stratum; `unit` is what one of them is paid, as a multiple of the amount.
fn pay<'a>(
    own: &mut Patients,
    shared: &mut Shared,
    clocks: &CellClocks,
    reward: &RewardEntry,
    unit: f64,
    patients: impl Fn(usize) -> &'a [f64],
) {
    let model = shared.tables.model;
    let profile = shared.discounts.profiles.of_outcome[model.paths().lines[reward.line].outcome(model)];
    let plain = unit * mean_total(shared, clocks, reward, patients(0));
    let discounted =
        if profile == 0 { plain } else { unit * mean_total(shared, clocks, reward, patients(profile)) };
    own.counts.accrue(model, reward.line, shared.cycle + 1, plain, discounted);
}

/// Total of a reward over patients, per stratum: the mean of the amounts in the early and the late part of the cycle.
fn mean_total(shared: &mut Shared, clocks: &CellClocks, reward: &RewardEntry, patients: &[f64]) -> f64 {
    let (tables, cycle) = (shared.tables, shared.cycle);
    let mut total = |clocks: &[usize]| {
        reward.total(shared.amounts.in_cycle(reward.amount, tables, cycle, clocks), patients)
    };
    let late = total(&clocks.late);
    if clocks.same() { late } else { 0.5 * (total(&clocks.early) + late) }
}

/// Counts a move for endpoints whose time at risk is counted from entry into a group. Patients who entered the group in an earlier
/// cycle have been there, on average, for the same number of cycles less or more a half, so half of them are counted in each of the
/// two cycles of the clock.
fn time_event(
    own: &mut Patients,
    here: &StateLayout,
    branch: &ExitBranch,
    entry: &[u32; MOST_CLOCKS],
    cycle: usize,
    moved: f64,
) {
    if own.endpoints.is_empty() {
        return;
    }
    for &(e, g, meaning) in &branch.timed {
        let counts = &mut own.counts.endpoints[e];
        let Some(ends) = counts.ends(meaning) else {
            counts.entered += moved;
            continue;
        };
        match here.clocks.iter().position(|c| *c == g).map(|i| entry[i] as usize) {
            Some(entered) if entered > 0 && entered <= cycle => {
                let late = cycle + 2 - entered;
                ends[late] += 0.5 * moved;
                ends[late - 1] += 0.5 * moved;
            }
            Some(0) | None => ends[cycle + 1] += moved,
            Some(_) => ends[1] += moved,
        }
    }
}
