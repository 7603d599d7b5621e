//! Totals per patient over the time horizon: mean and standard deviation of every outcome.

/// Totals of all strategies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// One entry per strategy.
    pub strategies: Vec<StrategyTotals>,
}

/// Totals of one strategy, discounted as each outcome says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrategyTotals {
    /// One entry per outcome.
    pub outcomes: Vec<Total>,
    /// One entry per component: the mean.
    pub components: Vec<f64>,
    /// One entry per outcome: what patients have more than the same patients under the reference strategy.
    pub increments: Vec<Total>,
}

/// The mean of a total over patients, and how far patients are from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Mean.
    pub mean: f64,
    /// Standard deviation between patients; `None` where it is not known.
    pub sd: Option<f64>,
}
