//! Gauss quadrature rules for a density, by the Stieltjes procedure for its three-term recurrence (Gautschi,
//! Orthogonal Polynomials, 2004, section 2.2), discretised with a Gauss-Legendre rule.

use super::Node;
use crate::model::Truncated;

/// Gauss rule of `order` nodes for the density on one panel from `low` to `high`, with total weight `mass`.
pub fn gauss(density: &Truncated, low: f64, high: f64, mass: f64, order: usize, into: &mut Vec<Node>) {
    let (centre, half) = ((low + high) / 2.0, (high - low) / 2.0);
    let points: Vec<(f64, f64)> = LEGENDRE
        .iter()
        .flat_map(|&(x, w)| [(-x, w), (x, w)])
        .map(|(x, w)| (x, w * density.density(centre + half * x)))
        .collect();
    let scale: f64 = points.iter().map(|p| p.1).sum();
    // Recurrence p_{k+1} = (x - alpha_k) p_k - beta_k p_{k-1} on [-1, 1].
    let (mut alpha, mut beta) = (Vec::new(), Vec::new());
    let mut previous = vec![0.0; points.len()];
    let mut current = vec![1.0; points.len()];
    let mut norm_before = 1.0;
    for k in 0..order {
        let norm: f64 = points.iter().zip(&current).map(|((_, w), p)| w * p * p).sum();
        let first: f64 = points.iter().zip(&current).map(|((x, w), p)| w * x * p * p).sum();
        alpha.push(first / norm);
        beta.push(if k == 0 { 0.0 } else { norm / norm_before });
        norm_before = norm;
        let next: Vec<f64> = points
            .iter()
            .zip(current.iter().zip(&previous))
            .map(|((x, _), (p, q))| (x - alpha[k]) * p - beta[k] * q)
            .collect();
        previous = std::mem::replace(&mut current, next);
    }
    for root in roots(&alpha, &beta) {
        // Christoffel weight 1 / sum of squared orthonormal polynomials.
        let (mut before, mut here, mut norm, mut sum) = (0.0, 1.0, 1.0, 0.0);
        for k in 0..order {
            if k > 0 {
                norm *= beta[k];
            }
            sum += here * here / norm;
            let next = (root - alpha[k]) * here - beta[k] * before;
            before = here;
            here = next;
        }
        debug_assert!(scale > 0.0);
        into.push(Node { value: centre + half * root, weight: mass / sum });
    }
}

/// Roots of the last polynomial of the recurrence, by bisection on the Sturm sequence, which always converges.
fn roots(alpha: &[f64], beta: &[f64]) -> Vec<f64> {
    let n = alpha.len();
    let below = |x: f64| -> usize {
        let mut count = 0;
        let mut d = 1.0;
        for k in 0..n {
            d = alpha[k] - x - if k == 0 { 0.0 } else { beta[k] / d };
            if d == 0.0 {
                d = 1e-300;
            }
            if d < 0.0 {
                count += 1;
            }
        }
        count
    };
    (0..n)
        .map(|i| {
            let (mut low, mut high) = (-1.0, 1.0);
            for _ in 0..60 {
                let middle = (low + high) / 2.0;
                if below(middle) > i { high = middle } else { low = middle }
            }
            (low + high) / 2.0
        })
        .collect()
}

/// Positive half of the 12-point Gauss-Legendre rule (Abramowitz and Stegun, table 25.4).
const LEGENDRE: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_4, 0.203_167_426_723_065_9),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_2),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_4),
    (0.981_560_634_246_719_3, 0.047_175_336_386_511_83),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    #[test]
    fn gauss_on_a_density_is_exact_for_low_moments() {
        let density = Truncated::new(Shape::Normal { mean: 50.0, sd: 10.0 }, Some((40.0, 55.0)));
        let reference = |f: &dyn Fn(f64) -> f64| -> f64 {
            let n = 200_000;
            let h = 15.0 / n as f64;
            let at = |i: usize| 40.0 + (i as f64 + 0.5) * h;
            let mass: f64 = (0..n).map(|i| density.density(at(i))).sum();
            (0..n).map(|i| density.density(at(i)) * f(at(i))).sum::<f64>() / mass
        };
        for order in 1..=6 {
            let mut nodes = Vec::new();
            gauss(&density, 40.0, 55.0, 1.0, order, &mut nodes);
            assert_eq!(nodes.len(), order);
            for power in 0..2 * order as i32 {
                let f = |x: f64| ((x - 47.0) / 10.0).powi(power);
                let got: f64 = nodes.iter().map(|n| n.weight * f(n.value)).sum();
                assert!((got - reference(&f)).abs() < 1e-9, "order {order} power {power}");
            }
        }
    }
}
