//! Time-to-event distributions as cumulative hazards, and distributions of continuous attributes.

use std::sync::Arc;

use super::expression::{Expr, Situation};
use super::hazard_bands::HazardBands;
use super::structure::Model;
use crate::math;

/// A time-to-event distribution; time in years. `T` is `Expr` in the model and `f64` once evaluated.
#[derive(Clone, Debug, PartialEq)]
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
    /// Log-normal distribution: ln T is normally distributed.
    LogNormal { meanlog: T, sdlog: T },
    /// Gamma distribution with a shape and a rate.
    Gamma { shape: T, rate: T },
    /// Generalised gamma of Prentice (1974), parameters mu, sigma, Q as in flexsurv.
    GeneralisedGamma { mu: T, sigma: T, q: T },
    /// A hazard that is constant within bands of time, from a table; `column` is the column of the patient's class, and `stretch`
    /// multiplies all times.
    Tabulated { table: Arc<HazardBands>, column: T, stretch: T },
}

impl<T> TimeDistribution<T> {
    /// The same family, with `f` applied to each parameter.
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
            Tabulated { table, column, stretch } => {
                Tabulated { table: Arc::clone(table), column: f(column), stretch: f(stretch) }
            }
        }
    }
}

impl TimeDistribution<Expr> {
    /// Evaluates the parameters of the distribution in situation `s`.
    pub fn evaluate(&self, s: &Situation) -> TimeDistribution<f64> {
        self.map(|e| e.value(s))
    }

    /// Expressions of all parameters of the distribution.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut all = Vec::new();
        use TimeDistribution::*;
        match self {
            Exponential { rate } => all.push(rate),
            Weibull { shape, scale } | LogLogistic { shape, scale } => all.extend([shape, scale]),
            Gompertz { shape, rate } | Gamma { shape, rate } => all.extend([shape, rate]),
            LogNormal { meanlog, sdlog } => all.extend([meanlog, sdlog]),
            GeneralisedGamma { mu, sigma, q } => all.extend([mu, sigma, q]),
            Tabulated { column, stretch, .. } => all.extend([column, stretch]),
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
            LogLogistic { shape, scale } => {
                let ln_odds = shape * math::ln(t / scale);
                match ln_odds > 700.0 {
                    true => ln_odds,
                    false => math::ln_1p(math::exp(ln_odds)),
                }
            }
            LogNormal { meanlog, sdlog } => normal_tail((math::ln(t) - meanlog) / sdlog),
            Gamma { shape, rate } => gamma_tail(shape, rate * t),
            GeneralisedGamma { mu, sigma, q } => {
                let w = (math::ln(t) - mu) / sigma;
                if q.abs() < 1e-8 {
                    return normal_tail(w);
                }
                let k = 1.0 / (q * q);
                let x = k * math::exp(q * w);
                if q > 0.0 {
                    return gamma_tail(k, x);
                }
                let survival = math::gamma::gamma_p(k, x);
                match survival < SMALLEST {
                    true => -math::gamma::ln_gamma_p(k, math::ln(k) + q * w),
                    false => -math::ln(survival),
                }
            }
            Tabulated { ref table, column, stretch } => table.cumulative(column as usize, t / stretch),
        }
    }

    /// Time in years at which the cumulative hazard is `h`; `None` for families without a closed form.
    pub fn time_of(&self, h: f64) -> Option<f64> {
        use TimeDistribution::*;
        Some(match *self {
            Exponential { rate } => h / rate,
            Weibull { shape, scale } => scale * power(h, 1.0 / shape),
            Gompertz { shape, rate } if shape != 0.0 => math::ln_1p(shape * h / rate) / shape,
            Gompertz { rate, .. } => h / rate,
            LogLogistic { shape, scale } => scale * power(math::exp_m1(h), 1.0 / shape),
            LogNormal { .. } | Gamma { .. } | GeneralisedGamma { .. } => return None,
            Tabulated { ref table, column, stretch } => stretch * table.time_of(column as usize, h),
        })
    }

    /// The distribution of times that are `ratio` times as long: H(t / ratio), an accelerated failure time.
    pub fn stretched(&self, ratio: f64) -> TimeDistribution<f64> {
        use TimeDistribution::*;
        match *self {
            Exponential { rate } => Exponential { rate: rate / ratio },
            Weibull { shape, scale } => Weibull { shape, scale: scale * ratio },
            Gompertz { shape, rate } => Gompertz { shape: shape / ratio, rate: rate / ratio },
            LogLogistic { shape, scale } => LogLogistic { shape, scale: scale * ratio },
            LogNormal { meanlog, sdlog } => LogNormal { meanlog: meanlog + math::ln(ratio), sdlog },
            Gamma { shape, rate } => Gamma { shape, rate: rate / ratio },
            GeneralisedGamma { mu, sigma, q } => GeneralisedGamma { mu: mu + math::ln(ratio), sigma, q },
            Tabulated { ref table, column, stretch } => {
                Tabulated { table: Arc::clone(table), column, stretch: stretch * ratio }
            }
        }
    }
}

/// Survival below this limit is computed on the logarithmic scale, to avoid floating-point underflow.
const SMALLEST: f64 = 1e-290;

/// Cumulative hazard of one cycle at which the event is certain for all patients, whatever hazard ratio multiplies
/// it.
const CERTAIN: f64 = 1e12;

/// Increase from one cumulative hazard to a later one, limited to a finite maximum.
pub fn spent(from: f64, to: f64) -> f64 {
    match to == f64::INFINITY {
        true => CERTAIN,
        false => (to - from).min(CERTAIN),
    }
}

/// -ln of the probability that a standard normal variate exceeds `z`.
fn normal_tail(z: f64) -> f64 {
    let survival = math::normal::cdf(-z);
    match survival < SMALLEST {
        true => -math::normal::ln_far_tail(z),
        false => -math::ln(survival),
    }
}

/// -ln Q(a, x), where Q is the regularised upper incomplete gamma function.
fn gamma_tail(a: f64, x: f64) -> f64 {
    let survival = math::gamma::gamma_q(a, x);
    match survival < SMALLEST {
        true => -math::gamma::ln_gamma_q(a, x),
        false => -math::ln(survival),
    }
}

/// `x` raised to the power `y`, for positive `x`. Takes a third of the time of the general power function, with a
/// relative error of a few |y ln x| units in the last place.
fn power(x: f64, y: f64) -> f64 {
    math::exp(y * math::ln(x))
}

/// Distribution family of a continuous attribute.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum AttributeFamily {
    Normal { mean: Expr, sd: Expr },
    LogNormal { meanlog: Expr, sdlog: Expr },
    Uniform { low: Expr, high: Expr },
    Gamma { mean: Expr, sd: Expr },
    Beta { mean: Expr, sd: Expr },
    Fixed { value: Expr },
}

impl AttributeFamily {
    /// Expressions of all parameters of the family.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            AttributeFamily::Normal { mean, sd }
            | AttributeFamily::Gamma { mean, sd }
            | AttributeFamily::Beta { mean, sd } => vec![mean, sd],
            AttributeFamily::LogNormal { meanlog, sdlog } => vec![meanlog, sdlog],
            AttributeFamily::Uniform { low, high } => vec![low, high],
            AttributeFamily::Fixed { value } => vec![value],
        }
    }

    /// Whether the parameters define a valid distribution; `value` evaluates an expression.
    pub fn is_sound(&self, value: impl Fn(&Expr) -> f64) -> bool {
        match self {
            AttributeFamily::Normal { sd, .. } => value(sd) > 0.0,
            AttributeFamily::LogNormal { sdlog, .. } => value(sdlog) > 0.0,
            AttributeFamily::Uniform { low, high } => value(low) < value(high),
            AttributeFamily::Gamma { mean, sd } => value(mean) > 0.0 && value(sd) > 0.0,
            AttributeFamily::Beta { mean, sd } => {
                let (mean, sd) = (value(mean), value(sd));
                mean > 0.0 && mean < 1.0 && sd > 0.0 && sd * sd < mean * (1.0 - mean)
            }
            AttributeFamily::Fixed { value: fixed } => value(fixed).is_finite(),
        }
    }

    /// [`AttributeFamily::expressions`] as mutable references.
    pub fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            AttributeFamily::Normal { mean, sd }
            | AttributeFamily::Gamma { mean, sd }
            | AttributeFamily::Beta { mean, sd } => vec![mean, sd],
            AttributeFamily::LogNormal { meanlog, sdlog } => vec![meanlog, sdlog],
            AttributeFamily::Uniform { low, high } => vec![low, high],
            AttributeFamily::Fixed { value } => vec![value],
        }
    }
}

/// Distribution of a continuous attribute, truncated to `within` if given.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeDistribution {
    /// Distribution family and its parameters.
    pub family: AttributeFamily,
    /// Smallest and largest value; the distribution is conditional on a value within this range.
    pub within: Option<(f64, f64)>,
}

impl AttributeDistribution {
    /// The distribution for one vector of parameter values, among patients with the attributes `given`.
    pub fn evaluate(&self, model: &Model, parameters: &[f64], given: &[f64]) -> Truncated {
        let s = Situation {
            parameters,
            attributes: given,
            state: 0,
            cycle: 0,
            residence: &[],
            cycles_per_year: model.time.cycles_per_year,
            part: 0.0,
        };
        let shape = match &self.family {
            AttributeFamily::Normal { mean, sd } => Shape::Normal { mean: mean.value(&s), sd: sd.value(&s) },
            AttributeFamily::LogNormal { meanlog, sdlog } => {
                Shape::LogNormal { meanlog: meanlog.value(&s), sdlog: sdlog.value(&s) }
            }
            AttributeFamily::Uniform { low, high } => {
                Shape::Uniform { low: low.value(&s), high: high.value(&s) }
            }
            AttributeFamily::Gamma { mean, sd } => {
                let (mean, sd) = (mean.value(&s), sd.value(&s));
                Shape::Gamma { shape: mean * mean / (sd * sd), scale: sd * sd / mean }
            }
            AttributeFamily::Beta { mean, sd } => {
                let (mean, sd) = (mean.value(&s), sd.value(&s));
                let both = mean * (1.0 - mean) / (sd * sd) - 1.0;
                Shape::Beta { alpha: mean * both, beta: (1.0 - mean) * both }
            }
            AttributeFamily::Fixed { value } => Shape::Fixed(value.value(&s)),
        };
        Truncated::new(shape, self.within)
    }
}

/// Distribution family with evaluated parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Shape {
    Normal { mean: f64, sd: f64 },
    LogNormal { meanlog: f64, sdlog: f64 },
    Uniform { low: f64, high: f64 },
    Gamma { shape: f64, scale: f64 },
    Beta { alpha: f64, beta: f64 },
    Fixed(f64),
}

/// A distribution truncated to limits, with the density inside the limits rescaled.
///
/// If the lower limit is above the median, probabilities are computed from the upper tail, because probabilities
/// from below would be so close to 1 that few significant digits would remain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncated {
    shape: Shape,
    within: Option<(f64, f64)>,
    /// Whether probabilities are computed from the upper tail.
    from_above: bool,
    /// Probability outside the limits, in the tail from which probabilities are computed.
    beyond: f64,
    /// Probability within the limits.
    mass: f64,
}

impl Truncated {
    /// Truncates the distribution `shape` to the limits `within`.
    pub fn new(shape: Shape, within: Option<(f64, f64)>) -> Truncated {
        let mut truncated = Truncated { shape, within, from_above: false, beyond: 0.0, mass: 1.0 };
        match (within, shape) {
            (None, _) => {}
            // A single value has no tails: the value is within the limits (inclusive) or not.
            (Some((low, high)), Shape::Fixed(value)) => {
                truncated.mass = f64::from(u8::from((low..=high).contains(&value)));
            }
            (Some((low, high)), _) => {
                truncated.from_above = truncated.score(low).is_some_and(|z| z > 0.0);
                let (near, far) = if truncated.from_above { (high, low) } else { (low, high) };
                truncated.beyond = truncated.counted(near);
                truncated.mass = truncated.counted(far) - truncated.beyond;
            }
        }
        truncated
    }

    /// Probability within the limits in the distribution before truncation.
    pub fn share_within(&self) -> f64 {
        self.mass
    }

    /// The value of a distribution with a single value; `None` for any other distribution.
    pub fn fixed(&self) -> Option<f64> {
        match self.shape {
            Shape::Fixed(value) => Some(value),
            _ => None,
        }
    }

    /// Smallest and largest value. An unbounded tail ends at 8 standard deviations, beyond which the probability
    /// is below 1e-15.
    pub fn range(&self) -> (f64, f64) {
        let own = match self.shape {
            Shape::Normal { mean, sd } => (mean - 8.0 * sd, mean + 8.0 * sd),
            Shape::LogNormal { meanlog, sdlog } => {
                (math::exp(meanlog - 8.0 * sdlog), math::exp(meanlog + 8.0 * sdlog))
            }
            Shape::Uniform { low, high } => (low, high),
            Shape::Gamma { shape, scale } => (0.0, scale * math::gamma::quantile(shape, 1.0 - 1e-15)),
            Shape::Beta { .. } => (0.0, 1.0),
            Shape::Fixed(value) => (value, value),
        };
        match self.within {
            Some((low, high)) => (own.0.max(low), own.1.min(high)),
            None => own,
        }
    }

    /// Cumulative distribution function: the probability of a value of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        if let Shape::Fixed(value) = self.shape {
            return f64::from(u8::from(x >= value));
        }
        let counted = ((self.counted(x) - self.beyond) / self.mass).clamp(0.0, 1.0);
        if self.from_above { 1.0 - counted } else { counted }
    }

    /// Probability density, up to a constant factor.
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
            Shape::Gamma { shape, scale } => math::exp((shape - 1.0) * math::ln(x / scale) - x / scale),
            Shape::Beta { alpha, beta } => {
                math::exp((alpha - 1.0) * math::ln(x) + (beta - 1.0) * math::ln_1p(-x))
            }
            Shape::Uniform { .. } | Shape::Fixed(_) => 1.0,
        }
    }

    /// Quantile function: the value below which a share `u` of patients lies.
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        let share = if self.from_above { 1.0 - u } else { u };
        let p = self.beyond + share * self.mass;
        let x = match self.shape {
            Shape::Normal { mean, sd } => mean + sd * self.score_at(p),
            Shape::LogNormal { meanlog, sdlog } => math::exp(meanlog + sdlog * self.score_at(p)),
            Shape::Uniform { low, high } => low + p * (high - low),
            Shape::Gamma { shape, scale } => scale * math::gamma::quantile(shape, p),
            Shape::Beta { alpha, beta } => math::beta::quantile(alpha, beta, p),
            Shape::Fixed(value) => value,
        };
        match self.within {
            // The value is clamped because rounding could move it outside the limits.
            Some((low, high)) => x.clamp(low, high),
            None => x,
        }
    }

    /// Ends of the range at which the density, or its slope, is infinite, so that a rule needs panels that shrink towards them: the lower
    /// end, and the upper end.
    pub fn singular_ends(&self) -> [bool; 2] {
        let singular = |shape: f64| shape < 3.0 && shape.fract() != 0.0;
        match self.shape {
            Shape::Gamma { shape, .. } => [singular(shape), false],
            Shape::Beta { alpha, beta } => [singular(alpha), singular(beta)],
            _ => [false, false],
        }
    }

    /// Whether most patients can lie near an end of the range, so that few nodes over the whole range would miss them.
    pub fn is_skewed(&self) -> bool {
        matches!(self.shape, Shape::Gamma { .. } | Shape::Beta { .. })
    }

    /// Number of standard deviations above the median, on the normal scale (for a log-normal, the logarithmic
    /// scale); `None` for families without a normal scale.
    fn score(&self, x: f64) -> Option<f64> {
        match self.shape {
            Shape::Normal { mean, sd } => Some((x - mean) / sd),
            Shape::LogNormal { .. } if x <= 0.0 => Some(f64::NEG_INFINITY),
            Shape::LogNormal { meanlog, sdlog } => Some((math::ln(x) - meanlog) / sdlog),
            Shape::Uniform { .. } | Shape::Gamma { .. } | Shape::Beta { .. } | Shape::Fixed(_) => None,
        }
    }

    /// Normal score beyond which a probability `p` lies, in the tail from which probabilities are computed.
    #[inline]
    fn score_at(&self, p: f64) -> f64 {
        let z = math::normal::quantile(p);
        if self.from_above { -z } else { z }
    }

    /// Probability beyond `x` before truncation, in the tail from which probabilities are computed.
    fn counted(&self, x: f64) -> f64 {
        match (self.shape, self.score(x)) {
            (_, Some(z)) => math::normal::cdf(if self.from_above { -z } else { z }),
            (Shape::Uniform { low, high }, _) => ((x - low) / (high - low)).clamp(0.0, 1.0),
            (Shape::Gamma { shape, scale }, _) => math::gamma::gamma_p(shape, (x / scale).max(0.0)),
            (Shape::Beta { alpha, beta }, _) => math::beta::beta_i(alpha, beta, x.clamp(0.0, 1.0)),
            (Shape::Fixed(value), _) => f64::from(u8::from(x >= value)),
            (Shape::Normal { .. } | Shape::LogNormal { .. }, None) => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limits at the same distance in both tails: quantiles are within the limits, increase, mirror each other and
    /// agree with the distribution function, however small the probability within the limits.
    #[test]
    fn limits_far_in_either_tail() {
        let normal = Shape::Normal { mean: 50.0, sd: 10.0 };
        for score in [0.5, 2.0, 3.5, 4.75] {
            let (near, far) = (10.0 * score, 10.0 * score + 20.0);
            let upper = Truncated::new(normal, Some((50.0 + near, 50.0 + far)));
            let lower = Truncated::new(normal, Some((50.0 - far, 50.0 - near)));
            assert!(upper.share_within() > 1e-6);
            assert_eq!(upper.share_within(), lower.share_within());
            let mut last = 50.0 + near;
            for i in 1..1000 {
                let u = f64::from(i) / 1000.0;
                let x = upper.quantile(u);
                assert!(x > last && x < 50.0 + far, "{score} {u} {x}");
                last = x;
                assert!((upper.cdf(x) - u).abs() < 1e-12, "{score} {u}");
                let mirrored = lower.quantile(1.0 - u);
                assert!((lower.cdf(mirrored) - (1.0 - u)).abs() < 1e-12, "{score} {u}");
                assert!((x + mirrored - 100.0).abs() < 1e-11, "{score} {u} {x} {mirrored}");
            }
            for (u, limit) in [(0.0, 50.0 + near), (1.0, 50.0 + far)] {
                let x = upper.quantile(u);
                assert!(x >= 50.0 + near && x <= 50.0 + far && (x - limit).abs() < 1e-9);
            }
        }
    }

    /// Reference values are quartiles of a standard normal between 4.75 and 9, computed with 40 digits.
    #[test]
    fn a_log_normal_has_the_same_tails() {
        let shape = Shape::LogNormal { meanlog: 3.0, sdlog: 0.1 };
        let (low, high) = (math::exp(3.475), math::exp(3.9));
        let truncated = Truncated::new(shape, Some((low, high)));
        for (u, z) in
            [(0.25, 4.807_849_579_395_543), (0.5, 4.888_304_125_367_163), (0.75, 5.023_061_836_947_608)]
        {
            let x = truncated.quantile(u);
            assert!((math::ln(x) - (3.0 + 0.1 * z)).abs() < 1e-12, "{u} {x}");
        }
    }

    #[test]
    fn one_value_lies_within_its_limits_or_not() {
        let share = |value| Truncated::new(Shape::Fixed(value), Some((30.0, 90.0))).share_within();
        assert_eq!([29.0, 30.0, 60.0, 90.0, 91.0].map(share), [0.0, 1.0, 1.0, 1.0, 0.0]);
        let uniform = |low, high| Truncated::new(Shape::Uniform { low, high }, Some((30.0, 90.0)));
        assert_eq!(uniform(10.0, 50.0).share_within(), 0.5);
        assert_eq!(uniform(91.0, 95.0).share_within(), 0.0);
    }
}
