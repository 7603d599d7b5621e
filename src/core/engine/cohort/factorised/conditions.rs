//! Conditions under which an arm can be factorised, checked on the layout of its states.

use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::{ArmLayout, ExitBranch, ExitSet, StateLayout};
use crate::model::hazard::{self, Reads, insert};
use crate::model::paths::Paths;
use crate::model::population::chain;
use crate::model::reward_lines::RewardAt;
use crate::model::{Exit, Model, Tables};

/// Finds the exits that every state with exits evaluates first, such as background mortality, and that all these states
/// share. Returns their index in the cache of exit probabilities, and their number. Each
/// exit must have a single branch, into a state without exits. `None` if the states have no common exits of this kind.
pub fn common_exits(layout: &ArmLayout) -> Option<(usize, usize)> {
    let mut firsts = layout.states.iter().filter_map(|state| state.exit_sets.first());
    let cached = firsts.clone().next()?.cached;
    let sink = |branch: &ExitBranch| layout.states[branch.to].exit_sets.is_empty();
    let single =
        |set: &ExitSet| set.branches.iter().enumerate().all(|(i, branch)| branch.exit == i && sink(branch));
    let exits = firsts.clone().next()?.branches.len();
    firsts.all(|set| set.cached == cached && single(set)).then_some((cached, exits))
}

/// Whether eligibility and the procedure at the start are independent of the attributes that background mortality
/// (`cached`) reads.
pub fn start_is_independent(
    model: &Model,
    strategy: usize,
    probabilities: &ExitProbabilities,
    cached: usize,
) -> bool {
    let mut reads = Reads::default();
    for arm in chain(model, strategy) {
        reads.add(&model.strategies[arm].eligible);
        reads.add_shares(&model.strategies[arm].at_start);
    }
    let by = &probabilities.stratum(cached).attributes;
    !reads.attributes().iter().any(|a| by.contains(a))
}

/// Whether no reward at the start reads any of the attributes `by`.
pub fn start_rewards_are_independent(model: &Model, by: &[usize]) -> bool {
    let mut at_start = model.paths().lines.iter().filter(|line| line.at == RewardAt::Start);
    at_start.all(|line| {
        let read = model.rewards[line.reward].reads().attributes();
        !read.iter().any(|a| by.contains(a))
    })
}

/// Whether any branch out of a state has a share that differs between patients or changes with a clock.
pub fn shares_differ(tables: &Tables, arm: usize, state: usize) -> bool {
    tables.rows[arm][state].rest.iter().any(|exit: &Exit| {
        let mut reads = Reads::default();
        reads.add_shares(&tables.model.transitions[exit.transition].branches);
        !reads.attributes().is_empty() || reads.clocks() > 0
    })
}

/// Attributes and clocks that the exits of a state read, except the exits resolved first.
pub fn rest_reads(tables: &Tables, arm: usize, state: usize) -> Reads {
    let mut reads = Reads::default();
    for exit in &tables.rows[arm][state].rest {
        reads.merge(&hazard::reads(tables.model, arm, exit.transition));
    }
    reads
}

/// For each state: the attributes in `by` that are read by exits of the state itself or of any state before it.
pub fn read_before(paths: &Paths, reads: &[Reads], by: &[usize]) -> Vec<Vec<usize>> {
    let own = |reads: &Reads| -> Vec<usize> {
        let all = reads.attributes().into_iter();
        all.filter(|a| by.contains(a)).collect()
    };
    let mut before: Vec<Vec<usize>> = reads.iter().map(own).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for edge in &paths.edges {
            for a in before[edge.from].clone() {
                changed |= !before[edge.to].contains(&a);
                insert(&mut before[edge.to], a);
            }
        }
    }
    before
}

/// Whether every entry into the state restarts the clock of group `g`.
pub fn starts_anew(layout: &ArmLayout, state: usize, g: usize) -> bool {
    let Some(clock) = layout.states[state].clocks.iter().position(|c| *c == g) else {
        return false;
    };
    let anew = |branch: &ExitBranch| branch.to != state || branch.carried[clock].is_none();
    let all_anew = |own: &StateLayout| own.exit_sets.iter().flat_map(|set| &set.branches).all(anew);
    layout.states.iter().enumerate().all(|(from, own)| from == state || all_anew(own))
}
