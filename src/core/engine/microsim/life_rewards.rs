//! Rewards of one simulated life, from stays in states and from moves, added up as they happen.

use super::amount_tables::{AmountTable, AmountTables, PatientReward};
use super::case_table::CaseTable;
use super::life::Move;
use crate::model::paths::Edge;
use crate::model::separable::product;
use crate::model::{Situation, Tables, situation};

/// Attributes of the current patient, and the parts of amounts that depend on them, which all strategies share.
pub struct PatientAmounts<'a> {
    amounts: &'a AmountTables<'a>,
    pub attributes: Vec<f64>,
    /// Value of each product for this patient; `None` until needed.
    products: Vec<Option<f64>>,
}

impl<'a> PatientAmounts<'a> {
    pub fn new(amounts: &'a AmountTables<'a>) -> PatientAmounts<'a> {
        let attributes = vec![0.0; amounts.tables.model.attributes.len()];
        PatientAmounts { amounts, attributes, products: vec![None; amounts.products.len()] }
    }

    /// Begins a patient with these attributes, to whom the next lives belong.
    pub fn begin(&mut self, attributes: &[f64]) {
        self.attributes.copy_from_slice(attributes);
        self.products.fill(None);
    }

    /// Value of a product of factors that depend on the patient, evaluated on first use.
    #[inline]
    fn product(&mut self, at: usize) -> f64 {
        match self.products[at] {
            Some(value) => value,
            None => self.evaluate(at),
        }
    }

    #[inline(never)]
    fn evaluate(&mut self, at: usize) -> f64 {
        let AmountTables { tables, products, .. } = self.amounts;
        let own = &products[at];
        let parameters = &tables.parameters[own.arm];
        let s = situation(tables.model, parameters, &self.attributes, own.state);
        let value = product(&own.factors, &s);
        self.products[at] = Some(value);
        value
    }

    /// A part of an amount that depends on a clock, multiplied by the part that depends on the patient.
    #[inline]
    pub fn multiplied(&mut self, product: Option<usize>, clock_part: f64) -> f64 {
        match product {
            // A clock part of zero skips the patient's part, which may then be undefined (NaN or infinite).
            Some(product) if clock_part != 0.0 => self.product(product) * clock_part,
            _ => clock_part,
        }
    }

    /// Adds the rewards at time zero of a patient who presents in `from` and begins in `to`. `residence` is zero for all groups,
    /// because the reward of a procedure may read the time in the state before it, and no time has passed yet.
    pub fn add_starts(
        &self,
        (from, to): (usize, usize),
        arm: usize,
        branch: Option<usize>,
        residence: &[usize],
        totals: &mut [f64],
    ) {
        for start in &self.amounts.starts[arm] {
            if start.reward.when.at_start(arm, branch, from, to) {
                let evaluated = || {
                    let s = Situation { part: 0.0, ..self.situation(arm, from, 0, residence) };
                    start.weight * start.reward.amount.value(&s)
                };
                totals[start.reward.component] += start.value.unwrap_or_else(evaluated);
            }
        }
    }

    /// Situation of the patient in a state in a cycle, with these completed cycles in each group of states.
    pub fn situation<'s>(
        &'s self,
        arm: usize,
        state: usize,
        cycle: usize,
        residence: &'s [usize],
    ) -> Situation<'s> {
        let Tables { model, parameters, .. } = self.amounts.tables;
        let part = model.time.part();
        Situation { cycle, residence, part, ..situation(model, &parameters[arm], &self.attributes, state) }
    }

    /// Class of the patient by these strides.
    #[inline]
    pub fn class(&self, strides: &[f64]) -> usize {
        let class: f64 = strides.iter().zip(&self.attributes).map(|(s, x)| s * x).sum();
        class as usize
    }
}

/// Rewards of one strategy, for one life after another.
pub struct LifeRewards<'a> {
    amounts: &'a AmountTables<'a>,
    /// Total of each component.
    totals: Vec<f64>,
    arm: usize,
    state: usize,
    /// Grid point at which the patient entered the current state.
    since: usize,
    /// For each group of states: the cycle of entry.
    entry: Vec<usize>,
    /// Working space: cycles that the patient has been in each group of states.
    residence: Vec<usize>,
}

impl<'a> LifeRewards<'a> {
    /// Starts with no rewards.
    pub fn new(amounts: &'a AmountTables<'a>) -> LifeRewards<'a> {
        let model = amounts.tables.model;
        LifeRewards {
            amounts,
            totals: vec![0.0; model.components.len()],
            arm: 0,
            state: 0,
            since: 0,
            entry: vec![0; model.groups.len()],
            residence: vec![0; model.groups.len()],
        }
    }

    /// Adds the rewards of a move, and of the stay that the move ends.
    #[inline]
    pub fn count(&mut self, m: Move, patient: &mut PatientAmounts) {
        match m {
            Move::Start { from, to, arm, branch } => self.start(from, to, arm, branch, patient),
            Move::Fired { edge, cycle, .. } => self.fired(edge, cycle, patient),
        }
    }

    fn start(&mut self, from: usize, to: usize, arm: usize, branch: Option<usize>, patient: &PatientAmounts) {
        self.totals.fill(0.0);
        self.entry.fill(0);
        self.residence.fill(0);
        (self.arm, self.state, self.since) = (arm, to, 0);
        patient.add_starts((from, to), arm, branch, &self.residence, &mut self.totals);
    }

    #[inline]
    fn fired(&mut self, edge: usize, cycle: usize, patient: &mut PatientAmounts) {
        let amounts = self.amounts;
        let Edge { to: next, moves, .. } = amounts.paths.edges[edge];
        for once in &amounts.moves[self.arm][edge] {
            let mut value = once.values[cycle];
            if once.differs {
                self.clocks(cycle - 1);
                value *=
                    once.amount.value(&patient.situation(self.arm, self.state, cycle - 1, &self.residence));
            }
            self.totals[once.component] += value;
        }
        // The stay continues if the branch keeps the patient in the state.
        if moves {
            self.stay(cycle, patient);
            (self.state, self.since) = (next, cycle);
            for &g in &amounts.paths.enters[edge] {
                self.entry[g] = cycle;
            }
        }
        let transition = amounts.paths.edges[edge].transition;
        if amounts.counters[transition].is_empty() {
            return;
        }
        // Amounts that read the number end here and go on with the next number.
        if !moves {
            self.stay(cycle, patient);
            self.since = cycle;
        }
        for &(g, most) in &amounts.counters[transition] {
            self.entry[g] = (self.entry[g] + 1).min(most);
        }
    }

    /// Adds the rewards of the last stay, which ends at the horizon, and returns the total of each component.
    #[inline]
    pub fn end(&mut self, patient: &mut PatientAmounts) -> &[f64] {
        self.stay(self.amounts.tables.model.time.cycles + 1, patient);
        &self.totals
    }

    /// Adds the rewards of the current stay at the grid points before `until`.
    #[inline]
    fn stay(&mut self, until: usize, patient: &mut PatientAmounts) {
        let amounts = self.amounts;
        let stay = amounts.stay(self.arm, self.state);
        let width = self.totals.len();
        if !stay.common.is_empty() {
            let from = &stay.common[self.since * width..][..width];
            let to = &stay.common[until * width..][..width];
            for (total, (from, to)) in self.totals.iter_mut().zip(from.iter().zip(to)) {
                *total += to - from;
            }
        }
        for table in &stay.by_case {
            self.by_case(table, until, patient);
        }
        for reward in &stay.rewards {
            let value = self.of_stay(reward, until, patient);
            self.totals[reward.component] += value;
        }
    }

    /// Adds the rewards of a table for the grid points from entry into the state to `until`.
    fn by_case(&mut self, table: &CaseTable, until: usize, patient: &mut PatientAmounts) {
        let width = table.rewards.len();
        let runs = &table.classes[patient.class(&table.strides)];
        let entry = table.clock.map_or(0, |g| self.entry[g]);
        for (i, run) in runs.iter().enumerate() {
            let from = (entry + run.first).max(self.since);
            let to = runs.get(i + 1).map_or(until, |next| (entry + next.first).min(until));
            if from >= to {
                continue;
            }
            let (from, to) = (&run.sums[from * width..][..width], &run.sums[to * width..][..width]);
            for (&(component, product), (from, to)) in table.rewards.iter().zip(from.iter().zip(to)) {
                self.totals[component] += patient.multiplied(product, to - from);
            }
        }
    }

    #[inline(never)]
    fn of_stay(&mut self, reward: &PatientReward, until: usize, patient: &mut PatientAmounts) -> f64 {
        let class = patient.class(&reward.strides);
        let value = match &reward.table {
            AmountTable::Residence(g, weights, classes) => {
                let entry = self.entry[*g];
                let runs = &classes[class];
                let mut run = runs.partition_point(|(from, _)| entry + from <= self.since) - 1;
                let mut at = self.since;
                let mut sum = 0.0;
                while at < until {
                    let ends = runs.get(run + 1).map_or(until, |(from, _)| (entry + from).min(until));
                    sum += runs[run].1 * (weights[ends] - weights[at]);
                    at = ends;
                    run += 1;
                }
                sum
            }
            AmountTable::Both(g, classes) => {
                let points = self.amounts.tables.model.time.cycles + 2;
                let sums = &classes[class][self.entry[*g] * points..][..points];
                sums[until] - sums[self.since]
            }
            AmountTable::Walk => {
                let model = self.amounts.tables.model;
                let mut sum = 0.0;
                for k in self.since..until {
                    if let Some(cycle) = reward.line.cycle_read(model, k).filter(|_| reward.weights[k] != 0.0)
                    {
                        self.clocks(k);
                        sum += reward.weights[k]
                            * reward.amount.value(&patient.situation(
                                self.arm,
                                self.state,
                                cycle,
                                &self.residence,
                            ));
                    }
                }
                sum
            }
        };
        patient.multiplied(reward.product, value)
    }

    /// Sets the time in each group of states at grid point `k`.
    fn clocks(&mut self, k: usize) {
        let groups = &self.amounts.tables.model.groups;
        for ((spent, entry), group) in self.residence.iter_mut().zip(&self.entry).zip(groups) {
            *spent = group.elapsed(k, *entry);
        }
    }
}
