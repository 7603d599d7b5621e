//! Inverse of a distribution function by Newton's method within a bracket. Newton steps that leave the bracket are
//! replaced by bisection.

/// Solves `cdf(x) = p` for `x` within `bracket`, accurate to the last few bits. `start` must be inside the bracket, and
/// `cdf` must not decrease.
pub fn invert(
    cdf: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> f64,
    p: f64,
    bracket: (f64, f64),
    start: f64,
) -> f64 {
    let (mut low, mut high) = bracket;
    let mut x = start;
    // The limit of 200 steps is ample, because bisection alone needs about sixty for numbers of ordinary size.
    for _ in 0..200 {
        let excess = cdf(x) - p;
        if excess == 0.0 {
            return x;
        }
        match excess > 0.0 {
            true => high = x,
            false => low = x,
        }
        let step = excess / density(x);
        let mut next = x - step;
        if !(next > low && next < high) {
            next = middle(low, high);
        }
        if (next - x).abs() <= 2.0 * f64::EPSILON * x.abs() || next <= low || next >= high {
            return next;
        }
        x = next;
    }
    x
}

/// Middle of a bracket. For brackets near zero the middle is taken on a log scale, so that tiny quantiles are found as
/// fast as others.
fn middle(low: f64, high: f64) -> f64 {
    let plain = low + (high - low) / 2.0;
    match low {
        0.0 if plain < 1e-3 * high.max(1.0) || high < 1e-3 => high * 1e-3,
        _ if low > 0.0 && high > 16.0 * low => super::sqrt(low) * super::sqrt(high),
        _ => plain,
    }
}
