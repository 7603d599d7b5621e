//! Amounts of rewards that differ between the patients of a state. Each is evaluated once for every class of patients
//! that the amount distinguishes, no matter how many strata share the class.
//!
//! If an amount is a sum of products of a part that depends on the patient and a part that depends on a clock (see
//! [`crate::model::separable`]), the patient's part is evaluated once per class and the clock's part once per grid
//! point.

use super::cells::sum_of;
use super::strata::{Stratum, class_of};
use crate::model::hazard::Reads;
use crate::model::quadrature::Node;
use crate::model::reward_lines::RewardAt;
use crate::model::separable::{Term, product, separate};
use crate::model::{Expr, Model, Situation, Tables};

/// All amounts of the arms that run together.
#[derive(Default)]
pub struct ClassAmounts(Vec<ClassAmount>);

/// The amount of a reward line in one state under one arm.
struct ClassAmount {
    line: usize,
    reward: usize,
    arm: usize,
    state: usize,
    reads: Reads,
    stratum: Stratum,
    /// The amount as a sum of products; `None` if it is not a sum of products or reads no clock.
    terms: Option<Vec<Term>>,
    /// Per term and class: the part that depends on the patient; empty until it is evaluated.
    fixed: Vec<Vec<f64>>,
    /// Whether the amount is the same under all arms.
    under_all: bool,
    /// Attribute values of each class.
    values: Vec<Vec<f64>>,
    /// Cycle and times in groups at which `amounts` was last evaluated; `None` before the first evaluation.
    filled: Option<(usize, Vec<usize>)>,
    /// Amount for each class.
    amounts: Vec<f64>,
}

/// A reward line of a state or branch, with the index of its amounts.
pub struct RewardEntry {
    /// Index of the amount in [`ClassAmounts`].
    pub amount: usize,
    /// Index of the reward line.
    pub line: usize,
    /// Whether the amount reads a clock of a group of states.
    pub by_clock: bool,
    /// Class of each stratum of the state; `None` if classes and strata are the same.
    pub class: Option<Vec<u32>>,
}

impl ClassAmounts {
    /// Lists the reward lines at places that `at` accepts whose amounts differ between patients of `state`, the state
    /// left for rewards of a move. `strata` are the strata of `state`.
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
            // Arms can share the amount of a reward line unless they substitute a parameter that the amount reads.
            let under_all = !substituted(model, arm, &reward.amount);
            let found = self.0.iter().position(|other| {
                other.line == l && (other.arm == arm || under_all && other.under_all) && other.state == state
            });
            entries.push(RewardEntry {
                amount: found.unwrap_or(self.0.len()),
                line: l,
                by_clock: !reads.residence.is_empty(),
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

    /// Discards all amounts because parameters or attributes have new values.
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

    /// Amount for each class in cycle `cycle`, for patients whose clocks have completed `residence` cycles.
    pub fn in_cycle(&mut self, amount: usize, tables: &Tables, cycle: usize, residence: &[usize]) -> &[f64] {
        self.0[amount].evaluated(tables, cycle, residence)
    }

    /// Amount for each class at grid point `k`, for patients who have been in each group for `residence` cycles
    /// (counted at `k`; for moves, at the start of the cycle). `None` if the line pays nothing at `k`.
    pub fn at(&mut self, amount: usize, tables: &Tables, k: usize, residence: &[usize]) -> Option<&[f64]> {
        let own = &mut self.0[amount];
        let model = tables.model;
        let cycle = model.paths().lines[own.line].cycle_read(model, k)?;
        Some(own.evaluated(tables, cycle, residence))
    }
}

impl ClassAmount {
    /// Amount for each class, evaluated again only if a clock that it reads has changed.
    fn evaluated(&mut self, tables: &Tables, cycle: usize, residence: &[usize]) -> &[f64] {
        let cycle = if self.reads.time || self.reads.age { cycle } else { 0 };
        let spent = self.reads.residence.iter().map(|&g| residence[g]);
        let same =
            self.filled.as_ref().is_some_and(|(c, r)| *c == cycle && spent.clone().eq(r.iter().copied()));
        if !same {
            self.filled = Some((cycle, spent.collect()));
            self.evaluate(tables, cycle, residence);
        }
        &self.amounts
    }

    /// Evaluates the amount for each class.
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
            part: model.time.part(),
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
            // A clock part of zero skips the patient's part, which may then be undefined (NaN or infinite).
            if clock != 0.0 {
                let each = self.amounts.iter_mut().zip(fixed);
                each.for_each(|(amount, fixed)| *amount += fixed * clock);
            }
        }
    }
}

/// Whether an expression reads a parameter that has another value under `arm`.
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
    /// Sum over strata of the share of patients times the amount. Strata without patients add nothing, even if their amount is
    /// undefined (NaN or infinite).
    pub fn total(&self, amounts: &[f64], mass: &[f64]) -> f64 {
        let total: f64 = match &self.class {
            None => sum_of(mass, amounts, |m, x| m * x),
            Some(class) => sum_of(mass, class, |m, &c| m * amounts[c as usize]),
        };
        if total.is_finite() {
            return total;
        }
        let occupied = mass.iter().enumerate().filter(|(_, mass)| **mass != 0.0);
        occupied.map(|(u, mass)| mass * amounts[class_of(&self.class, u)]).sum()
    }
}
