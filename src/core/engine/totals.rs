//! Totals per patient over the time horizon: mean and standard deviation of every outcome.

use crate::math::sqrt;

/// Totals of all strategies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Totals of each strategy.
    pub strategies: Vec<StrategyTotals>,
}

/// Totals of one strategy, discounted at the rate of each outcome.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrategyTotals {
    /// Mean and standard deviation of each outcome.
    pub outcomes: Vec<Total>,
    /// Mean of each component.
    pub components: Vec<f64>,
    /// Incremental outcomes: each patient's total minus the total of the same patient under the reference strategy.
    pub increments: Vec<Total>,
    /// Covariance between patients of the two incremental outcomes named in the settings of the simulation; `None` if it was not asked
    /// for.
    pub covariance: Option<f64>,
}

impl StrategyTotals {
    /// Standard deviation between patients of threshold × effect − cost, each versus the same patient under the reference strategy; `cost`
    /// and `effect` are indices of outcomes. `None` if the increments or their covariance were not counted.
    pub fn sd_of_net_benefit(&self, cost: usize, effect: usize, threshold: f64) -> Option<f64> {
        let (cost, effect) = (self.increments.get(cost)?.sd?, self.increments.get(effect)?.sd?);
        let variance =
            cost * cost + threshold * threshold * effect * effect - 2.0 * threshold * self.covariance?;
        Some(sqrt(variance.max(0.0)))
    }
}

/// Mean of a total over patients, and its standard deviation between patients.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Mean over patients.
    pub mean: f64,
    /// Standard deviation between patients; `None` if unknown.
    pub sd: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variance of a difference: cost and effect that rise together make the net benefit more certain.
    #[test]
    fn net_benefit_has_the_variance_of_a_difference() {
        let total = |sd| Total { mean: 0.0, sd: Some(sd) };
        let of = |covariance| StrategyTotals {
            increments: vec![total(3.0), total(2.0)],
            covariance,
            ..StrategyTotals::default()
        };
        let sd = |covariance| of(covariance).sd_of_net_benefit(0, 1, 2.0);
        assert_eq!(sd(Some(0.0)), Some(5.0));
        assert_eq!(sd(Some(6.0)), Some(1.0));
        assert_eq!(sd(None), None);
    }
}
