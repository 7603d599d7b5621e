//! The recursion over cycles for the patients of one strategy who follow one arm.

use super::super::counts::StrategyCounts;
use super::super::paths::{AtStart, Meaning, Paths, start_of};
use super::MOST_CLOCKS;
use super::blocks::{Blocks, Slot};
use super::cells::{Cells, sum};
use super::places::{Places, Side, Way};
use super::plain::Plain;
use super::strata::Start;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables, branch_shares, situation};

/// The patients of one strategy who follow one arm.
pub struct Lane {
    /// Position of the strategy among those that run together.
    pub result: usize,
    /// Position of the arm's places.
    pub places: usize,
    /// Whether anybody starts here.
    pub occupied: bool,
    /// Whether the arm is the strategy itself.
    own: bool,
    /// Patients leave the model when their time at risk of this endpoint ends, and only its counts mean anything.
    apart: Option<usize>,
    /// Endpoints that are counted here.
    endpoints: Vec<usize>,
    /// Instead of cells, where nothing tells the patients of a state apart.
    plain: Option<Plain>,
    /// Per state.
    cells: Vec<Cells>,
    /// Per state: who comes at the end of the cycle.
    arrivals: Vec<Cells>,
    counts: StrategyCounts,
    /// Cycles in each group, for the cell at hand.
    residence: Vec<usize>,
    /// Working space: one number per stratum.
    work: Vec<f64>,
}

impl Lane {
    /// A lane of strategy `result` on the arm at `places`, of `arms` places.
    pub fn new(
        model: &Model,
        paths: &Paths,
        (places, arm, own): (usize, &Places, bool),
        result: usize,
        branches: usize,
        apart: Option<usize>,
    ) -> Lane {
        let cells: Vec<Cells> = arm.0.iter().map(|p| Cells::new(p.stratum.size())).collect();
        let endpoints = 0..model.endpoints.len();
        Lane {
            result,
            places,
            occupied: false,
            own,
            apart,
            endpoints: match apart {
                Some(e) => vec![e],
                None => endpoints.filter(|&e| paths.at_risk_by_state(model, e)).collect(),
            },
            plain: Plain::new(arm, paths, apart),
            arrivals: cells.clone(),
            cells,
            counts: StrategyCounts::zero(
                model.states.len(),
                paths.edges.len(),
                branches,
                model.endpoints.len(),
                model.time.cycles,
            ),
            residence: vec![0; model.groups.len()],
            work: Vec::new(),
        }
    }

    /// Puts the patients into their states at time zero, procedures included.
    pub fn enter(
        &mut self,
        tables: &Tables,
        paths: &Paths,
        nodes: &[Vec<Node>],
        places: &Places,
        arm: usize,
        start: &Start,
    ) {
        let model = tables.model;
        self.cells.iter_mut().for_each(Cells::clear);
        self.counts.clear();
        self.occupied = !start.is_empty();
        let procedure = &model.strategies[arm].at_start;
        let mut values = vec![0.0; model.attributes.len()];
        for (state, at, share) in start {
            for (value, (nodes, &at)) in values.iter_mut().zip(nodes.iter().zip(at)) {
                *value = nodes[at].value;
            }
            if procedure.is_empty() {
                self.begin(model, paths, places, *state, *state, at, *share);
                continue;
            }
            let s = situation(model, &tables.parameters[arm], &values, *state);
            for (b, (branch, p)) in procedure.iter().zip(branch_shares(procedure, &s)).enumerate() {
                self.counts.procedure[b] += share * p;
                let to = branch.to.unwrap_or(*state);
                self.begin(model, paths, places, *state, to, at, share * p);
            }
        }
        self.record(0);
        if let Some(plain) = &mut self.plain {
            plain.enter(places, &self.counts);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn begin(
        &mut self,
        model: &Model,
        paths: &Paths,
        places: &Places,
        from: usize,
        to: usize,
        at: &[usize],
        share: f64,
    ) {
        for &e in &self.endpoints {
            let own = &mut self.counts.endpoints[e];
            let stands = start_of(&model.endpoints[e], paths, from, to);
            match stands {
                AtStart::Beyond => own.beyond += share,
                AtStart::AtRisk => own.entered += share,
                AtStart::Event => {
                    own.entered += share;
                    own.events[0] += share;
                }
                AtStart::Later => {}
            }
            if self.apart.is_some() && matches!(stands, AtStart::Beyond | AtStart::Event) {
                return;
            }
        }
        if share > 0.0 {
            let stratum = places.0[to].stratum.index(at);
            self.cells[to].at([0; MOST_CLOCKS])[stratum] += share;
        }
    }

    /// One cycle.
    pub fn step(
        &mut self,
        tables: &Tables,
        paths: &Paths,
        places: &Places,
        blocks: &mut Blocks,
        cycle: usize,
    ) {
        if let Some(plain) = &mut self.plain {
            plain.step(tables, blocks, &self.residence, cycle, &mut self.counts);
            return;
        }
        for (state, place) in places.0.iter().enumerate() {
            if place.sides.is_empty() {
                continue;
            }
            let mut cells = std::mem::take(&mut self.cells[state]);
            for cell in 0..cells.len() {
                let (entry, mass) = cells.get_mut(cell);
                for (&g, &entered) in place.clocks.iter().zip(&entry) {
                    self.residence[g] = cycle - entered as usize;
                }
                for side in &place.sides {
                    let slot = blocks.slot(side.block, tables, cycle, &self.residence);
                    self.leave(paths, state, side, &slot, &entry, mass, cycle);
                }
            }
            self.cells[state] = cells;
        }
        for (own, arrivals) in self.cells.iter_mut().zip(&mut self.arrivals) {
            own.absorb(arrivals);
        }
        self.record(cycle + 1);
    }

    /// Moves those who take one of a side's ways out of one cell.
    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn leave(
        &mut self,
        paths: &Paths,
        state: usize,
        side: &Side,
        slot: &Slot,
        entry: &[u32; MOST_CLOCKS],
        mass: &mut [f64],
        cycle: usize,
    ) {
        let class = side.class.as_deref();
        let mut left = std::mem::take(&mut self.work);
        left.clear();
        if side.keeps {
            left.resize(mass.len(), 0.0);
        }
        for way in &side.ways {
            let ends = self.apart.is_some_and(|e| paths.ends(way.edge, e));
            let p = slot.exit(way.exit);
            let moved = if way.to == state || ends {
                // Nobody changes state, or everybody leaves the model: firings are only counted.
                sum_of_shares(mass, class, p, way)
            } else {
                let to = self.arrivals[way.to].at(way.entry(entry, cycle + 1));
                flow(mass, class, p, way, to)
            };
            if side.keeps && (way.to != state || ends) {
                let leaves = |i: usize| p[at(class, i)] * share(way, i);
                left.iter_mut().enumerate().for_each(|(i, l)| *l += leaves(i));
            }
            self.count(way, moved, cycle + 1);
        }
        let rest = |total: f64| (1.0 - total).max(0.0);
        match class {
            _ if side.keeps => mass.iter_mut().zip(&left).for_each(|(m, l)| *m *= rest(*l)),
            None => mass.iter_mut().zip(slot.total).for_each(|(m, t)| *m *= rest(*t)),
            Some(class) => mass
                .iter_mut()
                .zip(class)
                .for_each(|(m, &c)| *m *= rest(slot.total[c as usize])),
        }
        self.work = left;
    }

    /// Counts those who take a way.
    #[inline]
    fn count(&mut self, way: &Way, moved: f64, cycle: usize) {
        self.counts.moves[way.edge][cycle] += moved;
        for &(e, g, meaning) in &way.timed {
            let ends = &mut self.counts.endpoints[e];
            let time = self.residence[g] + 1;
            match meaning {
                Meaning::Event => ends.events[time] += moved,
                Meaning::Competing => ends.competing[time] += moved,
                Meaning::Leaves => ends.censored[time] += moved,
                Meaning::Origin => ends.entered += moved,
            }
        }
    }

    #[inline]
    fn record(&mut self, cycle: usize) {
        for (occupancy, cells) in self.counts.occupancy.iter_mut().zip(&self.cells) {
            occupancy[cycle] = cells.total();
        }
    }

    /// Adds the counts to those of the strategy, after the last cycle.
    pub fn finish(&mut self, model: &Model, paths: &Paths, places: &Places, into: &mut StrategyCounts) {
        for &e in &self.endpoints {
            let own = &mut self.counts.endpoints[e];
            match model.endpoints[e].since {
                None => own.end_by_moves(paths, e, &self.counts.moves),
                // Those still in the group at the horizon.
                Some(g) => {
                    for (place, cells) in places.0.iter().zip(&self.cells) {
                        if let Some(k) = place.clocks.iter().position(|c| *c == g) {
                            for (entry, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                                own.censored[model.time.cycles - entry[k] as usize] += sum(mass);
                            }
                        }
                    }
                }
            }
            into.endpoints[e].add(own);
        }
        if self.apart.is_none() {
            into.add_moves(&self.counts);
        }
        if self.apart.is_none() && self.own {
            into.procedure.copy_from_slice(&self.counts.procedure);
        }
    }
}

/// Class of stratum `i`.
#[inline]
fn at(class: Option<&[u32]>, i: usize) -> usize {
    class.map_or(i, |class| class[i] as usize)
}

/// Share of a way in the firings of its exit in stratum `i`.
#[inline]
fn share(way: &Way, i: usize) -> f64 {
    match &way.share[..] {
        [one] => *one,
        each => each[i],
    }
}

/// Sum of those who take one way.
fn sum_of_shares(mass: &[f64], class: Option<&[u32]>, p: &[f64], way: &Way) -> f64 {
    let moved = |(i, m): (usize, &f64)| m * p[at(class, i)] * share(way, i);
    mass.iter().enumerate().map(moved).sum()
}

/// Takes those who take one way to the target's strata; their sum.
#[inline]
fn flow(mass: &[f64], class: Option<&[u32]>, p: &[f64], way: &Way, into: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for (i, m) in mass.iter().enumerate() {
        let moved = m * p[at(class, i)] * share(way, i);
        into[at(way.target.as_deref(), i)] += moved;
        sum += moved;
    }
    sum
}
