//! Pointwise confidence limits of a survival probability or a cumulative incidence.

use crate::math::{exp, ln, normal};

/// Scale on which the estimate is assumed to be normally distributed (R's `conf.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interval {
    /// Untransformed probability; limits are cut to the range from 0 to 1.
    Plain,
    /// The logarithm of the probability (R's default); the upper limit is cut to 1.
    #[default]
    Log,
    /// The complementary log-log scale ln(−ln p), whose limits stay within 0 and 1 and have the best coverage in
    /// small samples.
    LogLog,
}

/// A confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// Confidence limits of a probability strictly between 0 and 1 whose logarithm has the standard error `se_ln`. `None`
/// for a level outside 0 to 1, and for a probability of 0 or 1, whose limits the caller must define.
pub(super) fn limits(probability: f64, se_ln: f64, interval: Interval, level: f64) -> Option<Limits> {
    if !(level > 0.0 && level < 1.0 && probability > 0.0 && probability < 1.0) {
        return None;
    }
    // The quantile of the lower tail is used, because it loses no digits as the level approaches one.
    let reach = -normal::quantile(0.5 * (1.0 - level)) * se_ln;
    let (lower, upper) = match interval {
        Interval::Plain => (probability - probability * reach, probability + probability * reach),
        Interval::Log => (probability * exp(-reach), probability * exp(reach)),
        Interval::LogLog => {
            let log = ln(probability);
            let factor = exp(-reach / log);
            (exp(log * factor), exp(log / factor))
        }
    };
    Some(Limits { lower: lower.clamp(0.0, 1.0), upper: upper.clamp(0.0, 1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_enclose_the_estimate_and_stay_within_zero_and_one() {
        for interval in [Interval::Plain, Interval::Log, Interval::LogLog] {
            for i in 1..100 {
                let p = f64::from(i) / 100.0;
                for se_ln in [0.0, 0.01, 0.5, 1e9] {
                    let l = limits(p, se_ln, interval, 0.95).unwrap();
                    assert!(0.0 <= l.lower && l.lower <= p + 1e-15, "{interval:?} {p} {se_ln} {l:?}");
                    assert!(p - 1e-15 <= l.upper && l.upper <= 1.0, "{interval:?} {p} {se_ln} {l:?}");
                }
            }
        }
    }

    #[test]
    fn impossible_levels_have_no_limits() {
        for level in [0.0, 1.0, -1.0, f64::NAN] {
            assert_eq!(limits(0.5, 0.1, Interval::Log, level), None);
        }
    }
}
