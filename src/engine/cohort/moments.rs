//! How far individual patients are from the mean of a total: exact, by recursion from the horizon backwards.
//!
//! What a patient will still gather, seen from a state, is a mixture over the moves of the next cycle. Its mean and its
//! central moments follow from those a cycle later by the law of total variance and its like for higher moments, so
//! that nothing is ever the difference of two large numbers.

use rayon::prelude::*;

use super::super::lines::{Falls, Line, falls_at_start};
use super::super::paths::Paths;
use super::places::{Places, Way};
use super::{MOST_CLOCKS, Pools, strata};
use crate::model::quadrature::Node;
use crate::model::{Situation, Tables, branch_shares, situation};

/// Mean and central moments of what patients gather.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
    /// Third central moment.
    pub third: f64,
    /// Fourth central moment.
    pub fourth: f64,
}

impl Moments {
    /// The moments of a mixture of groups, each with its share and what its members have in addition; shares sum to 1.
    pub fn mixture(groups: &[(f64, f64, Moments)]) -> Moments {
        let mean: f64 = groups.iter().map(|(p, more, m)| p * (m.mean + more)).sum();
        let mut all = Moments {
            mean,
            ..Moments::default()
        };
        for (p, more, m) in groups {
            let d = m.mean + more - mean;
            all.variance += p * (m.variance + d * d);
            all.third += p * (m.third + d * (3.0 * m.variance + d * d));
            all.fourth += p * (m.fourth + d * (4.0 * m.third + d * (6.0 * m.variance + d * d)));
        }
        all
    }

    /// Standard deviation.
    pub fn sd(&self) -> f64 {
        crate::math::sqrt(self.variance)
    }

    /// Standard error of the standard deviation of a sample of `n` patients (delta method).
    pub fn se_of_sd(&self, n: f64) -> f64 {
        let spread = (self.fourth - self.variance * self.variance).max(0.0);
        match self.variance > 0.0 {
            true => crate::math::sqrt(spread / n) / (2.0 * self.sd()),
            false => 0.0,
        }
    }
}

/// Cycles in which patients entered the groups of a state.
type Entered = [u32; MOST_CLOCKS];

/// Above this many cells of one arm (states by cycles of entry, summed over all cycles, by strata), moments are not
/// worked out: their memory and time would no longer be small beside the rest of a run.
const MOST_CELLS: usize = 20_000_000;

/// `[strategy][outcome]`: moments of the totals between patients; `None` for a strategy that would take too long.
pub fn moments(tables: &Tables, paths: &Paths, nodes: &[Vec<Node>]) -> Vec<Option<Vec<Moments>>> {
    let strategies: Vec<usize> = (0..tables.model.strategies.len()).collect();
    let of_line: Vec<&[f64]> = paths
        .lines
        .iter()
        .map(|line| line.weights(&tables.weights[line.outcome(tables.model)]))
        .collect();
    strategies
        .par_iter()
        .map(|&strategy| of_strategy(tables, paths, nodes, &of_line, strategy))
        .collect()
}

fn of_strategy(
    tables: &Tables,
    paths: &Paths,
    nodes: &[Vec<Node>],
    weights: &[&[f64]],
    strategy: usize,
) -> Option<Vec<Moments>> {
    let model = tables.model;
    let outcomes = model.outcomes.len();
    let mut groups: Vec<Vec<(f64, f64, Moments)>> = vec![Vec::new(); outcomes];
    let read = strata::read_anywhere(model);
    for (arm, start) in strata::arms(tables, nodes, &read, strategy) {
        let mut pools = Pools::default();
        let mut places = Places::new(tables, paths, nodes, arm, &mut pools);
        places.set(tables, nodes, arm);
        pools.blocks.set(tables, nodes);
        pools.amounts.set(model, nodes);
        let back = Backward {
            tables,
            paths,
            places: &places,
            weights,
            arm,
        };
        let at_start = back.run(&mut pools)?;
        let mut values = vec![0.0; model.attributes.len()];
        for (state, at, share) in &start {
            for (value, (nodes, &at)) in values.iter_mut().zip(nodes.iter().zip(at)) {
                *value = nodes[at].value;
            }
            let s = situation(model, &tables.parameters[arm], &values, *state);
            let procedure = &model.strategies[arm].at_start;
            let branches = match procedure.is_empty() {
                true => vec![(None, *state, 1.0)],
                false => {
                    let shares = branch_shares(procedure, &s);
                    let each = procedure.iter().zip(shares).enumerate();
                    each.map(|(b, (branch, p))| (Some(b), branch.to.unwrap_or(*state), p))
                        .collect()
                }
            };
            for (branch, to, p) in branches.into_iter().filter(|b| b.2 > 0.0) {
                let stratum = places.states[to].stratum.index(at);
                let later = &at_start[to][stratum * outcomes..][..outcomes];
                let mut once = vec![0.0; outcomes];
                for (line, weights) in paths.lines.iter().zip(weights) {
                    let reward = &model.rewards[line.reward];
                    if line.falls == Falls::Start && falls_at_start(reward, arm, branch, *state, to) {
                        once[line.outcome(model)] += weights[0] * reward.amount.value(&s);
                    }
                }
                for (o, groups) in groups.iter_mut().enumerate() {
                    groups.push((share * p, once[o], later[o]));
                }
            }
        }
    }
    Some(groups.iter().map(|groups| Moments::mixture(groups)).collect())
}

struct Backward<'a> {
    tables: &'a Tables<'a>,
    paths: &'a Paths,
    places: &'a Places,
    /// Per line and grid point.
    weights: &'a [&'a [f64]],
    arm: usize,
}

/// Per state: the cycles of entry that patients may have at one grid point, sorted.
type Reachable = Vec<Vec<Entered>>;

impl Backward<'_> {
    /// Per state, `[(stratum, outcome)]`: what patients gather who begin in it at time zero.
    fn run(&self, pools: &mut Pools) -> Option<Vec<Vec<Moments>>> {
        let model = self.tables.model;
        let reachable = self.reachable()?;
        let mut later: Vec<Vec<Moments>> = Vec::new();
        for k in (0..=model.time.cycles).rev() {
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
        let mut cells = 0;
        let mut all: Vec<Reachable> = vec![vec![vec![[0; MOST_CLOCKS]]; model.states.len()]];
        for k in 0..model.time.cycles {
            let mut next: Reachable = all[k].clone();
            for (state, place) in self.places.states.iter().enumerate() {
                for way in place.sides.iter().flat_map(|s| &s.ways).filter(|w| w.to != state) {
                    let arrivals = all[k][state].iter().map(|entered| way.entry(entered, k + 1));
                    next[way.to].extend(arrivals);
                }
            }
            for (entries, place) in next.iter_mut().zip(&self.places.states) {
                entries.sort_unstable();
                entries.dedup();
                cells += entries.len() * place.stratum.size();
            }
            if cells > MOST_CELLS {
                return None;
            }
            all.push(next);
        }
        Some(all)
    }

    /// Moments for the patients of one state at grid point `k`, `[(cell, stratum, outcome)]`.
    fn state(
        &self,
        pools: &mut Pools,
        state: usize,
        k: usize,
        entries: &[Entered],
        next: Option<&Reachable>,
        later: &[Vec<Moments>],
    ) -> Vec<Moments> {
        let model = self.tables.model;
        let outcomes = model.outcomes.len();
        let place = &self.places.states[state];
        let strata = place.stratum.size();
        let mut now = vec![Moments::default(); entries.len() * strata * outcomes];
        let mut residence = vec![0; model.groups.len()];
        for (cell, entered) in entries.iter().enumerate() {
            for (&g, &entered) in place.clocks.iter().zip(entered) {
                residence[g] = k - entered as usize;
            }
            let own = &mut now[cell * strata * outcomes..][..strata * outcomes];
            if let Some(next) = next {
                self.moves(pools, state, k, (entered, &residence), (next, later), own);
            }
            self.being_here(pools, state, k, &residence, own);
        }
        now
    }

    /// Adds what being in the state at grid point `k` is worth.
    fn being_here(
        &self,
        pools: &mut Pools,
        state: usize,
        k: usize,
        residence: &[usize],
        own: &mut [Moments],
    ) {
        let in_it = |line: &Line| matches!(line.falls, Falls::In(s, _) if s == state);
        self.add(
            pools,
            k,
            residence,
            state,
            in_it,
            &self.places.states[state].rewards,
            |stratum, outcome, x| {
                let outcomes = self.tables.model.outcomes.len();
                own[stratum * outcomes + outcome].mean += x;
            },
        );
    }

    /// Tells `add(stratum, outcome, amount)` what the lines that `falls` accepts are worth at grid point `k`, weighted.
    #[allow(clippy::too_many_arguments)]
    fn add(
        &self,
        pools: &mut Pools,
        k: usize,
        residence: &[usize],
        state: usize,
        falls: impl Fn(&Line) -> bool,
        entries: &[super::amounts::Entry],
        mut add: impl FnMut(usize, usize, f64),
    ) {
        let model = self.tables.model;
        let strata = self.places.states[state].stratum.size();
        let parameters = &self.tables.parameters[self.arm];
        for (line, weights) in self.paths.lines.iter().zip(self.weights) {
            let reward = &model.rewards[line.reward];
            if weights[k] == 0.0
                || !falls(line)
                || !reward.given_under(self.arm)
                || super::amounts::differs(model, line)
            {
                continue;
            }
            if let Some(cycle) = line.cycle_read(model, k) {
                let attributes = crate::model::fixed_attributes(model, parameters);
                let s = Situation {
                    cycle,
                    ..situation(model, parameters, &attributes, state)
                };
                let x = weights[k] * reward.amount.value(&s);
                (0..strata).for_each(|stratum| add(stratum, line.outcome(model), x));
            }
        }
        for entry in entries {
            let weight = self.weights[entry.line][k];
            let Some(each) = pools
                .amounts
                .at(entry.amount, self.tables, self.paths, k, residence)
            else {
                continue;
            };
            let outcome = self.paths.lines[entry.line].outcome(model);
            for stratum in 0..strata {
                let class = entry.class.as_ref().map_or(stratum, |c| c[stratum] as usize);
                add(stratum, outcome, weight * each[class]);
            }
        }
    }

    /// What patients of a cell gather from the end of cycle `k + 1` on, the moves at its end included.
    fn moves(
        &self,
        pools: &mut Pools,
        state: usize,
        k: usize,
        (entered, residence): (&Entered, &[usize]),
        (next, later): (&Reachable, &[Vec<Moments>]),
        own: &mut [Moments],
    ) {
        let outcomes = self.tables.model.outcomes.len();
        let place = &self.places.states[state];
        let strata = place.stratum.size();
        let position = |to: usize, entered: &Entered| {
            let found = next[to].binary_search(entered);
            found.expect("every cell that patients come to is listed")
        };
        // Ways with their probability per stratum and what goes with them per stratum and outcome.
        let mut ways: Vec<(&Way, Vec<f64>, Vec<f64>)> = Vec::new();
        let mut free = vec![1.0; strata];
        for side in &place.sides {
            let mut fired = vec![0.0; strata];
            let slot = pools.blocks.slot(side.block, self.tables, k, residence);
            for way in &side.ways {
                let each = slot.exit(way.exit);
                let p: Vec<f64> = (0..strata)
                    .map(|i| {
                        let class = side.class.as_ref().map_or(i, |c| c[i] as usize);
                        let share = if way.share.len() == 1 {
                            way.share[0]
                        } else {
                            way.share[i]
                        };
                        free[i] * each[class] * share
                    })
                    .collect();
                fired.iter_mut().zip(&p).for_each(|(f, p)| *f += p);
                ways.push((way, p, vec![0.0; strata * outcomes]));
            }
            free.iter_mut()
                .zip(&fired)
                .for_each(|(free, fired)| *free = (*free - fired).max(0.0));
        }
        for (way, _, more) in &mut ways {
            let edge = way.edge;
            self.add(
                pools,
                k + 1,
                residence,
                state,
                |line| line.falls == Falls::Edge(edge),
                &way.rewards,
                |stratum, outcome, x| more[stratum * outcomes + outcome] += x,
            );
        }
        let cell_of = |way: &Way| match way.to == state {
            true => position(state, entered),
            false => position(way.to, &way.entry(entered, k + 1)),
        };
        let cells: Vec<usize> = ways.iter().map(|(way, ..)| cell_of(way)).collect();
        let here = position(state, entered);
        let mut groups = Vec::with_capacity(ways.len() + 1);
        for i in 0..strata {
            for o in 0..outcomes {
                groups.clear();
                groups.push((free[i], 0.0, later[state][(here * strata + i) * outcomes + o]));
                for ((way, p, more), cell) in ways.iter().zip(&cells) {
                    if p[i] > 0.0 {
                        let target = way.target.as_ref().map_or(i, |t| t[i] as usize);
                        let size = self.places.states[way.to].stratum.size();
                        let then = later[way.to][(cell * size + target) * outcomes + o];
                        groups.push((p[i], more[i * outcomes + o], then));
                    }
                }
                own[i * outcomes + o] = Moments::mixture(&groups);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_of_single_values_has_their_moments() {
        let one = |x: f64| (0.25, x, Moments::default());
        let all = Moments::mixture(&[one(0.0), one(1.0), one(2.0), one(5.0)]);
        assert_eq!(all.mean, 2.0);
        assert_eq!(all.variance, 3.5);
        assert_eq!(all.third, 4.5);
        assert_eq!(all.fourth, (16.0 + 1.0 + 81.0) / 4.0);
        // In two steps it is the same.
        let halves = [[0.0, 1.0], [2.0, 5.0]].map(|xs| {
            let each = xs.map(|x| (0.5, x, Moments::default()));
            (0.5, 0.0, Moments::mixture(&each))
        });
        let again = Moments::mixture(&halves);
        for (a, b) in [
            (all.variance, again.variance),
            (all.third, again.third),
            (all.fourth, again.fourth),
        ] {
            assert!((a - b).abs() < 1e-12);
        }
    }
}
