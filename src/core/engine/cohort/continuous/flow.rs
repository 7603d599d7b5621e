//! One cycle of a cohort in continuous time.

use super::super::amounts::ClassAmounts;
use super::super::cells::Cells;
use super::super::exit_probabilities::ExitProbabilities;
use super::super::layout::{ArmLayout, StateLayout};
use super::super::strata::class_of;
use super::cell_clocks::CellClocks;
use super::chain::Chain;
use super::discounts::DiscountSteps;
use super::system::{Link, System};
use crate::engine::counts::StrategyCounts;
use crate::model::Tables;
use crate::model::clocks::MOST_CLOCKS;

/// Working space of a cohort in continuous time.
#[derive(Default)]
pub struct Flow {
    pub(super) nodes: Vec<CellNode>,
    pub(super) arcs: Vec<Arc>,
    pub(super) system: System,
    /// Per profile: patient-time in each state.
    pub(super) stays: Vec<Vec<f64>>,
    /// Per profile: number of moves along each edge.
    pub(super) moves: Vec<Vec<f64>>,
    hazards: Vec<f64>,
    pub(super) clocks: CellClocks,
    /// Per profile: moves along one arc, per stratum.
    pub(super) moved: Vec<Vec<f64>>,
    /// Numbers of one cell, per stratum.
    pub(super) buffer: Vec<f64>,
}

/// Share of all patients below which a cell with a clock is dropped.
const NOBODY: f64 = 1e-16;

/// Smallest difference of a stretch from 1 that matters: smaller ones come from hazards that hardly change in a cycle.
const STRETCHED: f64 = 1e-3;

/// A cell of patients.
#[derive(Clone, Copy)]
pub(super) struct CellNode {
    pub(super) state: usize,
    pub(super) entry: [u32; MOST_CLOCKS],
    /// Set of exits whose times are stretched.
    pub(super) stretched: Option<usize>,
}

/// Patients of one cell who take one branch of an exit.
pub(super) struct Arc {
    pub(super) node: usize,
    pub(super) set: usize,
    pub(super) branch: usize,
    /// State and cell entered; `None` if patients stay or are removed from the model.
    to: Option<(usize, usize)>,
    /// Index of the rate of the first stratum.
    pub(super) rates: usize,
}

/// Patients of one arm, with what is counted of them.
pub struct Patients<'a> {
    /// Patients of each state, by cycle of entry and stratum.
    pub cells: &'a mut [Cells],
    pub counts: &'a mut StrategyCounts,
    /// Endpoints counted.
    pub endpoints: &'a [usize],
    /// Endpoint whose patients are removed from the model when their time at risk ends.
    pub removal_endpoint: Option<usize>,
}

/// What all cells of a cycle share.
pub struct Shared<'a> {
    pub tables: &'a Tables<'a>,
    pub layout: &'a ArmLayout,
    pub cycle: usize,
    pub exits: &'a mut ExitProbabilities,
    pub amounts: &'a mut ClassAmounts,
    pub discounts: &'a DiscountSteps,
}

impl Flow {
    /// Working space for a model with this number of groups of states.
    pub fn new(groups: usize) -> Flow {
        Flow { clocks: CellClocks::new(groups), ..Flow::default() }
    }

    /// Runs one cycle.
    pub fn run(&mut self, own: &mut Patients, shared: &mut Shared) {
        self.build(own, shared);
        self.solve(own, shared);
        self.count(own, shared);
        let each = own.cells.iter_mut().zip(&shared.layout.states);
        for (cells, _) in each.filter(|(_, here)| !here.clocks.is_empty()) {
            cells.drop_empty(NOBODY);
        }
        for (occupancy, cells) in own.counts.occupancy.iter_mut().zip(&*own.cells) {
            occupancy[shared.cycle + 1] = cells.total();
        }
    }

    /// Lists all cells that patients are in or reach in this cycle, with the rates of all moves between them.
    fn build(&mut self, own: &mut Patients, shared: &mut Shared) {
        let layout = shared.layout;
        self.nodes.clear();
        self.system.starts.clear();
        self.arcs.clear();
        self.system.rates.clear();
        self.system.out.clear();
        self.system.stretch.clear();
        self.system.others.clear();
        let mut done = vec![0; layout.states.len()];
        let mut more = true;
        while more {
            more = false;
            for (state, here) in layout.states.iter().enumerate() {
                while done[state] < own.cells[state].len() {
                    let (entry, mass) = own.cells[state].get(done[state]);
                    let size = mass.len();
                    self.nodes.push(CellNode { state, entry, stretched: None });
                    self.system.starts.push(self.system.out.len());
                    let end = self.system.out.len() + size;
                    self.system.out.resize(end, 0.0);
                    self.system.stretch.resize(end, 1.0);
                    self.system.others.resize(end, 0.0);
                    done[state] += 1;
                    more = true;
                    self.leave(own, here, shared);
                }
            }
        }
    }

    /// Lists the moves out of one cell.
    fn leave(&mut self, own: &mut Patients, here: &StateLayout, shared: &mut Shared) {
        let (tables, cycle) = (shared.tables, shared.cycle);
        let node = self.nodes.len() - 1;
        let CellNode { entry, .. } = self.nodes[node];
        let strata = self.system.strata(node);
        let (first, size) = (strata.start, strata.len());
        self.clocks.set(here, &entry, cycle);
        for (x, set) in here.exit_sets.iter().enumerate() {
            let entered = |g| here.clocks.iter().position(|c| *c == g).is_some_and(|i| entry[i] > 0);
            let fresh =
                |g| here.clocks.iter().position(|c| *c == g).is_some_and(|i| entry[i] as usize == cycle + 1);
            let exits = &mut shared.exits.0[set.cached];
            exits.mean_hazards(tables, cycle, &self.clocks, (&entered, &fresh), &mut self.hazards);
            let classes = exits.classes;
            let stretch = &self.hazards[self.hazards.len() - classes..];
            let stretched = stretch.iter().any(|stretch| (stretch - 1.0).abs() > STRETCHED);
            if stretched {
                self.nodes[node].stretched = Some(x);
                let each = self.system.stretch[first..].iter_mut().enumerate();
                each.for_each(|(stratum, own)| *own = stretch[class_of(&set.class, stratum)]);
            }
            for (b, branch) in set.branches.iter().enumerate() {
                let at = self.system.rates.len();
                let hazards = &self.hazards[branch.exit * classes..][..classes];
                self.system.rates.extend((0..size).map(|stratum| {
                    let share = branch.share[if branch.share.len() == 1 { 0 } else { stratum }];
                    hazards[class_of(&set.class, stratum)] * share
                }));
                if self.system.rates[at..].iter().all(|rate| *rate == 0.0) {
                    self.system.rates.truncate(at);
                    continue;
                }
                let removed = own.removal_endpoint.is_some_and(|e| tables.model.paths().ends(branch.edge, e));
                if branch.moves || removed {
                    let leaving = self.system.out[first..].iter_mut().zip(&self.system.rates[at..]);
                    leaving.for_each(|(sum, rate)| *sum += rate);
                    if !stretched {
                        let others = self.system.others[first..].iter_mut().zip(&self.system.rates[at..]);
                        others.for_each(|(sum, rate)| *sum += rate);
                    }
                }
                let to = (branch.moves && !removed)
                    .then(|| (branch.to, own.cells[branch.to].position(branch.entry(&entry, cycle + 1))));
                self.arcs.push(Arc { node, set: x, branch: b, to, rates: at });
            }
        }
    }

    /// Solves the cycle: patients of each cell at its end, and the integrals of patients over it.
    fn solve(&mut self, own: &mut Patients, shared: &Shared) {
        let steps = &shared.discounts.cycles[shared.cycle];
        let size = self.system.out.len();
        self.system.mass.clear();
        // Cells are listed in the order in which they were found, not by state.
        let mut node_of_cell: Vec<Vec<usize>> =
            own.cells.iter().map(|c| Vec::with_capacity(c.len())).collect();
        for (n, node) in self.nodes.iter().enumerate() {
            let cell = node_of_cell[node.state].len();
            node_of_cell[node.state].push(n);
            self.system.mass.extend_from_slice(own.cells[node.state].get(cell).1);
        }
        self.system.integrals.resize_with(shared.discounts.profiles.count(), Vec::new);
        for integral in &mut self.system.integrals {
            integral.clear();
            integral.resize(size, 0.0);
        }
        let links: Vec<Link> = (self.arcs.iter())
            .filter_map(|arc| {
                let (state, cell) = arc.to?;
                let from = &self.nodes[arc.node];
                let branch = &shared.layout.states[from.state].exit_sets[arc.set].branches[arc.branch];
                Some(Link {
                    from: arc.node,
                    to: node_of_cell[state][cell],
                    target: branch.target.as_deref(),
                    rates: arc.rates,
                })
            })
            .collect();
        let alone = self.alone(&links, steps);
        let mut chain = Chain::new(&self.system, &alone);
        self.leave_alone(&links, &alone, &mut chain, steps);
        chain.run(&mut self.system, &links, &alone, steps);
        let mut seen = vec![0; own.cells.len()];
        for (n, node) in self.nodes.iter().enumerate() {
            let into = own.cells[node.state].get_mut(seen[node.state]).mass;
            seen[node.state] += 1;
            into.copy_from_slice(&self.system.mass[self.system.strata(n)]);
        }
    }
}
