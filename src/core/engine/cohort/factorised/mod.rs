//! Factorised recursion: a fast path for models whose background mortality is the same in every state.
//!
//! Occupancy is then the survival from background mortality times the occupancy of a smaller Markov model,
//!
//! ```text
//! mass(s, b, x, k) = A(b, k) N(s, x, k),
//! ```
//!
//! where `s` is the state, `b` are the attributes that background mortality reads (for example age and sex), `x` the attributes that any
//! other part of the model reads, and `k` the number of completed cycles. [`background`] computes `A` once for all
//! strategies. `N` changes only by the other exits (in this file, and in [`sojourn`] if exits read the time in a state),
//! and need not distinguish patients who differ only in `b`. [`rewards`] adds up the amounts that differ between patients.
//! The factorised recursion computes totals only, no endpoints.

pub mod amounts;
pub mod background;
mod conditions;
mod exits;
pub mod rewards;
mod sojourn;
mod state;
mod sums;

use super::caches::Caches;
use super::cells::{Cells, sum};
use super::exit_probabilities::ExitProbabilities;
use super::layout::{ArmLayout, ExitSet};
use super::strata::{Stratum, class_of};
use crate::engine::counts::StrategyCounts;
use crate::model::hazard::{Reads, insert};
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

use background::{BackgroundMortality, Marginal};
use exits::{FactorisedBranch, FactorisedExits};
use rewards::{FactorisedReward, LineUnderArm, SeenBy};
use sojourn::Sojourn;
use state::FactorisedState;
use sums::{dot, dots};

/// One arm in factorised form.
pub struct Factorised {
    /// Index of the background mortality of the arm.
    background: usize,
    /// Patients of each state; `None` for states without exits.
    states: Vec<Option<FactorisedState>>,
    rewards: Vec<FactorisedReward>,
    buffers: FactorisedBuffers,
    /// Attributes that are read by background mortality but not by states, procedures or eligibility at the start, so that
    /// patients at the start need not be divided by them; empty if any of them is read at the start.
    pub ignored_at_start: Vec<usize>,
}

/// Working space with one number per stratum.
#[derive(Default)]
struct FactorisedBuffers {
    /// Patients who take an exit, per stratum.
    moved: Vec<f64>,
    /// The patients in `moved`, summed by those attributes that are distinguished in the state left and also in the state
    /// entered.
    shared: Vec<f64>,
    /// Probability of leaving the state, per stratum.
    left: Vec<f64>,
}

/// The exits of a state other than background mortality in one cycle, and the marginal of background mortality for the
/// state.
struct Leaving<'a> {
    set: &'a ExitSet,
    marginal: &'a Marginal,
    cycle: usize,
}

impl Factorised {
    /// Factorises the arm of a layout for patients of `strategy`; `None` if the conditions are not met.
    pub fn new(
        tables: &Tables,
        nodes: &[Vec<Node>],
        layout: &ArmLayout,
        strategy: usize,
        caches: &mut Caches,
    ) -> Option<Factorised> {
        let (model, arm) = (tables.model, layout.arm);
        let Caches { exit_probabilities, backgrounds, background_amounts, .. } = caches;
        let (cached, exits) = conditions::common_exits(layout)?;
        if !exit_probabilities.reads(cached).residence.is_empty()
            || !conditions::start_is_independent(model, strategy, exit_probabilities, cached)
        {
            return None;
        }
        let by = exit_probabilities.stratum(cached).attributes.clone();
        let reads: Vec<Reads> =
            (0..model.states.len()).map(|s| conditions::rest_reads(tables, arm, s)).collect();
        let before = conditions::read_before(model.paths(), &reads, &by);
        let background = backgrounds.iter().position(|b| b.cached == cached).unwrap_or_else(|| {
            backgrounds.push(BackgroundMortality::new(cached, exits, exit_probabilities));
            backgrounds.len() - 1
        });
        let own = &mut backgrounds[background];
        // Strata of each state by the attributes that background mortality does not read, and finer strata that add the
        // attributes that background mortality and other exits both read.
        let (by_others, strata): (Vec<Stratum>, Vec<Stratum>) = layout
            .states
            .iter()
            .zip(&before)
            .map(|(here, before)| {
                let others = here.stratum.attributes.iter().copied();
                let mut attributes: Vec<usize> = others.filter(|a| !by.contains(a)).collect();
                let by_others = Stratum::new(attributes.clone(), nodes);
                before.iter().for_each(|&a| insert(&mut attributes, a));
                (by_others, Stratum::new(attributes, nodes))
            })
            .unzip();
        let mut states = Vec::new();
        let mut rewards = Vec::new();
        for (s, here) in layout.states.iter().enumerate() {
            if here.exit_sets.is_empty() {
                if here.rewards_differ() {
                    return None;
                }
                states.push(None);
                continue;
            }
            let mut branches = here.exit_sets.iter().flat_map(|set| &set.branches);
            if branches.any(|branch| !branch.rewards.is_empty()) || conditions::shares_differ(tables, arm, s)
            {
                return None;
            }
            let exits = here.exit_sets.get(1).map(|set| {
                let between = |to: usize| {
                    let mut attributes = by_others[to].attributes.clone();
                    before[s].iter().for_each(|&a| insert(&mut attributes, a));
                    Stratum::new(attributes, nodes)
                };
                FactorisedExits::new(set, s, layout, &strata, exit_probabilities, between)
            });
            let mut clocks = reads[s].residence.clone();
            for entry in &here.rewards {
                let reward = &model.rewards[model.paths().lines[entry.line].reward];
                reward.reads().residence.iter().for_each(|&g| insert(&mut clocks, g));
            }
            let sojourn = match clocks[..] {
                [] => None,
                [g] if !reads[s].time && !reads[s].age && conditions::starts_anew(layout, s, g) => {
                    Some(Sojourn::new(g, model.time.cycles))
                }
                _ => return None,
            };
            let marginal = own.marginal(Stratum::new(before[s].clone(), nodes));
            for entry in &here.rewards {
                let line = LineUnderArm { line: entry.line, arm, state: s };
                let seen_by = SeenBy { position: background, background: own, marginal };
                rewards.push(FactorisedReward::new(model, line, &seen_by, background_amounts)?);
            }
            states.push(Some(FactorisedState {
                size: strata[s].size(),
                marginal,
                class: strata[s].project(&own.marginals[marginal].stratum),
                start: (here.stratum.project(&by_others[s]), strata[s].project(&by_others[s])),
                exits,
                sojourn,
                now: Vec::new(),
                arrivals: Vec::new(),
                present: Vec::new(),
            }));
        }
        let independent = conditions::start_rewards_are_independent(model, &by);
        Some(Factorised {
            background,
            states,
            rewards,
            buffers: FactorisedBuffers::default(),
            ignored_at_start: if independent { by } else { Vec::new() },
        })
    }

    /// Takes the patients at time zero from `cells`.
    pub fn enter(
        &mut self,
        tables: &Tables,
        layout: &ArmLayout,
        cells: &[Cells],
        caches: &mut Caches,
        counts: &mut StrategyCounts,
    ) {
        let cycles = tables.model.time.cycles;
        let background = &caches.backgrounds[self.background];
        for (s, (state, cells)) in self.states.iter_mut().zip(cells).enumerate() {
            let Some(state) = state else {
                counts.occupancy[s][0] = cells.total();
                continue;
            };
            state.begin(cells);
            state.present.clear();
            state.present.resize((cycles + 1) * background.marginals[state.marginal].size, 0.0);
            if let Some(sojourn) = &mut state.sojourn {
                let exits = state.exits.as_ref().zip(layout.states[s].exit_sets.get(1));
                sojourn.set(tables, state.size, exits, &mut caches.exit_probabilities);
                sojourn.arrive(0, &state.now);
            }
            state.record(0, background);
        }
    }

    /// Runs one cycle.
    pub fn step(
        &mut self,
        tables: &Tables,
        layout: &ArmLayout,
        caches: &mut Caches,
        counts: &mut StrategyCounts,
        cycle: usize,
    ) {
        let background = &caches.backgrounds[self.background];
        for s in 0..self.states.len() {
            let Some(mut state) = self.states[s].take() else {
                continue;
            };
            if state.exits.is_some() {
                let marginal = &background.marginals[state.marginal];
                let leaving = Leaving { set: &layout.states[s].exit_sets[1], marginal, cycle };
                self.leave(tables, &mut state, &leaving, &mut caches.exit_probabilities, counts);
            }
            self.states[s] = Some(state);
        }
        for state in self.states.iter_mut().flatten() {
            state.arrive(cycle + 1);
            state.record(cycle + 1, background);
        }
    }

    /// Moves the patients of a state who take an exit other than background mortality.
    fn leave(
        &mut self,
        tables: &Tables,
        state: &mut FactorisedState,
        leaving: &Leaving,
        cache: &mut ExitProbabilities,
        counts: &mut StrategyCounts,
    ) {
        let &Leaving { set, marginal, cycle } = leaving;
        let Some(exits) = &state.exits else {
            return;
        };
        let size = state.size;
        let alive = marginal.alive(cycle + 1);
        let probabilities = match &state.sojourn {
            None => Some(cache.in_cycle(exits.cached, tables, cycle, &[])),
            Some(_) => None,
        };
        let FactorisedBuffers { moved, shared, left } = &mut self.buffers;
        moved.clear();
        moved.resize(size, 0.0);
        left.clear();
        left.resize(size, 0.0);
        for (e, exit) in exits.exits.iter().enumerate() {
            match (&state.sojourn, &probabilities) {
                (Some(sojourn), _) => sojourn.leaving(e, cycle, moved),
                (None, Some(probabilities)) => {
                    let p = probabilities.exit(exit.exit);
                    let leaves = exit.leaves(set);
                    let each = moved.iter_mut().zip(&state.now).zip(left.iter_mut());
                    if let [p] = p {
                        each.for_each(|((moved, now), left)| (*moved, *left) = (now * p, *left + p * leaves));
                    } else {
                        for (u, ((moved, now), left)) in each.enumerate() {
                            let p = p[class_of(&exits.class, u)];
                            (*moved, *left) = (now * p, *left + p * leaves);
                        }
                    }
                }
                (None, None) => {}
            }
            let all = sum(moved);
            let fired: f64 = match (&state.class, alive) {
                (_, [alive]) => all * alive,
                (None, _) => dot(moved, alive),
                (Some(class), _) => moved.iter().zip(class).map(|(m, &c)| m * alive[c as usize]).sum(),
            };
            for branch in &exit.branches {
                let share = set.branches[branch.branch].share[0];
                counts.moves[branch.edge][cycle + 1] += share * fired;
                if let Some(target) = branch.to.and_then(|to| self.states[to].as_mut()) {
                    arrive(target, branch, share, moved, all, shared);
                }
            }
        }
        let stay = |(now, left): (&mut f64, &f64)| *now *= (1.0 - left).max(0.0);
        state.now.iter_mut().zip(&*left).for_each(stay);
    }

    /// Adds up occupancy, deaths by background mortality, and rewards that differ between patients, after the last
    /// cycle.
    pub fn finish(
        &mut self,
        tables: &Tables,
        layout: &ArmLayout,
        caches: &Caches,
        counts: &mut StrategyCounts,
    ) {
        let model = tables.model;
        let cycles = model.time.cycles;
        let background = &caches.backgrounds[self.background];
        for (s, (state, here)) in self.states.iter().zip(&layout.states).enumerate() {
            let Some(state) = state else {
                continue;
            };
            let marginal = &background.marginals[state.marginal];
            dots(&state.present, &marginal.alive, marginal.size, &mut counts.occupancy[s]);
            for branch in &here.exit_sets[0].branches {
                let moves = &mut counts.moves[branch.edge][1..];
                dots(&state.present, marginal.fires(branch.exit, cycles), marginal.size, moves);
            }
        }
        for (s, state) in self.states.iter().enumerate() {
            if state.is_none() {
                accumulate_moves(model, s, counts);
            }
        }
        for reward in &mut self.rewards {
            if let Some(state) = &self.states[reward.state] {
                reward.add(tables, state, background, &caches.background_amounts, counts);
            }
        }
    }
}

/// Adds a share of the patients `moved` to the arrivals in the state that a branch enters; `all` is the sum of `moved`.
#[inline]
fn arrive(
    target: &mut FactorisedState,
    branch: &FactorisedBranch,
    share: f64,
    moved: &[f64],
    all: f64,
    shared: &mut Vec<f64>,
) {
    if branch.shared_size == 1 {
        target.arrivals.iter_mut().for_each(|a| *a += share * all);
        return;
    }
    let by_class = match &branch.shared {
        None => moved,
        Some(class) => {
            shared.clear();
            shared.resize(branch.shared_size, 0.0);
            moved.iter().zip(class).for_each(|(m, &c)| shared[c as usize] += m);
            &*shared
        }
    };
    match &branch.there {
        None => (target.arrivals.iter_mut().zip(by_class)).for_each(|(a, m)| *a += share * m),
        Some(class) => {
            let each = target.arrivals.iter_mut().zip(class);
            each.for_each(|(a, &c)| *a += share * by_class[c as usize]);
        }
    }
}

/// Occupancy of a state without exits, computed as the running sum of moves into the state.
fn accumulate_moves(model: &Model, state: usize, counts: &mut StrategyCounts) {
    let inside = &mut counts.occupancy[state];
    let all = model.paths().edges.iter().zip(&counts.moves);
    for (_, moves) in all.filter(|(edge, _)| edge.to == state) {
        inside[1..].iter_mut().zip(&moves[1..]).for_each(|(own, moves)| *own += moves);
    }
    for k in 1..inside.len() {
        inside[k] += inside[k - 1];
    }
}
