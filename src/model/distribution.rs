//! Time-to-event distributions as cumulative hazards, and distributions of continuous attributes.

use super::expression::{Expr, Situation};
use super::structure::Model;
use crate::math;

/// A time-to-event distribution; time in years. `T` is `Expr` in the model and `f64` once evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum TimeDistribution<T> {
    /// H(t) = rate t.
    Exponential { rate: T },
    /// H(t) = (t / scale)^shape (accelerated-failure-time form).
    Weibull { shape: T, scale: T },
    /// H(t) = rate (exp(shape t) - 1) / shape.
    Gompertz { shape: T, rate: T },
    /// S(t) = 1 / (1 + (t / scale)^shape).
    LogLogistic { shape: T, scale: T },
    /// ln T is normal.
    LogNormal { meanlog: T, sdlog: T },
    /// Gamma with a rate.
    Gamma { shape: T, rate: T },
    /// Generalised gamma of Prentice (1974), parameters mu, sigma, Q as in flexsurv.
    GeneralisedGamma { mu: T, sigma: T, q: T },
}

impl<T> TimeDistribution<T> {
    /// The same family with each parameter mapped.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> TimeDistribution<U> {
        use TimeDistribution::*;
        match self {
            Exponential { rate } => Exponential { rate: f(rate) },
            Weibull { shape, scale } => Weibull {
                shape: f(shape),
                scale: f(scale),
            },
            Gompertz { shape, rate } => Gompertz {
                shape: f(shape),
                rate: f(rate),
            },
            LogLogistic { shape, scale } => LogLogistic {
                shape: f(shape),
                scale: f(scale),
            },
            LogNormal { meanlog, sdlog } => LogNormal {
                meanlog: f(meanlog),
                sdlog: f(sdlog),
            },
            Gamma { shape, rate } => Gamma {
                shape: f(shape),
                rate: f(rate),
            },
            GeneralisedGamma { mu, sigma, q } => GeneralisedGamma {
                mu: f(mu),
                sigma: f(sigma),
                q: f(q),
            },
        }
    }
}

impl TimeDistribution<Expr> {
    /// Evaluates the parameters.
    pub fn evaluate(&self, s: &Situation) -> TimeDistribution<f64> {
        self.map(|e| e.value(s))
    }

    /// The parameters' expressions.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut all = Vec::new();
        use TimeDistribution::*;
        match self {
            Exponential { rate } => all.push(rate),
            Weibull { shape, scale } | LogLogistic { shape, scale } => all.extend([shape, scale]),
            Gompertz { shape, rate } | Gamma { shape, rate } => all.extend([shape, rate]),
            LogNormal { meanlog, sdlog } => all.extend([meanlog, sdlog]),
            GeneralisedGamma { mu, sigma, q } => all.extend([mu, sigma, q]),
        }
        all
    }
}

impl TimeDistribution<f64> {
    /// Cumulative hazard at `t` years, H(t) = -ln S(t).
    pub fn cumulative_hazard(&self, t: f64) -> f64 {
        use TimeDistribution::*;
        if t <= 0.0 {
            return 0.0;
        }
        match *self {
            Exponential { rate } => rate * t,
            Weibull { shape, scale } => power(t / scale, shape),
            Gompertz { shape, rate } => {
                if shape == 0.0 {
                    rate * t
                } else {
                    rate * math::exp_m1(shape * t) / shape
                }
            }
            LogLogistic { shape, scale } => math::ln_1p(power(t / scale, shape)),
            LogNormal { meanlog, sdlog } => -math::ln(math::normal::cdf(-(math::ln(t) - meanlog) / sdlog)),
            Gamma { shape, rate } => -math::ln(math::gamma::gamma_q(shape, rate * t)),
            GeneralisedGamma { mu, sigma, q } => {
                let w = (math::ln(t) - mu) / sigma;
                if q.abs() < 1e-8 {
                    return -math::ln(math::normal::cdf(-w));
                }
                let k = 1.0 / (q * q);
                let x = k * math::exp(q * w);
                -math::ln(if q > 0.0 {
                    math::gamma::gamma_q(k, x)
                } else {
                    math::gamma::gamma_p(k, x)
                })
            }
        }
    }
}

/// `x` raised to `y` for a positive `x`: a third of the time of the general power, with a relative error of a few
/// |y ln x| units in the last place.
fn power(x: f64, y: f64) -> f64 {
    math::exp(y * math::ln(x))
}

/// Family of a continuous attribute.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum AttributeFamily {
    Normal { mean: Expr, sd: Expr },
    LogNormal { meanlog: Expr, sdlog: Expr },
    Uniform { low: Expr, high: Expr },
    Fixed { value: Expr },
}

/// A continuous attribute's distribution, truncated to `within` if given.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeDistribution {
    /// Family.
    pub family: AttributeFamily,
    /// Smallest and largest value; the distribution is conditioned on lying within.
    pub within: Option<(f64, f64)>,
}

impl AttributeDistribution {
    /// The distribution for one vector of parameter values.
    pub fn evaluate(&self, model: &Model, parameters: &[f64]) -> Truncated {
        let s = Situation {
            parameters,
            attributes: &[],
            state: 0,
            cycle: 0,
            residence: &[],
            cycles_per_year: model.time.cycles_per_year,
        };
        let shape = match &self.family {
            AttributeFamily::Normal { mean, sd } => Shape::Normal {
                mean: mean.value(&s),
                sd: sd.value(&s),
            },
            AttributeFamily::LogNormal { meanlog, sdlog } => Shape::LogNormal {
                meanlog: meanlog.value(&s),
                sdlog: sdlog.value(&s),
            },
            AttributeFamily::Uniform { low, high } => Shape::Uniform {
                low: low.value(&s),
                high: high.value(&s),
            },
            AttributeFamily::Fixed { value } => Shape::Fixed(value.value(&s)),
        };
        Truncated::new(shape, self.within)
    }
}

/// A family with its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Shape {
    Normal { mean: f64, sd: f64 },
    LogNormal { meanlog: f64, sdlog: f64 },
    Uniform { low: f64, high: f64 },
    Fixed(f64),
}

/// A distribution conditioned on lying within limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncated {
    shape: Shape,
    within: Option<(f64, f64)>,
    below: f64,
    mass: f64,
}

impl Truncated {
    /// Conditions `shape` on lying `within`.
    pub fn new(shape: Shape, within: Option<(f64, f64)>) -> Truncated {
        let mut truncated = Truncated {
            shape,
            within,
            below: 0.0,
            mass: 1.0,
        };
        if let Some((low, high)) = within {
            truncated.below = truncated.plain_cdf(low);
            truncated.mass = truncated.plain_cdf(high) - truncated.below;
        }
        truncated
    }

    /// Whether it is a single value.
    pub fn fixed(&self) -> Option<f64> {
        match self.shape {
            Shape::Fixed(value) => Some(value),
            _ => None,
        }
    }

    /// Smallest and largest value (for an unbounded tail, beyond which less than 1e-15 lies).
    pub fn range(&self) -> (f64, f64) {
        let own = match self.shape {
            Shape::Normal { mean, sd } => (mean - 8.0 * sd, mean + 8.0 * sd),
            Shape::LogNormal { meanlog, sdlog } => {
                (math::exp(meanlog - 8.0 * sdlog), math::exp(meanlog + 8.0 * sdlog))
            }
            Shape::Uniform { low, high } => (low, high),
            Shape::Fixed(value) => (value, value),
        };
        match self.within {
            Some((low, high)) => (own.0.max(low), own.1.min(high)),
            None => own,
        }
    }

    /// Probability of a value of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        ((self.plain_cdf(x) - self.below) / self.mass).clamp(0.0, 1.0)
    }

    /// Density up to a constant factor.
    pub fn density(&self, x: f64) -> f64 {
        match self.shape {
            Shape::Normal { mean, sd } => {
                let z = (x - mean) / sd;
                math::exp(-0.5 * z * z)
            }
            Shape::LogNormal { meanlog, sdlog } => {
                let z = (math::ln(x) - meanlog) / sdlog;
                math::exp(-0.5 * z * z) / x
            }
            Shape::Uniform { .. } | Shape::Fixed(_) => 1.0,
        }
    }

    /// The value below which a share `u` of patients lie.
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        let p = self.below + u * self.mass;
        let x = match self.shape {
            Shape::Normal { mean, sd } => mean + sd * math::normal::quantile(p),
            Shape::LogNormal { meanlog, sdlog } => math::exp(meanlog + sdlog * math::normal::quantile(p)),
            Shape::Uniform { low, high } => low + p * (high - low),
            Shape::Fixed(value) => value,
        };
        match self.within {
            // Rounding must not leave the limits.
            Some((low, high)) => x.clamp(low, high),
            None => x,
        }
    }

    fn plain_cdf(&self, x: f64) -> f64 {
        match self.shape {
            Shape::Normal { mean, sd } => math::normal::cdf((x - mean) / sd),
            Shape::LogNormal { meanlog, sdlog } => {
                if x <= 0.0 {
                    0.0
                } else {
                    math::normal::cdf((math::ln(x) - meanlog) / sdlog)
                }
            }
            Shape::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Shape::Fixed(value) => f64::from(u8::from(x >= value)),
        }
    }
}
