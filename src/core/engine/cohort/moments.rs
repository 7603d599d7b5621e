//! Moments of totals between patients: mean, variance, third and fourth central moments.

/// Mean and central moments of a total over patients.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
    /// Third central moment.
    pub third: f64,
    /// Fourth central moment.
    pub fourth: f64,
}

impl Moments {
    /// Moments of a mixture of groups. Each group has its share of patients, a constant that is added to every total,
    /// and its own moments. Shares must sum to 1.
    pub fn mixture(groups: &[(f64, f64, Moments)]) -> Moments {
        let mean: f64 = groups.iter().map(|(p, more, m)| p * (m.mean + more)).sum();
        let mut all = Moments { mean, ..Moments::default() };
        for (p, more, m) in groups {
            let [second, third, fourth] = about(m.mean + more - mean, [m.variance, m.third, m.fourth]);
            all.variance += p * second;
            all.third += p * third;
            all.fourth += p * fourth;
        }
        all
    }

    /// Standard deviation.
    pub fn sd(&self) -> f64 {
        crate::math::sqrt(self.variance)
    }

    /// Standard error of the standard deviation of a sample of `n` patients (delta method).
    pub fn se_of_sd(&self, n: f64) -> f64 {
        let spread = (self.fourth - self.variance * self.variance).max(0.0);
        match self.variance > 0.0 {
            true => crate::math::sqrt(spread / n) / (2.0 * self.sd()),
            false => 0.0,
        }
    }
}

/// Second to fourth moments about a point `d` below the mean, computed from the central moments.
#[inline]
pub fn about(d: f64, [variance, third, fourth]: [f64; 3]) -> [f64; 3] {
    [
        variance + d * d,
        third + d * (3.0 * variance + d * d),
        fourth + d * (4.0 * third + d * (6.0 * variance + d * d)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_of_single_values_has_their_moments() {
        let one = |x: f64| (0.25, x, Moments::default());
        let all = Moments::mixture(&[one(0.0), one(1.0), one(2.0), one(5.0)]);
        assert_eq!(all.mean, 2.0);
        assert_eq!(all.variance, 3.5);
        assert_eq!(all.third, 4.5);
        assert_eq!(all.fourth, (16.0 + 1.0 + 81.0) / 4.0);
        // Mixing in two steps must lead to the same moments.
        let halves = [[0.0, 1.0], [2.0, 5.0]].map(|xs| {
            let each = xs.map(|x| (0.5, x, Moments::default()));
            (0.5, 0.0, Moments::mixture(&each))
        });
        let again = Moments::mixture(&halves);
        for (a, b) in [(all.variance, again.variance), (all.third, again.third), (all.fourth, again.fourth)] {
            assert!((a - b).abs() < 1e-12);
        }
    }
}
