//! The exact engine: expected occupancy, moves and endpoint counts by recursion over cycles.
//!
//! Strata are all combinations of the attributes that a state's future reads (continuous ones at quadrature
//! nodes); they are mixed by weight, and merge on entering a state after which nothing tells them apart.
//! Time in a state or group is carried as the cycle of entry, in a sparse list of cells.

mod amounts;
mod background;
mod backward;
mod blocks;
mod cells;
mod course;
mod lane;
mod memory;
pub mod moments;
mod pay;
mod places;
mod plain;
mod rewards;
mod strata;
mod totals;

use rayon::prelude::*;

use super::counts::{Counts, StrategyCounts};
use crate::model::clocks::MOST_CLOCKS;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

use amounts::Amounts;
use background::Background;
pub use backward::{MOST_VALUES, spread};
use blocks::Blocks;
use course::Course;
use lane::Lane;
pub use memory::{Kept, arms_of, patients_kept};
use pay::Norms;
use places::{Place, Places};
pub use strata::{arm_of, few_nodes, population_nodes};
pub use totals::totals;

/// Runs every strategy. `nodes[attribute]` are the attribute's values with their shares (see
/// [`population_nodes`]); counts are shares of one patient.
pub fn run(tables: &Tables, nodes: &[Vec<Node>]) -> Counts {
    run_unless(tables, nodes, &|| false).expect("nobody stops it")
}

/// As [`run`]; `None` if `stopped`, asked in every cycle, says so before the end.
pub fn run_unless(tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Option<Counts> {
    let strategies: Vec<usize> = (0..tables.model.strategies.len()).collect();
    let together = strategies.len().div_ceil(rayon::current_num_threads()).max(1);
    let strategies: Option<Vec<Vec<StrategyCounts>>> = strategies
        .par_chunks(together)
        .map(|some| {
            let mut cohort = Cohort::new(tables, nodes, some, Detail::Everything);
            cohort.cycles(tables, nodes, stopped)?;
            Some(cohort.counts)
        })
        .collect();
    Some(Counts { patients: 1.0, strategies: strategies?.into_iter().flatten().collect() })
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Occupancy, moves and totals by component.
    Totals,
    /// Also endpoints, and every line of rewards at every point of the grid.
    Everything,
}

/// Whether somebody wants a run to end.
pub type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// What is evaluated once for all who share it.
#[derive(Default)]
pub struct Pools {
    blocks: Blocks,
    amounts: Amounts,
    backgrounds: Vec<Background>,
    norms: Norms,
}

/// Some strategies made ready to be run for one vector of parameter values after another: what depends on the model
/// alone is worked out once, what strategies have in common is evaluated once, and memory is used again.
pub struct Cohort {
    strategies: Vec<usize>,
    detail: Detail,
    /// Number of nodes per attribute.
    sizes: Vec<usize>,
    /// Per strategy: attributes that tell patients apart at the start.
    read: Vec<Vec<usize>>,
    pools: Pools,
    /// Every arm that patients of some strategy can follow.
    arms: Vec<(usize, Places)>,
    lanes: Vec<Lane>,
    counts: Vec<StrategyCounts>,
}

impl Cohort {
    /// Prepares `strategies` of a model.
    pub fn new(tables: &Tables, nodes: &[Vec<Node>], strategies: &[usize], detail: Detail) -> Cohort {
        let model = tables.model;
        let endpoints = 0..model.endpoints.len();
        // Where patients can come back to a state in which others are still at risk, occupancy does not tell who
        // is: run again with everyone leaving the model at the end of their time at risk.
        let again = |e: &usize| detail == Detail::Everything && !model.paths().at_risk_by_state[*e];
        let apart: Vec<usize> = endpoints.filter(again).collect();
        let branches = |strategy: usize| model.strategies[strategy].at_start.len();
        let mut pools = Pools::default();
        let mut arms: Vec<(usize, Places)> = Vec::new();
        let mut lanes = Vec::new();
        for (result, &strategy) in strategies.iter().enumerate() {
            for arm in strata::chain(model, strategy) {
                let at = arms.iter().position(|(a, _)| *a == arm).unwrap_or_else(|| {
                    arms.push((arm, Places::new(tables, nodes, arm, &mut pools)));
                    arms.len() - 1
                });
                let on = (at, &arms[at].1, arm == strategy);
                for apart in std::iter::once(None).chain(apart.iter().copied().map(Some)) {
                    lanes.push(Lane::new(model, on, result, branches(arm), apart, detail));
                }
            }
        }
        if detail == Detail::Totals {
            for lane in lanes.iter_mut().filter(|lane| !lane.is_plain()) {
                let (arm, places) = &arms[lane.places];
                let strategy = strategies[lane.result];
                lane.course = Course::new(tables, nodes, (places, *arm), strategy, &mut pools);
            }
        }
        twins(tables, &arms, &mut lanes);
        for result in 0..strategies.len() {
            let mut own: Vec<&mut Lane> = lanes.iter_mut().filter(|l| l.result == result).collect();
            if let [only] = &mut own[..] {
                only.alone = true;
            }
        }
        let anywhere = strata::read_anywhere(model);
        Cohort {
            strategies: strategies.to_vec(),
            detail,
            sizes: nodes.iter().map(Vec::len).collect(),
            read: (0..strategies.len()).map(|result| told_apart(&anywhere, &lanes, result)).collect(),
            pools,
            arms,
            lanes,
            counts: strategies.iter().map(|&s| zero(model, branches(s), detail)).collect(),
        }
    }

    /// How many strategies run beside a background (see the module of that name), for those who follow them.
    pub fn by_background(&self) -> usize {
        let lanes = self.lanes.iter();
        lanes.filter(|lane| lane.own && lane.course.is_some()).count()
    }

    /// Runs the strategies at the values that `tables` and `nodes` now hold; one entry per strategy prepared. Both must
    /// be of the model that the cohort was made for.
    pub fn run(&mut self, tables: &Tables, nodes: &[Vec<Node>]) -> &[StrategyCounts] {
        self.cycles(tables, nodes, &|| false);
        &self.counts
    }

    /// Fills the counts; `None` if it was stopped.
    fn cycles(&mut self, tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Option<()> {
        let model = tables.model;
        if !nodes.iter().map(Vec::len).eq(self.sizes.iter().copied()) {
            // Other values of the parameters may ask for another number of nodes.
            *self = Cohort::new(tables, nodes, &self.strategies, self.detail);
        }
        self.pools.blocks.set(tables, nodes);
        if self.lanes.iter().any(|lane| lane.course.is_none()) {
            self.pools.amounts.set(model, nodes);
        }
        for background in &mut self.pools.backgrounds {
            background.set(tables, nodes, &mut self.pools.blocks);
        }
        self.pools.norms.set(tables, nodes, &self.pools.backgrounds);
        for (arm, places) in &mut self.arms {
            places.set(tables, nodes, *arm);
        }
        for (result, &strategy) in self.strategies.iter().enumerate() {
            let starts = strata::arms(tables, nodes, &self.read[result], strategy);
            let none = Vec::new();
            for lane in self.lanes.iter_mut().filter(|l| l.result == result) {
                let (arm, places) = &self.arms[lane.places];
                let start = starts.iter().find(|(a, _)| a == arm);
                let start = start.map_or(&none, |(_, start)| start);
                lane.enter(tables, nodes, (places, *arm, start), &mut self.pools);
            }
        }
        let mut open = Vec::new();
        for (i, lane) in self.lanes.iter_mut().enumerate() {
            if !lane.occupied || lane.twin.is_some() {
                continue;
            }
            let places = &self.arms[lane.places].1;
            if !lane.run_plain(tables, places, &mut self.pools) {
                open.push(i);
            }
        }
        // The others together, cycle by cycle: probabilities that they share are worked out once.
        let cycles = if open.is_empty() { 0 } else { model.time.cycles };
        for cycle in 0..cycles {
            if stopped() {
                return None;
            }
            for &i in &open {
                let lane = &mut self.lanes[i];
                let places = &self.arms[lane.places].1;
                lane.step(tables, places, &mut self.pools, cycle);
            }
        }
        for &i in &open {
            let lane = &mut self.lanes[i];
            lane.add_up(tables, &self.arms[lane.places].1, &self.pools);
        }
        for i in 0..self.lanes.len() {
            let (earlier, rest) = self.lanes.split_at_mut(i);
            if let Some(twin) = rest[0].twin {
                rest[0].live_as(&earlier[twin]);
            }
        }
        for lane in self.lanes.iter().filter(|l| !l.alone) {
            self.counts[lane.result].clear();
        }
        for lane in self.lanes.iter_mut().filter(|l| l.occupied) {
            let (arm, places) = &self.arms[lane.places];
            lane.finish(tables, (places, *arm), &mut self.counts[lane.result]);
        }
        Some(())
    }
}

/// The attributes by which the patients of a strategy must be told apart at the start: those that are read `anywhere`, but
/// for what only backgrounds read.
fn told_apart(anywhere: &[usize], lanes: &[Lane], result: usize) -> Vec<usize> {
    let own = || lanes.iter().filter(|lane| lane.result == result);
    let blind =
        |a: &usize| own().all(|lane| lane.course.as_ref().is_some_and(|course| course.blind.contains(a)));
    let mut read = anywhere.to_vec();
    read.retain(|a| !blind(a));
    read
}

/// Notes which lanes repeat an earlier one.
fn twins(tables: &Tables, arms: &[(usize, Places)], lanes: &mut [Lane]) {
    // Of a strategy that is not a lane's own, only those come here who are not eligible for theirs; and rewards that
    // differ between patients are counted on the way.
    let may = |lane: &Lane| lane.own && !arms[lane.places].1.states.iter().any(Place::rewards_differ);
    for i in 0..lanes.len() {
        let (earlier, rest) = lanes.split_at_mut(i);
        let own = &mut rest[0];
        let same = |other: &Lane| {
            let lives = tables.same_lives(arms[other.places].0, arms[own.places].0);
            other.twin.is_none() && other.apart == own.apart && may(other) && lives
        };
        own.twin = may(own).then(|| earlier.iter().position(same)).flatten();
    }
}

/// No counts of a strategy with so many branches of its procedure at the start.
fn zero(model: &Model, branches: usize, detail: Detail) -> StrategyCounts {
    let mut counts = StrategyCounts::zero(model, branches);
    if detail == Detail::Totals {
        counts.lines.clear();
    }
    counts
}
