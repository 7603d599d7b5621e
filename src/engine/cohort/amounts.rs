//! Amounts of rewards that differ between the patients of a state, evaluated once for each class of patients that an
//! amount tells apart, however many strata share it.

use super::super::lines::Falls;
use super::super::paths::Paths;
use super::strata::Stratum;
use crate::model::hazard::Reads;
use crate::model::quadrature::Node;
use crate::model::{Model, Situation, Tables};

/// All amounts of the arms that run together.
#[derive(Default)]
pub struct Amounts(Vec<Amount>);

/// A line of the ledger at one place under one arm.
struct Amount {
    line: usize,
    reward: usize,
    arm: usize,
    state: usize,
    reads: Reads,
    stratum: Stratum,
    /// Per class: attribute values.
    values: Vec<Vec<f64>>,
    /// The clocks that `amounts` hold for; none if they hold for no clocks yet.
    filled: Option<(usize, Vec<usize>)>,
    /// Per class.
    amounts: Vec<f64>,
}

/// Where the patients of a place find an amount that differs between them.
pub struct Entry {
    /// Position among the amounts.
    pub amount: usize,
    /// Line.
    pub line: usize,
    /// Per stratum of the place: the class; `None` if they are the same.
    pub class: Option<Vec<u32>>,
}

impl Amounts {
    /// The entries of the lines that fall at `falls` and differ between the patients of `state` (which they leave, if
    /// they move).
    pub fn entries(
        &mut self,
        model: &Model,
        paths: &Paths,
        nodes: &[Vec<Node>],
        (arm, state, place): (usize, usize, &Stratum),
        falls: impl Fn(Falls) -> bool,
    ) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (l, line) in paths.lines.iter().enumerate() {
            let reward = &model.rewards[line.reward];
            if !falls(line.falls) || !reward.given_under(arm) || !reward.differs(model) {
                continue;
            }
            let reads = reward.reads();
            let stratum = Stratum::new(reads.attributes(), nodes);
            entries.push(Entry {
                amount: self.0.len(),
                line: l,
                class: place.project(&stratum),
            });
            self.0.push(Amount {
                line: l,
                reward: line.reward,
                arm,
                state,
                reads,
                stratum,
                values: Vec::new(),
                filled: None,
                amounts: Vec::new(),
            });
        }
        entries
    }

    /// Forgets what was evaluated for other values of parameters or attributes.
    pub fn set(&mut self, model: &Model, nodes: &[Vec<Node>]) {
        for amount in &mut self.0 {
            amount.filled = None;
            amount.values.clear();
            for class in 0..amount.stratum.size() {
                let mut values = vec![0.0; model.attributes.len()];
                amount.stratum.values(class, nodes, &mut values);
                amount.values.push(values);
            }
        }
    }

    /// Per class: the amount at grid point `k` for patients who have been in each group for so many cycles (when they
    /// are counted; for moves, at the start of the cycle). `None` where the line never falls.
    pub fn at(
        &mut self,
        amount: usize,
        tables: &Tables,
        paths: &Paths,
        k: usize,
        residence: &[usize],
    ) -> Option<&[f64]> {
        let own = &mut self.0[amount];
        let model = tables.model;
        let cycle = paths.lines[own.line].cycle_read(model, k)?;
        let cycle = if own.reads.time || own.reads.age { cycle } else { 0 };
        let spent = own.reads.residence.iter().map(|&g| residence[g]);
        let same = own
            .filled
            .as_ref()
            .is_some_and(|(c, r)| *c == cycle && spent.clone().eq(r.iter().copied()));
        if !same {
            own.filled = Some((cycle, spent.collect()));
            own.amounts.clear();
            let expr = &model.rewards[own.reward].amount;
            own.amounts.extend(own.values.iter().map(|attributes| {
                expr.value(&Situation {
                    parameters: &tables.parameters[own.arm],
                    attributes,
                    state: own.state,
                    cycle,
                    residence,
                    cycles_per_year: model.time.cycles_per_year,
                })
            }));
        }
        Some(&own.amounts)
    }
}

impl Entry {
    /// The sum over strata of their shares of patients times their amounts.
    pub fn total(&self, amounts: &[f64], mass: &[f64]) -> f64 {
        match &self.class {
            None => mass.iter().zip(amounts).map(|(m, x)| m * x).sum(),
            Some(class) => mass
                .iter()
                .zip(class)
                .map(|(m, &c)| m * amounts[c as usize])
                .sum(),
        }
    }
}
