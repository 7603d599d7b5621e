//! The standard normal distribution: density, distribution function and quantile.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use super::{exp, ln, sqrt};

/// Density of the standard normal at `x`.
#[inline]
pub fn pdf(x: f64) -> f64 {
    exp(-0.5 * x * x) / sqrt(TAU)
}

/// Probability that a standard normal variate is at most `x`. The relative error is small far into the lower tail,
/// because `erfc` is accurate there. For the upper tail use `cdf(-x)` instead of `1 - cdf(x)`.
#[inline]
pub fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Logarithm of the probability that a standard normal variate exceeds `z`, for `z` above 30, where the probability
/// itself may underflow. Asymptotic series of Abramowitz and Stegun, 26.2.12, up to the term in z^-10.
pub fn ln_far_tail(z: f64) -> f64 {
    let y = 1.0 / (z * z);
    let series = -y * (1.0 - y * (3.0 - y * (15.0 - y * (105.0 - y * 945.0))));
    -0.5 * z * z - super::ln(z) - 0.5 * super::ln(std::f64::consts::TAU) + super::ln_1p(series)
}

/// Quantile of the standard normal distribution at probability `p`: minus infinity at 0, plus infinity at 1, and NaN
/// outside.
///
/// Algorithm PPND16 of M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
/// Statistics 37 (1988) 477–484; relative error about 1e-16. Each draw uses one uniform number and the result is
/// monotone in `p`, as common random numbers require.
#[inline]
pub fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE_TOP, &CENTRE_BOTTOM);
    }
    tail_quantile(p, q)
}

/// Quantile for `p` in the tails, about 15 % of uniform draws. The tails have a separate function so that the function
/// for the centre is small enough to be inlined.
fn tail_quantile(p: f64, q: f64) -> f64 {
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let magnitude = if tail > 0.0 {
        let r = sqrt(-ln(tail));
        if r <= 5.0 { ratio(r - 1.6, &TAIL_TOP, &TAIL_BOTTOM) } else { ratio(r - 5.0, &FAR_TOP, &FAR_BOTTOM) }
    } else if tail == 0.0 {
        f64::INFINITY
    } else {
        f64::NAN
    };
    if q < 0.0 { -magnitude } else { magnitude }
}

/// Quotient of two polynomials of degree seven; coefficients start with the constant.
#[inline]
fn ratio(r: f64, top: &[f64; 8], bottom: &[f64; 8]) -> f64 {
    let horner = |c: &[f64; 8]| {
        ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0]
    };
    horner(top) / horner(bottom)
}

// The coefficients are written as Wichura printed them, so that they can be compared with the paper.
#[expect(clippy::excessive_precision, clippy::unreadable_literal, reason = "digits as printed in AS 241")]
mod coefficients {
    pub const CENTRE_TOP: [f64; 8] = [
        3.3871328727963666080e0,
        1.3314166789178437745e+2,
        1.9715909503065514427e+3,
        1.3731693765509461125e+4,
        4.5921953931549871457e+4,
        6.7265770927008700853e+4,
        3.3430575583588128105e+4,
        2.5090809287301226727e+3,
    ];
    pub const CENTRE_BOTTOM: [f64; 8] = [
        1.0,
        4.2313330701600911252e+1,
        6.8718700749205790830e+2,
        5.3941960214247511077e+3,
        2.1213794301586595867e+4,
        3.9307895800092710610e+4,
        2.8729085735721942674e+4,
        5.2264952788528545610e+3,
    ];
    pub const TAIL_TOP: [f64; 8] = [
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ];
    pub const TAIL_BOTTOM: [f64; 8] = [
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ];
    pub const FAR_TOP: [f64; 8] = [
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ];
    pub const FAR_BOTTOM: [f64; 8] = [
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ];
}
use coefficients::{CENTRE_BOTTOM, CENTRE_TOP, FAR_BOTTOM, FAR_TOP, TAIL_BOTTOM, TAIL_TOP};

#[cfg(test)]
mod tests {
    use statrs::distribution::{Continuous, ContinuousCDF, Normal};

    use super::*;

    fn close(got: f64, want: f64, rel: f64) {
        assert!((got - want).abs() <= rel * want.abs(), "{got:e} is not {want:e}");
    }

    #[test]
    fn density_and_distribution_function_agree_with_statrs() {
        let normal = Normal::standard();
        for i in -80..=80 {
            let x = f64::from(i) * 0.1;
            close(pdf(x), normal.pdf(x), 1e-13);
            // In the far tail statrs is accurate to ten digits only; the values below are known to more digits.
            close(cdf(x), normal.cdf(x), 1e-9);
        }
        close(cdf(-8.0), 6.220_960_574_271_784e-16, 1e-14);
        close(cdf(-5.0), 2.866_515_718_791_939e-7, 1e-14);
        close(cdf(-1.0), 0.158_655_253_931_457_05, 1e-15);
    }

    #[test]
    fn quantile_inverts_the_distribution_function_in_centre_and_both_tails() {
        let normal = Normal::standard();
        for i in 1..2000 {
            let p = f64::from(i) / 2000.0;
            close(cdf(quantile(p)), p, 1e-14);
            // The tolerance is absolute, because the inverse erfc of statrs has a large relative error at the median.
            assert!((quantile(p) - normal.inverse_cdf(p)).abs() < 1e-12);
        }
        for i in 2..300 {
            let p = crate::math::pow(10.0, -f64::from(i));
            // The tolerance allows for rounding of x, because a rounding error in x is magnified by x² in the far tail.
            close(cdf(quantile(p)), p, 1e-12);
        }
        // Quantile for 95 % limits, known to all printed digits.
        close(quantile(0.975), 1.959_963_984_540_054, 1e-15);
        // The median is exactly zero, and the quantiles of p and 1 - p are exact opposites if both numbers are exact.
        assert_eq!(quantile(0.5), 0.0);
        assert_eq!(quantile(0.031_25), -quantile(0.968_75));
    }

    #[test]
    fn quantile_at_and_beyond_the_ends() {
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
        assert!(quantile(-0.1).is_nan() && quantile(1.1).is_nan() && quantile(f64::NAN).is_nan());
    }
}
