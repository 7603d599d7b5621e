//! Markov cohort recursion for the patients of one strategy who follow one arm. In every cycle it moves shares of
//! patients between states, by stratum and by cycle of entry.

use super::amounts::{ClassAmounts, RewardEntry};
use super::caches::Caches;
use super::cells::{Cell, Cells, add_and_sum, sum, sum_of};
use super::continuous::flow::{Flow, Patients, Shared};
use super::exit_probabilities::CycleProbabilities;
use super::layout::{ArmLayout, ExitBranch, ExitSet};
use super::options::Detail;
use super::rewards;
use super::strata::{self, Beginning, Start};
use super::unstratified::Unstratified;
use crate::engine::counts::StrategyCounts;
use crate::model::clocks::MOST_CLOCKS;
use crate::model::paths::AtStart;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

/// The patients of one strategy who follow one arm: the strategy's own, or another strategy's if they are not eligible.
pub struct ArmCohort {
    /// Index of the strategy among the strategies that run together.
    pub result: usize,
    /// Index of the layout of the arm.
    pub layout: usize,
    /// Whether the arm is the strategy's own.
    pub own: bool,
    /// Whether any patients start in this cohort.
    pub occupied: bool,
    /// Whether this is the only cohort of the strategy.
    pub alone: bool,
    /// Index of an earlier cohort with the same moves.
    pub twin: Option<usize>,
    /// Endpoint whose patients are removed from the model when their time at risk ends. Only the counts of this
    /// endpoint are then valid.
    pub removal_endpoint: Option<usize>,
    /// Endpoints counted in this cohort.
    endpoints: Vec<usize>,
    /// Faster recursion, used instead of the cells if every state has a single stratum and no clock.
    unstratified: Option<Unstratified>,
    /// Whether totals come from the factorised recursion, which needs only the patients at the start.
    pub factorised: bool,
    /// Patients of each state, by cycle of entry and stratum.
    cells: Vec<Cells>,
    /// Patients who enter each state at the end of the cycle.
    arrivals: Vec<Cells>,
    counts: StrategyCounts,
    /// Cycles that patients of the current cell have been in each group of states.
    residence: Vec<usize>,
    buffers: Buffers,
    /// Working space in continuous time.
    flow: Flow,
}

/// Working space: one number per stratum of the current cell.
#[derive(Default)]
struct Buffers {
    /// Patients who take a branch, per stratum.
    moved: Vec<f64>,
    /// Probability of leaving the state, per stratum.
    left: Vec<f64>,
    /// Patients whose exit has fired without leaving the state, per stratum; they make no other move in this cycle.
    kept: Vec<f64>,
    /// Rewards of the cells of a state, per reward.
    totals: Vec<f64>,
}

/// A set of exits with its probabilities in one cycle.
struct Exits<'a> {
    tables: &'a Tables<'a>,
    set: &'a ExitSet,
    probabilities: CycleProbabilities<'a>,
    cycle: usize,
}

impl ArmCohort {
    /// Creates a cohort of strategy `result` on the arm whose layout has index `at`; `own` states whether the arm is
    /// the strategy's own.
    pub fn new(
        model: &Model,
        layouts: &[ArmLayout],
        at: usize,
        result: usize,
        own: bool,
        removal_endpoint: Option<usize>,
        detail: Detail,
    ) -> ArmCohort {
        let layout = &layouts[at];
        let cells: Vec<Cells> = layout.states.iter().map(|p| Cells::new(p.stratum.size())).collect();
        let endpoints = 0..model.endpoints.len();
        ArmCohort {
            result,
            layout: at,
            own,
            occupied: false,
            alone: false,
            twin: None,
            removal_endpoint,
            endpoints: match removal_endpoint {
                Some(e) => vec![e],
                None if detail == Detail::Totals => Vec::new(),
                None => endpoints.filter(|&e| model.paths().at_risk_by_state[e]).collect(),
            },
            unstratified: match model.time.continuous() {
                true => None,
                false => Unstratified::new(layout, model.paths(), removal_endpoint),
            },
            factorised: false,
            arrivals: cells.clone(),
            cells,
            counts: rewards::zero(model, layout.arm, detail),
            residence: vec![0; model.groups.len()],
            buffers: Buffers::default(),
            flow: Flow::new(model.groups.len()),
        }
    }

    /// Puts the patients of `start` into their states at time zero, after the procedure at the start.
    pub fn enter(
        &mut self,
        tables: &Tables,
        nodes: &[Vec<Node>],
        layout: &ArmLayout,
        start: &Start,
        caches: &mut Caches,
    ) {
        let model = tables.model;
        self.cells.iter_mut().for_each(Cells::clear);
        self.counts.clear();
        self.occupied = !start.is_empty();
        strata::begin(tables, nodes, layout.arm, start, |beginning, s| {
            if let Some(branch) = beginning.branch {
                self.counts.procedure[branch] += beginning.share;
            }
            if self.removal_endpoint.is_none() {
                rewards::at_start(&mut self.counts, tables, layout.arm, beginning, s);
            }
            self.begin(model, layout, beginning);
        });
        if model.time.continuous() {
            for (occupancy, cells) in self.counts.occupancy.iter_mut().zip(&self.cells) {
                occupancy[0] = cells.total();
            }
        } else if !self.factorised {
            self.record(tables, layout, &mut caches.amounts, 0);
        }
    }

    /// Places patients in their first state.
    fn begin(&mut self, model: &Model, layout: &ArmLayout, beginning: &Beginning) {
        let (from, to) = beginning.states;
        for &e in &self.endpoints {
            let at_start = model.paths().start_of(&model.endpoints[e], from, to);
            self.counts.endpoints[e].start(at_start, beginning.share);
            if self.removal_endpoint.is_some() && matches!(at_start, AtStart::Beyond | AtStart::Event) {
                return;
            }
        }
        if beginning.share > 0.0 {
            let stratum = layout.states[to].stratum.index(beginning.at);
            self.cells[to].at([0; MOST_CLOCKS])[stratum] += beginning.share;
        }
    }

    /// Whether every state has a single stratum and no clock.
    pub fn is_unstratified(&self) -> bool {
        self.unstratified.is_some()
    }

    /// Runs all cycles if the cohort is unstratified; returns whether it did.
    pub fn run_unstratified(&mut self, tables: &Tables, layout: &ArmLayout, caches: &mut Caches) -> bool {
        let Some(unstratified) = &mut self.unstratified else {
            return false;
        };
        unstratified.run(tables, layout, &mut caches.exit_probabilities, &mut self.counts);
        true
    }

    /// Copies occupancy, moves and endpoints from another cohort with the same moves, before `finish` is called for
    /// either.
    pub fn copy_moves(&mut self, other: &ArmCohort) {
        let grids = [
            (&mut self.counts.occupancy, &other.counts.occupancy),
            (&mut self.counts.moves, &other.counts.moves),
        ];
        for (own, other) in grids.into_iter().flat_map(|(own, other)| own.iter_mut().zip(other)) {
            own.copy_from_slice(other);
        }
        self.counts.endpoints.clone_from(&other.counts.endpoints);
        self.cells.clone_from(&other.cells);
    }

    /// Leaves the totals to the factorised recursion, which counts neither occupancy nor moves.
    pub fn factorise(&mut self) {
        self.factorised = true;
        self.counts.forget_grids();
    }

    /// Patients of each state now.
    pub fn cells(&self) -> &[Cells] {
        &self.cells
    }

    /// Runs one cycle.
    pub fn step(&mut self, tables: &Tables, layout: &ArmLayout, caches: &mut Caches, cycle: usize) {
        for (state, here) in layout.states.iter().enumerate() {
            if here.exit_sets.is_empty() {
                continue;
            }
            let mut cells = std::mem::take(&mut self.cells[state]);
            let mut vacated = false;
            for cell in 0..cells.len() {
                let mut cell = cells.get_mut(cell);
                for (&g, &entered) in here.clocks.iter().zip(&cell.entry) {
                    self.residence[g] = tables.model.groups[g].elapsed(cycle, entered as usize);
                }
                self.buffers.kept.clear();
                for set in &here.exit_sets {
                    let cache = &mut caches.exit_probabilities;
                    let probabilities = cache.in_cycle(set.cached, tables, cycle, &self.residence);
                    let exits = Exits { tables, set, probabilities, cycle };
                    self.leave(&exits, &mut caches.amounts, &mut cell);
                }
                let kept = cell.mass.iter_mut().zip(&self.buffers.kept);
                kept.for_each(|(mass, kept)| *mass += kept);
                vacated |= cell.mass.iter().all(|mass| *mass == 0.0);
            }
            // A stay of fixed length leaves no patient behind.
            if vacated && !here.clocks.is_empty() {
                cells.drop_empty(f64::MIN_POSITIVE);
            }
            self.cells[state] = cells;
        }
        for (own, arrivals) in self.cells.iter_mut().zip(&mut self.arrivals) {
            own.absorb(arrivals);
        }
        self.record(tables, layout, &mut caches.amounts, cycle + 1);
    }

    /// Runs one cycle in continuous time.
    pub fn flow(&mut self, tables: &Tables, layout: &ArmLayout, caches: &mut Caches, cycle: usize) {
        let mut patients = Patients {
            cells: &mut self.cells,
            counts: &mut self.counts,
            endpoints: &self.endpoints,
            removal_endpoint: self.removal_endpoint,
        };
        let Caches { exit_probabilities: exits, amounts, discounts, .. } = caches;
        self.flow.run(&mut patients, &mut Shared { tables, layout, cycle, exits, amounts, discounts });
    }

    /// Moves the patients of one cell who take one of these exits.
    #[inline]
    fn leave(&mut self, exits: &Exits, amounts: &mut ClassAmounts, cell: &mut Cell) {
        if let [mass] = cell.mass {
            *mass = self.leave_one(exits, amounts, *mass, &cell.entry);
            return;
        }
        let &Exits { tables, set, cycle, .. } = exits;
        let mass = &mut *cell.mass;
        let class = set.class.as_deref();
        let mut buffers = std::mem::take(&mut self.buffers);
        if set.keeps {
            buffers.left.clear();
            buffers.left.resize(mass.len(), 0.0);
        }
        for branch in &set.branches {
            let probability = exits.probabilities.exit(branch.exit);
            let removed = self.removes(tables, branch);
            let leaves = branch.moves && !removed;
            let paid = self.removal_endpoint.is_none() && !branch.rewards.is_empty();
            if !set.keeps && !paid {
                // Nobody asks who moves in each stratum, except the strata that they enter.
                let into = leaves.then(|| self.arrivals[branch.to].at(branch.entry(&cell.entry, cycle + 1)));
                if let Some(all) = move_on(mass, probability, class, branch, into) {
                    self.count(branch, all, cycle + 1);
                    continue;
                }
            }
            if set.keeps && (branch.moves || removed) {
                let whole = std::iter::repeat_n(&1.0, mass.len());
                multiply(whole, probability, class, &branch.share, &mut buffers.moved);
                buffers.left.iter_mut().zip(&buffers.moved).for_each(|(l, p)| *l += p);
                buffers.moved.iter_mut().zip(&*mass).for_each(|(p, m)| *p *= m);
            } else {
                multiply(mass.iter(), probability, class, &branch.share, &mut buffers.moved);
            }
            if !branch.moves && !removed && set.rest_follows {
                buffers.kept.resize(mass.len(), 0.0);
                buffers.kept.iter_mut().zip(&buffers.moved).for_each(|(k, p)| *k += p);
            }
            let all = sum(&buffers.moved);
            // Patients who stay in their state or are removed from the model do not enter any state.
            if leaves {
                let to = self.arrivals[branch.to].at(branch.entry(&cell.entry, cycle + 1));
                arrive(&buffers.moved, all, branch.target.as_deref(), to);
            }
            self.count(branch, all, cycle + 1);
            self.pay(tables, branch, amounts, cycle + 1, &buffers.moved);
        }
        let total = exits.probabilities.total;
        let stay = |(m, left): (&mut f64, &f64)| *m *= (1.0 - left).max(0.0);
        match class {
            _ if set.keeps => mass.iter_mut().zip(&buffers.left).for_each(stay),
            None => mass.iter_mut().zip(total).for_each(stay),
            Some(class) => mass.iter_mut().zip(class.iter().map(|&c| &total[c as usize])).for_each(stay),
        }
        if set.rest_follows {
            let kept = mass.iter_mut().zip(&buffers.kept);
            kept.for_each(|(mass, kept)| *mass = (*mass - kept).max(0.0));
        }
        self.buffers = buffers;
    }

    /// [`ArmCohort::leave`] for a cell with one stratum, without buffers, because most cells of large models are of
    /// this kind. Returns the patients who stay.
    #[inline]
    fn leave_one(
        &mut self,
        exits: &Exits,
        amounts: &mut ClassAmounts,
        mass: f64,
        entry: &[u32; MOST_CLOCKS],
    ) -> f64 {
        let &Exits { tables, set, cycle, .. } = exits;
        let class = set.class.as_ref().map_or(0, |class| class[0] as usize);
        let (mut left, mut kept) = (0.0, 0.0);
        for branch in &set.branches {
            let p = exits.probabilities.exit(branch.exit)[class] * branch.share[0];
            let moved = p * mass;
            let removed = self.removes(tables, branch);
            if branch.moves || removed {
                left += p;
            } else {
                kept += moved;
            }
            if branch.moves && !removed {
                let target = branch.target.as_ref().map_or(0, |t| t[0] as usize);
                self.arrivals[branch.to].at(branch.entry(entry, cycle + 1))[target] += moved;
            }
            self.count(branch, moved, cycle + 1);
            self.pay(tables, branch, amounts, cycle + 1, &[moved]);
        }
        let stays = mass * (1.0 - left).max(0.0);
        if set.rest_follows && set.keeps {
            self.buffers.kept.push(kept);
            return (stays - kept).max(0.0);
        }
        stays
    }

    /// Whether a branch removes patients from the model because their time at risk ends.
    #[inline]
    fn removes(&self, tables: &Tables, branch: &ExitBranch) -> bool {
        self.removal_endpoint.is_some_and(|e| tables.model.paths().ends(branch.edge, e))
    }

    /// Counts patients who take a branch.
    #[inline]
    fn count(&mut self, branch: &ExitBranch, moved: f64, cycle: usize) {
        self.counts.moves[branch.edge][cycle] += moved;
        if self.endpoints.is_empty() {
            return;
        }
        for &(e, g, meaning) in &branch.timed {
            let own = &mut self.counts.endpoints[e];
            match own.ends(meaning) {
                Some(ends) => ends[self.residence[g] + 1] += moved,
                None => own.entered += moved,
            }
        }
    }

    /// Adds the rewards of a branch that differ between the patients who take it.
    #[inline]
    fn pay(
        &mut self,
        tables: &Tables,
        branch: &ExitBranch,
        amounts: &mut ClassAmounts,
        k: usize,
        moved: &[f64],
    ) {
        if self.removal_endpoint.is_none() {
            let ArmCohort { counts, residence, .. } = self;
            rewards::add_entries(counts, tables, &branch.rewards, amounts, k, residence, moved);
        }
    }

    /// Records occupancy at grid point `cycle`, and adds the rewards of being in a state that differ between its
    /// patients.
    #[inline]
    fn record(&mut self, tables: &Tables, layout: &ArmLayout, amounts: &mut ClassAmounts, cycle: usize) {
        let ArmCohort { counts, residence, buffers, removal_endpoint, .. } = self;
        let model = tables.model;
        for (state, (here, cells)) in layout.states.iter().zip(&self.cells).enumerate() {
            if here.rewards.is_empty() || removal_endpoint.is_some() {
                counts.occupancy[state][cycle] = cells.total();
                continue;
            }
            // All that is read of a cell is read while it is in the processor's cache. Amounts that read no clock of a group are the
            // same in all cells.
            let read = |reward: &RewardEntry| model.paths().lines[reward.line].cycle_read(model, cycle);
            buffers.totals.clear();
            buffers.totals.resize(here.rewards.len(), 0.0);
            buffers.moved.clear();
            buffers.moved.resize(here.stratum.size(), 0.0);
            for (entered, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                buffers.moved.iter_mut().zip(mass).for_each(|(all, own)| *all += own);
                for (&g, &entered) in here.clocks.iter().zip(&entered) {
                    residence[g] = model.groups[g].elapsed(cycle, entered as usize);
                }
                for (reward, total) in here.rewards.iter().zip(&mut buffers.totals) {
                    if let Some(read) = read(reward).filter(|_| reward.by_clock) {
                        let amounts = amounts.in_cycle(reward.amount, tables, read, residence);
                        // Most amounts that read a clock are zero after the first time on it.
                        if amounts.iter().any(|amount| *amount != 0.0) {
                            *total += reward.total(amounts, mass);
                        }
                    }
                }
            }
            counts.occupancy[state][cycle] = sum(&buffers.moved);
            for (reward, total) in here.rewards.iter().zip(&buffers.totals) {
                let Some(read) = read(reward) else { continue };
                let total = match reward.by_clock {
                    true => *total,
                    false => {
                        let amounts = amounts.in_cycle(reward.amount, tables, read, residence);
                        reward.total(amounts, &buffers.moved)
                    }
                };
                rewards::add(counts, tables, reward.line, cycle, total);
            }
        }
    }

    /// Adds these counts to the counts of the strategy after the last cycle, or swaps them with `into` if the strategy
    /// has no other cohort.
    pub fn finish(&mut self, tables: &Tables, layout: &ArmLayout, into: &mut StrategyCounts) {
        let model = tables.model;
        if self.removal_endpoint.is_none() && !self.factorised && !model.time.continuous() {
            rewards::of_all(&mut self.counts, tables, layout);
        }
        for &e in &self.endpoints {
            let own = &mut self.counts.endpoints[e];
            match model.endpoints[e].since {
                None => own.end_by_moves(model.paths(), e, &self.counts.moves),
                // Patients who are still in the group at the horizon are censored.
                Some(g) => {
                    for (here, cells) in layout.states.iter().zip(&self.cells) {
                        if let Some(k) = here.clocks.iter().position(|c| *c == g) {
                            for (entry, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                                let entered = entry[k] as usize;
                                // In continuous time, patients entered during the cycle before the grid point.
                                let within = usize::from(model.time.continuous() && entered > 0);
                                own.censored[model.time.cycles - entered + within] += sum(mass);
                            }
                        }
                    }
                }
            }
            if !self.alone {
                into.endpoints[e].add(own);
            }
        }
        if self.alone {
            std::mem::swap(into, &mut self.counts);
            return;
        }
        if self.removal_endpoint.is_none() {
            into.add_moves(&self.counts);
            if self.own {
                into.procedure.copy_from_slice(&self.counts.procedure);
            }
        }
    }
}

/// Writes patients per stratum, times the probability of their class and the share of a branch, which is one number or one per stratum.
#[inline]
fn multiply<'a>(
    patients: impl Iterator<Item = &'a f64>,
    probability: &[f64],
    class: Option<&[u32]>,
    share: &[f64],
    into: &mut Vec<f64>,
) {
    let moved = |m: &f64, p: &f64, share: &f64| p * share * m;
    let of = |class: &u32| &probability[*class as usize];
    into.clear();
    match (class, share) {
        (None, [share]) => into.extend(patients.zip(probability).map(|(m, p)| moved(m, p, share))),
        (Some(class), [share]) => into.extend(patients.zip(class).map(|(m, c)| moved(m, of(c), share))),
        (None, shares) => {
            into.extend(
                patients.zip(probability.iter().zip(shares)).map(|(m, (p, share))| moved(m, p, share)),
            );
        }
        (Some(class), shares) => {
            into.extend(patients.zip(class.iter().zip(shares)).map(|(m, (c, share))| moved(m, of(c), share)));
        }
    }
}

/// Patients who take a branch, added to the strata that they enter (`None`: to none) without being listed; `None` if they must be listed,
/// because their strata are others than those that they leave, or the share of the branch differs between strata.
#[inline]
fn move_on(
    mass: &[f64],
    probability: &[f64],
    class: Option<&[u32]>,
    branch: &ExitBranch,
    into: Option<&mut [f64]>,
) -> Option<f64> {
    let [share] = branch.share[..] else { return None };
    let moved = |m: &f64, p: &f64| p * share * m;
    let of = |m: &f64, c: &u32| moved(m, &probability[*c as usize]);
    let all = || match class {
        None => sum_of(mass, probability, moved),
        Some(class) => sum_of(mass, class, of),
    };
    match into {
        None => Some(all()),
        Some([only]) => {
            let all = all();
            *only += all;
            Some(all)
        }
        Some(_) if branch.target.is_some() => None,
        Some(into) => Some(match class {
            None => add_and_sum(mass, probability, into, moved),
            Some(class) => add_and_sum(mass, class, into, of),
        }),
    }
}

/// Adds moving patients to their strata in the cell that they enter; `all` is their sum.
#[inline]
fn arrive(moved: &[f64], all: f64, target: Option<&[u32]>, into: &mut [f64]) {
    match (into, target) {
        ([only], _) => *only += all,
        (into, None) => into.iter_mut().zip(moved).for_each(|(m, x)| *m += x),
        (into, Some(target)) => {
            let each = moved.iter().zip(target);
            each.for_each(|(x, &stratum)| into[stratum as usize] += x);
        }
    }
}
