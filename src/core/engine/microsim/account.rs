//! What a life is worth: the rewards of its stays and moves, added up while it is told.

use super::life::Move;
use super::prices::{Apart, Kind, Prices};
use crate::model::reward_lines::{Falls, falls_at_start};
use crate::model::separable::product;
use crate::model::{Situation, situation};

/// The account of one life after another.
pub struct Account<'a> {
    prices: &'a Prices<'a>,
    /// Per component.
    pub totals: Vec<f64>,
    arm: usize,
    state: usize,
    /// Grid point at which the state was entered.
    since: usize,
    attributes: Vec<f64>,
    /// Per product: its value for the patient at hand, once it has been asked for.
    products: Vec<Option<f64>>,
    /// Per group: the cycle of entry.
    entry: Vec<usize>,
    /// Working space: cycles in each group.
    residence: Vec<usize>,
}

impl<'a> Account<'a> {
    /// An empty account.
    pub fn new(prices: &'a Prices<'a>) -> Account<'a> {
        let model = prices.tables.model;
        Account {
            prices,
            totals: vec![0.0; model.components.len()],
            arm: 0,
            state: 0,
            since: 0,
            attributes: vec![0.0; model.attributes.len()],
            products: vec![None; prices.products.len()],
            entry: vec![0; model.groups.len()],
            residence: vec![0; model.groups.len()],
        }
    }

    /// The next lives are of a patient with these attributes.
    pub fn patient(&mut self, attributes: &[f64]) {
        self.attributes.copy_from_slice(attributes);
        self.products.fill(None);
    }

    /// Adds what a move is worth, and the stay that it ends.
    #[inline]
    pub fn count(&mut self, m: Move) {
        match m {
            Move::Start { from, to, arm, branch } => self.start(from, to, arm, branch),
            Move::Fired { edge, cycle } => self.fired(edge, cycle),
        }
    }

    fn start(&mut self, from: usize, to: usize, arm: usize, branch: Option<usize>) {
        let Prices { tables, paths, .. } = self.prices;
        let model = tables.model;
        self.totals.fill(0.0);
        self.entry.fill(0);
        // What a procedure pays may read the time in a state that it leaves: none has passed.
        self.residence.fill(0);
        (self.arm, self.state, self.since) = (arm, to, 0);
        for line in paths.lines.iter().filter(|line| line.falls == Falls::Start) {
            let reward = &model.rewards[line.reward];
            if falls_at_start(reward, arm, branch, from, to) {
                let s = Situation {
                    residence: &self.residence,
                    ..situation(model, &tables.parameters[arm], &self.attributes, from)
                };
                self.totals[reward.component] +=
                    tables.weights[line.outcome(model)].once[0] * reward.amount.value(&s);
            }
        }
    }

    #[inline]
    fn fired(&mut self, edge: usize, cycle: usize) {
        let prices = self.prices;
        let next = prices.paths.edges[edge].to;
        for once in &prices.moves[self.arm][edge] {
            let mut value = once.values[cycle];
            if once.differs {
                self.clocks(cycle - 1);
                value *= once.amount.value(&self.situation(cycle - 1));
            }
            self.totals[once.component] += value;
        }
        // A branch that keeps the patient ends no stay.
        if next != self.state {
            self.stay(cycle);
            (self.state, self.since) = (next, cycle);
            for &g in &prices.paths.enters[edge] {
                self.entry[g] = cycle;
            }
        }
    }

    /// Ends the life at the horizon.
    #[inline]
    pub fn end(&mut self) {
        self.stay(self.prices.tables.model.time.cycles + 1);
    }

    /// Adds what the present stay is worth at the points up to, but without, `until`.
    #[inline]
    fn stay(&mut self, until: usize) {
        let prices = self.prices;
        let stay = &prices.stays[self.arm][self.state];
        let width = self.totals.len();
        if !stay.common.is_empty() {
            let from = &stay.common[self.since * width..][..width];
            let to = &stay.common[until * width..][..width];
            for (total, (from, to)) in self.totals.iter_mut().zip(from.iter().zip(to)) {
                *total += to - from;
            }
        }
        for apart in &stay.apart {
            let value = self.apart(apart, until);
            self.totals[apart.component] += value;
        }
    }

    #[inline(never)]
    fn apart(&mut self, apart: &Apart, until: usize) -> f64 {
        let class: f64 = apart.strides.iter().zip(&self.attributes).map(|(s, x)| s * x).sum();
        let class = class as usize;
        let value = match &apart.kind {
            Kind::Points(classes) => classes[class][until] - classes[class][self.since],
            Kind::Residence(g, weights, classes) => {
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
            Kind::Both(g, classes) => {
                let points = self.prices.tables.model.time.cycles + 2;
                let sums = &classes[class][self.entry[*g] * points..][..points];
                sums[until] - sums[self.since]
            }
            Kind::Walk => {
                let model = self.prices.tables.model;
                let mut sum = 0.0;
                for k in self.since..until {
                    if let Some(cycle) = apart.line.cycle_read(model, k).filter(|_| apart.weights[k] != 0.0) {
                        self.clocks(k);
                        sum += apart.weights[k] * apart.amount.value(&self.situation(cycle));
                    }
                }
                sum
            }
        };
        match apart.product {
            // What multiplies nothing need not be a number.
            Some(product) if value != 0.0 => self.product(product) * value,
            _ => value,
        }
    }

    /// What the patient fixes, evaluated when it is first asked for.
    fn product(&mut self, at: usize) -> f64 {
        if let Some(value) = self.products[at] {
            return value;
        }
        let Prices { tables, products, .. } = self.prices;
        let own = &products[at];
        let parameters = &tables.parameters[own.arm];
        let s = situation(tables.model, parameters, &self.attributes, own.state);
        let value = product(&own.factors, &s);
        self.products[at] = Some(value);
        value
    }

    /// Sets the time in each group at grid point `k`.
    fn clocks(&mut self, k: usize) {
        for (spent, entry) in self.residence.iter_mut().zip(&self.entry) {
            *spent = k.saturating_sub(*entry);
        }
    }

    fn situation(&self, cycle: usize) -> Situation<'_> {
        let tables = self.prices.tables;
        Situation {
            parameters: &tables.parameters[self.arm],
            attributes: &self.attributes,
            state: self.state,
            cycle,
            residence: &self.residence,
            cycles_per_year: tables.model.time.cycles_per_year,
        }
    }
}
