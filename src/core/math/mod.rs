//! Transcendental functions for the whole program. The last bits of the standard library's `exp`, `ln` and `powf`
//! depend on the processor. The functions of the `libm` crate do not, so results are byte-identical on every machine.

pub mod beta;
pub mod gamma;
mod invert;
pub mod matrix;
pub mod normal;
pub mod root;

/// e raised to `x`.
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `exp(x) - 1`, accurate near zero.
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `ln(1 + x)`, accurate near zero.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// `x` raised to `y`.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Square root (exact to the last bit by IEEE 754, so the hardware instruction is used).
#[inline]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// `exp(x) - 1` for x between -0.5 and 0, by its series in plain arithmetic, which is faster than [`exp_m1`] and vectorises; accurate
/// to a few units in the last place.
#[inline]
pub fn small_exp_m1(x: f64) -> f64 {
    const INVERSE_FACTORIALS: [f64; 14] = [
        1.0,
        0.5,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
        1.0 / 87_178_291_200.0,
    ];
    x * INVERSE_FACTORIALS.iter().rev().fold(0.0, |sum, a| sum * x + a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_near_zero_is_the_function() {
        for i in 0..=1000 {
            let x = -0.0005 * f64::from(i);
            assert!((small_exp_m1(x) - exp_m1(x)).abs() <= 4.0 * f64::EPSILON * x.abs(), "{x}");
        }
    }
}
