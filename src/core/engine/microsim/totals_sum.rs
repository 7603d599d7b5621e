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
    /// `[(strategy, outcome)]`: totals of the current patient.
    totals: Vec<f64>,
    now: BlockTotals,
}

impl<'a> TotalsSum<'a> {
    /// Starts without patients.
    pub fn new(model: &'a Model) -> TotalsSum<'a> {
        let cells = model.strategies.len() * model.outcomes.len();
        TotalsSum {
            model,
            reference: model.reference(),
            totals: vec![0.0; cells],
            now: BlockTotals::new(model),
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
        let spreads = self.now.outcomes.iter_mut().zip(&mut self.now.increments);
        for (i, (own, more)) in spreads.enumerate() {
            own.add(self.totals[i], share);
            more.add(self.totals[i] - self.totals[reference + i % outcomes], share);
        }
    }

    /// Returns the sums of the block and begins a new block.
    pub fn block(&mut self) -> BlockTotals {
        std::mem::replace(&mut self.now, BlockTotals::new(self.model))
    }
}

impl BlockTotals {
    fn new(model: &Model) -> BlockTotals {
        let cells = model.strategies.len() * model.outcomes.len();
        BlockTotals {
            patients: 0,
            components: vec![0.0; model.strategies.len() * model.components.len()],
            outcomes: vec![Spread::default(); cells],
            increments: vec![Spread::default(); cells],
        }
    }
}

/// Combines the totals of all blocks, in order of block number.
pub fn totals(model: &Model, mut blocks: Vec<(u64, BlockTotals)>) -> Totals {
    if model.outcomes.is_empty() {
        return Totals::default();
    }
    blocks.sort_unstable_by_key(|(number, _)| *number);
    let mut all = BlockTotals::new(model);
    for (_, block) in &blocks {
        all.patients += block.patients;
        all.components.iter_mut().zip(&block.components).for_each(|(a, b)| *a += b);
        all.outcomes.iter_mut().zip(&block.outcomes).for_each(|(a, b)| a.merge(b));
        all.increments.iter_mut().zip(&block.increments).for_each(|(a, b)| a.merge(b));
    }
    let (outcomes, components) = (model.outcomes.len(), model.components.len());
    let per_patient = 1.0 / (all.patients as f64).max(1.0);
    let of = |s: usize| StrategyTotals {
        outcomes: all.outcomes[s * outcomes..][..outcomes].iter().map(Spread::total).collect(),
        components: all.components[s * components..][..components]
            .iter()
            .map(|sum| sum * per_patient)
            .collect(),
        increments: all.increments[s * outcomes..][..outcomes].iter().map(Spread::total).collect(),
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
