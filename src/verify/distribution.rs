//! Marginal distribution of one parameter.

use crate::statistics::moments;
use arcosim_core::economics::quantile;
use arcosim_core::model::uncertainty::{Family, Margin, Together, Uncertainty};

/// Marginal distribution of one parameter.
pub enum Distribution {
    /// A parametric distribution.
    Margin(Margin),
    /// Empirical values from a file, sorted.
    Given(Vec<f64>),
}

/// Number of points for the moments of a truncated distribution.
const POINTS: usize = 2000;

/// The distribution of a parameter; `None` if it does not vary.
pub fn of(uncertainty: &Uncertainty, parameter: usize) -> Option<Distribution> {
    let joint = uncertainty.joint_of(parameter);
    let place = |members: &[usize]| members.iter().position(|&p| p == parameter);
    match joint.map(|joint| (&joint.how, place(&joint.members))) {
        Some((Together::Given(rows), Some(i))) => {
            let mut values: Vec<f64> = rows.iter().map(|row| row[i]).collect();
            values.sort_by(f64::total_cmp);
            Some(Distribution::Given(values))
        }
        // The marginal distribution of a Dirichlet share is a beta.
        Some((Together::Shares { counts, rest }, Some(i))) => {
            let beta = counts.iter().sum::<f64>() + rest - counts[i];
            let alpha = counts[i];
            (beta > 0.0).then(|| Distribution::Margin(Margin::whole(Family::Beta { alpha, beta })))
        }
        _ => uncertainty.margins[parameter].map(Distribution::Margin),
    }
}

impl Distribution {
    /// Quantile at probability `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Distribution::Margin(margin) => margin.quantile(p),
            Distribution::Given(sorted) => quantile(sorted, p).unwrap_or(f64::NAN),
        }
    }

    /// Mean and standard deviation of the draws.
    pub fn moments(&self) -> (f64, f64) {
        match self {
            Distribution::Margin(margin) if !is_cut(margin) => (margin.family.mean(), margin.family.sd()),
            Distribution::Margin(margin) => {
                let at = |i: usize| margin.quantile((i as f64 + 0.5) / POINTS as f64);
                moments(&(0..POINTS).map(at).collect::<Vec<f64>>())
            }
            Distribution::Given(values) => moments(values),
        }
    }

    /// Mean or median, whichever is closer to `base`.
    pub fn centre(&self, base: f64) -> f64 {
        let (mean, median) = (self.moments().0, self.quantile(0.5));
        if (mean - base).abs() < (median - base).abs() { mean } else { median }
    }
}

/// Whether a range truncates the distribution.
pub fn is_cut(margin: &Margin) -> bool {
    margin.within != (f64::NEG_INFINITY, f64::INFINITY)
}

/// Distribution function at `x`, with truncation.
pub fn cdf(margin: &Margin, x: f64) -> f64 {
    if !is_cut(margin) {
        return margin.family.cdf(x);
    }
    let (low, high) = margin.within;
    let end = |x: f64, infinite: f64| {
        if x.is_finite() { margin.family.cdf(x) } else { infinite }
    };
    let (below, up_to) = (end(low, 0.0), end(high, 1.0));
    ((margin.family.cdf(x) - below) / (up_to - below)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_distribution_has_its_own_moments_and_probabilities() {
        // Half a normal: mean sqrt(2 / pi), sd sqrt(1 - 2 / pi).
        let family = Family::Normal { mean: 0.0, sd: 1.0 };
        let half = Margin { family, within: (0.0, f64::INFINITY) };
        let (mean, sd) = Distribution::Margin(half).moments();
        assert!((mean - 0.797_884_56).abs() < 1e-3, "{mean}");
        assert!((sd - 0.602_810_27).abs() < 2e-3, "{sd}");
        for p in [0.1, 0.5, 0.9] {
            assert!((cdf(&half, half.quantile(p)) - p).abs() < 1e-12);
        }
    }
}
