//! Distribution of one uncertain parameter (its margin), with the quantile function from which values are sampled.

use crate::math::{self, beta, exp, gamma, ln, normal, sqrt};

/// Distribution family and its parameters, in the units in which the model uses the uncertain parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Family {
    /// Mean and standard deviation.
    Normal { mean: f64, sd: f64 },
    /// Mean and standard deviation of the logarithm.
    LogNormal { meanlog: f64, sdlog: f64 },
    /// The two shape parameters.
    Beta { alpha: f64, beta: f64 },
    /// Shape and scale: the mean is their product.
    Gamma { shape: f64, scale: f64 },
    /// Uniform distribution between two limits.
    Uniform { low: f64, high: f64 },
    /// Triangular distribution between two limits, with its peak at the mode.
    Triangular { low: f64, mode: f64, high: f64 },
    /// Beta distribution scaled to two limits, with mean (low + 4 mode + high) / 6 (Malcolm et al., Oper. Res. 7
    /// (1959) 646).
    Pert { low: f64, mode: f64, high: f64 },
}

/// A distribution truncated to a range: values outside are drawn again, so that the density inside keeps its
/// shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Distribution family and its parameters.
    pub family: Family,
    /// Range of possible values; an infinite limit does not truncate.
    pub within: (f64, f64),
}

impl Family {
    /// Name of the family in the parameter table.
    pub fn name(&self) -> &'static str {
        match self {
            Family::Normal { .. } => "normal",
            Family::LogNormal { .. } => "lognormal",
            Family::Beta { .. } => "beta",
            Family::Gamma { .. } => "gamma",
            Family::Uniform { .. } => "uniform",
            Family::Triangular { .. } => "triangular",
            Family::Pert { .. } => "pert",
        }
    }

    /// Range of values that all distributions of the family have in common, whatever their parameters; `None` for
    /// families whose range is stated by their parameters.
    pub fn range(&self) -> Option<(f64, f64)> {
        match self {
            Family::Normal { .. } => Some((f64::NEG_INFINITY, f64::INFINITY)),
            Family::LogNormal { .. } | Family::Gamma { .. } => Some((0.0, f64::INFINITY)),
            Family::Beta { .. } => Some((0.0, 1.0)),
            Family::Uniform { .. } | Family::Triangular { .. } | Family::Pert { .. } => None,
        }
    }

    /// Cumulative distribution function: the probability of a value of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        match *self {
            Family::Normal { mean, sd } => normal::cdf((x - mean) / sd),
            Family::LogNormal { .. } if x <= 0.0 => 0.0,
            Family::LogNormal { meanlog, sdlog } => normal::cdf((ln(x) - meanlog) / sdlog),
            Family::Beta { alpha, beta } => beta::beta_i(alpha, beta, x),
            Family::Gamma { shape, scale } => gamma::gamma_p(shape, (x / scale).max(0.0)),
            Family::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Family::Triangular { low, mode, high } => triangular_cdf(x.clamp(low, high), low, mode, high),
            Family::Pert { low, mode, high } => {
                let (alpha, beta) = pert_shapes(low, mode, high);
                beta::beta_i(alpha, beta, (x - low) / (high - low))
            }
        }
    }

    /// Quantile function: the value that is not exceeded with probability `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        match *self {
            Family::Normal { mean, sd } => mean + sd * normal::quantile(p),
            Family::LogNormal { meanlog, sdlog } => exp(meanlog + sdlog * normal::quantile(p)),
            Family::Beta { alpha, beta } => beta::quantile(alpha, beta, p),
            Family::Gamma { shape, scale } => scale * gamma::quantile(shape, p),
            Family::Uniform { low, high } => low + p * (high - low),
            Family::Triangular { low, mode, high } => {
                let left = (mode - low) / (high - low);
                match p < left {
                    true => low + sqrt(p * (high - low) * (mode - low)),
                    false => high - sqrt((1.0 - p) * (high - low) * (high - mode)),
                }
            }
            Family::Pert { low, mode, high } => {
                let (alpha, beta) = pert_shapes(low, mode, high);
                low + (high - low) * beta::quantile(alpha, beta, p)
            }
        }
    }

    /// Mean of the distribution before truncation.
    pub fn mean(&self) -> f64 {
        match *self {
            Family::Normal { mean, .. } => mean,
            Family::LogNormal { meanlog, sdlog } => exp(meanlog + 0.5 * sdlog * sdlog),
            Family::Beta { alpha, beta } => alpha / (alpha + beta),
            Family::Gamma { shape, scale } => shape * scale,
            Family::Uniform { low, high } => 0.5 * (low + high),
            Family::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Family::Pert { low, mode, high } => (low + 4.0 * mode + high) / 6.0,
        }
    }

    /// Standard deviation of the distribution before truncation.
    pub fn sd(&self) -> f64 {
        match *self {
            Family::Normal { sd, .. } => sd,
            Family::LogNormal { sdlog, .. } => self.mean() * sqrt(math::exp_m1(sdlog * sdlog)),
            Family::Beta { alpha, beta } => beta_sd(alpha, beta),
            Family::Gamma { shape, scale } => scale * sqrt(shape),
            Family::Uniform { low, high } => (high - low) / sqrt(12.0),
            Family::Triangular { low, mode, high } => {
                let square = low * low + mode * mode + high * high - low * mode - low * high - mode * high;
                sqrt(square / 18.0)
            }
            Family::Pert { low, mode, high } => {
                let (alpha, beta) = pert_shapes(low, mode, high);
                (high - low) * beta_sd(alpha, beta)
            }
        }
    }

    /// Parameters for the columns `p1`, `p2` and `p3` of a parameter table; `in_table` converts a value to the
    /// unit of the table.
    pub fn columns(&self, in_table: impl Fn(f64) -> f64) -> [Option<f64>; 3] {
        let value = |x: f64| Some(in_table(x));
        match *self {
            Family::Normal { mean, sd } => [value(mean), value(sd), None],
            // A change of unit multiplies the value, and therefore shifts the mean of its logarithm.
            Family::LogNormal { meanlog, sdlog } => [Some(meanlog + ln(in_table(1.0))), Some(sdlog), None],
            Family::Beta { alpha, beta } => [Some(alpha), Some(beta), None],
            Family::Gamma { shape, scale } => [Some(shape), value(scale), None],
            Family::Uniform { low, high } => [value(low), value(high), None],
            Family::Triangular { low, mode, high } | Family::Pert { low, mode, high } => {
                [value(low), value(mode), value(high)]
            }
        }
    }

    /// The same family around another base value. A normal keeps its standard error, a lognormal and a gamma their
    /// relative standard error, and a beta its sample size; the other families are shifted. `None` if the new
    /// value leaves no room for uncertainty, for example a cost of 0 or a proportion of 1.
    pub fn moved(&self, from: f64, to: f64) -> Option<Family> {
        let shift = to - from;
        match *self {
            Family::Normal { mean, sd } => Some(Family::Normal { mean: mean + shift, sd }),
            Family::LogNormal { meanlog, sdlog } if to > 0.0 && from > 0.0 => {
                Some(Family::LogNormal { meanlog: meanlog + ln(to / from), sdlog })
            }
            Family::Gamma { shape, scale } if to > 0.0 && from > 0.0 => {
                Some(Family::Gamma { shape, scale: scale * to / from })
            }
            Family::Beta { alpha, beta } if to > 0.0 && to < 1.0 => {
                Some(Family::Beta { alpha: (alpha + beta) * to, beta: (alpha + beta) * (1.0 - to) })
            }
            Family::LogNormal { .. } | Family::Gamma { .. } | Family::Beta { .. } => None,
            Family::Uniform { low, high } => Some(Family::Uniform { low: low + shift, high: high + shift }),
            Family::Triangular { low, mode, high } => {
                Some(Family::Triangular { low: low + shift, mode: mode + shift, high: high + shift })
            }
            Family::Pert { low, mode, high } => {
                Some(Family::Pert { low: low + shift, mode: mode + shift, high: high + shift })
            }
        }
    }
}

impl Margin {
    /// The family without truncation.
    pub fn whole(family: Family) -> Margin {
        Margin { family, within: (f64::NEG_INFINITY, f64::INFINITY) }
    }

    /// Quantile function: the value that is not exceeded with probability `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        let (low, high) = self.within;
        if low == f64::NEG_INFINITY && high == f64::INFINITY {
            return self.family.quantile(p);
        }
        let (below, up_to) = (self.family.cdf(low), self.family.cdf(high));
        self.family.quantile(below + p * (up_to - below)).clamp(low, high)
    }

    /// Probability outside the range, which truncation removes.
    pub fn cut_off(&self) -> f64 {
        let (low, high) = self.within;
        let below = if low == f64::NEG_INFINITY { 0.0 } else { self.family.cdf(low) };
        let above = if high == f64::INFINITY { 0.0 } else { 1.0 - self.family.cdf(high) };
        (below + above).max(0.0)
    }
}

/// Shape parameters of the beta distribution on 0 to 1 that underlies a PERT distribution.
fn pert_shapes(low: f64, mode: f64, high: f64) -> (f64, f64) {
    let at = (mode - low) / (high - low);
    (1.0 + 4.0 * at, 5.0 - 4.0 * at)
}

fn beta_sd(alpha: f64, beta: f64) -> f64 {
    let n = alpha + beta;
    sqrt(alpha * beta / (n + 1.0)) / n
}

fn triangular_cdf(x: f64, low: f64, mode: f64, high: f64) -> f64 {
    match x < mode {
        true => (x - low) * (x - low) / ((high - low) * (mode - low)),
        false if high > mode => 1.0 - (high - x) * (high - x) / ((high - low) * (high - mode)),
        false => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Family; 7] = [
        Family::Normal { mean: 0.02, sd: 0.03 },
        Family::LogNormal { meanlog: -0.79, sdlog: 0.3 },
        Family::Beta { alpha: 74.8, beta: 16.4 },
        Family::Gamma { shape: 6.25, scale: 1120.0 },
        Family::Uniform { low: 2.0, high: 5.0 },
        Family::Triangular { low: 1.0, mode: 1.5, high: 4.0 },
        Family::Pert { low: -1.0, mode: 0.2, high: 3.0 },
    ];

    /// Quantiles at the midpoints of equal probability intervals have the mean and the standard deviation of the
    /// family.
    #[test]
    fn quantiles_have_the_mean_and_the_standard_deviation() {
        for family in ALL {
            let n = 40_000;
            let values: Vec<f64> =
                (0..n).map(|i| family.quantile((f64::from(i) + 0.5) / f64::from(n))).collect();
            let mean = values.iter().sum::<f64>() / f64::from(n);
            let square = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
            let sd = family.sd();
            assert!((mean - family.mean()).abs() < 1e-3 * sd, "{family:?}: mean {mean}");
            assert!((square.sqrt() / sd - 1.0).abs() < 2e-3, "{family:?}: {}", square.sqrt());
        }
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        for family in ALL {
            for i in 1..100 {
                let p = f64::from(i) / 100.0;
                let back = family.cdf(family.quantile(p));
                assert!((back - p).abs() < 1e-10, "{family:?}: {p} gives {back}");
            }
        }
    }

    /// A truncated distribution is the conditional distribution P(X <= x | low <= X <= high).
    #[test]
    fn a_cut_is_the_conditional_distribution() {
        for family in ALL {
            let within = (family.quantile(0.2), family.quantile(0.7));
            let margin = Margin { family, within };
            assert!((margin.cut_off() - 0.5).abs() < 1e-9);
            for i in 0..=50 {
                let p = f64::from(i) / 50.0;
                let x = margin.quantile(p);
                assert!(within.0 <= x && x <= within.1);
                assert!((family.cdf(x) - (0.2 + 0.5 * p)).abs() < 1e-9, "{family:?} at {p}");
            }
        }
    }

    #[test]
    fn a_distribution_moves_with_its_base_value() {
        let moved = ALL[1].moved(0.45, 0.9).unwrap();
        assert!((moved.quantile(0.5) - 2.0 * ALL[1].quantile(0.5)).abs() < 1e-12);
        let moved = ALL[0].moved(0.02, 0.0).unwrap();
        assert_eq!(moved, Family::Normal { mean: 0.0, sd: 0.03 });
        let moved = ALL[3].moved(7000.0, 14000.0).unwrap();
        assert_eq!((moved.mean(), moved.sd()), (14000.0, 2.0 * ALL[3].sd()));
        assert_eq!(ALL[3].moved(7000.0, 0.0), None);
        assert_eq!(ALL[2].moved(0.82, 1.0), None);
    }
}
