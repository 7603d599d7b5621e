//! Amounts of rewards that differ between classes of background mortality. Strategies and rewards that read the same
//! values share each amount.

use super::background::BackgroundMortality;
use crate::engine::cohort::strata::{Stratum, class_of};
use crate::model::hazard::Reads;
use crate::model::quadrature::Node;
use crate::model::reward_lines::Reading;
use crate::model::separable::{Factor, product};
use crate::model::{Model, Situation, Tables, situation};

/// All amounts that differ between classes of background mortality, and their sums over these classes.
#[derive(Default)]
pub struct BackgroundAmounts {
    amounts: Vec<BackgroundAmount>,
    marginals: Vec<MarginalAmount>,
}

/// A product of factors that differs between classes of background mortality: `g(b, k)`.
pub struct BackgroundAmount {
    pub factors: Vec<Factor>,
    /// Index of the background mortality.
    pub background: usize,
    /// State at which the factors are evaluated; states and arms with equal factors share the result.
    pub state: usize,
    pub arm: usize,
    pub stratum: Stratum,
    /// Last cycle for which the product is evaluated.
    pub last: usize,
    /// Parameters that the product reads.
    pub depends_on: Vec<usize>,
    /// Values of these parameters, and attribute values of each class, for which `values` was last evaluated.
    pub evaluated_at: Option<(Vec<f64>, Vec<Vec<f64>>)>,
    /// `[(cycle, b)]`: value of the product.
    pub values: Vec<f64>,
}

/// Sum of an amount over the classes that a marginal merges, `sum over b of A(b, k) g(b, k)`, at each grid point.
struct MarginalAmount {
    amount: usize,
    marginal: usize,
    reading: Reading,
    /// `[(k, class of the marginal)]`: sum at grid point `k`.
    values: Vec<f64>,
}

impl BackgroundAmounts {
    /// Evaluates all amounts and sums for the current values of `tables`, `nodes` and `backgrounds`.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>], backgrounds: &[BackgroundMortality]) {
        for amount in &mut self.amounts {
            amount.set(tables, nodes);
        }
        let cycles = tables.model.time.cycles;
        for own in &mut self.marginals {
            let amount = &self.amounts[own.amount];
            let background = &backgrounds[amount.background];
            let marginal = &background.marginals[own.marginal];
            let size = background.stratum.size();
            own.values.clear();
            own.values.resize((cycles + 1) * marginal.size, 0.0);
            for (k, sums) in own.values.chunks_exact_mut(marginal.size).enumerate() {
                let Some(cycle) = read_at(own.reading, k).filter(|cycle| *cycle <= amount.last) else {
                    continue;
                };
                let alive = &background.alive[k * size..][..size];
                let each = &amount.values[cycle * size..][..size];
                for (b, (alive, amount)) in alive.iter().zip(each).enumerate() {
                    sums[class_of(&marginal.of, b)] += alive * amount;
                }
            }
        }
    }

    /// Returns the index of the sum of an amount over a marginal, and adds the sum if it is new.
    pub fn position(
        &mut self,
        model: &Model,
        new: BackgroundAmount,
        marginal: usize,
        reading: Reading,
    ) -> usize {
        let found = self.amounts.iter().position(|amount| amount.is(&new, model));
        let amount = found.unwrap_or(self.amounts.len());
        match self.amounts.get_mut(amount) {
            Some(there) => there.last = there.last.max(new.last),
            None => self.amounts.push(new),
        }
        let same =
            |own: &MarginalAmount| own.amount == amount && own.marginal == marginal && own.reading == reading;
        self.marginals.iter().position(same).unwrap_or_else(|| {
            self.marginals.push(MarginalAmount { amount, marginal, reading, values: Vec::new() });
            self.marginals.len() - 1
        })
    }

    /// Returns the sums with this index, `[(k, class of the marginal)]`.
    pub fn sums(&self, position: usize) -> &Vec<f64> {
        &self.marginals[position].values
    }
}

impl BackgroundAmount {
    /// Whether another amount is equal to this amount for all values of the parameters.
    fn is(&self, other: &BackgroundAmount, model: &Model) -> bool {
        let by_state = self.factors.iter().any(|(e, _)| Reads::of(e).state);
        let replaced = |amount: &BackgroundAmount| {
            let mut substitutions = model.strategies[amount.arm].substitutions.iter();
            substitutions.any(|(p, _)| amount.depends_on.contains(p))
        };
        self.background == other.background
            && self.factors == other.factors
            && (self.state == other.state || !by_state)
            && (self.arm == other.arm || !replaced(self) && !replaced(other))
    }

    fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        let model = tables.model;
        let parameters = &tables.parameters[self.arm];
        let read: Vec<f64> = self.depends_on.iter().map(|&p| parameters[p]).collect();
        let classes = (0..self.stratum.size()).map(|b| {
            let mut values = vec![0.0; model.attributes.len()];
            self.stratum.values(b, nodes, &mut values);
            values
        });
        let now = (read, classes.collect());
        if self.evaluated_at.as_ref() == Some(&now) && self.values.len() == (self.last + 1) * now.1.len() {
            return;
        }
        self.values.clear();
        for cycle in 0..=self.last {
            self.values.extend(now.1.iter().map(|attributes| {
                let s = Situation { cycle, ..situation(model, parameters, attributes, self.state) };
                product(&self.factors, &s)
            }));
        }
        self.evaluated_at = Some(now);
    }
}

/// Cycle at which an amount is read for grid point `k`: the cycle that begins or ends at `k`, or 0 if the amount does
/// not depend on model time.
fn read_at(reading: Reading, k: usize) -> Option<usize> {
    match reading {
        Reading::Any => Some(0),
        Reading::Begins => Some(k),
        Reading::Ends => k.checked_sub(1),
    }
}
