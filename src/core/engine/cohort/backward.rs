//! Backward recursion for the variance between patients: moments of future rewards, computed from the horizon
//! backwards.
//!
//! Seen from a state, future rewards are a mixture over the moves of the next cycle. Their mean and central moments
//! follow from those one cycle later by the law of total variance and its analogues for higher moments. No result is
//! therefore a difference of two large numbers.

use rayon::prelude::*;

use super::amounts::RewardEntry;
use super::caches::Caches;
use super::exit_probabilities::ExitProbabilities;
use super::layout::{ArmLayout, StateLayout};
use super::moments::{Moments, about};
use super::options::Stopped;
use super::strata;
use crate::model::clocks::MOST_CLOCKS;
use crate::model::difference;
use crate::model::paths::Paths;
use crate::model::population::few_nodes;
use crate::model::quadrature::Node;
use crate::model::reward_lines::{RewardAt, RewardLine};
use crate::model::{Situation, Tables, fixed_attributes, situation};

/// Cycles in which patients entered the groups of states whose clocks they carry.
type Entered = [u32; MOST_CLOCKS];

/// Maximum number of values for one arm: states by cycles of entry, summed over all cycles, times strata and outcomes.
/// Above this number the moments are not computed, because they would take too long compared with the rest of a run.
pub const MOST_VALUES: usize = 4_000_000;

/// Nodes per continuous attribute if the nodes used for the means would take too long. Ten are enough because a
/// standard deviation is needed to only three digits.
const FEW_NODES: usize = 10;

/// Moments of the totals between patients, by `[strategy][outcome]`; `None` for a strategy that would take too long, or
/// if `stopped`, and in continuous time, for which this recursion does not exist. Continuous attributes are evaluated at `nodes`, or at a few values each if `nodes` would take too
/// long.
pub fn spread(tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Vec<Option<Vec<Moments>>> {
    let read = strata::read_anywhere(tables.model);
    let strategies: Vec<usize> = (0..tables.model.strategies.len()).collect();
    strategies.par_iter().map(|&strategy| spread_under(tables, &read, nodes, strategy, stopped)).collect()
}

/// Moments between patients of the increments versus the reference, by `[strategy][outcome]`; `None` as for [`spread`], and for
/// strategies under which patients do not live the same lives as under the reference.
pub fn spread_of_increments(
    tables: &Tables,
    nodes: &[Vec<Node>],
    stopped: Stopped,
) -> Vec<Option<Vec<Moments>>> {
    let (model, reference) = (tables.model, tables.model.reference());
    // In continuous time and without outcomes there is nothing to work out.
    let worked_out = !model.time.continuous() && !model.outcomes.is_empty();
    let of = |strategy: usize| {
        let other = worked_out && strategy != reference;
        let difference = if other { difference::of_rewards(tables, strategy, reference) } else { None }?;
        let read = strata::read_anywhere(&difference);
        spread_under(&Tables::new(&difference, &tables.base), &read, nodes, strategy, stopped)
    };
    (0..model.strategies.len()).into_par_iter().map(of).collect()
}

/// Moments of the totals between patients under one strategy, by outcome; `read` are the attributes that the model reads.
fn spread_under(
    tables: &Tables,
    read: &[usize],
    nodes: &[Vec<Node>],
    strategy: usize,
    stopped: Stopped,
) -> Option<Vec<Moments>> {
    let model = tables.model;
    if model.time.continuous() {
        return None;
    }
    let at = |nodes: &[Vec<Node>]| of_strategy(tables, read, nodes, strategy, stopped);
    at(nodes).or_else(|| at(&few_nodes(model, &tables.parameters[0], FEW_NODES)))
}

fn of_strategy(
    tables: &Tables,
    read: &[usize],
    nodes: &[Vec<Node>],
    strategy: usize,
    stopped: Stopped,
) -> Option<Vec<Moments>> {
    let model = tables.model;
    let outcomes = model.outcomes.len();
    let paths = model.paths();
    let of_line = |line: &RewardLine| line.weights(&tables.weights[line.outcome(model)]);
    let weights: Vec<&[f64]> = paths.lines.iter().map(of_line).collect();
    let mut groups: Vec<Vec<(f64, f64, Moments)>> = vec![Vec::new(); outcomes];
    for (arm, start) in strata::arms(tables, nodes, read, strategy) {
        let mut caches = Caches::default();
        let mut layout = ArmLayout::new(tables, nodes, arm, &mut caches);
        layout.set(tables, nodes);
        caches.exit_probabilities.set(tables, nodes);
        caches.amounts.set(model, nodes);
        let back = BackwardRecursion {
            tables,
            paths,
            layout: &layout,
            weights: &weights,
            attributes: fixed_attributes(model, &tables.parameters[arm]),
        };
        let at_start = back.run(&mut caches, stopped)?;
        strata::begin(tables, nodes, arm, &start, |beginning, s| {
            let (from, to) = beginning.states;
            let stratum = layout.states[to].stratum.index(beginning.at);
            let mut once = vec![0.0; outcomes];
            for (line, weights) in paths.lines.iter().zip(&weights) {
                let reward = &model.rewards[line.reward];
                if line.at == RewardAt::Start && reward.given_at_start(arm, beginning.branch, from, to) {
                    once[line.outcome(model)] += weights[0] * reward.amount.value(s);
                }
            }
            for (o, groups) in groups.iter_mut().enumerate() {
                groups.push((beginning.share, once[o], at_start[to].get(0, o, stratum)));
            }
        });
    }
    Some(groups.iter().map(|groups| Moments::mixture(groups)).collect())
}

/// Moments of the rewards that patients of one state accrue from a grid point on, by cell, outcome and stratum.
struct FutureRewards {
    strata: usize,
    outcomes: usize,
    /// `[(cell, outcome, moment, stratum)]`, with the moments mean, variance, third and fourth central moment.
    values: Vec<f64>,
}

impl FutureRewards {
    fn new(cells: usize, outcomes: usize, strata: usize) -> FutureRewards {
        FutureRewards { strata, outcomes, values: vec![0.0; cells * outcomes * 4 * strata] }
    }

    /// The four moments of one outcome in one cell, each as one value per stratum.
    fn of(&self, cell: usize, outcome: usize) -> &[f64] {
        let size = 4 * self.strata;
        &self.values[(cell * self.outcomes + outcome) * size..][..size]
    }

    fn of_mut(&mut self, cell: usize, outcome: usize) -> &mut [f64] {
        let size = 4 * self.strata;
        &mut self.values[(cell * self.outcomes + outcome) * size..][..size]
    }

    fn get(&self, cell: usize, outcome: usize, stratum: usize) -> Moments {
        let own = self.of(cell, outcome);
        let [mean, variance, third, fourth] = [0, 1, 2, 3].map(|m| own[m * self.strata + stratum]);
        Moments { mean, variance, third, fourth }
    }
}

/// Patients of a cell who take the same branch in a cycle, by stratum.
#[derive(Default)]
struct BranchMove {
    /// Share of the cell's patients who take the branch, per stratum.
    share: Vec<f64>,
    /// Rewards of the branch, `[(outcome, stratum)]`; empty if the branch has none.
    more: Vec<f64>,
    /// State and cell that the patients enter; `None` if nobody stays in the cell.
    to: Option<(usize, usize)>,
}

struct BackwardRecursion<'a> {
    tables: &'a Tables<'a>,
    paths: &'a Paths,
    layout: &'a ArmLayout,
    /// Discount and correction weights, per reward line and grid point.
    weights: &'a [&'a [f64]],
    /// Attribute values for rewards that do not differ between patients; only fixed attributes are read.
    attributes: Vec<f64>,
}

/// A state at grid point `k`, and the number of cycles that its patients have been in each group.
struct GridPoint<'a> {
    state: usize,
    k: usize,
    residence: &'a [usize],
}

/// For each state: the sorted cycles of entry that patients can have at one grid point.
type Reachable = Vec<Vec<Entered>>;

impl BackwardRecursion<'_> {
    /// For each state: moments of the total rewards of patients who are in the state at time zero.
    fn run(&self, caches: &mut Caches, stopped: Stopped) -> Option<Vec<FutureRewards>> {
        let model = self.tables.model;
        let reachable = self.reachable(&mut caches.exit_probabilities)?;
        let mut later: Vec<FutureRewards> = Vec::new();
        for k in (0..=model.time.cycles).rev() {
            if stopped() {
                return None;
            }
            let mut now = Vec::with_capacity(model.states.len());
            for (state, entries) in reachable[k].iter().enumerate() {
                now.push(self.state(caches, state, k, entries, reachable.get(k + 1), &later));
            }
            later = now;
        }
        Some(later)
    }

    /// Lists for each grid point the cells that patients can reach, by a recursion forwards in time.
    fn reachable(&self, probabilities: &mut ExitProbabilities) -> Option<Vec<Reachable>> {
        let model = self.tables.model;
        let mut values = 0;
        let mut all: Vec<Reachable> = vec![vec![vec![[0; MOST_CLOCKS]]; model.states.len()]];
        let mut residence = vec![0; model.groups.len()];
        for k in 0..model.time.cycles {
            let mut next: Reachable = all[k].clone();
            let clocked =
                next.iter_mut().zip(&self.layout.states).filter(|(_, here)| !here.clocks.is_empty());
            for (entries, here) in clocked {
                entries.retain(|entered| {
                    for (&g, &entered) in here.clocks.iter().zip(entered) {
                        residence[g] = model.groups[g].elapsed(k, entered as usize);
                    }
                    self.someone_stays(here, probabilities, k, &residence)
                });
            }
            for (state, here) in self.layout.states.iter().enumerate() {
                let branches = here.exit_sets.iter().flat_map(|s| &s.branches);
                for branch in branches.filter(|branch| branch.moves) {
                    let arrivals = all[k][state].iter().map(|entered| branch.entry(entered, k + 1));
                    next[branch.to].extend(arrivals);
                }
            }
            for (entries, here) in next.iter_mut().zip(&self.layout.states) {
                entries.sort_unstable();
                entries.dedup();
                values += entries.len() * here.stratum.size() * model.outcomes.len();
            }
            if values > MOST_VALUES {
                return None;
            }
            all.push(next);
        }
        Some(all)
    }

    /// Whether any patient of a cell can stay in it in cycle `k`: nobody does at the end of a stay of fixed length.
    fn someone_stays(
        &self,
        here: &StateLayout,
        probabilities: &mut ExitProbabilities,
        k: usize,
        residence: &[usize],
    ) -> bool {
        here.exit_sets.iter().all(|set| {
            set.keeps || {
                let left = probabilities.in_cycle(set.cached, self.tables, k, residence).total;
                left.iter().any(|left| *left < 1.0)
            }
        })
    }

    /// Moments for the patients of one state at grid point `k`, computed from the moments one cycle `later`.
    fn state(
        &self,
        caches: &mut Caches,
        state: usize,
        k: usize,
        entries: &[Entered],
        next: Option<&Reachable>,
        later: &[FutureRewards],
    ) -> FutureRewards {
        let model = self.tables.model;
        let here = &self.layout.states[state];
        let strata = here.stratum.size();
        let mut now = FutureRewards::new(entries.len(), model.outcomes.len(), strata);
        let mut residence = vec![0; model.groups.len()];
        for (cell, entered) in entries.iter().enumerate() {
            for (&g, &entered) in here.clocks.iter().zip(entered) {
                residence[g] = model.groups[g].elapsed(k, entered as usize);
            }
            if let Some(next) = next {
                let point = GridPoint { state, k, residence: &residence };
                let groups = self.groups(caches, &point, entered, next);
                for outcome in 0..model.outcomes.len() {
                    mixture(&groups, outcome, self.layout, state, later, now.of_mut(cell, outcome));
                }
            }
            let in_it = |line: &RewardLine| matches!(line.at, RewardAt::In(s, _) if s == state);
            let point = GridPoint { state, k, residence: &residence };
            self.add(caches, &point, in_it, &here.rewards, |outcome, stratum, x| {
                now.of_mut(cell, outcome)[stratum] += x;
            });
        }
        now
    }

    /// Calls `add(outcome, stratum, amount)` with the weighted amounts of all reward lines that `at` accepts; `entries`
    /// are the lines that differ between patients.
    fn add(
        &self,
        caches: &mut Caches,
        point: &GridPoint,
        at: impl Fn(&RewardLine) -> bool,
        entries: &[RewardEntry],
        mut add: impl FnMut(usize, usize, f64),
    ) {
        let &GridPoint { state, k, residence } = point;
        let model = self.tables.model;
        let strata = self.layout.states[state].stratum.size();
        let parameters = &self.tables.parameters[self.layout.arm];
        for common in &self.layout.common {
            let line = &self.paths.lines[common.line];
            let weight = self.weights[common.line][k];
            if weight == 0.0 || !at(line) {
                continue;
            }
            if let Some(cycle) = line.cycle_read(model, k) {
                let s = Situation { cycle, ..situation(model, parameters, &self.attributes, state) };
                let x = weight * model.rewards[line.reward].amount.value(&s);
                (0..strata).for_each(|stratum| add(line.outcome(model), stratum, x));
            }
        }
        for entry in entries {
            let weight = self.weights[entry.line][k];
            let each = caches.amounts.at(entry.amount, self.tables, k, residence);
            let (Some(each), true) = (each, weight != 0.0) else {
                continue;
            };
            let outcome = self.paths.lines[entry.line].outcome(model);
            for stratum in 0..strata {
                let class = entry.class.as_ref().map_or(stratum, |c| c[stratum] as usize);
                add(outcome, stratum, weight * each[class]);
            }
        }
    }

    /// Splits the patients of a cell by the branch that they take in the cycle from grid point `k`. The first entry is
    /// the patients who stay.
    fn groups(
        &self,
        caches: &mut Caches,
        point: &GridPoint,
        entered: &Entered,
        next: &Reachable,
    ) -> Vec<BranchMove> {
        let &GridPoint { state, k, residence } = point;
        let outcomes = self.tables.model.outcomes.len();
        let here = &self.layout.states[state];
        let strata = here.stratum.size();
        let stay = |entered: &Entered| next[state].binary_search(entered).ok().map(|cell| (state, cell));
        let enter = |to: usize, entered: &Entered| {
            let found = next[to].binary_search(entered);
            Some((to, found.expect("every cell that patients enter is listed")))
        };
        let mut groups = vec![BranchMove { share: vec![1.0; strata], more: Vec::new(), to: stay(entered) }];
        for set in &here.exit_sets {
            let from = groups.len();
            let cache = &mut caches.exit_probabilities;
            let probabilities = cache.in_cycle(set.cached, self.tables, k, residence);
            for branch in &set.branches {
                let each = probabilities.exit(branch.exit);
                let share = (0..strata).map(|i| {
                    let class = set.class.as_ref().map_or(i, |c| c[i] as usize);
                    let branch = if branch.share.len() == 1 { branch.share[0] } else { branch.share[i] };
                    groups[0].share[i] * each[class] * branch
                });
                let share = share.collect();
                groups.push(BranchMove {
                    share,
                    more: Vec::new(),
                    to: match branch.moves {
                        false => stay(entered),
                        true => enter(branch.to, &branch.entry(entered, k + 1)),
                    },
                });
            }
            let (stay, fired) = groups.split_at_mut(from);
            for group in fired {
                let both = stay[0].share.iter_mut().zip(&group.share);
                both.for_each(|(stay, fired)| *stay = (*stay - fired).max(0.0));
            }
        }
        let branches = here.exit_sets.iter().flat_map(|set| &set.branches);
        for (branch, group) in branches.zip(&mut groups[1..]) {
            let on_edge = |line: &RewardLine| line.at == RewardAt::Edge(branch.edge);
            let more = &mut group.more;
            let end = GridPoint { k: k + 1, ..*point };
            self.add(caches, &end, on_edge, &branch.rewards, |outcome, stratum, x| {
                more.resize(outcomes * strata, 0.0);
                more[outcome * strata + stratum] += x;
            });
        }
        groups
    }
}

/// Writes the moments of one outcome for the patients of a cell, as the mixture of the groups that take each branch.
fn mixture(
    groups: &[BranchMove],
    outcome: usize,
    layout: &ArmLayout,
    state: usize,
    later: &[FutureRewards],
    into: &mut [f64],
) {
    let strata = into.len() / 4;
    let branches = layout.states[state].exit_sets.iter().flat_map(|set| &set.branches);
    let targets: Vec<Option<&[u32]>> = std::iter::once(None)
        .chain(branches.map(|branch| branch.target.as_deref().filter(|_| branch.moves)))
        .collect();
    let (mean, rest) = into.split_at_mut(strata);
    let (variance, rest) = rest.split_at_mut(strata);
    let (third, fourth) = rest.split_at_mut(strata);
    let fourth = &mut fourth[..strata];
    // Mean of the patients of each group, `[(group, stratum)]`.
    let mut due: Vec<f64> = Vec::with_capacity(groups.len() * strata);
    for (group, target) in groups.iter().zip(&targets) {
        let at = due.len();
        let Some((to, cell)) = group.to else {
            due.resize(at + strata, 0.0);
            continue;
        };
        let then = later[to].of(cell, outcome);
        match target {
            None => due.extend_from_slice(&then[..strata]),
            Some(target) => due.extend(target.iter().map(|&t| then[t as usize])),
        }
        let due = &mut due[at..];
        if !group.more.is_empty() {
            let more = &group.more[outcome * strata..];
            due.iter_mut().zip(more).for_each(|(due, more)| *due += more);
        }
        mean.iter_mut().zip(group.share.iter().zip(due)).for_each(|(mean, (p, due))| *mean += p * *due);
    }
    let mut gathered: Vec<f64> = Vec::new();
    for ((group, target), due) in groups.iter().zip(&targets).zip(due.chunks_exact(strata)) {
        let Some((to, cell)) = group.to else { continue };
        let own = later[to].strata;
        let central = &later[to].of(cell, outcome)[own..];
        let central = match target {
            None => central,
            Some(target) => {
                gathered.clear();
                for moment in central.chunks_exact(own) {
                    gathered.extend(target.iter().map(|&t| moment[t as usize]));
                }
                &gathered
            }
        };
        let [second, third_of, fourth_of] = [0, 1, 2].map(|m| &central[m * strata..][..strata]);
        let (share, due, mean) = (&group.share[..strata], &due[..strata], &mean[..strata]);
        for i in 0..strata {
            let (p, d) = (share[i], due[i] - mean[i]);
            let [m2, m3, m4] = about(d, [second[i], third_of[i], fourth_of[i]]);
            variance[i] += p * m2;
            third[i] += p * m3;
            fourth[i] += p * m4;
        }
    }
}
