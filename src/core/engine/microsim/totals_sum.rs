//! Means and standard deviations of totals over patients, added up block by block in a fixed order, so that results have the
//! same bits with any number of threads.

use super::super::totals::{StrategyTotals, Total, Totals};
use crate::model::Model;

/// Sums over the patients of one block.
pub struct BlockTotals {
    patients: u64,
    /// `[(strategy, component)]`: sums over patients.
    components: Vec<f64>,
    /// `[(strategy, outcome)]`: mean and spread of totals.
    outcomes: Vec<Spread>,
    /// `[(strategy, outcome)]`: mean and spread of increments versus the same patient under the reference strategy.
    increments: Vec<Spread>,
    /// `[strategy]`: sum of products of the deviations of two increments from their means; empty if none is wanted.
    products: Vec<f64>,
}

/// Count, mean and sum of squared deviations from the mean (Welford's recurrence; samples are merged as in Chan, Golub
/// and LeVeque 1983).
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    #[inline]
    fn add(&mut self, x: f64, share: f64) {
        self.count += 1.0;
        let d = x - self.mean;
        self.mean += d * share;
        self.squares += d * (x - self.mean);
    }

    fn merge(&mut self, other: &Spread) {
        let count = self.count + other.count;
        if count > 0.0 {
            let d = other.mean - self.mean;
            self.mean += d * other.count / count;
            self.squares += other.squares + d * d * self.count * other.count / count;
            self.count = count;
        }
    }

    fn total(&self) -> Total {
        Total {
            mean: self.mean,
            sd: (self.count > 1.0).then(|| crate::math::sqrt(self.squares / (self.count - 1.0))),
        }
    }
}

/// Totals of the current patient under each strategy, and their sums over the current block.
pub struct TotalsSum<'a> {
    model: &'a Model,
    reference: usize,
    /// Two outcomes whose increments' covariance is wanted.
    together: Option<(usize, usize)>,
    /// `[(strategy, outcome)]`: totals of the current patient.
    totals: Vec<f64>,
    now: BlockTotals,
}

impl<'a> TotalsSum<'a> {
    /// Starts without patients.
    pub fn new(model: &'a Model, together: Option<(usize, usize)>) -> TotalsSum<'a> {
        let cells = model.strategies.len() * model.outcomes.len();
        TotalsSum {
            model,
            reference: model.reference(),
            together,
            totals: vec![0.0; cells],
            now: BlockTotals::new(model, together.is_some()),
        }
    }

    /// Adds the component totals of one life.
    #[inline]
    pub fn life(&mut self, strategy: usize, components: &[f64]) {
        let outcomes = self.model.outcomes.len();
        let totals = &mut self.totals[strategy * outcomes..][..outcomes];
        totals.fill(0.0);
        let sums = &mut self.now.components[strategy * components.len()..];
        for ((component, x), sum) in self.model.components.iter().zip(components).zip(sums) {
            totals[component.outcome] += x;
            *sum += x;
        }
    }

    /// Adds the current patient to the block, after the lives under all strategies.
    #[inline]
    pub fn patient(&mut self) {
        let outcomes = self.model.outcomes.len();
        self.now.patients += 1;
        let share = 1.0 / self.now.patients as f64;
        let reference = self.reference * outcomes;
        if let Some((a, b)) = self.together {
            self.now.multiply((a, b), &self.totals, reference, share);
        }
        let spreads = self.now.outcomes.iter_mut().zip(&mut self.now.increments);
        for (i, (own, more)) in spreads.enumerate() {
            own.add(self.totals[i], share);
            more.add(self.totals[i] - self.totals[reference + i % outcomes], share);
        }
    }

    /// Returns the sums of the block and begins a new block.
    pub fn block(&mut self) -> BlockTotals {
        std::mem::replace(&mut self.now, BlockTotals::new(self.model, self.together.is_some()))
    }
}

impl BlockTotals {
    fn new(model: &Model, together: bool) -> BlockTotals {
        let cells = model.strategies.len() * model.outcomes.len();
        BlockTotals {
            patients: 0,
            components: vec![0.0; model.strategies.len() * model.components.len()],
            outcomes: vec![Spread::default(); cells],
            increments: vec![Spread::default(); cells],
            products: vec![0.0; if together { model.strategies.len() } else { 0 }],
        }
    }

    /// Adds the products of the increments of two outcomes of the current patient, who makes up `share` of the block, before the
    /// means of the increments change.
    #[inline]
    fn multiply(&mut self, (a, b): (usize, usize), totals: &[f64], reference: usize, share: f64) {
        let outcomes = totals.len() / self.products.len();
        for (s, product) in self.products.iter_mut().enumerate() {
            let deviation = |o: usize| {
                let at = s * outcomes + o;
                totals[at] - totals[reference + o] - self.increments[at].mean
            };
            // The first deviation is from the old mean, the second from the new one.
            *product += deviation(a) * deviation(b) * (1.0 - share);
        }
    }

    /// Adds the patients of another block.
    fn merge(&mut self, other: &BlockTotals, together: Option<(usize, usize)>) {
        if let Some((a, b)) = together {
            let outcomes = self.increments.len() / self.products.len();
            let (own, more) = (self.patients as f64, other.patients as f64);
            for (s, (product, others)) in self.products.iter_mut().zip(&other.products).enumerate() {
                let apart = |o: usize| {
                    let at = s * outcomes + o;
                    other.increments[at].mean - self.increments[at].mean
                };
                *product += others + apart(a) * apart(b) * own * more / (own + more);
            }
        }
        self.patients += other.patients;
        self.components.iter_mut().zip(&other.components).for_each(|(a, b)| *a += b);
        self.outcomes.iter_mut().zip(&other.outcomes).for_each(|(a, b)| a.merge(b));
        self.increments.iter_mut().zip(&other.increments).for_each(|(a, b)| a.merge(b));
    }
}

/// Combines the totals of all blocks, in order of block number.
pub fn totals(model: &Model, together: Option<(usize, usize)>, blocks: &mut [(u64, BlockTotals)]) -> Totals {
    if model.outcomes.is_empty() {
        return Totals::default();
    }
    blocks.sort_unstable_by_key(|(number, _)| *number);
    let mut all = BlockTotals::new(model, together.is_some());
    blocks.iter().for_each(|(_, block)| all.merge(block, together));
    let (outcomes, components) = (model.outcomes.len(), model.components.len());
    let per_patient = 1.0 / (all.patients as f64).max(1.0);
    let of = |s: usize| StrategyTotals {
        outcomes: all.outcomes[s * outcomes..][..outcomes].iter().map(Spread::total).collect(),
        components: all.components[s * components..][..components]
            .iter()
            .map(|sum| sum * per_patient)
            .collect(),
        increments: all.increments[s * outcomes..][..outcomes].iter().map(Spread::total).collect(),
        covariance: (all.products.get(s))
            .filter(|_| all.patients > 1)
            .map(|product| product / (all.patients as f64 - 1.0)),
    };
    Totals { strategies: (0..model.strategies.len()).map(of).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_merge_to_the_spread_of_all() {
        let numbers = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let spread = |numbers: &[f64]| {
            let mut spread = Spread::default();
            let each = numbers.iter().enumerate();
            each.for_each(|(i, x)| spread.add(*x, 1.0 / (i + 1) as f64));
            spread
        };
        let mut merged = spread(&numbers[..3]);
        merged.merge(&spread(&numbers[3..]));
        // Expected value from R: sd(c(3, 1, 4, 1, 5, 9, 2, 6)).
        for total in [merged.total(), spread(&numbers).total()] {
            assert!((total.mean - 3.875).abs() < 1e-15);
            assert!((total.sd.unwrap() - 2.748_376_143_938_713).abs() < 1e-14);
        }
    }
}
