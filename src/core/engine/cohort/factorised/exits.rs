//! Exits of a state other than background mortality, with the strata to which their patients go.

use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::{ArmLayout, ExitBranch, ExitSet};
use crate::engine::cohort::strata::Stratum;

/// The exits of a state that are resolved after background mortality.
pub struct FactorisedExits {
    /// Position among the cached exit probabilities.
    pub cached: usize,
    /// Per stratum: the class of the cached probabilities; `None` if they are the same.
    pub class: Option<Vec<u32>>,
    pub exits: Vec<FactorisedExit>,
}

/// One exit.
pub struct FactorisedExit {
    /// Position in its set.
    pub exit: usize,
    pub branches: Vec<FactorisedBranch>,
}

/// One branch of an exit.
pub struct FactorisedBranch {
    /// Position among the branches of the exit set.
    pub branch: usize,
    pub edge: usize,
    leaves: bool,
    /// The state entered, if it is another one and has exits.
    pub to: Option<usize>,
    /// Per stratum of the state left: its class by the attributes that distinguish patients in this state and in the state
    /// entered.
    pub shared: Option<Vec<u32>>,
    /// Number of these classes.
    pub shared_size: usize,
    /// Per stratum of the state entered: its class.
    pub there: Option<Vec<u32>>,
}

impl FactorisedExit {
    /// Share of the patients who take this exit that leave the state.
    pub fn leaves(&self, exit_set: &ExitSet) -> f64 {
        let leaving = self.branches.iter().filter(|branch| branch.leaves);
        leaving.map(|branch| exit_set.branches[branch.branch].share[0]).sum()
    }
}

impl FactorisedExits {
    /// The exits of `set`, out of `state`; `strata` are those of all states, `between` those that a state shares with this.
    pub fn new(
        set: &ExitSet,
        state: usize,
        layout: &ArmLayout,
        strata: &[Stratum],
        cache: &ExitProbabilities,
        between: impl Fn(usize) -> Stratum,
    ) -> FactorisedExits {
        let branch = |position: usize, own: &ExitBranch| {
            let goes_on = own.to != state && !layout.states[own.to].exit_sets.is_empty();
            let shared = goes_on.then(|| between(own.to));
            FactorisedBranch {
                branch: position,
                edge: own.edge,
                leaves: own.to != state,
                to: goes_on.then_some(own.to),
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
}
