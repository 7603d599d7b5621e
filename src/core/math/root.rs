//! Root finding for continuous functions of one variable.

/// Maximum number of evaluations; ordinary functions need about ten, flat functions about a hundred.
const MOST: usize = 1000;

/// Finds a root of `f` between `a` and `b`, to within `tolerance` plus floating-point resolution. The values `fa` and
/// `fb` of the function at both ends must have opposite signs. If the function jumps across 0, the position of the jump
/// is returned. `None` if `f` returns `None` or a number that is not finite, if the signs are not opposite, or after a
/// thousand evaluations.
///
/// The method of Brent (Algorithms for minimization without derivatives, 1973, chapter 4): inverse quadratic
/// interpolation or the secant method if they converge fast, otherwise bisection.
pub fn root(
    mut f: impl FnMut(f64) -> Option<f64>,
    [a, fa]: [f64; 2],
    [b, fb]: [f64; 2],
    tolerance: f64,
) -> Option<f64> {
    // `b` is the best estimate so far, `a` is the previous estimate, and `c` is on the other side of the root.
    let (mut a, mut fa, mut b, mut fb) = (a, fa, b, fb);
    if fa == 0.0 {
        return Some(a);
    }
    if fb != 0.0 && (fa > 0.0) == (fb > 0.0) || !(fa.is_finite() && fb.is_finite()) {
        return None;
    }
    let (mut c, mut fc) = (a, fa);
    let mut step = b - a;
    let mut before = step;
    for _ in 0..MOST {
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let near = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let middle = 0.5 * (c - b);
        if middle.abs() <= near || fb == 0.0 {
            return Some(b);
        }
        let interpolated = interpolate([a, fa], [b, fb], [c, fc], middle)
            .filter(|(p, q)| {
                let (p, q) = (p.abs(), q.abs());
                before.abs() >= near
                    && fa.abs() > fb.abs()
                    && 2.0 * p < 3.0 * middle.abs() * q - near * q
                    && 2.0 * p < before.abs() * q
            })
            .map(|(p, q)| p / q);
        (before, step) = match interpolated {
            Some(new) => (step, new),
            None => (middle, middle),
        };
        (a, fa) = (b, fb);
        b += if step.abs() > near { step } else { near.copysign(middle) };
        fb = f(b).filter(|x| x.is_finite())?;
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            step = b - a;
            before = step;
        }
    }
    None
}

/// Step to the interpolated root, as numerator and denominator; `None` unless the step points towards the middle of the
/// bracket.
fn interpolate([a, fa]: [f64; 2], [b, fb]: [f64; 2], [c, fc]: [f64; 2], middle: f64) -> Option<(f64, f64)> {
    let s = fb / fa;
    let (p, q) = if a == c {
        (2.0 * middle * s, 1.0 - s)
    } else {
        let (q, r) = (fa / fc, fb / fc);
        (s * (2.0 * middle * q * (q - r) - (b - a) * (r - 1.0)), (q - 1.0) * (r - 1.0) * (s - 1.0))
    };
    // As in Brent's algorithm, the sign of q is chosen so that p is positive.
    let (p, q) = if p > 0.0 { (p, -q) } else { (-p, q) };
    (q != 0.0 && (p / q) * middle >= 0.0).then_some((p, q))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(f: impl Fn(f64) -> f64, a: f64, b: f64) -> (Option<f64>, usize) {
        let mut calls = 0;
        let found = root(
            |x| {
                calls += 1;
                Some(f(x))
            },
            [a, f(a)],
            [b, f(b)],
            1e-12,
        );
        (found, calls)
    }

    #[test]
    fn known_roots_are_found_in_few_evaluations() {
        type Case = (fn(f64) -> f64, f64, f64, f64);
        let cases: [Case; 5] = [
            (|x| 3.0 * x - 1.0, -10.0, 7.0, 1.0 / 3.0),
            (|x| x * x - 2.0, 0.0, 2.0, std::f64::consts::SQRT_2),
            (|x| x * x * x - 2.0 * x - 5.0, 2.0, 3.0, 2.094_551_481_542_326_5),
            (|x| crate::math::exp(x) - 10.0, -20.0, 20.0, std::f64::consts::LN_10),
            (|x| x.powi(9), -1.0, 1.5, 0.0),
        ];
        for (i, (f, a, b, expected)) in cases.into_iter().enumerate() {
            for (a, b) in [(a, b), (b, a)] {
                let (found, calls) = of(f, a, b);
                let found = found.unwrap();
                // Next to a root of the ninth order the function is flat, so that every method is slow.
                let (near, most) = if i == 4 { (1e-2, 150) } else { (1e-10, 20) };
                assert!((found - expected).abs() < near, "{found} for {expected}");
                assert!(calls <= most, "{calls} evaluations");
            }
        }
        assert!(of(|x| 3.0 * x - 1.0, -10.0, 7.0).1 <= 4, "a line needs no search");
    }

    #[test]
    fn a_jump_is_found_and_no_change_of_sign_is_none() {
        let (found, _) = of(|x| if x < 0.3 { -1.0 } else { 2.0 }, 0.0, 1.0);
        assert!((found.unwrap() - 0.3).abs() < 1e-11);
        assert_eq!(of(|x| x * x + 1.0, -1.0, 1.0).0, None);
        assert_eq!(root(|_| None, [0.0, -1.0], [1.0, 1.0], 1e-9), None);
        assert_eq!(of(|x| x, 0.0, 1.0).0, Some(0.0));
    }
}
