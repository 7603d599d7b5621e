//! Summary statistics of a sample, and the draws of a strategy in the cost-effectiveness plane.

use super::pairwise::Quadrant;
use super::samples::{BadSamples, Samples, check_threshold, mean, standard_error};
use crate::math::{ln, sqrt};

/// Summary statistics of one quantity over draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Number of draws.
    pub draws: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the draws; `None` for a single draw.
    pub sd: Option<f64>,
    /// Monte Carlo standard error of the mean, for independent draws; `None` for a single draw.
    pub mcse: Option<f64>,
    /// 2.5th percentile.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// 97.5th percentile.
    pub upper: f64,
}

/// Summarises a sample. `None` if the sample is empty or contains a number that is not finite.
pub fn summary(values: &[f64]) -> Option<Summary> {
    if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mcse = standard_error(values);
    Some(Summary {
        draws: values.len(),
        mean: mean(values),
        sd: mcse.map(|se| se * sqrt(values.len() as f64)),
        mcse,
        lower: quantile(&sorted, 0.025)?,
        median: quantile(&sorted, 0.5)?,
        upper: quantile(&sorted, 0.975)?,
    })
}

/// Quantile of a sorted sample, linear between order statistics (type 7 of R. J. Hyndman and Y. Fan, American
/// Statistician 50 (1996) 361–365; the default of R and NumPy). `None` for an empty sample or a share outside 0 to 1.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let position = share * (sorted.len() - 1) as f64;
    let below = position as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let part = position - below as f64;
    Some(sorted[below] + part * (sorted[above] - sorted[below]))
}

/// Draws of a strategy in the cost-effectiveness plane, relative to a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Incremental cost of every draw.
    pub costs: Vec<f64>,
    /// Incremental effect of every draw.
    pub effects: Vec<f64>,
    /// Shares of draws by quadrant.
    pub shares: QuadrantShares,
    /// Share of draws with a positive incremental net benefit: draws below and to the right of the threshold line.
    pub below_line: f64,
    /// 95 % ellipse of the draws; `None` for a single draw.
    pub ellipse: Option<Ellipse>,
}

/// Shares of draws in the quadrants of the cost-effectiveness plane; they sum to one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QuadrantShares {
    /// More cost and more effect than the reference.
    pub north_east: f64,
    /// More cost and less effect than the reference.
    pub north_west: f64,
    /// Less cost and more effect than the reference.
    pub south_east: f64,
    /// Less cost and less effect than the reference.
    pub south_west: f64,
    /// No difference from the reference in cost, effect or both.
    pub on_axis: f64,
}

/// Ellipse that contains 95 % of a bivariate normal distribution with the mean and covariance of the draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Mean incremental effect.
    pub effect: f64,
    /// Mean incremental cost.
    pub cost: f64,
    /// Variance of incremental effect between draws.
    pub variance_effect: f64,
    /// Variance of incremental cost between draws.
    pub variance_cost: f64,
    /// Covariance of incremental effect and incremental cost between draws.
    pub covariance: f64,
}

impl Ellipse {
    /// The point (effect, cost) of the outline for a direction (cos t, sin t): the mean plus √(χ²) times the
    /// Cholesky factor of the covariance times the direction. χ² with two degrees of freedom at 95 % is −2 ln 0.05.
    pub fn point(&self, cos: f64, sin: f64) -> (f64, f64) {
        let radius = sqrt(-2.0 * ln(0.05));
        let first = sqrt(self.variance_effect);
        let slope = if first > 0.0 { self.covariance / first } else { 0.0 };
        let rest = sqrt((self.variance_cost - slope * slope).max(0.0));
        (self.effect + radius * first * cos, self.cost + radius * (slope * cos + rest * sin))
    }
}

/// Increments of `strategy` over `reference` in every draw, with a summary of their position in the cost-effectiveness
/// plane.
pub fn plane(
    samples: &Samples,
    strategy: usize,
    reference: usize,
    threshold: f64,
) -> Result<Plane, BadSamples> {
    check_threshold(threshold)?;
    for index in [strategy, reference] {
        if index >= samples.strategies() {
            return Err(BadSamples::Index(index));
        }
    }
    let difference = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let costs = difference(samples.costs(strategy), samples.costs(reference));
    let effects = difference(samples.effects(strategy), samples.effects(reference));
    let pairs = || costs.iter().copied().zip(effects.iter().copied());
    let draws = costs.len() as f64;
    let share = |quadrant| pairs().filter(|&(c, e)| Quadrant::of(c, e) == quadrant).count() as f64 / draws;
    Ok(Plane {
        shares: QuadrantShares {
            north_east: share(Quadrant::NorthEast),
            north_west: share(Quadrant::NorthWest),
            south_east: share(Quadrant::SouthEast),
            south_west: share(Quadrant::SouthWest),
            on_axis: share(Quadrant::OnAxis),
        },
        below_line: pairs().filter(|(c, e)| threshold * e - c > 0.0).count() as f64 / draws,
        ellipse: ellipse(&costs, &effects),
        costs,
        effects,
    })
}

fn ellipse(costs: &[f64], effects: &[f64]) -> Option<Ellipse> {
    if costs.len() < 2 {
        return None;
    }
    let (cost, effect) = (mean(costs), mean(effects));
    let (mut cc, mut ee, mut ce) = (0.0, 0.0, 0.0);
    for (c, e) in costs.iter().zip(effects) {
        let (c, e) = (c - cost, e - effect);
        cc += c * c;
        ee += e * e;
        ce += c * e;
    }
    let degrees = (costs.len() - 1) as f64;
    Some(Ellipse {
        effect,
        cost,
        variance_effect: ee / degrees,
        variance_cost: cc / degrees,
        covariance: ce / degrees,
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    #[test]
    fn percentiles_are_those_of_r() {
        // Expected values are from R: quantile(c(1, 2, 4, 8), c(.025, .5, .975)).
        let four = summary(&[8.0, 1.0, 4.0, 2.0]).unwrap();
        for (got, want) in [(four.lower, 1.075), (four.median, 3.0), (four.upper, 7.7)] {
            assert!((got - want).abs() < 1e-12, "{got}");
        }
        assert!((four.sd.unwrap() - sqrt(28.75 / 3.0)).abs() < 1e-12);
        assert_eq!(four.mcse.unwrap(), four.sd.unwrap() / 2.0);
        let one = summary(&[5.0]).unwrap();
        assert_eq!((one.lower, one.median, one.sd, one.mcse), (5.0, 5.0, None, None));
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[f64::NAN]), None);
        assert_eq!(quantile(&[1.0], 1.1), None);
    }

    #[test]
    fn shares_of_the_plane_sum_to_one_and_the_line_divides_it() {
        let costs = vec![vec![0.0; 5], vec![1.0, -1.0, 1.0, -1.0, 0.0]];
        let effects = vec![vec![0.0; 5], vec![2.0, 2.0, -2.0, -2.0, 1.0]];
        let samples = Samples::new(&costs, &effects).unwrap();
        let got = plane(&samples, 1, 0, 0.25).unwrap();
        let fifth = QuadrantShares {
            north_east: 0.2,
            north_west: 0.2,
            south_east: 0.2,
            south_west: 0.2,
            on_axis: 0.2,
        };
        assert_eq!(got.shares, fifth);
        // At a threshold of 0.25, a gain of 2 is valued at 0.5, which is less than the cost of 1, and a saving of 1
        // exceeds the value of a loss of 2.
        assert_eq!(got.below_line, 0.6);
        assert_eq!(plane(&samples, 1, 0, 1.0).unwrap().below_line, 0.6);
        assert_eq!(plane(&samples, 2, 0, 1.0), Err(BadSamples::Index(2)));
        assert!(plane(&samples, 1, 0, f64::NAN).is_err());
    }

    #[test]
    fn the_ellipse_holds_95_per_cent_of_normal_draws() {
        let n = 20_000;
        let mut numbers = Numbers(12);
        let effect = numbers.normals(n, 1.0, 0.5);
        let noise = numbers.normals(n, 0.0, 3000.0);
        let cost = effect.iter().zip(&noise).map(|(e, z)| 4000.0 * e + z).collect();
        let (costs, effects) = (vec![vec![0.0; n], cost], vec![vec![0.0; n], effect]);
        let got = plane(&Samples::new(&costs, &effects).unwrap(), 1, 0, 20_000.0).unwrap();
        let e = got.ellipse.unwrap();
        let determinant = e.variance_cost * e.variance_effect - e.covariance * e.covariance;
        // Squared Mahalanobis distance from the centre.
        let distance = |effect: f64, cost: f64| {
            let (x, y) = (effect - e.effect, cost - e.cost);
            (e.variance_cost * x * x - 2.0 * e.covariance * x * y + e.variance_effect * y * y) / determinant
        };
        let (limit, n) = (-2.0 * ln(0.05), n as f64);
        let pairs = got.effects.iter().zip(&got.costs);
        let inside = pairs.filter(|(x, y)| distance(**x, **y) < limit).count() as f64 / n;
        assert!((inside - 0.95).abs() < 3.0 * sqrt(0.95 * 0.05 / n), "{inside}");
        for (cos, sin) in [(1.0, 0.0), (0.0, 1.0), (-0.6, 0.8)] {
            let (x, y) = e.point(cos, sin);
            assert!((distance(x, y) - limit).abs() < 1e-9);
        }
        // If all draws are identical, the ellipse shrinks to a point, and its outline is still finite.
        let flat = ellipse(&[2.0, 2.0], &[1.0, 1.0]).unwrap();
        assert_eq!(flat.point(0.6, 0.8), (1.0, 2.0));
    }
}
