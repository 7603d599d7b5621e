//! The future of one state in the factorised recursion: the rewards that its patients can still expect, solved backwards.

use super::background::Marginal;
use super::exits::{FactorisedExit, FactorisedExits, add_future};
use super::lines;
use super::rewards::{FactorisedReward, RewardSums};
use super::sink::Sink;
use super::sojourn::Sojourn;
use super::sums::dot;
use super::view::View;
use crate::engine::cohort::caches::Caches;
use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::{ArmLayout, CommonReward, ExitBranch, ExitSet};
use crate::engine::cohort::strata::{Stratum, class_of};
use crate::model::{Model, Tables};

/// A state with exits under one arm.
pub struct StateFuture {
    pub state: usize,
    /// Index of the layout of the arm.
    pub layout: usize,
    pub stratum: Stratum,
    /// Number of strata.
    pub size: usize,
    /// Index of background mortality, and of its marginal for the state.
    pub background: usize,
    pub marginal: usize,
    /// For each stratum: its class in the marginal; `None` if classes and strata are the same.
    class: Option<Vec<u32>>,
    /// Exits of background mortality.
    pub deaths: Vec<Death>,
    /// Exits of the state other than background mortality.
    pub exits: Option<FactorisedExits>,
    /// Shares that stay and leave by time since entry; used if exits or rewards read this time.
    pub sojourn: Option<Sojourn>,
    /// Lines paid in the state, with the same amount for all patients.
    pub lines: Vec<CommonReward>,
    /// Lines paid in the state whose amounts differ between patients.
    pub rewards: Vec<FactorisedReward>,
    /// `[(outcome, class of the marginal, k)]`: rewards of being in the state at grid point `k` and of dying in the cycle that
    /// begins there.
    amounts: Vec<f64>,
    /// `[(outcome, stratum, e)]`: rewards that read the time since entry, of patients who enter at grid point `e`; empty without
    /// such rewards.
    entrants: Vec<f64>,
    /// `[(exit, outcome, stratum, k)]`: rewards of patients who take an exit at grid point `k`; only with a sojourn.
    after: Vec<f64>,
    buffers: StateBuffers,
}

/// An exit of background mortality.
pub struct Death {
    /// Index of the exit.
    exit: usize,
    /// State entered.
    pub to: usize,
    /// Index of the sink entered.
    pub sink: usize,
    /// Lines paid for the move.
    pub lines: Vec<CommonReward>,
    paid: Vec<f64>,
}

/// Working space.
#[derive(Default)]
struct StateBuffers {
    /// `[(outcome, stratum)]`: rewards after one exit.
    after: Vec<f64>,
    /// Probability of leaving the state, per stratum.
    left: Vec<f64>,
    /// Probability of one exit, per stratum.
    fires: Vec<f64>,
}

impl StateFuture {
    /// The state of a layout with the given index. `background` lists the indices of background mortality and of its marginal, and the
    /// class of each stratum in the marginal.
    pub fn new(
        (position, state, layout, model): (usize, usize, &ArmLayout, &Model),
        stratum: &Stratum,
        background: (usize, usize, Option<Vec<u32>>),
        (exits, sojourn, rewards): (Option<FactorisedExits>, Option<Sojourn>, Vec<FactorisedReward>),
    ) -> StateFuture {
        let (background, marginal, class) = background;
        let death = |branch: &ExitBranch| Death {
            exit: branch.exit,
            to: branch.to,
            sink: 0,
            lines: lines::at(layout, model, lines::on_edge(branch.edge)),
            paid: Vec::new(),
        };
        StateFuture {
            state,
            layout: position,
            size: stratum.size(),
            stratum: stratum.clone(),
            background,
            marginal,
            class,
            deaths: layout.states[state].exit_sets[0].branches.iter().map(death).collect(),
            exits,
            sojourn,
            lines: lines::at(layout, model, lines::in_state(state)),
            rewards,
            amounts: Vec::new(),
            entrants: Vec::new(),
            after: Vec::new(),
            buffers: StateBuffers::default(),
        }
    }

    /// All lines paid in the state or on leaving it.
    pub fn all_lines(&self) -> impl Iterator<Item = usize> {
        let moves = self.exits.iter().flat_map(|exits| exits.branches().flat_map(|branch| &branch.lines));
        let common = self.lines.iter().chain(self.deaths.iter().flat_map(|death| &death.lines)).chain(moves);
        common.map(|common| common.line).chain(self.rewards.iter().map(|reward| reward.line))
    }

    /// States that the exits lead to.
    pub fn targets(&self) -> impl Iterator<Item = usize> {
        let moves = self.exits.iter().flat_map(|exits| exits.branches().filter_map(|branch| branch.to));
        self.deaths.iter().map(|death| death.to).chain(moves)
    }

    /// Evaluates rewards and sojourns at the current values of `tables` and `caches`.
    pub fn set(&mut self, tables: &Tables, layouts: &[ArmLayout], sinks: &[Sink], caches: &mut Caches) {
        let layout = &layouts[self.layout];
        let (arm, cycles, outcomes) = (layout.arm, tables.model.time.cycles, tables.model.outcomes.len());
        let points = cycles + 1;
        let exit_set = layout.states[self.state].exit_sets.get(1);
        if let Some(sojourn) = &mut self.sojourn {
            let exits = self.exits.as_ref().zip(exit_set);
            sojourn.set(tables, self.size, exits, &mut caches.exit_probabilities);
            let exits = self.exits.as_ref().map_or(0, |exits| exits.exits.len());
            self.after.resize(exits * outcomes * self.size * points, 0.0);
        }
        let marginal = &caches.backgrounds[self.background].marginals[self.marginal];
        self.amounts.clear();
        self.amounts.resize(outcomes * marginal.size * points, 0.0);
        let mut each = Vec::new();
        lines::amounts(tables, arm, &self.lines, &mut each);
        add_weighted(&mut self.amounts, &each, &marginal.alive, marginal.size, (points, 0));
        for death in &mut self.deaths {
            lines::amounts(tables, arm, &death.lines, &mut death.paid);
            add_future(&sinks[death.sink], &mut death.paid);
            // Deaths in the cycle that begins at `k` are paid at `k + 1`.
            add_weighted(
                &mut self.amounts,
                &death.paid,
                marginal.fires(death.exit, cycles),
                marginal.size,
                (points, 1),
            );
        }
        self.entrants.clear();
        for reward in &mut self.rewards {
            let mut sums = RewardSums {
                marginal,
                class: &self.class,
                size: self.size,
                sojourn: self.sojourn.as_ref(),
                amounts: &mut self.amounts,
                entrants: &mut self.entrants,
            };
            reward.add(tables, &caches.background_amounts, &mut sums);
        }
        for branch in self.exits.iter_mut().flat_map(|exits| &mut exits.exits).flat_map(|e| &mut e.branches) {
            branch.set(tables, arm, sinks);
        }
    }

    /// Solves grid point `k`: writes to `into` the rewards from `k` onwards, `[(outcome, stratum)]`. `next` has those of the state
    /// from `k + 1` onwards, `views` those of the states that it leads to.
    pub fn step(
        &mut self,
        tables: &Tables,
        (set, marginal, cache): (Option<&ExitSet>, &Marginal, &mut ExitProbabilities),
        k: usize,
        (next, views): (&[f64], &[View]),
        into: &mut [f64],
    ) {
        let cycles = tables.model.time.cycles;
        let (points, size) = (cycles + 1, self.size);
        let mut buffers = std::mem::take(&mut self.buffers);
        let exits = self.exits.as_ref().zip(set);
        if let Some(sojourn) = &self.sojourn {
            if let Some((exits, set)) = exits.filter(|_| k < cycles) {
                for (e, exit) in exits.exits.iter().enumerate() {
                    self.after_exit(exit, set, marginal, (k + 1, points), views, &mut buffers.after);
                    let rows = self.after[e * into.len() * points..].chunks_exact_mut(points);
                    rows.zip(&buffers.after).for_each(|(row, value)| row[k + 1] = *value);
                }
            }
            self.buffers = buffers;
            self.entering(sojourn, marginal.size, (k, points), into);
            return;
        }
        for (into, amounts) in
            into.chunks_exact_mut(size).zip(self.amounts.chunks_exact(marginal.size * points))
        {
            for (u, value) in into.iter_mut().enumerate() {
                *value = amounts[class_of(&self.class, u) * points + k];
            }
        }
        if k < cycles {
            buffers.left.clear();
            buffers.left.resize(size, 0.0);
            if let Some((exits, set)) = exits {
                let probabilities = cache.in_cycle(exits.cached, tables, k, &[]);
                for exit in &exits.exits {
                    self.after_exit(exit, set, marginal, (k + 1, points), views, &mut buffers.after);
                    let p = probabilities.exit(exit.exit);
                    buffers.fires.clear();
                    match p {
                        [p] => buffers.fires.resize(size, *p),
                        _ => buffers.fires.extend((0..size).map(|u| p[class_of(&exits.class, u)])),
                    }
                    let leaves = exit.leaves(set);
                    buffers.left.iter_mut().zip(&buffers.fires).for_each(|(left, p)| *left += p * leaves);
                    for (into, after) in into.chunks_exact_mut(size).zip(buffers.after.chunks_exact(size)) {
                        let each = into.iter_mut().zip(after).zip(&buffers.fires);
                        each.for_each(|((value, after), p)| *value += p * after);
                    }
                }
            }
            for (into, next) in into.chunks_exact_mut(size).zip(next.chunks_exact(size)) {
                let each = into.iter_mut().zip(next).zip(&buffers.left);
                each.for_each(|((value, next), left)| *value += (1.0 - left).max(0.0) * next);
            }
        }
        self.buffers = buffers;
    }

    /// Rewards of patients who enter the state at grid point `k`, over the time in the state and afterwards.
    fn entering(&self, sojourn: &Sojourn, classes: usize, (k, points): (usize, usize), into: &mut [f64]) {
        let exits = self.exits.as_ref().map_or(0, |exits| exits.exits.len());
        let rows = into.len();
        for (row, value) in into.iter_mut().enumerate() {
            let (outcome, u) = (row / self.size, row % self.size);
            let amounts = &self.amounts[(outcome * classes + class_of(&self.class, u)) * points..][k..points];
            *value = dot(sojourn.stay(u, points - k), amounts);
            if let Some(entrants) = self.entrants.get(row * points + k) {
                *value += entrants;
            }
            for e in 0..exits {
                let after = &self.after[(e * rows + row) * points..][k + 1..points];
                *value += dot(sojourn.fire(e, u, points - 1 - k), after);
            }
        }
    }

    /// Writes to `into` the rewards of patients who take an exit at grid point `k`, `[(outcome, stratum)]`.
    fn after_exit(
        &self,
        exit: &FactorisedExit,
        set: &ExitSet,
        marginal: &Marginal,
        (k, points): (usize, usize),
        views: &[View],
        into: &mut Vec<f64>,
    ) {
        let size = self.size;
        let alive = marginal.alive(k);
        let outcomes = self.amounts.len() / (marginal.size * points);
        into.clear();
        into.resize(outcomes * size, 0.0);
        for branch in &exit.branches {
            let share = set.branches[branch.branch].share[0];
            for (paid, into) in branch.paid.chunks_exact(points).zip(into.chunks_exact_mut(size)) {
                let paid = share * paid[k];
                if paid != 0.0 {
                    for (u, into) in into.iter_mut().enumerate() {
                        *into += paid * alive[class_of(&self.class, u)];
                    }
                }
            }
            let Some(view) = branch.view.map(|view| &views[view]) else {
                continue;
            };
            for (into, there) in into.chunks_exact_mut(size).zip(view.values.chunks_exact(view.size)) {
                match (&branch.shared, there) {
                    (_, [there]) => into.iter_mut().for_each(|own| *own += share * there),
                    (None, _) => into.iter_mut().zip(there).for_each(|(own, there)| *own += share * there),
                    (Some(class), _) => {
                        let each = into.iter_mut().zip(class);
                        each.for_each(|(own, &c)| *own += share * there[c as usize]);
                    }
                }
            }
        }
    }
}

/// Adds amounts per patient `[(outcome, k)]`, `later` grid points later, times shares of patients `[(k, class)]`, to
/// `[(outcome, class, k)]`.
fn add_weighted(
    into: &mut [f64],
    amounts: &[f64],
    patients: &[f64],
    classes: usize,
    (points, later): (usize, usize),
) {
    let each = into.chunks_exact_mut(classes * points).zip(amounts.chunks_exact(points));
    for (into, amounts) in each.filter(|(_, amounts)| amounts.iter().any(|amount| *amount != 0.0)) {
        for (class, into) in into.chunks_exact_mut(points).enumerate() {
            let patients = patients[class..].iter().step_by(classes);
            let own = into.iter_mut().zip(&amounts[later..]).zip(patients);
            // Points without patients are skipped because their amount may be undefined (NaN or infinite).
            own.filter(|(_, patients)| **patients != 0.0)
                .for_each(|((own, amount), patients)| *own += amount * patients);
        }
    }
}
