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
