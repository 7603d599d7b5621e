//! The recursion from the horizon backwards: what patients of each cell will still gather, with its moments.
//!
//! Seen from a state, that is a mixture over the moves of the next cycle. Its mean and its central moments follow from
//! those a cycle later by the law of total variance and its like for higher moments, so that nothing is ever the
//! difference of two large numbers.

use rayon::prelude::*;

use super::amounts::Entry;
use super::moments::{Moments, about};
use super::places::Places;
use super::{MOST_CLOCKS, Pools, Stopped, strata};
use crate::model::paths::Paths;
use crate::model::quadrature::Node;
use crate::model::reward_lines::{Falls, Line, falls_at_start};
use crate::model::{Situation, Tables, fixed_attributes, situation};

/// Cycles in which patients entered the groups of a state.
type Entered = [u32; MOST_CLOCKS];

/// Above this many values of one arm (states by cycles of entry, summed over all cycles, by strata and outcomes), moments
/// are not worked out: the time for them would no longer be small beside the rest of a run.
pub const MOST_VALUES: usize = 4_000_000;

/// Nodes of each continuous attribute where those of the means would be too many. A standard deviation serves as a
/// yardstick: three digits of it are enough.
const FEW_NODES: usize = 10;

/// `[strategy][outcome]`: moments of the totals between patients; `None` for a strategy that would take too long, or if
/// `stopped`. Continuous attributes are read at `nodes`, or at few values of each where that would take too long.
pub fn spread(tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Vec<Option<Vec<Moments>>> {
    let model = tables.model;
    let read = strata::read_anywhere(model);
    let few = strata::few_nodes(model, &tables.parameters[0], FEW_NODES);
    let strategies: Vec<usize> = (0..model.strategies.len()).collect();
    strategies
        .par_iter()
        .map(|&strategy| {
            let at = |nodes| of_strategy(tables, &read, nodes, strategy, stopped);
            at(nodes).or_else(|| at(&few))
        })
        .collect()
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
    let of_line = |line: &Line| line.weights(&tables.weights[line.outcome(model)]);
    let weights: Vec<&[f64]> = paths.lines.iter().map(of_line).collect();
    let mut groups: Vec<Vec<(f64, f64, Moments)>> = vec![Vec::new(); outcomes];
    for (arm, start) in strata::arms(tables, nodes, read, strategy) {
        let mut pools = Pools::default();
        let mut places = Places::new(tables, nodes, arm, &mut pools);
        places.set(tables, nodes, arm);
        pools.blocks.set(tables, nodes);
        pools.amounts.set(model, nodes);
        let back = Backward {
            tables,
            paths,
            places: &places,
            weights: &weights,
            arm,
            attributes: fixed_attributes(model, &tables.parameters[arm]),
        };
        let at_start = back.run(&mut pools, stopped)?;
        strata::begin(tables, nodes, arm, &start, |beginning, s| {
            let (from, to) = beginning.states;
            let stratum = places.states[to].stratum.index(beginning.at);
            let mut once = vec![0.0; outcomes];
            for (line, weights) in paths.lines.iter().zip(&weights) {
                let reward = &model.rewards[line.reward];
                if line.falls == Falls::Start && falls_at_start(reward, arm, beginning.branch, from, to) {
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

/// What patients of one state will gather from a grid point on, by cell, outcome and stratum.
struct Later {
    strata: usize,
    outcomes: usize,
    /// `[(cell, outcome, moment, stratum)]`: mean, variance, third and fourth central moment.
    values: Vec<f64>,
}

impl Later {
    fn new(cells: usize, outcomes: usize, strata: usize) -> Later {
        Later { strata, outcomes, values: vec![0.0; cells * outcomes * 4 * strata] }
    }

    /// The four moments of one outcome in one cell, each with a value per stratum.
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

/// Patients of a cell who go the same way in a cycle, by stratum.
#[derive(Default)]
struct Group {
    /// Their share of the cell.
    share: Vec<f64>,
    /// What goes with the way, `[(outcome, stratum)]`; empty for nothing.
    more: Vec<f64>,
    /// Where they go: state and cell.
    to: (usize, usize),
}

struct Backward<'a> {
    tables: &'a Tables<'a>,
    paths: &'a Paths,
    places: &'a Places,
    /// Per line and grid point.
    weights: &'a [&'a [f64]],
    arm: usize,
    /// Attribute values of which only the fixed ones mean something.
    attributes: Vec<f64>,
}

/// Per state: the cycles of entry that patients may have at one grid point, sorted.
type Reachable = Vec<Vec<Entered>>;

impl Backward<'_> {
    /// Per state: what patients gather who begin in it at time zero.
    fn run(&self, pools: &mut Pools, stopped: Stopped) -> Option<Vec<Later>> {
        let model = self.tables.model;
        let reachable = self.reachable()?;
        let mut later: Vec<Later> = Vec::new();
        for k in (0..=model.time.cycles).rev() {
            if stopped() {
                return None;
            }
            let mut now = Vec::with_capacity(model.states.len());
            for (state, entries) in reachable[k].iter().enumerate() {
                now.push(self.state(pools, state, k, entries, reachable.get(k + 1), &later));
            }
            later = now;
        }
        Some(later)
    }

    /// Which cells patients may come to, found forwards.
    fn reachable(&self) -> Option<Vec<Reachable>> {
        let model = self.tables.model;
        let mut values = 0;
        let mut all: Vec<Reachable> = vec![vec![vec![[0; MOST_CLOCKS]]; model.states.len()]];
        for k in 0..model.time.cycles {
            let mut next: Reachable = all[k].clone();
            for (state, place) in self.places.states.iter().enumerate() {
                let ways = place.sides.iter().flat_map(|s| &s.ways);
                for way in ways.filter(|w| w.to != state) {
                    let arrivals = all[k][state].iter().map(|entered| way.entry(entered, k + 1));
                    next[way.to].extend(arrivals);
                }
            }
            for (entries, place) in next.iter_mut().zip(&self.places.states) {
                entries.sort_unstable();
                entries.dedup();
                values += entries.len() * place.stratum.size() * model.outcomes.len();
            }
            if values > MOST_VALUES {
                return None;
            }
            all.push(next);
        }
        Some(all)
    }

    /// Moments for the patients of one state at grid point `k`.
    fn state(
        &self,
        pools: &mut Pools,
        state: usize,
        k: usize,
        entries: &[Entered],
        next: Option<&Reachable>,
        later: &[Later],
    ) -> Later {
        let model = self.tables.model;
        let place = &self.places.states[state];
        let strata = place.stratum.size();
        let mut now = Later::new(entries.len(), model.outcomes.len(), strata);
        let mut residence = vec![0; model.groups.len()];
        for (cell, entered) in entries.iter().enumerate() {
            for (&g, &entered) in place.clocks.iter().zip(entered) {
                residence[g] = k - entered as usize;
            }
            if let Some(next) = next {
                let groups = self.groups(pools, state, k, (entered, &residence), next);
                for outcome in 0..model.outcomes.len() {
                    mixture(&groups, outcome, self.places, state, later, now.of_mut(cell, outcome));
                }
            }
            let in_it = |line: &Line| matches!(line.falls, Falls::In(s, _) if s == state);
            let here = (&residence[..], state);
            self.add(pools, k, here, in_it, &place.rewards, |outcome, stratum, x| {
                now.of_mut(cell, outcome)[stratum] += x;
            });
        }
        now
    }

    /// Tells `add(outcome, stratum, amount)` what the lines that `falls` accepts are worth at grid point `k`, weighted.
    fn add(
        &self,
        pools: &mut Pools,
        k: usize,
        (residence, state): (&[usize], usize),
        falls: impl Fn(&Line) -> bool,
        entries: &[Entry],
        mut add: impl FnMut(usize, usize, f64),
    ) {
        let model = self.tables.model;
        let strata = self.places.states[state].stratum.size();
        let parameters = &self.tables.parameters[self.arm];
        for common in &self.places.common {
            let line = &self.paths.lines[common.line];
            let weight = self.weights[common.line][k];
            if weight == 0.0 || !falls(line) {
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
            let each = pools.amounts.at(entry.amount, self.tables, k, residence);
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

    /// The patients of a cell by the way that they go in the cycle that begins at grid point `k`; first those who stay.
    fn groups(
        &self,
        pools: &mut Pools,
        state: usize,
        k: usize,
        (entered, residence): (&Entered, &[usize]),
        next: &Reachable,
    ) -> Vec<Group> {
        let outcomes = self.tables.model.outcomes.len();
        let place = &self.places.states[state];
        let strata = place.stratum.size();
        let position = |to: usize, entered: &Entered| {
            let found = next[to].binary_search(entered);
            (to, found.expect("every cell that patients come to is listed"))
        };
        let mut groups =
            vec![Group { share: vec![1.0; strata], more: Vec::new(), to: position(state, entered) }];
        for side in &place.sides {
            let from = groups.len();
            let slot = pools.blocks.slot(side.block, self.tables, k, residence);
            for way in &side.ways {
                let each = slot.exit(way.exit);
                let share = (0..strata).map(|i| {
                    let class = side.class.as_ref().map_or(i, |c| c[i] as usize);
                    let branch = if way.share.len() == 1 { way.share[0] } else { way.share[i] };
                    groups[0].share[i] * each[class] * branch
                });
                let share = share.collect();
                groups.push(Group {
                    share,
                    more: Vec::new(),
                    to: match way.to == state {
                        true => position(state, entered),
                        false => position(way.to, &way.entry(entered, k + 1)),
                    },
                });
            }
            let (stay, fired) = groups.split_at_mut(from);
            for group in fired {
                let both = stay[0].share.iter_mut().zip(&group.share);
                both.for_each(|(stay, fired)| *stay = (*stay - fired).max(0.0));
            }
        }
        let ways = place.sides.iter().flat_map(|side| &side.ways);
        for (way, group) in ways.zip(&mut groups[1..]) {
            let on_edge = |line: &Line| line.falls == Falls::Edge(way.edge);
            let more = &mut group.more;
            self.add(pools, k + 1, (residence, state), on_edge, &way.rewards, |outcome, stratum, x| {
                more.resize(outcomes * strata, 0.0);
                more[outcome * strata + stratum] += x;
            });
        }
        groups
    }
}

/// Writes the moments of one outcome for the patients of a cell: those of the mixture of its groups.
fn mixture(
    groups: &[Group],
    outcome: usize,
    places: &Places,
    state: usize,
    later: &[Later],
    into: &mut [f64],
) {
    let strata = into.len() / 4;
    let ways = places.states[state].sides.iter().flat_map(|side| &side.ways);
    let targets: Vec<Option<&[u32]>> = std::iter::once(None)
        .chain(ways.map(|way| way.target.as_deref().filter(|_| way.to != state)))
        .collect();
    let (mean, rest) = into.split_at_mut(strata);
    let (variance, rest) = rest.split_at_mut(strata);
    let (third, fourth) = rest.split_at_mut(strata);
    let each = || groups.iter().zip(&targets);
    let more = |group: &Group, i: usize| match group.more.is_empty() {
        true => 0.0,
        false => group.more[outcome * strata + i],
    };
    for (group, target) in each() {
        let (to, cell) = group.to;
        let then = later[to].of(cell, outcome);
        for i in 0..strata {
            let t = target.map_or(i, |t| t[i] as usize);
            mean[i] += group.share[i] * (then[t] + more(group, i));
        }
    }
    for (group, target) in each() {
        let (to, cell) = group.to;
        let then = later[to].of(cell, outcome);
        let own = later[to].strata;
        for i in 0..strata {
            let t = target.map_or(i, |t| t[i] as usize);
            let (p, d) = (group.share[i], then[t] + more(group, i) - mean[i]);
            let [second, m3, m4] = about(d, [1, 2, 3].map(|m| then[m * own + t]));
            variance[i] += p * second;
            third[i] += p * m3;
            fourth[i] += p * m4;
        }
    }
}
