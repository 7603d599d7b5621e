//! Cost-effectiveness acceptability curves and their frontier: how often each strategy has the highest net benefit.
//!
//! E. Fenwick, K. Claxton and M. Sculpher, Health Economics 10 (2001) 779–787. The frontier follows the strategy with
//! the highest mean net benefit, which is not always the strategy with the highest probability of being best.

use super::samples::{BadSamples, Samples, first_largest, mean};
use crate::math::sqrt;

/// Label of the probability axis of acceptability curves.
pub const PROBABILITY_LABEL: &str = "Probability most cost-effective";

/// Acceptability curves of all strategies at once, and their frontier.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptability {
    /// Willingness-to-pay thresholds, in money per unit of effect.
    pub thresholds: Vec<f64>,
    /// Share of draws in which the strategy has the largest net benefit, `[strategy][threshold]`. If several
    /// strategies tie in a draw, the draw counts for the first of them, so that the shares of all strategies sum to
    /// one.
    pub probability: Vec<Vec<f64>>,
    /// Strategy with the highest mean net benefit at each threshold, `[threshold]`.
    pub frontier: Vec<FrontierPoint>,
    /// Number of draws.
    pub draws: usize,
}

/// The acceptability frontier (CEAF) at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrontierPoint {
    /// Index of the strategy with the highest mean net benefit, the first on ties.
    pub strategy: usize,
    /// Probability that this strategy is the most cost-effective.
    pub probability: f64,
}

impl Acceptability {
    /// Monte Carlo standard error of a probability estimated from these draws.
    pub fn standard_error(&self, probability: f64) -> f64 {
        sqrt((probability * (1.0 - probability)).max(0.0) / self.draws as f64)
    }
}

/// Acceptability curves (CEAC) of all strategies, and the frontier (CEAF).
pub fn acceptability(samples: &Samples, thresholds: &[f64]) -> Result<Acceptability, BadSamples> {
    let (strategies, draws) = (samples.strategies(), samples.draws());
    let mut probability = vec![Vec::with_capacity(thresholds.len()); strategies];
    let mut frontier = Vec::with_capacity(thresholds.len());
    for &threshold in thresholds {
        let benefit = samples.net_benefit(threshold)?;
        let mut wins = vec![0_usize; strategies];
        for draw in 0..draws {
            wins[best_in(&benefit, draw)] += 1;
        }
        for (curve, wins) in probability.iter_mut().zip(&wins) {
            curve.push(*wins as f64 / draws as f64);
        }
        let means: Vec<f64> = benefit.iter().map(|values| mean(values)).collect();
        let strategy = first_largest(&means).ok_or(BadSamples::NoStrategies)?;
        frontier.push(FrontierPoint { strategy, probability: wins[strategy] as f64 / draws as f64 });
    }
    Ok(Acceptability { thresholds: thresholds.to_vec(), probability, frontier, draws })
}

/// Index of the strategy with the largest net benefit in a draw, the first on ties.
fn best_in(benefit: &[Vec<f64>], draw: usize) -> usize {
    (1..benefit.len()).fold(0, |best, s| if benefit[s][draw] > benefit[best][draw] { s } else { best })
}

/// Pairwise acceptability: the reference versus one other strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct PairwiseAcceptability {
    /// Index of the other strategy.
    pub against: usize,
    /// Share of draws in which the reference has a higher net benefit than the other strategy, `[threshold]`.
    pub probability: Vec<f64>,
}

/// Pairwise acceptability curves: for every strategy except the reference, the share of draws in which the reference
/// has the higher net benefit of the two. The R package BCEA draws these curves; with more than two strategies they
/// do not show how often the reference is best of all. A draw in which both are equal does not count for the
/// reference.
pub fn pairwise_acceptability(
    samples: &Samples,
    reference: usize,
    thresholds: &[f64],
) -> Result<Vec<PairwiseAcceptability>, BadSamples> {
    if reference >= samples.strategies() {
        return Err(BadSamples::Index(reference));
    }
    let others = (0..samples.strategies()).filter(|&s| s != reference);
    let mut curves: Vec<PairwiseAcceptability> = others
        .map(|against| PairwiseAcceptability { against, probability: Vec::with_capacity(thresholds.len()) })
        .collect();
    for &threshold in thresholds {
        let benefit = samples.net_benefit(threshold)?;
        for curve in &mut curves {
            let pairs = benefit[reference].iter().zip(&benefit[curve.against]);
            let wins = pairs.filter(|(reference, other)| *reference - *other > 0.0).count();
            curve.probability.push(wins as f64 / samples.draws() as f64);
        }
    }
    Ok(curves)
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    #[test]
    fn probabilities_sum_to_one_in_random_samples() {
        let mut numbers = Numbers(3);
        for set in 0..200 {
            let (strategies, draws) = (1 + numbers.below(6), 1 + numbers.below(40));
            // Values are on a coarse grid, so that strategies tie in many draws.
            let mut table = || {
                (0..strategies)
                    .map(|_| (0..draws).map(|_| numbers.below(4) as f64 - 1.0).collect())
                    .collect::<Vec<Vec<f64>>>()
            };
            let (costs, effects) = (table(), table());
            let samples = Samples::new(&costs, &effects).unwrap();
            let thresholds = [0.0, 0.5, 1.0, 3.0, 1e6];
            let curves = acceptability(&samples, &thresholds).unwrap();
            for k in 0..thresholds.len() {
                let sum: f64 = curves.probability.iter().map(|curve| curve[k]).sum();
                assert!((sum - 1.0).abs() < 1e-12, "set {set}: {sum}");
                let point = curves.frontier[k];
                assert_eq!(point.probability, curves.probability[point.strategy][k]);
            }
        }
    }

    /// Closed form of the normal example: NB1 = 0, NB2 = p1 - p2 with p1 ~ N(1, 1), p2 ~ N(0, 2), so that
    /// P(NB2 > NB1) = Φ(1/√5).
    #[test]
    fn the_normal_example_has_its_probability() {
        let n = 40_000;
        let mut numbers = Numbers(8);
        let costs = vec![vec![0.0; n], numbers.normals(n, 0.0, 2.0)];
        let effects = vec![vec![0.0; n], numbers.normals(n, 1.0, 1.0)];
        let samples = Samples::new(&costs, &effects).unwrap();
        let curves = acceptability(&samples, &[1.0]).unwrap();
        let got = curves.probability[1][0];
        assert!((got - 0.6726395769907115).abs() < 3.0 * curves.standard_error(got));
        assert_eq!(curves.frontier[0].strategy, 1);
        let pairs = pairwise_acceptability(&samples, 1, &[1.0]).unwrap();
        assert_eq!((pairs.len(), pairs[0].against), (1, 0));
        assert_eq!(pairs[0].probability[0], got);
    }

    #[test]
    fn ties_count_for_the_first_and_not_for_the_reference_of_a_pair() {
        let costs = vec![vec![1.0, 1.0], vec![1.0, 0.0]];
        let effects = vec![vec![0.0; 2]; 2];
        let samples = Samples::new(&costs, &effects).unwrap();
        let curves = acceptability(&samples, &[10.0]).unwrap();
        assert_eq!(curves.probability, [[0.5], [0.5]]);
        assert_eq!(pairwise_acceptability(&samples, 0, &[10.0]).unwrap()[0].probability, [0.0]);
        assert_eq!(pairwise_acceptability(&samples, 1, &[10.0]).unwrap()[0].probability, [0.5]);
        assert_eq!(pairwise_acceptability(&samples, 2, &[10.0]), Err(BadSamples::Index(2)));
    }
}
