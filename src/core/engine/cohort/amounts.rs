//! Amounts of rewards that differ between the patients of a state, evaluated once for each class of patients that an amount
//! distinguishes, however many strata share it.
//!
//! Where an amount is a sum of products of a part that depends on the patient and a part that depends on a clock (see
//! [`crate::model::separable`]), the former is evaluated once for each class and the latter once for all classes at each
//! point of the grid.

use super::strata::Stratum;
use crate::model::hazard::Reads;
use crate::model::quadrature::Node;
use crate::model::reward_lines::RewardAt;
use crate::model::separable::{Term, product, separate};
use crate::model::{Expr, Model, Situation, Tables};

/// All amounts of the arms that run together.
#[derive(Default)]
pub struct ClassAmounts(Vec<ClassAmount>);

/// A reward line in one state under one arm.
struct ClassAmount {
    line: usize,
    reward: usize,
    arm: usize,
    state: usize,
    reads: Reads,
    stratum: Stratum,
    /// The amount as a sum of products; `None` if it cannot be written in this way, or reads no clock.
    terms: Option<Vec<Term>>,
    /// Per term and class: the part that depends on the patient; empty if it is not evaluated yet.
    fixed: Vec<Vec<f64>>,
    /// Whether it is the same under all arms.
    under_all: bool,
    /// Per class: attribute values.
    values: Vec<Vec<f64>>,
    /// The clocks at which `amounts` were evaluated; `None` if they were not.
    filled: Option<(usize, Vec<usize>)>,
    /// Per class.
    amounts: Vec<f64>,
}

/// A reward line of a state or branch, and the position of its amounts.
pub struct RewardEntry {
    /// Position among the amounts.
    pub amount: usize,
    /// Position among the reward lines.
    pub line: usize,
    /// Per stratum of the state: the class; `None` if they are the same.
    pub class: Option<Vec<u32>>,
}

impl ClassAmounts {
    /// The entries of the lines at places that `at` accepts and that differ between the patients of `state` (the one left, for
    /// rewards of a move). `strata` are those of the state.
    pub fn entries(
        &mut self,
        model: &Model,
        nodes: &[Vec<Node>],
        arm: usize,
        state: usize,
        strata: &Stratum,
        at: impl Fn(RewardAt) -> bool,
    ) -> Vec<RewardEntry> {
        let mut entries = Vec::new();
        for (l, line) in model.paths().lines.iter().enumerate() {
            let reward = &model.rewards[line.reward];
            if !at(line.at) || !reward.given_under(arm) || !reward.differs(model) {
                continue;
            }
            let reads = reward.reads();
            let stratum = Stratum::new(reads.attributes(), nodes);
            // A line belongs to one state: arms that read the same values of parameters share the amount.
            let under_all = !substituted(model, arm, &reward.amount);
            let found = self.0.iter().position(|other| {
                other.line == l && (other.arm == arm || under_all && other.under_all) && other.state == state
            });
            entries.push(RewardEntry {
                amount: found.unwrap_or(self.0.len()),
                line: l,
                class: strata.project(&stratum),
            });
            if found.is_some() {
                continue;
            }
            let per_year = model.time.cycles_per_year;
            let terms = (reads.clocks() > 0).then(|| separate(&reward.amount, per_year, &|_| true));
            self.0.push(ClassAmount {
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
    /// are counted; for moves, at the start of the cycle). `None` where the line pays nothing at `k`.
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

impl ClassAmount {
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
            // Where the clock's part is zero, the patient's part need not be a number.
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

impl RewardEntry {
    /// The sum over strata of their shares of patients times their amounts.
    pub fn total(&self, amounts: &[f64], mass: &[f64]) -> f64 {
        match &self.class {
            None => mass.iter().zip(amounts).map(|(m, x)| m * x).sum(),
            Some(class) => mass.iter().zip(class).map(|(m, &c)| m * amounts[c as usize]).sum(),
        }
    }
}
