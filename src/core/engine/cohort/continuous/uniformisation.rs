//! Uniformisation of a Markov process with constant rates (A. Jensen, 1953; W. K. Grassmann, Comput Oper Res 1977).
//!
//! With a rate Λ that no state exceeds, patients make Poisson(Λt) steps of a discrete chain up to time t. The distribution over
//! states at the end of a period, and its discounted integral over the period, are then sums of positive terms over the number of
//! steps: no digits are lost, however large the rates are.

/// Weights of the iterates of the discrete chain.
pub struct StepWeights {
    /// Weight of each iterate in the distribution at the end of the period.
    pub end: Vec<f64>,
    /// Per force of discounting: weight of each iterate in the integral over the period, relative to the discount factor at its
    /// beginning.
    pub integrals: Vec<Vec<f64>>,
}

/// Largest mean number of steps in one period; longer periods must be divided, because e^-mean would underflow.
pub const MOST_STEPS: f64 = 256.0;

/// Probabilities below this limit are left out.
const NEGLIGIBLE: f64 = 1e-18;

/// Weights for a period of length `length` with uniformisation rate `rate`, for each force of discounting in `forces`.
pub fn weights(rate: f64, length: f64, forces: &[f64]) -> StepWeights {
    let end = poisson(rate * length);
    let integral = |force: &f64| {
        let sum = rate + force;
        if sum * length < 1e-300 {
            return vec![length];
        }
        if sum * length > 700.0 {
            // Discounted time ends long before the period: each iterate counts in full.
            let mut power = 1.0 / sum;
            let counted = end.iter().map(|_| {
                let weight = power;
                power *= rate / sum;
                weight
            });
            return counted.collect();
        }
        let probabilities = poisson(sum * length);
        // Probability of more than i steps, added from the smallest.
        let mut more = vec![0.0; probabilities.len()];
        for i in (0..probabilities.len() - 1).rev() {
            more[i] = more[i + 1] + probabilities[i + 1];
        }
        let mut power = 1.0 / sum;
        for tail in &mut more {
            *tail *= power;
            power *= rate / sum;
        }
        more
    };
    StepWeights { integrals: forces.iter().map(integral).collect(), end }
}

/// Probabilities of 0, 1, 2, ... events of a Poisson distribution, up to a negligible remainder.
fn poisson(mean: f64) -> Vec<f64> {
    let mut all = vec![crate::math::exp(-mean)];
    loop {
        let k = all.len() as f64;
        let next = all[all.len() - 1] * mean / k;
        // Two more than needed, because the integrals use the tail beyond each number.
        if k > mean + 2.0 && next < NEGLIGIBLE {
            all.extend([next, next * mean / (k + 1.0)]);
            return all;
        }
        all.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{exp, exp_m1};

    /// One state that patients leave at a rate: the iterates are powers of the probability of staying.
    #[test]
    fn one_rate_gives_the_exponential_and_its_integral() {
        for (rate, above, length, force) in
            [(0.01, 1.0, 1.0, 0.002), (3.0, 1.3, 0.25, 0.0), (200.0, 1.05, 1.0, 0.03), (0.0, 1.0, 1.0, 0.1)]
        {
            let top = rate * above;
            let weights = weights(top, length, &[0.0, force]);
            let stay: f64 = if top > 0.0 { 1.0 - rate / top } else { 1.0 };
            let sum =
                |all: &[f64]| -> f64 { all.iter().enumerate().map(|(i, w)| w * stay.powi(i as i32)).sum() };
            let integral = |f: f64| match rate + f {
                0.0 => length,
                total => -exp_m1(-total * length) / total,
            };
            assert!((sum(&weights.end) / exp(-rate * length) - 1.0).abs() < 1e-12 || rate > 100.0);
            for (own, f) in weights.integrals.iter().zip([0.0, force]) {
                assert!((sum(own) / integral(f) - 1.0).abs() < 1e-12, "{rate} {f}");
            }
        }
    }
}
