//! Amounts of rewards that differ between the patients of a state, evaluated once for each class of patients that an
//! amount tells apart, however many strata share it.
//!
//! Where an amount is a sum of products of what patients fix and what a clock moves (see [`crate::model::separable`]), the
//! former are evaluated once for each class and the latter once for all classes at each point of the grid.

use super::strata::Stratum;
use crate::model::hazard::Reads;
use crate::model::quadrature::Node;
use crate::model::reward_lines::Falls;
use crate::model::separable::{Term, product, separate};
use crate::model::{Expr, Model, Situation, Tables};

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
    /// The amount as a sum of products; none if it is no such sum, or reads no clock.
    terms: Option<Vec<Term>>,
    /// Per term and class: what patients fix; empty if it is not known yet.
    fixed: Vec<Vec<f64>>,
    /// Whether it is the same under all arms.
    under_all: bool,
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
        nodes: &[Vec<Node>],
        (arm, state, place): (usize, usize, &Stratum),
        falls: impl Fn(Falls) -> bool,
    ) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (l, line) in model.paths().lines.iter().enumerate() {
            let reward = &model.rewards[line.reward];
            if !falls(line.falls) || !reward.given_under(arm) || !reward.differs(model) {
                continue;
            }
            let reads = reward.reads();
            let stratum = Stratum::new(reads.attributes(), nodes);
            // A line falls in one state: arms that read the same values of parameters share the amount.
            let under_all = !substituted(model, arm, &reward.amount);
            let found = self.0.iter().position(|other| {
                other.line == l && (other.arm == arm || under_all && other.under_all) && other.state == state
            });
            entries.push(Entry {
                amount: found.unwrap_or(self.0.len()),
                line: l,
                class: place.project(&stratum),
            });
            if found.is_some() {
                continue;
            }
            let per_year = model.time.cycles_per_year;
            let terms = (reads.clocks() > 0).then(|| separate(&reward.amount, per_year, &|_| true));
            self.0.push(Amount {
                terms: terms.flatten(),
                fixed: Vec::new(),
                under_all,
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
            amount.fixed.clear();
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
    pub fn at(&mut self, amount: usize, tables: &Tables, k: usize, residence: &[usize]) -> Option<&[f64]> {
        let own = &mut self.0[amount];
        let model = tables.model;
        let cycle = model.paths().lines[own.line].cycle_read(model, k)?;
        let cycle = if own.reads.time || own.reads.age { cycle } else { 0 };
        let spent = own.reads.residence.iter().map(|&g| residence[g]);
        let same =
            own.filled.as_ref().is_some_and(|(c, r)| *c == cycle && spent.clone().eq(r.iter().copied()));
        if !same {
            own.filled = Some((cycle, spent.collect()));
            own.evaluate(tables, cycle, residence);
        }
        Some(&own.amounts)
    }
}

impl Amount {
    /// Fills the amounts.
    fn evaluate(&mut self, tables: &Tables, cycle: usize, residence: &[usize]) {
        let model = tables.model;
        let (arm, state) = (self.arm, self.state);
        let situation = |attributes| Situation {
            parameters: &tables.parameters[arm],
            attributes,
            state,
            cycle,
            residence,
            cycles_per_year: model.time.cycles_per_year,
        };
        self.amounts.clear();
        let Some(terms) = &self.terms else {
            let expr = &model.rewards[self.reward].amount;
            let each = self.values.iter().map(|values| expr.value(&situation(values)));
            self.amounts.extend(each);
            return;
        };
        if self.fixed.is_empty() {
            let of = |term: &Term| {
                let each = self.values.iter();
                each.map(|values| product(&term.patient, &situation(values))).collect()
            };
            self.fixed = terms.iter().map(of).collect();
        }
        self.amounts.resize(self.values.len(), 0.0);
        for (term, fixed) in terms.iter().zip(&self.fixed) {
            let clock = term.clock.value(&situation(&[]));
            // What multiplies nothing need not be a number.
            if clock != 0.0 {
                let each = self.amounts.iter_mut().zip(fixed);
                each.for_each(|(amount, fixed)| *amount += fixed * clock);
            }
        }
    }
}

/// Whether an expression reads parameters that have other values under `arm`.
fn substituted(model: &Model, arm: usize, expr: &Expr) -> bool {
    let substitutions = &model.strategies[arm].substitutions;
    let mut found = false;
    expr.walk(&mut |e| {
        if let Expr::Parameter(p) = e {
            found |= substitutions.iter().any(|(own, _)| own == p);
        }
    });
    found
}

impl Entry {
    /// The sum over strata of their shares of patients times their amounts.
    pub fn total(&self, amounts: &[f64], mass: &[f64]) -> f64 {
        match &self.class {
            None => mass.iter().zip(amounts).map(|(m, x)| m * x).sum(),
            Some(class) => mass.iter().zip(class).map(|(m, &c)| m * amounts[c as usize]).sum(),
        }
    }
}
