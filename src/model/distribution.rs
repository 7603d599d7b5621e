//! Time-to-event distributions as cumulative hazards, and distributions of continuous attributes.

use super::expression::{Expr, Situation};
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
            Weibull { shape, scale } => Weibull { shape: f(shape), scale: f(scale) },
            Gompertz { shape, rate } => Gompertz { shape: f(shape), rate: f(rate) },
            LogLogistic { shape, scale } => LogLogistic { shape: f(shape), scale: f(scale) },
            LogNormal { meanlog, sdlog } => LogNormal { meanlog: f(meanlog), sdlog: f(sdlog) },
            Gamma { shape, rate } => Gamma { shape: f(shape), rate: f(rate) },
            GeneralisedGamma { mu, sigma, q } => GeneralisedGamma { mu: f(mu), sigma: f(sigma), q: f(q) },
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
            Weibull { shape, scale } => math::pow(t / scale, shape),
            Gompertz { shape, rate } => {
                if shape == 0.0 { rate * t } else { rate * math::exp_m1(shape * t) / shape }
            }
            LogLogistic { shape, scale } => math::ln_1p(math::pow(t / scale, shape)),
            LogNormal { meanlog, sdlog } => -math::ln(math::normal_sf((math::ln(t) - meanlog) / sdlog)),
            Gamma { shape, rate } => -math::ln(math::gamma_q(shape, rate * t)),
            GeneralisedGamma { mu, sigma, q } => {
                let w = (math::ln(t) - mu) / sigma;
                if q.abs() < 1e-8 {
                    return -math::ln(math::normal_sf(w));
                }
                let k = 1.0 / (q * q);
                let x = k * math::exp(q * w);
                -math::ln(if q > 0.0 { math::gamma_q(k, x) } else { math::gamma_p(k, x) })
            }
        }
    }
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
