//! Totals per patient over the time horizon: mean and standard deviation of every outcome.

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

/// Mean of a total over patients, and its standard deviation between patients.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Mean over patients.
    pub mean: f64,
    /// Standard deviation between patients; `None` if unknown.
    pub sd: Option<f64>,
}
