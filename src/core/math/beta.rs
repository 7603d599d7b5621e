//! Regularised incomplete beta function and its inverse.
//!
//! Continued fraction by the modified Lentz method (W. J. Thompson and A. R. Barnett, J. Comput. Phys. 64 (1986)
//! 490–509), applied on the side of the mean where the fraction converges fast, by the symmetry I_x(a, b) = 1 −
//! I_{1−x}(b, a).

use super::gamma::ln_gamma;
use super::invert::invert;
use super::{exp, ln, ln_1p};

/// I_x(a, b): the probability that a beta variate is at most `x`. NaN unless `a > 0` and `b > 0`.
pub fn beta_i(a: f64, b: f64, x: f64) -> f64 {
    if !(a > 0.0 && b > 0.0) || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    match x < (a + 1.0) / (a + b + 2.0) {
        true => lower(a, b, x, ln(x), ln_1p(-x)),
        false => 1.0 - lower(b, a, 1.0 - x, ln_1p(-x), ln(x)),
    }
}

/// Quantile of the beta distribution at probability `p`.
pub fn quantile(a: f64, b: f64, p: f64) -> f64 {
    // The quantile is computed from the smaller of p and 1 − p, to avoid a loss of digits by cancellation.
    if p > 0.5 {
        return 1.0 - below(b, a, 1.0 - p);
    }
    below(a, b, p)
}

fn below(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let scale = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let density = |x: f64| exp(scale + (a - 1.0) * ln(x) + (b - 1.0) * ln_1p(-x));
    invert(|x| beta_i(a, b, x), density, p, (0.0, 1.0), a / (a + b))
}

/// I_x(a, b) for `x` below the mean, given the logarithms of x and 1 − x.
fn lower(a: f64, b: f64, x: f64, ln_x: f64, ln_rest: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln_x + b * ln_rest) / a;
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    // About √max(a, b) steps are needed; the limit prevents an endless loop due to rounding.
    let most = 1000.0 + 10.0 * super::sqrt(a.max(b));
    let mut m = 1.0;
    while m < most {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() <= f64::EPSILON {
            break;
        }
        m += 1.0;
    }
    (front * h).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use statrs::function::beta::beta_reg;

    use super::*;

    const SHAPES: [(f64, f64); 8] = [
        (0.5, 0.5),
        (1.0, 1.0),
        (3.0, 87.0),
        (25.0, 1218.0),
        (528.0, 942.0),
        (74.8, 16.4),
        (0.3, 12.0),
        (2.0, 5.0),
    ];

    #[test]
    fn incomplete_beta_agrees_with_statrs() {
        for (a, b) in SHAPES {
            for i in 1..50 {
                let x = f64::from(i) / 50.0;
                let (got, want) = (beta_i(a, b, x), beta_reg(a, b, x));
                assert!((got - want).abs() < 1e-11, "{a} {b} {x}: {got} is not {want}");
            }
        }
    }

    /// I_x(1, b) = 1 − (1 − x)^b and I_x(a, 1) = x^a.
    #[test]
    fn closed_forms_and_edges() {
        for i in 1..40 {
            let x = f64::from(i) / 40.0;
            assert!((beta_i(1.0, 3.5, x) - (1.0 - (1.0 - x).powf(3.5))).abs() < 1e-14);
            assert!((beta_i(2.5, 1.0, x) - x.powf(2.5)).abs() < 1e-14);
        }
        assert_eq!((beta_i(2.0, 3.0, 0.0), beta_i(2.0, 3.0, 1.0)), (0.0, 1.0));
        assert!(beta_i(0.0, 1.0, 0.5).is_nan());
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        for (a, b) in SHAPES {
            for i in 1..200 {
                let p = f64::from(i) / 200.0;
                let x = quantile(a, b, p);
                assert!((0.0..=1.0).contains(&x));
                let back = beta_i(a, b, x);
                assert!((back - p).abs() < 1e-11, "{a} {b} {p}: {x} gives {back}");
            }
            assert_eq!((quantile(a, b, 0.0), quantile(a, b, 1.0)), (0.0, 1.0));
        }
    }
}
