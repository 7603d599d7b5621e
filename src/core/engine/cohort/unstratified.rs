//! Markov recursion without strata or clocks: one number per state, and all branches in one list. Used where every state has
//! a single stratum.

use super::exit_probabilities::ExitProbabilities;
use super::layout::{ArmLayout, StateLayout};
use crate::engine::counts::StrategyCounts;
use crate::model::Tables;
use crate::model::paths::Paths;

/// One arm as a list of branches, in the order in which the recursion takes them.
pub struct Unstratified {
    exit_sets: Vec<SetStep>,
    branches: Vec<BranchStep>,
    /// Per state: patients now.
    mass: Vec<f64>,
    /// Per state: patients who arrive at the end of the cycle. A last entry beyond the states takes all who arrive nowhere.
    arrivals: Vec<f64>,
    /// `[(cycle, branch)]`: probability of a branch, replaced by the patients who take it.
    chances: Vec<f64>,
}

struct SetStep {
    state: usize,
    cached: usize,
    /// Number of branches, which follow one another in the list.
    branches: usize,
}

struct BranchStep {
    exit: usize,
    edge: usize,
    /// State entered; the number of states if none.
    to: usize,
    /// 1 if the patient leaves the state.
    leaves: f64,
}

impl Unstratified {
    /// The branches of an arm; `None` if any state has several strata or a clock.
    pub fn new(layout: &ArmLayout, paths: &Paths, removal_endpoint: Option<usize>) -> Option<Unstratified> {
        // Patients who fire and stay make no other move in the cycle, which takes more than one number per state.
        let fires_once = |own: &StateLayout| !own.exit_sets.iter().any(|set| set.keeps && set.rest_follows);
        // A single value of an attribute that is not fixed may still be read by a reward.
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
                        to: if branch.to != state && !removed { branch.to } else { states },
                        leaves: if branch.to != state || removed { 1.0 } else { 0.0 },
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

    /// Runs all cycles from the occupancy at time zero, with the shares of branches that `layout` now holds.
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
                    // From now on, the patients who move.
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

    /// Lays out the probability of every branch in every cycle in the order in which the recursion takes them.
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
