//! Factorised recursion: a fast path for models whose background mortality is the same in every state, used when only totals
//! are needed.
//!
//! Occupancy is then the survival from background mortality times the occupancy of a smaller Markov model,
//!
//! ```text
//! mass(s, b, x, k) = A(b, k) N(s, x, k),
//! ```
//!
//! where `s` is the state, `b` are the attributes that background mortality reads (for example age and sex), `x` the attributes that any
//! other part of the model reads, and `k` the number of completed cycles. [`background`] computes `A` once for all
//! strategies. Patients of the smaller model need not be distinguished if they differ only in `b`.
//!
//! The smaller model is solved backwards. `V(s, x, k)` is the sum of all rewards from grid point `k` onwards per patient of
//! the smaller model who is in state `s` at `k`:
//!
//! ```text
//! V(s, x, k) = c(s, x, k) + sum over exits of p (reward of the move + V(s', x', k + 1)) + (1 - sum of p) V(s, x, k + 1),
//! ```
//!
//! where `c` are the rewards of being in the state, weighted by `A`, and those of deaths by background mortality (backward
//! recursion of a Markov chain with rewards: R. A. Howard, Dynamic Programming and Markov Processes, 1960, chapter 2). If the
//! exits of a state read the time since entry, [`sojourn`] gives its `V`. The total of a strategy is the sum of `V` over its
//! patients at the start. One solution therefore serves all distributions of patients at the start, for example all subgroups,
//! and states that have the same future under several strategies are solved once ([`merge`]).

pub mod amounts;
pub mod background;
mod conditions;
mod exits;
mod lines;
mod merge;
pub mod rewards;
mod sink;
mod sojourn;
mod state;
mod sums;
mod view;

use super::caches::Caches;
use super::cells::Cells;
use super::exit_probabilities::ExitProbabilities;
use super::layout::{ArmLayout, ExitBranch};
use super::strata::{Stratum, class_of};
use crate::model::dependence;
use crate::model::hazard::{Reads, insert};
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

use background::BackgroundMortality;
use exits::FactorisedExits;
use rewards::{FactorisedReward, LineUnderArm, SeenBy};
use sink::Sink;
use sojourn::Sojourn;
use state::StateFuture;
use view::View;

/// The futures of all states under all arms that can be factorised.
#[derive(Default)]
pub struct Factorised {
    states: Vec<StateFuture>,
    sinks: Vec<Sink>,
    /// For each layout: where its states are; `None` if the arm cannot be factorised.
    arms: Vec<Option<FactorisedArm>>,
    /// States as they are entered from other states.
    views: Vec<View>,
    /// `[state][(outcome, stratum)]`: rewards from the grid point solved last, and working space for the grid point
    /// before it.
    values: Vec<Vec<f64>>,
    before: Vec<Vec<f64>>,
}

/// One arm in factorised form.
struct FactorisedArm {
    /// Index of the exits of background mortality in [`ExitProbabilities`].
    cached: usize,
    states: Vec<Place>,
    /// For each state: projections onto the attributes that background mortality does not read.
    start: Vec<StartStrata>,
}

/// Projections onto the attributes that background mortality does not read; `None` if the strata are the same.
struct StartStrata {
    /// From the strata of the layout.
    layout: Option<Vec<u32>>,
    /// From the strata of the factorised state.
    factorised: Option<Vec<u32>>,
}

/// Where the future of a state is found: among the states with exits or among those without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    State(usize),
    Sink(usize),
}

impl Place {
    /// The place after states and sinks with the same future are merged into these classes.
    fn merged(self, states: &[usize], sinks: &[usize]) -> Place {
        match self {
            Place::State(state) => Place::State(states[state]),
            Place::Sink(sink) => Place::Sink(sinks[sink]),
        }
    }
}

impl Factorised {
    /// Factorises the arms of `layouts` that are `wanted` and meet the conditions.
    pub fn new(
        tables: &Tables,
        nodes: &[Vec<Node>],
        layouts: &[ArmLayout],
        caches: &mut Caches,
        wanted: impl Fn(usize) -> bool,
    ) -> Factorised {
        let mut own = Factorised::default();
        for (position, layout) in layouts.iter().enumerate() {
            let (states, sinks) = (own.states.len(), own.sinks.len());
            let arm = wanted(position).then(|| own.arm(tables, nodes, (position, layout), caches)).flatten();
            if arm.is_none() {
                own.states.truncate(states);
                own.sinks.truncate(sinks);
            }
            own.arms.push(arm);
        }
        merge::merge(&mut own, tables.model, layouts);
        let outcomes = tables.model.outcomes.len();
        own.values = own.states.iter().map(|state| vec![0.0; outcomes * state.size]).collect();
        own.before = own.values.clone();
        own
    }

    /// Places of the states of a layout that is factorised.
    fn places(&self, layout: usize) -> &[Place] {
        &self.arms[layout].as_ref().expect("the arm of a state is factorised").states
    }

    /// Adds the states of one arm; `None` if the conditions are not met.
    fn arm(
        &mut self,
        tables: &Tables,
        nodes: &[Vec<Node>],
        (position, layout): (usize, &ArmLayout),
        caches: &mut Caches,
    ) -> Option<FactorisedArm> {
        let (model, arm) = (tables.model, layout.arm);
        let Caches { exit_probabilities, backgrounds, background_amounts, .. } = caches;
        let (cached, exits) = conditions::common_exits(layout)?;
        if !exit_probabilities.reads(cached).residence.is_empty() {
            return None;
        }
        if layout.states.iter().flat_map(|state| &state.clocks).any(|&g| model.groups[g].counter.is_some()) {
            return None;
        }
        let by = exit_probabilities.stratum(cached).attributes.clone();
        // The shares of patients are a product only if background mortality depends on nothing on which other parts depend.
        if by.iter().any(|&a| dependence::is_tied(model, a)) {
            return None;
        }
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
        let mut start = Vec::new();
        for (s, here) in layout.states.iter().enumerate() {
            start.push(StartStrata {
                layout: here.stratum.project(&by_others[s]),
                factorised: strata[s].project(&by_others[s]),
            });
            if here.exit_sets.is_empty() {
                if here.rewards_differ() {
                    return None;
                }
                self.sinks.push(Sink::new(position, s, layout, model));
                states.push(Place::Sink(self.sinks.len() - 1));
                continue;
            }
            let mut branches = here.exit_sets.iter().flat_map(|set| &set.branches);
            // The future of a state that is entered again would be needed before it is known.
            let refused = |branch: &ExitBranch| !branch.rewards.is_empty() || branch.moves && branch.to == s;
            if branches.any(refused) || conditions::shares_differ(tables, arm, s) {
                return None;
            }
            let exits = here.exit_sets.get(1).map(|set| {
                let between = |to: usize| {
                    let mut attributes = by_others[to].attributes.clone();
                    before[s].iter().for_each(|&a| insert(&mut attributes, a));
                    Stratum::new(attributes, nodes)
                };
                FactorisedExits::new(set, s, (layout, model), &strata, exit_probabilities, between)
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
            let mut rewards = Vec::new();
            for entry in &here.rewards {
                let line = LineUnderArm { line: entry.line, arm, state: s };
                let seen_by = SeenBy { position: background, background: own, marginal };
                rewards.push(FactorisedReward::new(model, line, &seen_by, background_amounts)?);
            }
            let class = strata[s].project(&own.marginals[marginal].stratum);
            self.states.push(StateFuture::new(
                (position, s, layout, model),
                &strata[s],
                (background, marginal, class),
                (exits, sojourn, rewards),
            ));
            states.push(Place::State(self.states.len() - 1));
        }
        Some(FactorisedArm { cached, states, start })
    }

    /// Whether the totals of the patients of `strategy` who follow the arm of a layout are found here. Eligibility and the
    /// procedure at the start must then be independent of background mortality.
    pub fn serves(&self, model: &Model, strategy: usize, layout: usize, cache: &ExitProbabilities) -> bool {
        let arm = self.arms.get(layout).and_then(Option::as_ref);
        arm.is_some_and(|arm| conditions::start_is_independent(model, strategy, cache, arm.cached))
    }

    /// Attributes by which the patients of a layout need not be divided at the start, because only background mortality
    /// reads them.
    pub fn ignored_at_start(&self, model: &Model, layout: usize, cache: &ExitProbabilities) -> Vec<usize> {
        let Some(Some(arm)) = self.arms.get(layout) else {
            return Vec::new();
        };
        let by = &cache.stratum(arm.cached).attributes;
        if conditions::start_rewards_are_independent(model, by) { by.clone() } else { Vec::new() }
    }

    /// Solves the futures of all states at the current values of `tables` and `caches`.
    pub fn solve(&mut self, tables: &Tables, layouts: &[ArmLayout], caches: &mut Caches) {
        for sink in &mut self.sinks {
            sink.set(tables, layouts[sink.layout].arm);
        }
        for state in &mut self.states {
            state.set(tables, layouts, &self.sinks, caches);
        }
        let cache = &mut caches.exit_probabilities;
        for k in (0..=tables.model.time.cycles).rev() {
            let each = self.states.iter_mut().zip(&self.values).zip(&mut self.before);
            for ((state, next), into) in each {
                let marginal = &caches.backgrounds[state.background].marginals[state.marginal];
                let set = layouts[state.layout].states[state.state].exit_sets.get(1);
                state.step(tables, (set, marginal, cache), k, (next, &self.views), into);
            }
            std::mem::swap(&mut self.values, &mut self.before);
            for view in &mut self.views {
                view.set(&self.values[view.state]);
            }
        }
    }

    /// Adds to `into` (one number per outcome) the totals of patients who are in these cells of a layout at time zero.
    pub fn add(&self, layout: usize, cells: &[Cells], into: &mut [f64]) {
        let Some(Some(arm)) = self.arms.get(layout) else {
            return;
        };
        let mut by_others = Vec::new();
        for ((place, strata), cells) in arm.states.iter().zip(&arm.start).zip(cells) {
            let state = match *place {
                Place::Sink(sink) => {
                    self.sinks[sink].add(0, cells.total(), into);
                    continue;
                }
                Place::State(state) => state,
            };
            let size = self.states[state].size;
            by_others.clear();
            by_others.resize(size, 0.0);
            for (_, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                for (x, mass) in mass.iter().enumerate() {
                    by_others[class_of(&strata.layout, x)] += mass;
                }
            }
            for (values, into) in self.values[state].chunks_exact(size).zip(&mut *into) {
                for (u, value) in values.iter().enumerate() {
                    let patients = by_others[class_of(&strata.factorised, u)];
                    // Strata without patients are skipped because their future may be undefined.
                    if patients != 0.0 {
                        *into += patients * value;
                    }
                }
            }
        }
    }
}
