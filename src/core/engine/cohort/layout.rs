//! Layout of one arm for the cohort recursion: the strata, clocks, exits and rewards of every state.

use super::amounts::{ClassAmounts, RewardEntry};
use super::caches::Caches;
use super::exit_probabilities::{CompetingExit, ExitProbabilities, competing_exits};
use super::strata::{Stratum, relevant};
use crate::model::clocks::MOST_CLOCKS;
use crate::model::hazard::{self, Reads};
use crate::model::paths::{Meaning, Paths};
use crate::model::quadrature::Node;
use crate::model::reward_lines::RewardAt;
use crate::model::{Branch, Exit, Model, Tables, branch_shares, situation};

/// The states of one arm, and the rewards that do not differ between the patients of a state.
pub struct ArmLayout {
    /// Index of the strategy to which the arm belongs.
    pub arm: usize,
    /// Layout of each state of the model.
    pub states: Vec<StateLayout>,
    /// Rewards that are the same for all patients of a state.
    pub common: Vec<CommonReward>,
}

/// A reward that is the same for all patients of a state.
#[derive(Clone, Copy)]
pub struct CommonReward {
    /// Index of the reward line.
    pub line: usize,
    /// Whether the reward depends on model time.
    pub varies: bool,
}

/// One state under one arm.
pub struct StateLayout {
    /// Attributes that distinguish the patients of the state.
    pub stratum: Stratum,
    /// Groups of states whose clock the patients of the state carry.
    pub clocks: Vec<usize>,
    /// Sets of competing exits, in the order in which they are resolved.
    pub exit_sets: Vec<ExitSet>,
    /// Rewards of being in the state that differ between its patients.
    pub rewards: Vec<RewardEntry>,
}

impl StateLayout {
    /// Whether any reward of being in the state or of leaving it differs between its patients.
    pub fn rewards_differ(&self) -> bool {
        let mut branches = self.exit_sets.iter().flat_map(|set| &set.branches);
        !self.rewards.is_empty() || branches.any(|branch| !branch.rewards.is_empty())
    }
}

/// Exits of a state that compete with each other: either all exits resolved first, or all other exits.
pub struct ExitSet {
    /// Index of the set in [`ExitProbabilities`].
    pub cached: usize,
    /// For each stratum: the class of patients under which its exit probabilities are cached; `None` if each stratum is a class of its own.
    pub class: Option<Vec<u32>>,
    /// Branches of all exits of the set.
    pub branches: Vec<ExitBranch>,
    /// Whether some branch keeps the patient in the state.
    pub keeps: bool,
    /// Whether another set is resolved after this set, for patients in whom no exit of this set has fired.
    pub rest_follows: bool,
}

/// One branch of an exit, as the cohort recursion uses it.
pub struct ExitBranch {
    /// Index of the exit in its set.
    pub exit: usize,
    transition: usize,
    /// Index of the edge.
    pub edge: usize,
    /// State entered.
    pub to: usize,
    /// Whether patients enter a state, perhaps their own again; otherwise they stay.
    pub moves: bool,
    /// Share of the exit's firings that take this branch at the current parameter values; one number for all strata or
    /// one for each.
    pub share: Vec<f64>,
    /// For each stratum: the stratum of the state entered; `None` if the strata are the same.
    pub target: Option<Vec<u32>>,
    /// For each clock of the state entered: index of the same clock in the state left; `None` if the clock starts anew.
    pub carried: Vec<Option<usize>>,
    /// For each clock of the state entered: the largest number of a counter of this branch's transition, which goes up by one; 0 for
    /// all other clocks.
    counted: Vec<u32>,
    /// Endpoints counted from entry into a group that this branch affects: endpoint, group and meaning of the move.
    pub timed: Vec<(usize, usize, Meaning)>,
    /// Rewards of this move that differ between patients.
    pub rewards: Vec<RewardEntry>,
}

impl ExitBranch {
    /// Cycles of entry of patients who take this branch at grid point `cycle` out of a cell with cycles of entry
    /// `from`.
    #[inline]
    pub fn entry(&self, from: &[u32; MOST_CLOCKS], cycle: usize) -> [u32; MOST_CLOCKS] {
        let mut entry = [0; MOST_CLOCKS];
        for ((entry, carried), &most) in entry.iter_mut().zip(&self.carried).zip(&self.counted) {
            *entry = carried.map_or(cycle as u32, |clock| from[clock]);
            if most > 0 {
                *entry = (*entry + 1).min(most);
            }
        }
        entry
    }
}

impl ArmLayout {
    /// Lays out `arm`, and adds its exits and rewards to the caches if they are missing.
    pub fn new(tables: &Tables, nodes: &[Vec<Node>], arm: usize, caches: &mut Caches) -> ArmLayout {
        let model = tables.model;
        let paths = model.paths();
        let strata: Vec<Stratum> =
            relevant(tables, arm).into_iter().map(|a| Stratum::new(a, nodes)).collect();
        let clocks: Vec<Vec<usize>> = (0..model.states.len()).map(|s| clocks_in(paths, s)).collect();
        let outline = Outline { model, nodes, arm, strata: &strata, clocks: &clocks };
        let Caches { exit_probabilities, amounts, .. } = caches;
        let states = (0..model.states.len()).map(|s| {
            let row = &tables.rows[arm][s];
            let mut set = |exits: &[Exit], stated| {
                let (exits, branches): (Vec<CompetingExit>, Vec<Vec<usize>>) =
                    competing_exits(model, s, exits).into_iter().unzip();
                (!exits.is_empty()).then(|| {
                    let cached = exit_probabilities.position(tables, nodes, arm, s, &exits, stated);
                    let branches = outline.branches(s, &exits, &branches, amounts);
                    outline.exit_set(s, cached, branches, exit_probabilities)
                })
            };
            let exit_sets = if model.time.continuous() {
                // Nothing is resolved first. Exits that read a clock of a group are evaluated together, all others apart from them, so
                // that both can be kept.
                let by_residence = |exit: &&Exit| reads_residence(model, arm, exit.transition);
                let (waiting, others): (Vec<&Exit>, Vec<&Exit>) = row.rest.iter().partition(by_residence);
                let copied = |exits: Vec<&Exit>| exits.into_iter().copied().collect::<Vec<Exit>>();
                [copied(others), copied(waiting)].iter().filter_map(|exits| set(exits, false)).collect()
            } else {
                let mut first = set(&row.first, row.first_stated);
                let rest = set(&row.rest, row.rest_stated);
                if let (Some(first), Some(_)) = (&mut first, &rest) {
                    first.rest_follows = true;
                }
                first.into_iter().chain(rest).collect()
            };
            let in_it = |at| matches!(at, RewardAt::In(state, _) if state == s);
            StateLayout {
                rewards: amounts.entries(model, nodes, arm, s, &strata[s], in_it),
                stratum: strata[s].clone(),
                clocks: clocks[s].clone(),
                exit_sets,
            }
        });
        let states = states.collect();
        let common = paths.lines.iter().enumerate().filter_map(|(l, line)| {
            let reward = &model.rewards[line.reward];
            let reads = reward.reads();
            let here = line.at != RewardAt::Start && reward.given_under(arm) && !reward.differs(model);
            here.then_some(CommonReward { line: l, varies: reads.time || reads.age })
        });
        ArmLayout { arm, states, common: common.collect() }
    }

    /// Evaluates the shares of branches at the current parameter values.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        let model = tables.model;
        let mut values = vec![0.0; model.attributes.len()];
        for (state, own) in self.states.iter_mut().enumerate() {
            let stratum = &own.stratum;
            let sets = own.exit_sets.iter_mut().map(|set| &mut set.branches);
            // The branches of one exit are consecutive in the list.
            for of_exit in sets.flat_map(|all| all.chunk_by_mut(|a, b| a.exit == b.exit)) {
                let branches: &[Branch] = &model.transitions[of_exit[0].transition].branches;
                of_exit.iter_mut().for_each(|branch| branch.share.clear());
                // The exit has a single branch, or the branch competes as an exit of its own.
                if let [only] = of_exit {
                    only.share.push(1.0);
                    continue;
                }
                let mut reads = Reads::default();
                reads.add_shares(branches);
                let alike = reads.attributes().is_empty();
                for i in 0..if alike { 1 } else { stratum.size() } {
                    stratum.values(i, nodes, &mut values);
                    let s = situation(model, &tables.parameters[self.arm], &values, state);
                    let shares = branch_shares(branches, &s);
                    of_exit.iter_mut().zip(shares).for_each(|(branch, share)| branch.share.push(share));
                }
                for branch in of_exit {
                    if branch.share.iter().all(|p| *p == branch.share[0]) {
                        branch.share.truncate(1);
                    }
                }
            }
        }
    }
}

/// Whether the hazard or the branches of a transition read the time in a group of states.
fn reads_residence(model: &Model, arm: usize, transition: usize) -> bool {
    let mut reads = hazard::reads(model, arm, transition);
    reads.add_shares(&model.transitions[transition].branches);
    !reads.residence.is_empty()
}

/// Groups whose clock must be tracked for the patients in `state`.
fn clocks_in(paths: &Paths, state: usize) -> Vec<usize> {
    let carried = paths.clocks.iter().copied();
    let here: Vec<usize> = carried.filter(|&g| paths.inside[g][state]).collect();
    // Checked because a clock that is left out would silently never advance.
    assert!(here.len() <= MOST_CLOCKS, "a scenario with more clocks is refused");
    here
}

/// Strata and clocks of all states of an arm, which are needed to lay out its exits.
struct Outline<'a> {
    model: &'a Model,
    nodes: &'a [Vec<Node>],
    arm: usize,
    strata: &'a [Stratum],
    clocks: &'a [Vec<usize>],
}

impl Outline<'_> {
    /// Lists the branches of `exits` from `state`; `of_exit` has the branch numbers of each exit.
    fn branches(
        &self,
        state: usize,
        exits: &[CompetingExit],
        of_exit: &[Vec<usize>],
        amounts: &mut ClassAmounts,
    ) -> Vec<ExitBranch> {
        let &Outline { model, nodes, arm, strata, clocks } = self;
        let paths = model.paths();
        let mut all = Vec::new();
        for (e, (exit, branches)) in exits.iter().zip(of_exit).enumerate() {
            let transition = exit.exit.transition;
            for &b in branches {
                let to = model.transitions[transition].branches[b].to.unwrap_or(state);
                let edge = paths.first_edge(transition, state) + b;
                // A clock that starts anew is not carried.
                let position = |g: &usize| match paths.enters[edge].contains(g) {
                    true => None,
                    false => clocks[state].iter().position(|h| h == g),
                };
                let timed = |&(e, meaning): &(usize, Meaning)| {
                    let since = model.endpoints[e].since?;
                    Some((e, since, meaning))
                };
                let most = |&g: &usize| {
                    let counter = model.groups[g].counter.filter(|counter| counter.transition == transition);
                    counter.map_or(0, |counter| counter.most as u32)
                };
                let counted: Vec<u32> = clocks[to].iter().map(most).collect();
                let on_edge = |at| at == RewardAt::Edge(edge);
                all.push(ExitBranch {
                    exit: e,
                    transition,
                    edge,
                    to,
                    // Whoever stays, and is counted, changes to the cell of those who have been counted.
                    moves: paths.edges[edge].moves || counted.iter().any(|&most| most > 0),
                    share: Vec::new(),
                    target: strata[state].project(&strata[to]),
                    carried: clocks[to].iter().map(position).collect(),
                    counted,
                    timed: paths.meanings[edge].iter().filter_map(timed).collect(),
                    rewards: amounts.entries(model, nodes, arm, state, &strata[state], on_edge),
                });
            }
        }
        all
    }

    /// Creates the set of these branches, whose probabilities have index `cached`.
    fn exit_set(
        &self,
        state: usize,
        cached: usize,
        branches: Vec<ExitBranch>,
        probabilities: &ExitProbabilities,
    ) -> ExitSet {
        ExitSet {
            cached,
            class: self.strata[state].project(probabilities.stratum(cached)),
            keeps: branches.iter().any(|branch| !branch.moves),
            branches,
            rest_follows: false,
        }
    }
}
