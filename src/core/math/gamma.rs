//! Gamma function and related functions: ln Γ, the regularised incomplete gamma functions, and the upper tail of the
//! chi-square distribution.
//!
//! The incomplete gamma functions use a power series below `x = a + 1` and a continued fraction above (W. Gautschi, ACM
//! TOMS 5 (1979) 466–481; J. Lentz, Applied Optics 15 (1976) 668–671). The common factor of both expansions, `x^a e^-x
//! / Γ(a)`, loses digits for large `a` and is then computed in C. Loader's saddle-point form ("Fast and Accurate
//! Computation of Binomial Probabilities", 2000), which subtracts no large numbers.

use std::f64::consts::TAU;

use super::invert::invert;
use super::{exp, ln, pow, sqrt};

/// Smallest `a` for which Loader's form is used. From this value on, the Stirling remainder below is exact to the last
/// bit.
const LARGE: f64 = 16.0;

/// Natural logarithm of the absolute value of Γ(x).
#[inline]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// P(a, x): the probability that a gamma variate of shape `a` and rate 1 is at most `x`. NaN unless `a > 0` and `x >=
/// 0`.
pub fn gamma_p(a: f64, x: f64) -> f64 {
    match edge(a, x) {
        Some(p) => p,
        None if x < a + 1.0 => lower_series(a, x),
        None => 1.0 - upper_fraction(a, x),
    }
}

/// Q(a, x) = 1 − P(a, x), with small relative error in the upper tail. NaN unless `a > 0` and `x >= 0`.
pub fn gamma_q(a: f64, x: f64) -> f64 {
    match edge(a, x) {
        Some(p) => 1.0 - p,
        None if x < a + 1.0 => 1.0 - lower_series(a, x),
        None => upper_fraction(a, x),
    }
}

/// ln Q(a, x) for `x` above `a` + 1, also if Q itself underflows.
pub fn ln_gamma_q(a: f64, x: f64) -> f64 {
    if x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    ln(upper_continued(a, x)) + a * ln(x) - x - ln_gamma(a)
}

/// ln P(a, x) from the logarithm of `x`, for `x` below `a` + 1, also if P or `x` underflows.
pub fn ln_gamma_p(a: f64, ln_x: f64) -> f64 {
    let x = exp(ln_x);
    ln(lower_sum(a, x)) + a * ln_x - x - ln_gamma(a)
}

/// Probability that a chi-square variate with `df` degrees of freedom exceeds `x`: the p value of a test. NaN unless
/// `df > 0` and `x >= 0`.
pub fn chi_square_survival(x: f64, df: f64) -> f64 {
    gamma_q(0.5 * df, 0.5 * x)
}

/// Quantile of the gamma distribution with shape `a` and rate 1 at probability `p`; infinite at 1.
pub fn quantile(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // Starting value by Wilson and Hilferty (1931): the cube root of a gamma variate is nearly normal. In the far lower
    // tail, the starting value solves x^a / Γ(a + 1) = p instead.
    let third = 1.0 / (9.0 * a);
    let root = 1.0 - third + super::normal::quantile(p) * sqrt(third);
    let start = match root > 0.2 {
        true => a * root * root * root,
        false => exp((ln(p) + ln_gamma(a + 1.0)) / a),
    };
    let top = a + 60.0 * (1.0 + sqrt(a)) + 800.0;
    let scale = ln_gamma(a);
    let density = |x: f64| exp((a - 1.0) * ln(x) - x - scale);
    let start = start.clamp(f64::MIN_POSITIVE, top / 2.0);
    invert(|x| gamma_p(a, x), density, p, (0.0, top), start)
}

/// P(a, x) at x = 0 and x = ∞, and NaN outside the domain; `None` if P must be computed.
fn edge(a: f64, x: f64) -> Option<f64> {
    if !(a > 0.0 && a < f64::INFINITY && x >= 0.0) {
        Some(f64::NAN)
    } else if x == 0.0 {
        Some(0.0)
    } else if x == f64::INFINITY {
        Some(1.0)
    } else {
        None
    }
}

/// P(a, x) by its power series, which has no cancellation because every term is positive.
fn lower_series(a: f64, x: f64) -> f64 {
    (lower_sum(a, x) * leading_factor(a, x)).min(1.0)
}

/// Power series of P(a, x) without its leading factor.
fn lower_sum(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut denominator = a;
    // The loop always ends, because the ratio of successive terms is below one from the start and decreases.
    while term > sum * 0.5 * f64::EPSILON {
        denominator += 1.0;
        term *= x / denominator;
        sum += term;
    }
    sum
}

/// Q(a, x) by Legendre's continued fraction, evaluated forwards by the modified Lentz method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    (upper_continued(a, x) * leading_factor(a, x)).min(1.0)
}

/// Continued fraction of Q(a, x) without its leading factor.
fn upper_continued(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away_from_zero(b);
    let mut h = d;
    // About 10 √a steps are needed in the worst case, x near a; the limit prevents an endless loop due to rounding.
    let most = 1000.0 + 40.0 * sqrt(a);
    let mut i = 1.0;
    while i < most {
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() <= f64::EPSILON {
            break;
        }
        i += 1.0;
    }
    h
}

/// Leading factor of the power series and the continued fraction: `x^a e^-x / Γ(a)`.
fn leading_factor(a: f64, x: f64) -> f64 {
    if a < LARGE {
        // Underflow to zero is correct here. Overflow is impossible, because x^16 is below 1e46 wherever e^-x is not
        // zero.
        let decay = exp(-x);
        return if decay == 0.0 { 0.0 } else { pow(x, a) * decay / libm::tgamma(a) };
    }
    sqrt(a / TAU) * exp(-stirling_remainder(a) - deviance(a, x))
}

/// ln Γ(a + 1) minus Stirling's formula, for `a >= 16`.
fn stirling_remainder(a: f64) -> f64 {
    let s = 1.0 / (a * a);
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0))))) / a
}

/// `a ln(a/x) + x − a` without cancellation when `x` is near `a` (Loader's `bd0`).
fn deviance(a: f64, x: f64) -> f64 {
    let difference = a - x;
    if difference.abs() >= 0.1 * (a + x) {
        return a * ln(a / x) + x - a;
    }
    let v = difference / (a + x);
    let square = v * v;
    let mut sum = difference * v;
    let mut power = 2.0 * a * v;
    let mut odd = 3.0;
    loop {
        power *= square;
        let next = sum + power / odd;
        if next == sum {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ChiSquared, ContinuousCDF};
    use statrs::function::gamma as reference;

    use super::*;

    fn close(got: f64, want: f64, rel: f64) {
        assert!((got - want).abs() <= rel * want.abs(), "{got:e} is not {want:e}");
    }

    #[test]
    fn ln_gamma_agrees_with_statrs() {
        for i in 1..400 {
            let x = f64::from(i) * 0.37;
            assert!((ln_gamma(x) - reference::ln_gamma(x)).abs() <= 1e-12 * (1.0 + ln_gamma(x).abs()));
        }
    }

    #[test]
    fn incomplete_gammas_agree_with_statrs_and_sum_to_one() {
        for a in [0.1, 0.5, 1.0, 2.5, 7.0, 15.9, 16.1, 40.0, 150.0] {
            for i in 1..60 {
                let x = a * f64::from(i) * 0.05;
                close(gamma_p(a, x), reference::gamma_lr(a, x), 1e-11);
                close(gamma_q(a, x), reference::gamma_ur(a, x), 1e-11);
                close(gamma_p(a, x) + gamma_q(a, x), 1.0, 1e-15);
            }
        }
    }

    /// For an integer `a`, Q is a Poisson sum of positive terms, so its last digits can be tested.
    #[test]
    fn upper_tail_equals_the_poisson_sum() {
        for a in [1_u32, 3, 15, 16, 30, 80] {
            for x in [0.5, 4.0, 20.0, 35.0, 81.0, 120.0] {
                let mut term = exp(-x);
                let mut sum = 0.0;
                for k in 0..a {
                    sum += term;
                    term *= x / f64::from(k + 1);
                }
                let q = gamma_q(f64::from(a), x);
                assert!((q - sum).abs() <= 2e-14 * sum, "a {a} x {x}: {q:e} is not {sum:e}");
            }
        }
    }

    #[test]
    fn chi_square_tail_agrees_with_closed_forms_and_statrs() {
        for i in 1..300 {
            let x = f64::from(i) * 0.5;
            // A chi-square variate with two degrees of freedom is exponential; with one, it is a squared standard
            // normal.
            close(chi_square_survival(x, 2.0), exp(-0.5 * x), 2e-14);
            close(chi_square_survival(x, 1.0), libm::erfc(sqrt(0.5 * x)), 1e-13);
            let five = ChiSquared::new(5.0).unwrap();
            close(chi_square_survival(x, 5.0), five.sf(x), 1e-11);
        }
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        for a in [0.1, 0.5, 1.0, 4.0, 6.25, 44.44, 225.0, 3000.0] {
            for p in [1e-12, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999, 0.999_999] {
                let x = quantile(a, p);
                close(gamma_p(a, x), p, 1e-11);
            }
            assert_eq!((quantile(a, 0.0), quantile(a, 1.0)), (0.0, f64::INFINITY));
        }
        // A gamma variate of shape 1 is exponential, so its quantiles have a closed form.
        for i in 1..100 {
            let p = f64::from(i) / 100.0;
            close(quantile(1.0, p), -libm::log1p(-p), 1e-13);
        }
    }

    #[test]
    fn edges_are_defined() {
        assert_eq!(gamma_p(2.0, 0.0), 0.0);
        assert_eq!(gamma_q(2.0, 0.0), 1.0);
        assert_eq!(gamma_q(2.0, f64::INFINITY), 0.0);
        assert_eq!(gamma_q(0.5, 1e4), 0.0);
        assert!(gamma_p(0.0, 1.0).is_nan() && gamma_q(1.0, -1.0).is_nan() && gamma_p(f64::NAN, 1.0).is_nan());
        // For a large shape a, the median of a gamma variate is near a − 1/3.
        close(gamma_p(1e8, 1e8 - 1.0 / 3.0), 0.5, 1e-9);
    }
}
