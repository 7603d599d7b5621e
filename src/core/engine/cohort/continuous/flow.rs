//! One cycle of a cohort in continuous time.

use super::super::amounts::{ClassAmounts, RewardEntry};
use super::super::cells::{Cells, sum};
use super::super::exit_probabilities::ExitProbabilities;
use super::super::layout::{ArmLayout, ExitBranch, StateLayout};
use super::super::strata::class_of;
use super::chain::Chain;
use super::discounts::DiscountSteps;
use super::system::{Link, System};
use crate::engine::counts::StrategyCounts;
use crate::model::clocks::MOST_CLOCKS;
use crate::model::reward_lines::RewardAt;
use crate::model::{Situation, Tables, fixed_attributes, situation};

/// Working space of a cohort in continuous time.
#[derive(Default)]
pub struct Flow {
    pub(super) nodes: Vec<CellNode>,
    pub(super) arcs: Vec<Arc>,
    pub(super) system: System,
    /// Per profile: patient-time in each state.
    stays: Vec<Vec<f64>>,
    /// Per profile: number of moves along each edge.
    moves: Vec<Vec<f64>>,
    hazards: Vec<f64>,
    early: Vec<usize>,
    pub(super) moved: Vec<f64>,
}

/// Share of all patients below which a cell with a clock is dropped.
const NOBODY: f64 = 1e-16;

/// Smallest difference of a stretch from 1 that matters: smaller ones come from hazards that hardly change in a cycle.
const STRETCHED: f64 = 1e-3;

/// A cell of patients.
#[derive(Clone, Copy)]
pub(super) struct CellNode {
    state: usize,
    entry: [u32; MOST_CLOCKS],
    /// Index of its first stratum.
    at: usize,
    /// Set of exits whose times are stretched.
    pub(super) stretched: Option<usize>,
}

/// Patients of one cell who take one branch of an exit.
pub(super) struct Arc {
    pub(super) node: usize,
    pub(super) set: usize,
    branch: usize,
    /// State and cell entered; `None` if patients stay or are removed from the model.
    to: Option<(usize, usize)>,
    /// Index of the rate of the first stratum.
    pub(super) rates: usize,
}

/// The clocks of a cell in one cycle. Patients entered a group at the start of the model, or at a uniformly distributed time in
/// their cycle of entry; in the second case a cycle has an early part, before the clock of the group completes another cycle, and
/// a late part.
struct CellClocks<'a> {
    early: &'a [usize],
    late: &'a [usize],
}

impl CellClocks<'_> {
    fn same(&self) -> bool {
        self.early == self.late
    }
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
    /// Working space: completed cycles of the clock of each group of states.
    pub residence: &'a mut [usize],
}

/// Values that the cells share.
pub struct Shared<'a> {
    pub exits: &'a mut ExitProbabilities,
    pub amounts: &'a mut ClassAmounts,
    pub discounts: &'a DiscountSteps,
}

impl Flow {
    /// Runs one cycle.
    pub fn run(
        &mut self,
        own: &mut Patients,
        tables: &Tables,
        layout: &ArmLayout,
        shared: &mut Shared,
        cycle: usize,
    ) {
        self.build(own, tables, layout, shared, cycle);
        self.solve(own, layout, shared, cycle);
        self.count(own, tables, layout, shared, cycle);
        for (cells, here) in
            own.cells.iter_mut().zip(&layout.states).filter(|(_, here)| !here.clocks.is_empty())
        {
            cells.drop_empty(here.stratum.size(), NOBODY);
        }
        for (occupancy, cells) in own.counts.occupancy.iter_mut().zip(&*own.cells) {
            occupancy[cycle + 1] = cells.total();
        }
    }

    /// Lists all cells that patients are in or reach in this cycle, with the rates of all moves between them.
    fn build(
        &mut self,
        own: &mut Patients,
        tables: &Tables,
        layout: &ArmLayout,
        shared: &mut Shared,
        cycle: usize,
    ) {
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
                    self.nodes.push(CellNode { state, entry, at: self.system.out.len(), stretched: None });
                    self.system.starts.push(self.system.out.len());
                    let end = self.system.out.len() + size;
                    self.system.out.resize(end, 0.0);
                    self.system.stretch.resize(end, 1.0);
                    self.system.others.resize(end, 0.0);
                    done[state] += 1;
                    more = true;
                    self.leave(own, tables, here, shared, cycle);
                }
            }
        }
    }

    /// Lists the moves out of one cell.
    fn leave(
        &mut self,
        own: &mut Patients,
        tables: &Tables,
        here: &StateLayout,
        shared: &mut Shared,
        cycle: usize,
    ) {
        let node = self.nodes.len() - 1;
        let CellNode { state, entry, at: first, .. } = self.nodes[node];
        let size = self.system.out.len() - first;
        set_clocks(here, &entry, cycle, &mut self.early, own.residence);
        for (x, set) in here.exit_sets.iter().enumerate() {
            let clocks = CellClocks { early: &self.early, late: own.residence };
            let entered = |g| here.clocks.iter().position(|c| *c == g).is_some_and(|i| entry[i] > 0);
            let fresh =
                |g| here.clocks.iter().position(|c| *c == g).is_some_and(|i| entry[i] as usize == cycle + 1);
            let exits = &mut shared.exits.0[set.cached];
            exits.mean_hazards(
                tables,
                cycle,
                (clocks.early, clocks.late),
                (&entered, &fresh),
                &mut self.hazards,
            );
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
                if branch.to != state || removed {
                    let leaving = self.system.out[first..].iter_mut().zip(&self.system.rates[at..]);
                    leaving.for_each(|(sum, rate)| *sum += rate);
                    if !stretched {
                        let others = self.system.others[first..].iter_mut().zip(&self.system.rates[at..]);
                        others.for_each(|(sum, rate)| *sum += rate);
                    }
                }
                let to = (branch.to != state && !removed)
                    .then(|| (branch.to, own.cells[branch.to].position(branch.entry(&entry, cycle + 1))));
                self.arcs.push(Arc { node, set: x, branch: b, to, rates: at });
            }
        }
    }

    /// Solves the cycle: patients of each cell at its end, and the integrals of patients over it.
    fn solve(&mut self, own: &mut Patients, layout: &ArmLayout, shared: &Shared, cycle: usize) {
        let steps = &shared.discounts.cycles[cycle];
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
                let branch = &layout.states[from.state].exit_sets[arc.set].branches[arc.branch];
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
        for node in &self.nodes {
            let into = own.cells[node.state].get_mut(seen[node.state]).mass;
            seen[node.state] += 1;
            let size = into.len();
            into.copy_from_slice(&self.system.mass[node.at..][..size]);
        }
    }

    /// Adds up moves, endpoints and rewards of the cycle.
    fn count(
        &mut self,
        own: &mut Patients,
        tables: &Tables,
        layout: &ArmLayout,
        shared: &mut Shared,
        cycle: usize,
    ) {
        let model = tables.model;
        let profiles = self.system.integrals.len();
        let blank = |list: &mut Vec<Vec<f64>>, size: usize| {
            list.resize_with(profiles, Vec::new);
            list.iter_mut().for_each(|own| {
                own.clear();
                own.resize(size, 0.0);
            });
        };
        blank(&mut self.stays, layout.states.len());
        blank(&mut self.moves, model.paths().edges.len());
        let paid = own.removal_endpoint.is_none();
        let mut arcs = std::mem::take(&mut self.arcs).into_iter().peekable();
        for n in 0..self.nodes.len() {
            let node = &self.nodes[n];
            let here = &layout.states[node.state];
            let strata = here.stratum.size();
            set_clocks(here, &node.entry, cycle, &mut self.early, own.residence);
            let cell = node.at..node.at + strata;
            let (state, entry) = (node.state, node.entry);
            for (profile, integral) in self.system.integrals.iter().enumerate() {
                self.stays[profile][state] += sum(&integral[cell.clone()]);
            }
            if paid {
                let clocks = CellClocks { early: &self.early, late: own.residence };
                for reward in &here.rewards {
                    let line = &model.paths().lines[reward.line];
                    let profile = shared.discounts.profiles.of_outcome[line.outcome(model)];
                    let per_cycle = 1.0 / model.time.cycles_per_year;
                    let total = |amounts: &mut ClassAmounts, profile: usize| {
                        per_cycle
                            * mean_total(
                                reward,
                                amounts,
                                tables,
                                cycle,
                                &clocks,
                                &self.system.integrals[profile][cell.clone()],
                            )
                    };
                    let plain = total(shared.amounts, 0);
                    let discounted = if profile == 0 { plain } else { total(shared.amounts, profile) };
                    own.counts.accrue(model, reward.line, cycle + 1, plain, discounted);
                }
            }
            while let Some(arc) = arcs.next_if(|arc| arc.node == n) {
                let branch = &here.exit_sets[arc.set].branches[arc.branch];
                for profile in 0..profiles {
                    let moved = self.system.integrals[profile][cell.clone()]
                        .iter()
                        .zip(&self.system.rates[arc.rates..]);
                    self.moves[profile][branch.edge] += moved.map(|(m, rate)| m * rate).sum::<f64>();
                }
                let integral = &self.system.integrals[0][cell.clone()];
                self.moved.clear();
                self.moved
                    .extend(integral.iter().zip(&self.system.rates[arc.rates..]).map(|(m, rate)| m * rate));
                time_event(own, here, branch, &entry, cycle, sum(&self.moved));
                if !paid || branch.rewards.is_empty() {
                    continue;
                }
                let clocks = CellClocks { early: &self.early, late: own.residence };
                for reward in &branch.rewards {
                    let line = &model.paths().lines[reward.line];
                    let profile = shared.discounts.profiles.of_outcome[line.outcome(model)];
                    let plain = mean_total(reward, shared.amounts, tables, cycle, &clocks, &self.moved);
                    let discounted = match profile {
                        0 => plain,
                        _ => {
                            let integral = self.system.integrals[profile][cell.clone()].iter();
                            let moved: Vec<f64> = integral
                                .zip(&self.system.rates[arc.rates..])
                                .map(|(m, rate)| m * rate)
                                .collect();
                            mean_total(reward, shared.amounts, tables, cycle, &clocks, &moved)
                        }
                    };
                    own.counts.accrue(model, reward.line, cycle + 1, plain, discounted);
                }
            }
        }
        for (own, moved) in own.counts.moves.iter_mut().zip(&self.moves[0]) {
            own[cycle + 1] += moved;
        }
        if paid {
            self.pay_common(own, tables, layout, shared, cycle);
        }
    }

    /// Adds the rewards that are the same for all patients of a state, and the years in each state.
    fn pay_common(
        &self,
        own: &mut Patients,
        tables: &Tables,
        layout: &ArmLayout,
        shared: &Shared,
        cycle: usize,
    ) {
        let model = tables.model;
        let parameters = &tables.parameters[layout.arm];
        let attributes = fixed_attributes(model, parameters);
        let year = 1.0 / model.time.cycles_per_year;
        for common in &layout.common {
            let line = &model.paths().lines[common.line];
            let reward = &model.rewards[line.reward];
            let profile = shared.discounts.profiles.of_outcome[line.outcome(model)];
            let (state, patients) = match line.at {
                RewardAt::In(state, _) => (state, [0, profile].map(|p| self.stays[p][state] * year)),
                RewardAt::Edge(e) => (model.paths().edges[e].from, [0, profile].map(|p| self.moves[p][e])),
                RewardAt::Start => continue,
            };
            // Without patients nothing is paid, even if the amount is undefined.
            if patients[0] != 0.0 {
                let s = Situation {
                    cycle,
                    part: model.time.part(),
                    ..situation(model, parameters, &attributes, state)
                };
                let amount = reward.amount.value(&s);
                own.counts.accrue(model, common.line, cycle + 1, patients[0] * amount, patients[1] * amount);
            }
        }
        let accrued = &mut own.counts.accrued;
        for (years, &profile) in accrued.years.iter_mut().zip(&shared.discounts.profiles.of_outcome) {
            years.iter_mut().zip(&self.stays[profile]).for_each(|(own, stay)| *own += stay * year);
        }
        let undiscounted = accrued.undiscounted_years.iter_mut().zip(&self.stays[0]);
        undiscounted.for_each(|(own, stay)| *own += stay * year);
    }
}

/// Sets the completed cycles of each clock in the early and in the late part of the cycle.
fn set_clocks(
    here: &StateLayout,
    entry: &[u32; MOST_CLOCKS],
    cycle: usize,
    early: &mut Vec<usize>,
    late: &mut [usize],
) {
    early.resize(late.len(), 0);
    for (&g, &entered) in here.clocks.iter().zip(entry) {
        late[g] = match entered {
            0 => cycle,
            entered => cycle + 1 - entered as usize,
        };
        early[g] = match entered {
            0 => cycle,
            _ => late[g].saturating_sub(1),
        };
    }
}

/// Total of a reward over the patients in `mass`, per stratum: the mean of the amounts in the early and the late part of the cycle.
fn mean_total(
    reward: &RewardEntry,
    amounts: &mut ClassAmounts,
    tables: &Tables,
    cycle: usize,
    clocks: &CellClocks,
    mass: &[f64],
) -> f64 {
    let late = reward.total(amounts.in_cycle(reward.amount, tables, cycle, clocks.late), mass);
    if clocks.same() {
        return late;
    }
    let early = reward.total(amounts.in_cycle(reward.amount, tables, cycle, clocks.early), mass);
    0.5 * (early + late)
}

/// Counts a move for endpoints whose time at risk is counted from entry into a group. Patients who entered the group in an earlier
/// cycle have been there, on average, for the same number of cycles less or more a half, so half of them are counted in each of the
/// two cycles of the clock.
fn time_event(
    own: &mut Patients,
    here: &StateLayout,
    branch: &ExitBranch,
    entry: &[u32; MOST_CLOCKS],
    cycle: usize,
    moved: f64,
) {
    if own.endpoints.is_empty() {
        return;
    }
    for &(e, g, meaning) in &branch.timed {
        let counts = &mut own.counts.endpoints[e];
        let Some(ends) = counts.ends(meaning) else {
            counts.entered += moved;
            continue;
        };
        match here.clocks.iter().position(|c| *c == g).map(|i| entry[i] as usize) {
            Some(entered) if entered > 0 && entered <= cycle => {
                let late = cycle + 2 - entered;
                ends[late] += 0.5 * moved;
                ends[late - 1] += 0.5 * moved;
            }
            Some(0) | None => ends[cycle + 1] += moved,
            Some(_) => ends[1] += moved,
        }
    }
}
