//! Checks of parameter uncertainty: distributions, draws, probabilistic analysis and one-way analysis.

mod changes;
mod u01_no_spread;
mod u02_draws_follow_distributions;
mod u03_mean_of_draws;
mod u04_acceptability_curves;
mod u05_value_of_information;
mod u06_every_draw_is_possible;
mod u07_methods_are_fixed;
mod u08_ranges_of_correlated_parameters;
mod u09_parameters_without_uncertainty;
mod u10_direction_of_results;
mod u11_another_seed;
mod u12_outliers;
mod u13_balance_of_ranges;
mod u14_evppi_and_one_way_analysis;
mod u15_parameters_without_effect;
mod u16_shares_add_to_one;
mod u17_width_of_distributions;
mod u18_effects_drawn_as_one;

use crate::check::Check;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &u01_no_spread::U01,
        &u02_draws_follow_distributions::U02,
        &u03_mean_of_draws::U03,
        &u04_acceptability_curves::U04,
        &u05_value_of_information::U05,
        &u06_every_draw_is_possible::U06,
        &u07_methods_are_fixed::U07,
        &u08_ranges_of_correlated_parameters::U08,
        &u09_parameters_without_uncertainty::U09,
        &u10_direction_of_results::U10,
        &u11_another_seed::U11,
        &u12_outliers::U12,
        &u13_balance_of_ranges::U13,
        &u14_evppi_and_one_way_analysis::U14,
        &u15_parameters_without_effect::U15,
        &u16_shares_add_to_one::U16,
        &u17_width_of_distributions::U17,
        &u18_effects_drawn_as_one::U18,
    ]
}
