//! The recursion over cycles for the patients of one strategy who follow one arm.

use super::super::counts::StrategyCounts;
use super::amounts::Amounts;
use super::blocks::Slot;
use super::cells::{Cell, Cells, sum};
use super::course::Course;
use super::places::{Places, Side, Way};
use super::plain::Plain;
use super::rewards::gather_entries;
use super::strata::{self, Beginning, Start};
use super::{Detail, MOST_CLOCKS, Pools, zero};
use crate::model::paths::AtStart;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

/// The patients of one strategy who follow one arm.
pub struct Lane {
    /// Position of the strategy among those that run together.
    pub result: usize,
    /// Position of the arm's places.
    pub places: usize,
    /// Whether anybody starts here.
    pub occupied: bool,
    /// Whether the arm is the strategy itself.
    pub own: bool,
    /// Whether the strategy has no other lane.
    pub alone: bool,
    /// Position of an earlier lane whose patients live the same lives.
    pub twin: Option<usize>,
    /// Patients leave the model when their time at risk of this endpoint ends, and only its counts mean anything.
    pub apart: Option<usize>,
    /// Endpoints that are counted here.
    endpoints: Vec<usize>,
    /// Instead of cells, where nothing tells the patients of a state apart.
    plain: Option<Plain>,
    /// Instead of cells, where only totals are counted and there is a background.
    pub course: Option<Course>,
    /// Per state.
    pub cells: Vec<Cells>,
    /// Per state: who comes at the end of the cycle.
    arrivals: Vec<Cells>,
    pub counts: StrategyCounts,
    /// Cycles in each group, for the cell at hand.
    pub residence: Vec<usize>,
    work: Work,
}

/// Working space: one number per stratum of the cell at hand.
#[derive(Default)]
struct Work {
    /// Those who take a way.
    moved: Vec<f64>,
    /// Probability of leaving.
    left: Vec<f64>,
    /// Those who have fired and stay: they make no other move in this cycle.
    kept: Vec<f64>,
}

impl Lane {
    /// A lane of strategy `result` on an arm: the position of its places, the places, and whether it is the strategy's
    /// own. The arm's procedure at the start has so many `branches`.
    pub fn new(
        model: &Model,
        (places, arm, own): (usize, &Places, bool),
        result: usize,
        branches: usize,
        apart: Option<usize>,
        detail: Detail,
    ) -> Lane {
        let cells: Vec<Cells> = arm.states.iter().map(|p| Cells::new(p.stratum.size())).collect();
        let endpoints = 0..model.endpoints.len();
        Lane {
            result,
            places,
            occupied: false,
            own,
            alone: false,
            twin: None,
            apart,
            endpoints: match apart {
                Some(e) => vec![e],
                None if detail == Detail::Totals => Vec::new(),
                None => endpoints.filter(|&e| model.paths().at_risk_by_state[e]).collect(),
            },
            plain: Plain::new(arm, model.paths(), apart),
            course: None,
            arrivals: cells.clone(),
            cells,
            counts: zero(model, branches, detail),
            residence: vec![0; model.groups.len()],
            work: Work::default(),
        }
    }

    /// Puts the patients into their states at time zero, procedures included.
    pub fn enter(
        &mut self,
        tables: &Tables,
        nodes: &[Vec<Node>],
        (places, arm, start): (&Places, usize, &Start),
        pools: &mut Pools,
    ) {
        let model = tables.model;
        self.cells.iter_mut().for_each(Cells::clear);
        self.counts.clear();
        self.occupied = !start.is_empty();
        strata::begin(tables, nodes, arm, start, |beginning, s| {
            if let Some(branch) = beginning.branch {
                self.counts.procedure[branch] += beginning.share;
            }
            self.rewards_at_start(tables, arm, beginning, s);
            self.begin(model, places, beginning);
        });
        match &mut self.course {
            Some(course) if self.occupied => {
                course.enter(tables, places, &self.cells, pools, &mut self.counts);
            }
            _ => self.record(tables, places, &mut pools.amounts, 0),
        }
    }

    /// Puts patients into the state in which they begin.
    fn begin(&mut self, model: &Model, places: &Places, beginning: &Beginning) {
        let (from, to) = beginning.states;
        for &e in &self.endpoints {
            let stands = model.paths().start_of(&model.endpoints[e], from, to);
            self.counts.endpoints[e].start(stands, beginning.share);
            if self.apart.is_some() && matches!(stands, AtStart::Beyond | AtStart::Event) {
                return;
            }
        }
        if beginning.share > 0.0 {
            let stratum = places.states[to].stratum.index(beginning.at);
            self.cells[to].at([0; MOST_CLOCKS])[stratum] += beginning.share;
        }
    }

    /// Whether nothing tells the patients of a state apart.
    pub fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    /// All cycles, if nothing tells the patients of a state apart; returns whether that is so.
    pub fn run_plain(&mut self, tables: &Tables, places: &Places, pools: &mut Pools) -> bool {
        let Some(plain) = &mut self.plain else {
            return false;
        };
        plain.run(tables, places, &mut pools.blocks, &mut self.counts);
        true
    }

    /// Takes over what happened to the patients of another lane, before either is finished.
    pub fn live_as(&mut self, other: &Lane) {
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

    /// One cycle.
    pub fn step(&mut self, tables: &Tables, places: &Places, pools: &mut Pools, cycle: usize) {
        if let Some(course) = &mut self.course {
            course.step(tables, places, pools, &mut self.counts, cycle);
            return;
        }
        for (state, place) in places.states.iter().enumerate() {
            if place.sides.is_empty() {
                continue;
            }
            let mut cells = std::mem::take(&mut self.cells[state]);
            for cell in 0..cells.len() {
                let mut cell = cells.get_mut(cell);
                for (&g, &entered) in place.clocks.iter().zip(&cell.entry) {
                    self.residence[g] = cycle - entered as usize;
                }
                self.work.kept.clear();
                for side in &place.sides {
                    let slot = pools.blocks.slot(side.block, tables, cycle, &self.residence);
                    let amounts = &mut pools.amounts;
                    self.leave(tables, state, side, (&slot, amounts), &mut cell, cycle);
                }
                let kept = cell.mass.iter_mut().zip(&self.work.kept);
                kept.for_each(|(mass, kept)| *mass += kept);
            }
            self.cells[state] = cells;
        }
        for (own, arrivals) in self.cells.iter_mut().zip(&mut self.arrivals) {
            own.absorb(arrivals);
        }
        self.record(tables, places, &mut pools.amounts, cycle + 1);
    }

    /// What could not be counted cycle by cycle, after the last cycle.
    pub fn add_up(&mut self, tables: &Tables, places: &Places, pools: &Pools) {
        if let Some(course) = &mut self.course {
            course.finish(tables, places, pools, &mut self.counts);
        }
    }

    /// Moves those who take one of a side's ways out of one cell.
    #[inline]
    fn leave(
        &mut self,
        tables: &Tables,
        state: usize,
        side: &Side,
        (slot, amounts): (&Slot, &mut Amounts),
        cell: &mut Cell,
        cycle: usize,
    ) {
        if let [mass] = cell.mass {
            let class = side.class.as_ref().map_or(0, |class| class[0] as usize);
            *mass = self.leave_one(tables, state, side, (slot, amounts, class), (*mass, &cell.entry), cycle);
            return;
        }
        let mass = &mut *cell.mass;
        let class = side.class.as_deref();
        let mut work = std::mem::take(&mut self.work);
        work.left.clear();
        work.left.resize(mass.len(), 0.0);
        for way in &side.ways {
            spread(slot.exit(way.exit), class, &mut work.moved);
            match &way.share[..] {
                [share] if *share == 1.0 => {}
                [share] => work.moved.iter_mut().for_each(|p| *p *= share),
                shares => work.moved.iter_mut().zip(shares).for_each(|(p, x)| *p *= x),
            }
            let ends = self.apart.is_some_and(|e| tables.model.paths().ends(way.edge, e));
            if side.keeps && (way.to != state || ends) {
                work.left.iter_mut().zip(&work.moved).for_each(|(l, p)| *l += p);
            }
            work.moved.iter_mut().zip(&*mass).for_each(|(p, m)| *p *= m);
            if way.to == state && !ends && side.goes_on {
                work.kept.resize(mass.len(), 0.0);
                work.kept.iter_mut().zip(&work.moved).for_each(|(k, p)| *k += p);
            }
            let all = sum(&work.moved);
            // Where nobody changes state, or everybody leaves the model, firings are only counted.
            if way.to != state && !ends {
                let to = self.arrivals[way.to].at(way.entry(&cell.entry, cycle + 1));
                arrive(&work.moved, all, way.target.as_deref(), to);
            }
            self.count(way, all, cycle + 1);
            if self.apart.is_none() {
                let Lane { counts, residence, .. } = self;
                let at = (cycle + 1, &residence[..]);
                gather_entries(counts, tables, &way.rewards, amounts, at, &work.moved);
            }
        }
        if !side.keeps {
            spread(slot.total, class, &mut work.left);
        }
        let stay = |(m, left): (&mut f64, &f64)| *m *= (1.0 - left).max(0.0);
        mass.iter_mut().zip(&work.left).for_each(stay);
        if side.goes_on {
            let kept = mass.iter_mut().zip(&work.kept);
            kept.for_each(|(mass, kept)| *mass = (*mass - kept).max(0.0));
        }
        self.work = work;
    }

    /// As [`Lane::leave`] for a cell of one stratum; returns who stays.
    #[inline]
    fn leave_one(
        &mut self,
        tables: &Tables,
        state: usize,
        side: &Side,
        (slot, amounts, class): (&Slot, &mut Amounts, usize),
        (mass, entered): (f64, &[u32; MOST_CLOCKS]),
        cycle: usize,
    ) -> f64 {
        let (mut left, mut kept) = (0.0, 0.0);
        for way in &side.ways {
            let p = slot.exit(way.exit)[class] * way.share[0];
            let moved = p * mass;
            let ends = self.apart.is_some_and(|e| tables.model.paths().ends(way.edge, e));
            if way.to != state || ends {
                left += p;
            } else {
                kept += moved;
            }
            if way.to != state && !ends {
                let target = way.target.as_ref().map_or(0, |t| t[0] as usize);
                self.arrivals[way.to].at(way.entry(entered, cycle + 1))[target] += moved;
            }
            self.count(way, moved, cycle + 1);
            if self.apart.is_none() {
                let Lane { counts, residence, .. } = self;
                let at = (cycle + 1, &residence[..]);
                gather_entries(counts, tables, &way.rewards, amounts, at, &[moved]);
            }
        }
        let stays = mass * (1.0 - left).max(0.0);
        if side.goes_on && side.keeps {
            self.work.kept.push(kept);
            return (stays - kept).max(0.0);
        }
        stays
    }

    /// Counts those who take a way.
    #[inline]
    fn count(&mut self, way: &Way, moved: f64, cycle: usize) {
        self.counts.moves[way.edge][cycle] += moved;
        if self.endpoints.is_empty() {
            return;
        }
        for &(e, g, meaning) in &way.timed {
            let own = &mut self.counts.endpoints[e];
            match own.ends(meaning) {
                Some(ends) => ends[self.residence[g] + 1] += moved,
                None => own.entered += moved,
            }
        }
    }

    /// Notes who is where at grid point `cycle`, and what being there is worth where patients differ in it.
    #[inline]
    fn record(&mut self, tables: &Tables, places: &Places, amounts: &mut Amounts, cycle: usize) {
        for (occupancy, cells) in self.counts.occupancy.iter_mut().zip(&self.cells) {
            occupancy[cycle] = cells.total();
        }
        self.rewards_of_stays(tables, places, amounts, cycle);
    }

    /// Adds the counts to those of the strategy, after the last cycle, or swaps them for whatever `into` held if no other
    /// lane adds to it.
    pub fn finish(&mut self, tables: &Tables, (places, arm): (&Places, usize), into: &mut StrategyCounts) {
        let model = tables.model;
        if self.apart.is_none() {
            self.rewards_of_all(tables, places, arm);
        }
        for &e in &self.endpoints {
            let own = &mut self.counts.endpoints[e];
            match model.endpoints[e].since {
                None => own.end_by_moves(model.paths(), e, &self.counts.moves),
                // Those still in the group at the horizon.
                Some(g) => {
                    for (place, cells) in places.states.iter().zip(&self.cells) {
                        if let Some(k) = place.clocks.iter().position(|c| *c == g) {
                            for (entry, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                                own.censored[model.time.cycles - entry[k] as usize] += sum(mass);
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
        if self.apart.is_none() {
            into.add_moves(&self.counts);
        }
        if self.apart.is_none() && self.own {
            into.procedure.copy_from_slice(&self.counts.procedure);
        }
    }
}

/// Values of classes, one for each stratum.
#[inline]
fn spread(values: &[f64], class: Option<&[u32]>, into: &mut Vec<f64>) {
    into.clear();
    match class {
        None => into.extend_from_slice(values),
        Some(class) => into.extend(class.iter().map(|&c| values[c as usize])),
    }
}

/// Adds those who move to their strata in the target's cell; `all` is their sum.
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
