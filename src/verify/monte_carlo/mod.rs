//! Checks of the microsimulation.

mod identical_lives;
mod m01_number_of_threads;
mod m02_agreement_of_engines;
mod m03_common_random_numbers;
mod m04_monte_carlo_error;
mod m05_independence_of_strategies;

use crate::check::Check;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &m01_number_of_threads::M01,
        &m02_agreement_of_engines::M02,
        &m03_common_random_numbers::M03,
        &m04_monte_carlo_error::M04,
        &m05_independence_of_strategies::M05,
    ]
}
