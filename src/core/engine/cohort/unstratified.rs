//! Markov recursion without strata or clocks: one number per state, and all branches in one list. It is used if every
//! state has a single stratum.

use super::exit_probabilities::ExitProbabilities;
use super::layout::{ArmLayout, StateLayout};
use crate::engine::counts::StrategyCounts;
use crate::model::Tables;
use crate::model::paths::Paths;

/// One arm as a list of branches, in the order in which the recursion processes them.
pub struct Unstratified {
    exit_sets: Vec<SetStep>,
    branches: Vec<BranchStep>,
    /// Patients now in each state.
    mass: Vec<f64>,
    /// Patients who enter each state at the end of the cycle. One extra entry after the last state collects patients
    /// who do not enter any state.
    arrivals: Vec<f64>,
    /// `[(cycle, branch)]`: probability of the branch, later replaced by the share of patients who take it.
    chances: Vec<f64>,
}

struct SetStep {
    state: usize,
    cached: usize,
    /// Number of branches of the set, which are consecutive in the list.
    branches: usize,
}

struct BranchStep {
    exit: usize,
    edge: usize,
    /// State entered; equal to the number of states if the patient stays or is removed.
    to: usize,
    /// 1 if the patient leaves the state, otherwise 0.
    leaves: f64,
}

impl Unstratified {
    /// Lists the branches of an arm; `None` if any state has several strata or a clock.
    pub fn new(layout: &ArmLayout, paths: &Paths, removal_endpoint: Option<usize>) -> Option<Unstratified> {
        // One number per state cannot represent patients whose first exit fires without leaving the state, because they
        // make no other move in the cycle.
        let fires_once = |own: &StateLayout| !own.exit_sets.iter().any(|set| set.keeps && set.rest_follows);
        // Rewards are checked as well because they may read an attribute that is not fixed, even if it has a single
        // value.
        let alike = |own: &StateLayout| {
            own.clocks.is_empty() && own.stratum.size() == 1 && !own.rewards_differ() && fires_once(own)
        };
        if !layout.states.iter().all(alike) {
            return None;
        }
        let states = layout.states.len();
        let (mut exit_sets, mut branches) = (Vec::new(), Vec::new());
        for (state, own) in layout.states.iter().enumerate() {
            for set in &own.exit_sets {
                exit_sets.push(SetStep { state, cached: set.cached, branches: set.branches.len() });
                branches.extend(set.branches.iter().map(|branch| {
                    let removed = removal_endpoint.is_some_and(|e| paths.ends(branch.edge, e));
                    BranchStep {
                        exit: branch.exit,
                        edge: branch.edge,
                        to: if branch.moves && !removed { branch.to } else { states },
                        leaves: if branch.moves || removed { 1.0 } else { 0.0 },
                    }
                }));
            }
        }
        Some(Unstratified {
            exit_sets,
            branches,
            mass: vec![0.0; states],
            arrivals: vec![0.0; states + 1],
            chances: Vec::new(),
        })
    }

    /// Runs all cycles from the occupancy at time zero, with the current branch shares of `layout`.
    pub fn run(
        &mut self,
        tables: &Tables,
        layout: &ArmLayout,
        cache: &mut ExitProbabilities,
        counts: &mut StrategyCounts,
    ) {
        let cycles = tables.model.time.cycles;
        for (mass, occupancy) in self.mass.iter_mut().zip(&counts.occupancy) {
            *mass = occupancy[0];
        }
        self.arrivals.fill(0.0);
        self.set_chances(cycles, layout, cache, tables);
        let width = self.branches.len();
        for cycle in 0..cycles {
            let mut branches = self.branches.iter().zip(&mut self.chances[cycle * width..]);
            for set in &self.exit_sets {
                let mass = self.mass[set.state];
                let mut left = 0.0;
                for (branch, chance) in branches.by_ref().take(set.branches) {
                    let p = *chance;
                    // From here on, `chance` is the share of patients who take the branch.
                    *chance = mass * p;
                    self.arrivals[branch.to] += *chance;
                    left += p * branch.leaves;
                }
                self.mass[set.state] = mass * (1.0 - left).max(0.0);
            }
            let states = self.mass.iter_mut().zip(&mut self.arrivals);
            for ((mass, arrivals), occupancy) in states.zip(&mut counts.occupancy) {
                *mass += std::mem::take(arrivals);
                occupancy[cycle + 1] = *mass;
            }
        }
        for (i, branch) in self.branches.iter().enumerate() {
            let moved = self.chances[i..].iter().step_by(width);
            counts.moves[branch.edge][1..].iter_mut().zip(moved).for_each(|(own, moved)| *own = *moved);
        }
    }

    /// Fills `chances` with the probability of every branch in every cycle, in the order of the recursion.
    fn set_chances(
        &mut self,
        cycles: usize,
        layout: &ArmLayout,
        cache: &mut ExitProbabilities,
        tables: &Tables,
    ) {
        let width = self.branches.len();
        self.chances.resize(cycles * width, 0.0);
        let shares = layout.states.iter().flat_map(|s| &s.exit_sets).flat_map(|set| &set.branches);
        let cached = self.exit_sets.iter().flat_map(|set| std::iter::repeat_n(set.cached, set.branches));
        for (i, ((own, branch), cached)) in self.branches.iter().zip(shares).zip(cached).enumerate() {
            let share = branch.share[0];
            let into = self.chances[i..].iter_mut().step_by(width);
            match cache.series(cached, own.exit, tables) {
                [only] => into.for_each(|chance| *chance = only * share),
                all => into.zip(all).for_each(|(chance, p)| *chance = p * share),
            }
        }
    }
}
