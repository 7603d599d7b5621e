//! Rewards of one simulated life in continuous time: amounts integrated over stays, with discounting, from the same running sums over
//! cycles as with one move a cycle. Within a cycle an amount is constant, so the share of its reward that has accrued is the share
//! of the discounted time that has passed.

use super::super::amount_tables::{AmountTable, AmountTables, PatientReward};
use super::super::case_table::CaseTable;
use super::super::life::Move;
use super::super::life_rewards::PatientAmounts;
use super::instant::{DiscountClock, Instant};
use super::pieces::end_of_piece;

/// Rewards of one strategy, for one life after another.
pub struct ContinuousRewards<'a> {
    amounts: &'a AmountTables<'a>,
    /// Total of each component.
    totals: Vec<f64>,
    clock: &'a DiscountClock,
    arm: usize,
    state: usize,
    /// When the patient entered the current state.
    since: Instant,
    until: Instant,
    /// For each group of states: the time of entry, in cycles.
    entered: Vec<f64>,
    residence: Vec<usize>,
    middle: [Instant; 2],
}

impl<'a> ContinuousRewards<'a> {
    /// Starts with no rewards.
    pub fn new(amounts: &'a AmountTables<'a>, clock: &'a DiscountClock) -> ContinuousRewards<'a> {
        let model = amounts.tables.model;
        ContinuousRewards {
            amounts,
            clock,
            totals: vec![0.0; model.components.len()],
            arm: 0,
            state: 0,
            since: Instant::default(),
            until: Instant::default(),
            entered: vec![0.0; model.groups.len()],
            residence: vec![0; model.groups.len()],
            middle: [Instant::default(), Instant::default()],
        }
    }

    /// Adds the rewards of a move, and of the stay that the move ends.
    #[inline]
    pub fn count(&mut self, m: Move, patient: &mut PatientAmounts) {
        match m {
            Move::Start { from, to, arm, branch } => self.start(from, to, arm, branch, patient),
            Move::Fired { edge, time, .. } => self.fired(edge, time, patient),
        }
    }

    fn start(&mut self, from: usize, to: usize, arm: usize, branch: Option<usize>, patient: &PatientAmounts) {
        self.totals.fill(0.0);
        self.entered.fill(0.0);
        self.residence.fill(0);
        (self.arm, self.state) = (arm, to);
        self.clock.at(0.0, &mut self.since);
        patient.add_starts((from, to), arm, branch, &self.residence, &mut self.totals);
    }

    #[inline]
    fn fired(&mut self, edge: usize, time: f64, patient: &mut PatientAmounts) {
        let amounts = self.amounts;
        let next = amounts.paths.edges[edge].to;
        let cycle = (time as usize).min(amounts.tables.model.time.cycles - 1);
        for once in &amounts.moves[self.arm][edge] {
            let mut value =
                once.values[cycle + 1] * self.clock.factor(self.clock.of_outcome[once.outcome], time);
            if once.differs {
                self.clocks(time);
                value *= once.amount.value(&patient.situation(self.arm, self.state, cycle, &self.residence));
            }
            self.totals[once.component] += value;
        }
        // The stay continues if the branch keeps the patient in the state.
        if next != self.state {
            self.stay(time, patient);
            self.state = next;
            for &g in &amounts.paths.enters[edge] {
                self.entered[g] = time;
            }
        }
    }

    /// Adds the rewards of the last stay, which ends at the horizon, and returns the total of each component.
    #[inline]
    pub fn end(&mut self, patient: &mut PatientAmounts) -> &[f64] {
        self.stay(self.amounts.tables.model.time.cycles as f64, patient);
        &self.totals
    }

    /// Adds the rewards of the current stay up to `time`, where the next stay begins.
    #[inline]
    fn stay(&mut self, time: f64, patient: &mut PatientAmounts) {
        let amounts = self.amounts;
        self.clock.at(time, &mut self.until);
        let stay = amounts.stay(self.arm, self.state);
        let width = self.totals.len();
        if !stay.common.is_empty() {
            let components = &amounts.tables.model.components;
            for ((c, total), component) in self.totals.iter_mut().enumerate().zip(components) {
                let profile = self.clock.of_outcome[component.outcome];
                *total += reached(&stay.common, width, c, &self.until, profile)
                    - reached(&stay.common, width, c, &self.since, profile);
            }
        }
        for table in &stay.by_case {
            self.by_case(table, patient);
        }
        for reward in &stay.rewards {
            let value = self.of_stay(reward, patient);
            self.totals[reward.component] += value;
        }
        std::mem::swap(&mut self.since, &mut self.until);
    }

    /// Adds the rewards of a table of cases.
    fn by_case(&mut self, table: &CaseTable, patient: &mut PatientAmounts) {
        let width = table.rewards.len();
        let runs = &table.classes[patient.class(&table.strides)];
        let entered = table.clock.map_or(0.0, |g| self.entered[g]);
        for (i, run) in runs.iter().enumerate() {
            let begins = entered + run.first as f64;
            let ends = runs.get(i + 1).map_or(f64::INFINITY, |next| entered + next.first as f64);
            if begins >= self.until.time || ends <= self.since.time {
                continue;
            }
            let [first, last] = &mut self.middle;
            let from = if begins <= self.since.time { &self.since } else { at(self.clock, begins, first) };
            let to = if ends >= self.until.time { &self.until } else { at(self.clock, ends, last) };
            for (r, &(component, product)) in table.rewards.iter().enumerate() {
                let outcome = self.amounts.tables.model.components[component].outcome;
                let profile = self.clock.of_outcome[outcome];
                let value =
                    reached(&run.sums, width, r, to, profile) - reached(&run.sums, width, r, from, profile);
                self.totals[component] += patient.multiplied(product, value);
            }
        }
    }

    #[inline(never)]
    fn of_stay(&mut self, reward: &PatientReward, patient: &mut PatientAmounts) -> f64 {
        let model = self.amounts.tables.model;
        let profile = self.clock.of_outcome[model.components[reward.component].outcome];
        let value = match &reward.table {
            AmountTable::Residence(g, weights, classes) => {
                let entered = self.entered[*g];
                let mut sum = 0.0;
                let runs = &classes[patient.class(&reward.strides)];
                for (i, (first, amount)) in runs.iter().enumerate() {
                    let begins = (entered + *first as f64).max(self.since.time);
                    let ends = runs.get(i + 1).map_or(f64::INFINITY, |next| entered + next.0 as f64);
                    let ends = ends.min(self.until.time);
                    if begins < ends {
                        sum += amount * self.worth(weights, begins, ends, profile);
                    }
                }
                sum
            }
            // Amounts by model time and time in a group are evaluated piece by piece.
            AmountTable::Both(..) | AmountTable::Walk => {
                let mut sum = 0.0;
                let mut from = self.since.time;
                while from < self.until.time {
                    let to = end_of_piece(self.amounts.paths, self.state, &self.entered, from)
                        .min(self.until.time);
                    let middle = 0.5 * (from + to);
                    let cycle = middle as usize;
                    if reward.weights[cycle] != 0.0 {
                        self.clocks(middle);
                        let amount = reward.amount.value(&patient.situation(
                            self.arm,
                            self.state,
                            cycle,
                            &self.residence,
                        ));
                        let [first, last] = &mut self.middle;
                        let (first, last) = (at(self.clock, from, first), at(self.clock, to, last));
                        // The end of a piece at a grid point belongs to its cycle.
                        let end = if last.cycle > cycle { 1.0 } else { last.shares[profile] };
                        let begin = if first.cycle < cycle { 0.0 } else { first.shares[profile] };
                        sum += amount * reward.weights[cycle] * (end - begin);
                    }
                    from = to;
                }
                sum
            }
        };
        patient.multiplied(reward.product, value)
    }

    /// Discounted time between two times, from running sums of the weights of cycles.
    fn worth(&mut self, weights: &[f64], from: f64, to: f64, profile: usize) -> f64 {
        let [first, last] = &mut self.middle;
        reached(weights, 1, 0, at(self.clock, to, last), profile)
            - reached(weights, 1, 0, at(self.clock, from, first), profile)
    }

    /// Sets the completed cycles in each group of states.
    fn clocks(&mut self, time: f64) {
        for (spent, entered) in self.residence.iter_mut().zip(&self.entered) {
            *spent = (time - entered).max(0.0) as usize;
        }
    }
}

/// Sets `into` to `time` and returns it.
fn at<'i>(clock: &DiscountClock, time: f64, into: &'i mut Instant) -> &'i Instant {
    clock.at(time, into);
    into
}

/// Value of running sums over cycles at a time, for one of `width` columns.
#[inline]
fn reached(sums: &[f64], width: usize, column: usize, at: &Instant, profile: usize) -> f64 {
    let before = sums[at.cycle * width + column];
    before + at.shares[profile] * (sums[(at.cycle + 1) * width + column] - before)
}
