//! Exits of a state other than background mortality, with the strata that their patients enter.

use super::lines;
use super::sink::Sink;
use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::{ArmLayout, CommonReward, ExitBranch, ExitSet};
use crate::engine::cohort::strata::Stratum;
use crate::model::{Model, Tables};

/// The exits of a state that are resolved after background mortality.
pub struct FactorisedExits {
    /// Index of the set in [`ExitProbabilities`].
    pub cached: usize,
    /// For each stratum: the class of the cached probabilities; `None` if classes and strata are the same.
    pub class: Option<Vec<u32>>,
    pub exits: Vec<FactorisedExit>,
}

/// One exit of a state, with its branches.
pub struct FactorisedExit {
    /// Index of the exit in its set.
    pub exit: usize,
    pub branches: Vec<FactorisedBranch>,
}

/// One branch of an exit.
pub struct FactorisedBranch {
    /// Index of the branch in the exit set.
    pub branch: usize,
    leaves: bool,
    /// State entered; `None` if the branch stays in the state.
    pub to: Option<usize>,
    /// Index of the view of the state entered; `None` if it is a sink.
    pub view: Option<usize>,
    /// Index of the sink entered.
    pub sink: Option<usize>,
    /// Lines paid for the move.
    pub lines: Vec<CommonReward>,
    /// `[(outcome, k)]`: rewards of a patient who takes the branch at grid point `k`, for the move and in a state without exits;
    /// empty if there are none.
    pub paid: Vec<f64>,
    /// For each stratum of the state left: its class by the attributes that distinguish patients in both the state left
    /// and the state entered.
    pub shared: Option<Vec<u32>>,
    /// Number of classes in `shared`.
    pub shared_size: usize,
    /// For each stratum of the state entered: its class in `shared`; `None` if classes and strata are the same.
    pub there: Option<Vec<u32>>,
}

impl FactorisedExit {
    /// Share of the patients taking this exit who leave the state.
    pub fn leaves(&self, exit_set: &ExitSet) -> f64 {
        let leaving = self.branches.iter().filter(|branch| branch.leaves);
        leaving.map(|branch| exit_set.branches[branch.branch].share[0]).sum()
    }
}

impl FactorisedBranch {
    /// Evaluates the rewards of the move and, if it enters a state without exits, those in this state.
    pub fn set(&mut self, tables: &Tables, arm: usize, sinks: &[Sink]) {
        lines::amounts(tables, arm, &self.lines, &mut self.paid);
        if let Some(sink) = self.sink {
            add_future(&sinks[sink], &mut self.paid);
        }
    }
}

/// Adds the rewards in a state without exits; both have one number per outcome and grid point, or none.
pub fn add_future(sink: &Sink, into: &mut Vec<f64>) {
    let future = sink.future();
    into.resize(into.len().max(future.len()), 0.0);
    into.iter_mut().zip(future).for_each(|(own, future)| *own += future);
}

impl FactorisedExits {
    /// Builds the exits of `set` from `state`. `strata` has the strata of all states; `between` returns the strata by
    /// the attributes that `state` shares with another state.
    pub fn new(
        set: &ExitSet,
        state: usize,
        (layout, model): (&ArmLayout, &Model),
        strata: &[Stratum],
        cache: &ExitProbabilities,
        between: impl Fn(usize) -> Stratum,
    ) -> FactorisedExits {
        let branch = |position: usize, own: &ExitBranch| {
            let leaves = own.to != state;
            let goes_on = leaves && !layout.states[own.to].exit_sets.is_empty();
            let shared = goes_on.then(|| between(own.to));
            FactorisedBranch {
                branch: position,
                leaves,
                to: leaves.then_some(own.to),
                view: None,
                sink: None,
                lines: lines::at(layout, model, lines::on_edge(own.edge)),
                paid: Vec::new(),
                shared_size: shared.as_ref().map_or(0, Stratum::size),
                there: shared.as_ref().and_then(|shared| strata[own.to].project(shared)),
                shared: shared.and_then(|shared| strata[state].project(&shared)),
            }
        };
        let mut exits: Vec<FactorisedExit> = Vec::new();
        for (position, own) in set.branches.iter().enumerate() {
            match exits.last_mut() {
                Some(last) if last.exit == own.exit => last.branches.push(branch(position, own)),
                _ => exits.push(FactorisedExit { exit: own.exit, branches: vec![branch(position, own)] }),
            }
        }
        let class = strata[state].project(cache.stratum(set.cached));
        FactorisedExits { cached: set.cached, class, exits }
    }

    /// All branches of all exits.
    pub fn branches(&self) -> impl Iterator<Item = &FactorisedBranch> {
        self.exits.iter().flat_map(|exit| &exit.branches)
    }
}
