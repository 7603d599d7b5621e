//! Convergence of a PSA: whether more draws would change the decision.

use super::samples::{BadSamples, check_table, first_largest};
use crate::math::{normal, pow, sqrt};

/// Estimates from the first draws of a PSA.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Number of draws used for the estimates, counted from the first draw.
    pub draws: usize,
    /// Mean incremental net benefit versus the reference, `[strategy]`; zero for the reference itself.
    pub incremental: Vec<f64>,
    /// Monte Carlo standard error of each mean in `incremental`; `None` for a single draw.
    pub se: Option<Vec<f64>>,
    /// Index of the strategy with the highest mean net benefit in these draws, the first on ties.
    pub best: usize,
    /// Index of the strategy with the second highest mean; `None` if there is only one strategy.
    pub second: Option<usize>,
    /// Lead in mean net benefit of the best strategy over the second best.
    pub lead: Option<f64>,
    /// Monte Carlo standard error of the lead, from the differences within draws.
    pub lead_se: Option<f64>,
    /// Probability that the best strategy truly has a higher expected net benefit than the second: Φ(lead / standard
    /// error). `None` for a single draw, and if the two strategies are equal in every draw, because the choice between
    /// equal strategies does not matter.
    pub probability_above_second: Option<f64>,
    /// Lower bound of the probability that the best strategy truly exceeds *every* other strategy: 1 − Σ Φ(−lead / se)
    /// over the other strategies (Bonferroni). The bound can be much lower than `probability_above_second`, because a
    /// third strategy may have a wide spread.
    pub probability_best_at_least: Option<f64>,
}

/// Numbers of draws at which convergence is evaluated: ten per decade from 10 draws on, evenly spaced on a log scale,
/// and the total number of draws.
pub fn checkpoints(draws: usize) -> Vec<usize> {
    let mut edges: Vec<usize> = (10..)
        .map(|tenth| pow(10.0, f64::from(tenth) / 10.0).round() as usize)
        .take_while(|&edge| edge < draws)
        .collect();
    if draws > 0 {
        edges.push(draws);
    }
    edges
}

/// Running means of net benefit (`[strategy][draw]`) over the first draws, for each number of draws in `checkpoints`.
/// Draws must be in the order in which they were made. The standard errors are correct for independent draws, and too
/// large for Latin hypercube and Sobol draws.
///
/// Errors: `Index` if the reference does not exist, `Lengths` for a checkpoint at zero draws or beyond the last draw.
pub fn convergence(
    net_benefit: &[Vec<f64>],
    reference: usize,
    checkpoints: &[usize],
) -> Result<Vec<Checkpoint>, BadSamples> {
    let draws = check_table(net_benefit)?;
    if reference >= net_benefit.len() {
        return Err(BadSamples::Index(reference));
    }
    if checkpoints.iter().any(|&edge| edge == 0 || edge > draws) {
        return Err(BadSamples::Lengths);
    }
    Ok((checkpoints.iter()).map(|&edge| checkpoint(net_benefit, reference, edge)).collect())
}

fn checkpoint(net_benefit: &[Vec<f64>], reference: usize, draws: usize) -> Checkpoint {
    let against = |s: usize, r: usize| paired(&net_benefit[s][..draws], &net_benefit[r][..draws]);
    let strategies = net_benefit.len();
    let pairs: Vec<(f64, Option<f64>)> = (0..strategies).map(|s| against(s, reference)).collect();
    let incremental: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    let best = first_largest(&incremental).unwrap_or(reference);
    let second = (0..strategies)
        .filter(|&s| s != best)
        .reduce(|a, b| if incremental[b] > incremental[a] { b } else { a });
    let lead = second.map(|second| against(best, second));
    // Probability, for each other strategy, of having a higher expected net benefit than the best strategy. A strategy
    // that is equal in every draw is omitted.
    let doubts: Vec<f64> = (0..strategies)
        .filter(|&s| s != best)
        .filter_map(|s| above(against(best, s)))
        .map(|probability| 1.0 - probability)
        .collect();
    Checkpoint {
        draws,
        se: pairs.iter().map(|pair| pair.1).collect(),
        incremental,
        best,
        second,
        lead: lead.map(|lead| lead.0),
        lead_se: lead.and_then(|lead| lead.1),
        probability_above_second: lead.and_then(above),
        probability_best_at_least: (!doubts.is_empty()).then(|| (1.0 - doubts.iter().sum::<f64>()).max(0.0)),
    }
}

/// Probability that a true difference is above zero, given its estimate and standard error.
fn above((difference, se): (f64, Option<f64>)) -> Option<f64> {
    let se = se?;
    if se > 0.0 {
        return Some(normal::cdf(difference / se));
    }
    (difference != 0.0).then_some(if difference > 0.0 { 1.0 } else { 0.0 })
}

/// Mean of the differences a − b and its standard error, in one pass.
fn paired(a: &[f64], b: &[f64]) -> (f64, Option<f64>) {
    let n = a.len() as f64;
    let first = a[0] - b[0];
    let (mut sum, mut squares) = (0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let shifted = a - b - first;
        sum += shifted;
        squares += shifted * shifted;
    }
    let variance = (squares - sum * sum / n).max(0.0) / (n - 1.0);
    (first + sum / n, (a.len() > 1).then(|| sqrt(variance / n)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    #[test]
    fn checkpoints_are_even_on_a_log_scale_and_end_with_all_draws() {
        assert_eq!(checkpoints(0), [0; 0]);
        assert_eq!(checkpoints(7), [7]);
        let edges = checkpoints(1000);
        assert_eq!((edges[0], edges[10], edges.len()), (10, 100, 21));
        assert_eq!(edges.last(), Some(&1000));
    }

    #[test]
    fn running_means_are_plain_means_of_the_first_draws() {
        let mut numbers = Numbers(4);
        let benefit: Vec<Vec<f64>> = (0..3).map(|s| numbers.normals(200, 1e6 + f64::from(s), 5.0)).collect();
        let got = convergence(&benefit, 1, &[1, 10, 200]).unwrap();
        assert_eq!(got[0].se, None);
        assert_eq!(got[0].probability_above_second, None);
        for point in &got[1..] {
            let differences: Vec<f64> = (0..point.draws).map(|i| benefit[2][i] - benefit[1][i]).collect();
            let n = point.draws as f64;
            let mean = differences.iter().sum::<f64>() / n;
            let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
            assert!((point.incremental[2] - mean).abs() < 1e-9);
            let se = point.se.as_ref().unwrap();
            assert!((se[2] - sqrt(squares / (n - 1.0) / n)).abs() < 1e-7);
            assert_eq!((point.incremental[1], se[1]), (0.0, 0.0));
            let (probability, bound) =
                (point.probability_above_second.unwrap(), point.probability_best_at_least.unwrap());
            assert!((0.5..=1.0).contains(&probability) && bound <= probability);
        }
    }

    /// Over many repetitions, the stated probability must equal the share of correct decisions.
    #[test]
    fn the_stated_probability_is_calibrated() {
        let mut numbers = Numbers(77);
        let (repetitions, draws) = (4000, 100);
        let mut stated = 0.0;
        let mut right = 0_usize;
        // The true lead is drawn from a normal distribution with the spread of the error, so that the stated
        // probability equals the true one on average.
        for _ in 0..repetitions {
            let truth = 100.0 * numbers.normals(1, 0.0, 1.0)[0];
            let benefit = vec![vec![0.0; draws], numbers.normals(draws, truth, 1.0)];
            let point = &convergence(&benefit, 0, &[draws]).unwrap()[0];
            stated += point.probability_above_second.unwrap();
            right += usize::from((point.best == 1) == (truth > 0.0));
        }
        let (stated, right) = (stated / repetitions as f64, right as f64 / repetitions as f64);
        let se = sqrt(right * (1.0 - right) / repetitions as f64);
        assert!((stated - right).abs() < 3.0 * se + 1e-3, "{stated} {right}");
    }

    #[test]
    fn strategies_that_never_differ_leave_nothing_to_decide() {
        let same = vec![vec![1.0, 2.0, 3.0]; 2];
        let point = &convergence(&same, 0, &[3]).unwrap()[0];
        assert_eq!((point.best, point.second, point.lead), (0, Some(1), Some(0.0)));
        assert_eq!(point.probability_above_second, None);
        assert_eq!(point.probability_best_at_least, None);
        let alone = &convergence(&same[..1], 0, &[3]).unwrap()[0];
        assert_eq!((alone.second, alone.lead, alone.probability_best_at_least), (None, None, None));
        assert_eq!(convergence(&same, 2, &[3]), Err(BadSamples::Index(2)));
        assert_eq!(convergence(&same, 0, &[0]), Err(BadSamples::Lengths));
        assert_eq!(convergence(&same, 0, &[4]), Err(BadSamples::Lengths));
    }
}
