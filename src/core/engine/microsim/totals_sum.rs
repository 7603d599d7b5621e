//! Means and standard deviations of totals over patients, added up block by block in a fixed order, so that results have the
//! same bits with any number of threads.

use super::super::totals::{StrategyTotals, Total, Totals};
use crate::model::Model;

/// Sums over the patients of one block.
pub struct BlockTotals {
    patients: u64,
    /// `[(strategy, component)]`: sums over patients.
    components: Vec<f64>,
    /// `[(strategy, outcome)]`: means and spreads of totals.
    outcomes: Spreads,
    /// `[(strategy, outcome)]`: means and spreads of increments versus the same patient under the reference strategy.
    increments: Spreads,
    /// `[strategy]`: sum of products of the deviations of two increments from their means; empty if none is wanted.
    products: Vec<f64>,
}

/// Means and sums of squared deviations from the mean of several numbers (Welford's recurrence; samples are merged as in Chan, Golub
/// and LeVeque 1983). Each kind of sum has a list of its own, so that a processor works on several numbers at once.
#[derive(Clone, Debug, Default)]
struct Spreads {
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl Spreads {
    fn new(size: usize) -> Spreads {
        Spreads { means: vec![0.0; size], squares: vec![0.0; size] }
    }

    /// Adds one patient, who makes up `share` of all patients so far.
    #[inline]
    fn add(&mut self, values: &[f64], share: f64) {
        for ((mean, squares), x) in self.means.iter_mut().zip(&mut self.squares).zip(values) {
            let d = x - *mean;
            *mean += d * share;
            *squares += d * (x - *mean);
        }
    }

    /// Adds other patients; `own` and `more` are the numbers of patients.
    fn merge(&mut self, other: &Spreads, own: f64, more: f64) {
        let count = own + more;
        if count == 0.0 {
            return;
        }
        let mine = self.means.iter_mut().zip(&mut self.squares);
        for ((mean, squares), (other_mean, other_squares)) in mine.zip(other.means.iter().zip(&other.squares))
        {
            let d = other_mean - *mean;
            *mean += d * more / count;
            *squares += other_squares + d * d * own * more / count;
        }
    }

    fn total(&self, at: usize, patients: f64) -> Total {
        Total {
            mean: self.means[at],
            sd: (patients > 1.0).then(|| crate::math::sqrt(self.squares[at] / (patients - 1.0))),
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
    /// `[(strategy, outcome)]`: increments of the current patient.
    increments: Vec<f64>,
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
            increments: vec![0.0; cells],
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
        let reference = &self.totals[self.reference * outcomes..][..outcomes];
        let each = self.increments.chunks_exact_mut(outcomes).zip(self.totals.chunks_exact(outcomes));
        for (increments, totals) in each {
            for (increment, (total, reference)) in increments.iter_mut().zip(totals.iter().zip(reference)) {
                *increment = total - reference;
            }
        }
        if let Some((a, b)) = self.together {
            self.now.multiply((a, b), &self.increments, outcomes, share);
        }
        self.now.outcomes.add(&self.totals, share);
        self.now.increments.add(&self.increments, share);
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
            outcomes: Spreads::new(cells),
            increments: Spreads::new(cells),
            products: vec![0.0; if together { model.strategies.len() } else { 0 }],
        }
    }

    /// Adds the products of two increments of a patient, who makes up `share` of the block, before the means of the increments change.
    #[inline]
    fn multiply(&mut self, (a, b): (usize, usize), increments: &[f64], outcomes: usize, share: f64) {
        let means = self.increments.means.chunks_exact(outcomes);
        let each = self.products.iter_mut().zip(increments.chunks_exact(outcomes).zip(means));
        // The first deviation is from the old mean, the second from the new one.
        each.for_each(|(product, (x, mean))| {
            *product += (x[a] - mean[a]) * (x[b] - mean[b]) * (1.0 - share);
        });
    }

    /// Adds the patients of another block.
    fn merge(&mut self, other: &BlockTotals, outcomes: usize, together: Option<(usize, usize)>) {
        let (own, more) = (self.patients as f64, other.patients as f64);
        if let Some((a, b)) = together {
            let means = self
                .increments
                .means
                .chunks_exact(outcomes)
                .zip(other.increments.means.chunks_exact(outcomes));
            let each = self.products.iter_mut().zip(&other.products).zip(means);
            each.for_each(|((product, others), (mine, theirs))| {
                let apart = (theirs[a] - mine[a]) * (theirs[b] - mine[b]);
                *product += others + apart * own * more / (own + more);
            });
        }
        self.patients += other.patients;
        self.components.iter_mut().zip(&other.components).for_each(|(a, b)| *a += b);
        self.outcomes.merge(&other.outcomes, own, more);
        self.increments.merge(&other.increments, own, more);
    }
}

/// Combines the totals of all blocks, in order of block number.
pub fn totals(model: &Model, together: Option<(usize, usize)>, blocks: &mut [(u64, BlockTotals)]) -> Totals {
    if model.outcomes.is_empty() {
        return Totals::default();
    }
    let (outcomes, components) = (model.outcomes.len(), model.components.len());
    blocks.sort_unstable_by_key(|(number, _)| *number);
    let mut all = BlockTotals::new(model, together.is_some());
    blocks.iter().for_each(|(_, block)| all.merge(block, outcomes, together));
    let patients = all.patients as f64;
    let per_patient = 1.0 / patients.max(1.0);
    let totals = |spreads: &Spreads, s: usize| {
        (s * outcomes..(s + 1) * outcomes).map(|at| spreads.total(at, patients)).collect()
    };
    let of = |s: usize| StrategyTotals {
        outcomes: totals(&all.outcomes, s),
        components: all.components[s * components..][..components]
            .iter()
            .map(|sum| sum * per_patient)
            .collect(),
        increments: totals(&all.increments, s),
        covariance: (all.products.get(s))
            .filter(|_| patients > 1.0)
            .map(|product| product / (patients - 1.0)),
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
            let mut spread = Spreads::new(1);
            let each = numbers.iter().enumerate();
            each.for_each(|(i, x)| spread.add(&[*x], 1.0 / (i + 1) as f64));
            spread
        };
        let mut merged = spread(&numbers[..3]);
        merged.merge(&spread(&numbers[3..]), 3.0, 5.0);
        // Expected value from R: sd(c(3, 1, 4, 1, 5, 9, 2, 6)).
        for total in [merged.total(0, 8.0), spread(&numbers).total(0, 8.0)] {
            assert!((total.mean - 3.875).abs() < 1e-15);
            assert!((total.sd.unwrap() - 2.748_376_143_938_713).abs() < 1e-14);
        }
    }
}
