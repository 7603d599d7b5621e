//! Life of one simulated patient under one strategy, from the start to the horizon, with every transition that fires.

use super::cumulative::NEVER;
use super::lookup::Clocks;
use super::plan::{Plan, PlannedExit, PlannedShares};
use super::population::{choose, cumulative};
use crate::model::population::arm_of;
use crate::model::{Branch, Situation, Tables, branch_shares, situation};

/// An event in the life of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// The patient presents in `from` and, after the procedure at the start (if any), begins in `to`.
    Start {
        /// State at presentation.
        from: usize,
        /// State after the procedure at the start.
        to: usize,
        /// Strategy that the patient follows; differs from the assigned strategy if the patient is not eligible.
        arm: usize,
        /// Branch taken of the procedure at the start.
        branch: Option<usize>,
    },
    /// A transition fired.
    Fired {
        /// Index of the edge.
        edge: usize,
        /// Grid point at which the move takes effect; in continuous time, the first grid point at or after the move.
        cycle: usize,
        /// Time of the move, in cycles since the start.
        time: f64,
    },
}

impl Move {
    /// The same move under strategy `other`, if patients live the same lives under `own` and `other`.
    #[inline]
    pub fn under(self, own: usize, other: usize) -> Move {
        match self {
            Move::Start { from, to, arm, branch } if arm == own => {
                Move::Start { from, to, arm: other, branch }
            }
            same => same,
        }
    }
}

/// Running threshold of a transition in one life.
#[derive(Clone, Copy)]
pub struct RunningThreshold {
    /// Cumulative hazard that remains before the transition fires.
    pub left: f64,
    branch: f64,
    occurrence: u32,
    /// Whether `left` and `branch` have been drawn. Thresholds are drawn only when they are needed.
    drawn: bool,
    /// Whether this is the first threshold of its transition and no hazard has been subtracted yet.
    pub fresh: bool,
}

const UNDRAWN: RunningThreshold =
    RunningThreshold { left: 0.0, branch: 0.0, occurrence: 0, drawn: false, fresh: true };

/// Cached values of a lookup for the current patient.
#[derive(Clone, Copy)]
pub struct Known {
    patient: u64,
    /// Class of the patient in the lookup.
    pub class: u32,
    /// Cycle from which the last firing was looked up, on the clock of the lookup. Strategies with the same history so
    /// far look up the same value again.
    pub from: u32,
    /// Cycle of the firing found from `from`, on the same clock.
    pub fires: u32,
    /// Multiplier of the patient's hazard.
    pub scale: f64,
    /// Inverse of `scale`: a threshold times this value is the baseline hazard needed for firing.
    pub per_scale: f64,
}

/// Working space that simulates one patient after another.
pub struct Life<'a> {
    pub plan: &'a Plan<'a>,
    pub patient: u64,
    /// Attributes of the current patient, and the cycles in which the patient entered each group of states.
    pub clocks: Clocks,
    start: usize,
    /// Uniform random number that chooses the branch of a procedure at the start.
    procedure: f64,
    /// Thresholds at the start of a life, the same under every strategy.
    base: Vec<RunningThreshold>,
    /// Thresholds at the present point of the current life.
    thresholds: Vec<RunningThreshold>,
    /// Cached values of each lookup.
    pub known: Vec<Known>,
    /// Working space: cycles that the patient has been in each group of states.
    pub residence: Vec<usize>,
    /// Continuous time: when the patient entered each group of states, in cycles.
    pub entered: Vec<f64>,
    /// Continuous time, per lookup: patient, start of exposure and time of firing of the last fresh threshold.
    pub last_fired: Vec<(u64, f64, f64)>,
}

const NOBODY: u64 = u64::MAX;

impl<'a> Life<'a> {
    pub fn new(plan: &'a Plan<'a>) -> Life<'a> {
        let model = plan.tables.model;
        let transitions = model.transitions.len();
        Life {
            plan,
            patient: NOBODY,
            clocks: Clocks {
                entry: vec![0; model.groups.len()],
                attributes: vec![0.0; model.attributes.len()],
                per_year: model.time.cycles_per_year,
                year: 1.0 / model.time.cycles_per_year,
                horizon: model.time.cycles as u32,
            },
            start: 0,
            procedure: 0.0,
            base: vec![UNDRAWN; transitions],
            thresholds: vec![UNDRAWN; transitions],
            known: vec![
                Known { patient: NOBODY, class: 0, from: 0, fires: 0, scale: 1.0, per_scale: 1.0 };
                plan.lookups.len()
            ],
            residence: vec![0; model.groups.len()],
            entered: vec![0.0; model.groups.len()],
            last_fired: vec![(NOBODY, 0.0, 0.0); plan.lookups.len()],
        }
    }

    /// Draws the attributes and the state at presentation of patient number `patient`.
    pub fn begin(&mut self, patient: u64) {
        self.patient = patient;
        self.start = self.plan.population.draw(patient, &mut self.clocks.attributes);
        self.procedure = self.plan.procedure.uniforms(patient, 0)[0];
        self.base.fill(UNDRAWN);
    }

    /// Simulates the patient's life under `strategy` and calls `seen` with every move.
    pub fn live(&mut self, strategy: usize, seen: &mut impl FnMut(Move)) {
        match self.plan.tables.model.time.continuous() {
            true => self.live_continuously(strategy, seen),
            false => self.live_by_cycles(strategy, seen),
        }
    }

    /// [`Life::live`] with at most one move a cycle.
    fn live_by_cycles(&mut self, strategy: usize, seen: &mut impl FnMut(Move)) {
        let plan = self.plan;
        let (arm, mut state) = self.start(strategy, seen);
        let row_of = |state: usize| &plan.rows[plan.row[arm][state] as usize];
        let mut last = self.lifelong(row_of(state), arm, state, 0);
        let mut cycle = 0u32;
        self.clocks.entry.fill(0);
        while cycle < self.clocks.horizon {
            let row = row_of(state);
            if row.no_exits() {
                break;
            }
            let fired = if row.walked {
                self.walk(row, arm, state, cycle)
            } else {
                self.look_up(row, arm, state, cycle, last)
            };
            let Some((exit, at)) = fired else { break };
            let edge = self.fire(exit, |own| {
                own.residence_at(at);
                own.situation(arm, state, at as usize)
            });
            cycle = at + 1;
            seen(Move::Fired { edge, cycle: cycle as usize, time: f64::from(cycle) });
            for &g in &plan.paths.enters[edge] {
                self.clocks.entry[g] = cycle;
            }
            for &(g, most) in &plan.counters[exit.transition as usize] {
                self.clocks.entry[g] = (self.clocks.entry[g] + 1).min(most);
            }
            state = plan.paths.edges[edge].to;
            if at == last {
                last = self.lifelong(row_of(state), arm, state, cycle);
            }
        }
    }

    /// Begins a life under `strategy`: the arm that the patient follows, and the first state after the procedure at the start.
    #[inline]
    pub fn start(&mut self, strategy: usize, seen: &mut impl FnMut(Move)) -> (usize, usize) {
        self.thresholds.copy_from_slice(&self.base);
        let plan = self.plan;
        let chain = &plan.arms[strategy];
        let arm = if chain.len() == 1 {
            chain[0]
        } else {
            arm_of(plan.tables, chain, &self.clocks.attributes, self.start)
        };
        let mut state = self.start;
        let mut branch = None;
        if let Some(shares) = &plan.procedures[arm] {
            let branches = &plan.tables.model.strategies[arm].at_start;
            let b = self.choose_branch(*shares, branches, self.procedure, |own| {
                own.residence.fill(0);
                Situation { part: 0.0, ..own.situation(arm, state, 0) }
            });
            state = branches[b].to.unwrap_or(state);
            branch = Some(b);
        }
        seen(Move::Start { from: self.start, to: state, arm, branch });
        (arm, state)
    }

    /// Fires an exit: chooses its branch, draws a new threshold for the next time that the patient is exposed, and returns the edge taken.
    /// `read` gives the situation in which branch proportions are evaluated.
    #[inline]
    pub fn fire(
        &mut self,
        exit: &PlannedExit,
        read: impl for<'s> FnOnce(&'s mut Self) -> Situation<'s>,
    ) -> usize {
        let transition = exit.transition as usize;
        let u = self.thresholds[transition].branch;
        let branches = &self.plan.tables.model.transitions[transition].branches;
        let b = exit.branches.map_or(0, |shares| self.choose_branch(shares, branches, u, read));
        let threshold = &mut self.thresholds[transition];
        *threshold = RunningThreshold { occurrence: threshold.occurrence + 1, fresh: false, ..UNDRAWN };
        exit.edge as usize + b
    }

    /// Chooses a branch from a uniform random number; branch proportions that are not known before the run are evaluated in the
    /// situation that `read` gives.
    fn choose_branch(
        &mut self,
        shares: u32,
        branches: &[Branch],
        u: f64,
        read: impl for<'s> FnOnce(&'s mut Self) -> Situation<'s>,
    ) -> usize {
        match &self.plan.shares[shares as usize] {
            PlannedShares::Known(cumulative) => choose(cumulative, u),
            PlannedShares::Read => choose(&cumulative(branch_shares(branches, &read(self)).into_iter()), u),
        }
    }

    /// Sets the completed cycles in each group of states at the start of a cycle.
    pub fn residence_at(&mut self, cycle: u32) {
        let groups = &self.plan.tables.model.groups;
        for ((residence, &entry), group) in self.residence.iter_mut().zip(&self.clocks.entry).zip(groups) {
            *residence = group.elapsed(cycle as usize, entry as usize);
        }
    }

    /// Situation of the patient in `state` in a cycle, with the time in each group of states that was set last.
    #[inline]
    pub fn situation(&self, arm: usize, state: usize, cycle: usize) -> Situation<'_> {
        let Tables { model, parameters, .. } = self.plan.tables;
        let part = model.time.part();
        let start = situation(model, &parameters[arm], &self.clocks.attributes, state);
        Situation { cycle, residence: &self.residence, part, ..start }
    }

    /// Current threshold of a transition, drawn if this life has not needed it yet.
    #[inline(always)]
    pub fn threshold(&mut self, t: u32) -> &mut RunningThreshold {
        let t = t as usize;
        if !self.thresholds[t].drawn {
            self.draw_threshold(t);
        }
        &mut self.thresholds[t]
    }

    #[inline(never)]
    fn draw_threshold(&mut self, t: usize) {
        let own = &mut self.thresholds[t];
        let (left, branch) = self.plan.thresholds[t].threshold(self.patient, u64::from(own.occurrence));
        own.left = left;
        own.branch = branch;
        own.drawn = true;
        if own.occurrence == 0 {
            self.base[t] = *own;
        }
    }

    /// Cached values of an exit's lookup for the current patient.
    #[inline(always)]
    pub fn known(&mut self, exit: &PlannedExit, arm: usize, state: usize) -> &Known {
        if self.known[exit.lookup as usize].patient != self.patient {
            self.learn(exit, arm, state);
        }
        &self.known[exit.lookup as usize]
    }

    #[inline(never)]
    fn learn(&mut self, exit: &PlannedExit, arm: usize, state: usize) {
        let tables = self.plan.tables;
        let multiplier = &tables.pool[exit.table as usize].multiplier;
        let scale = if multiplier.is_empty() {
            1.0
        } else {
            let s = situation(tables.model, &tables.parameters[arm], &self.clocks.attributes, state);
            multiplier.iter().map(|e| e.value(&s)).product()
        };
        self.known[exit.lookup as usize] = Known {
            patient: self.patient,
            class: self.plan.lookups[exit.lookup as usize].class(&self.clocks.attributes) as u32,
            from: NEVER,
            fires: NEVER,
            scale,
            per_scale: 1.0 / scale,
        };
    }
}
