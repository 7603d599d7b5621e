//! Gauss quadrature rules for a density, by the Stieltjes procedure for its three-term recurrence (Gautschi,
//! Orthogonal Polynomials, 2004, section 2.2), discretised with a Gauss-Legendre rule.

use super::Node;
use crate::model::Truncated;

/// Gauss rule of `order` nodes for the density on one panel from `low` to `high`, with total weight `mass`.
pub fn gauss(density: &Truncated, low: f64, high: f64, mass: f64, order: usize, into: &mut Vec<Node>) {
    let (centre, half) = ((low + high) / 2.0, (high - low) / 2.0);
    let points: Vec<(f64, f64)> =
        legendre(order).into_iter().map(|(x, w)| (x, w * density.density(centre + half * x))).collect();
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
        into.push(Node { value: centre + half * root, weight: mass / sum, given: 0 });
    }
}

/// Points and weights on [-1, 1] at which the density is read: the 12-point Gauss-Legendre rule on each of several equal parts.
/// A rule of `order` nodes needs clearly more points than nodes, because only the polynomials up to the number of points are
/// orthogonal on them.
fn legendre(order: usize) -> Vec<(f64, f64)> {
    let parts = if order <= MOST_ON_ONE_PART { 1 } else { order.div_ceil(NODES_A_PART) };
    let width = 1.0 / parts as f64;
    let of_part = |part: usize| {
        let centre = (2 * part + 1) as f64 * width - 1.0;
        let both = LEGENDRE.iter().flat_map(|&(x, w)| [(-x, w), (x, w)]);
        both.map(move |(x, w)| (centre + width * x, w * width))
    };
    (0..parts).flat_map(of_part).collect()
}

/// Points and weights of the 12-point Gauss-Legendre rule on (0, 1), in ascending order.
pub fn legendre_on_unit() -> impl Iterator<Item = (f64, f64)> {
    let low = LEGENDRE.iter().rev().map(|&(x, w)| (-x, w));
    low.chain(LEGENDRE).map(|(x, w)| (0.5 + 0.5 * x, 0.5 * w))
}

/// Largest number of nodes for which 12 points are enough.
const MOST_ON_ONE_PART: usize = 8;
/// Number of nodes for each part, of 12 points, of a rule with more nodes.
const NODES_A_PART: usize = 3;

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

    /// Rules with more nodes than a single Gauss-Legendre rule has points: they must be rules (positive weights that sum to 1,
    /// ascending values inside the range) and exact for every moment that a sum of so many terms can show.
    #[test]
    fn rules_with_many_nodes_are_rules() {
        let density = Truncated::new(Shape::Normal { mean: 48.0, sd: 12.6 }, Some((12.0, 90.0)));
        let mean = |order: usize, f: &dyn Fn(f64) -> f64| -> f64 {
            let mut nodes = Vec::new();
            gauss(&density, 12.0, 90.0, 1.0, order, &mut nodes);
            assert_eq!(nodes.len(), order);
            assert!(nodes.windows(2).all(|pair| pair[0].value < pair[1].value), "order {order}");
            assert!(nodes.iter().all(|node| node.weight > 0.0 && node.value > 12.0 && node.value < 90.0));
            let sum: f64 = nodes.iter().map(|node| node.weight).sum();
            assert!((sum - 1.0).abs() < 1e-12, "order {order}: {sum}");
            nodes.iter().map(|node| node.weight * f(node.value)).sum()
        };
        let functions: [&dyn Fn(f64) -> f64; 4] =
            [&|x| x, &|x| ((x - 48.0) / 12.6).powi(6), &|x| (0.09 * x).exp(), &|x| {
                (-(0.001 * (0.09 * x).exp())).exp()
            }];
        for f in functions {
            let due = mean(60, f);
            for order in [9, 10, 12, 13, 14, 16, 24, 33, 64, 128, 200] {
                let limit = if order < 13 { 1e-6 } else { 1e-10 };
                let got = mean(order, f);
                assert!((got / due - 1.0).abs() < limit, "order {order}: {got} and {due}");
            }
        }
    }

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
