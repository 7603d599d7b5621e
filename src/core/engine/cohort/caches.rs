//! Caches of exit probabilities and reward amounts, shared by the arms of one run so that each value is evaluated only
//! once.

use super::amounts::ClassAmounts;
use super::continuous::discounts::DiscountSteps;
use super::exit_probabilities::ExitProbabilities;
use super::factorised::amounts::BackgroundAmounts;
use super::factorised::background::BackgroundMortality;

/// Values evaluated once for all states, strata and strategies that share them.
#[derive(Default)]
pub struct Caches {
    pub exit_probabilities: ExitProbabilities,
    pub amounts: ClassAmounts,
    pub backgrounds: Vec<BackgroundMortality>,
    pub background_amounts: BackgroundAmounts,
    /// Discounting within cycles (continuous time only).
    pub discounts: DiscountSteps,
}
