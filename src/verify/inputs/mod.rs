//! Checks of model inputs. Most checks inspect the scenario only; a few use the shared run at the base values.

mod exits;
mod s01_values_and_sources;
mod s02_believable_values;
mod s03_exits_add_to_one;
mod s04_death_is_absorbing;
mod s05_starting_population;
mod s06_direction_of_ratios;
mod s07_conversion_of_rates;
mod s08_nested_distributions;
mod s09_base_within_range;
mod s10_distribution_families;
mod s11_size_of_standard_errors;
mod s12_joint_distributions;
mod s13_currency_and_price_year;
mod s14_unused_parts;
mod s15_utility_and_cost_of_states;
mod s16_order_of_progression;
mod s17_hypothetical_strategies;
mod s18_scale_of_effects;
mod s19_utility_at_most_one;
mod s20_death_in_every_state;
mod s21_harmful_effects;
mod s22_double_counting;
mod s23_effects_on_background_mortality;
mod s25_numbers_typed_into_formulas;
mod s26_names_of_parameters;
mod s27_timing_of_costs_and_effects;
mod s28_cost_and_effect_of_the_decision;
mod s29_kinds_and_names;
mod s30_names_of_shares;
mod s31_rates_added_twice;
mod s32_time_limits;
mod s33_attained_age;
mod s34_scaled_tables;
mod s35_probabilities_per_cycle;
mod s36_periods_in_notes;
mod s37_amounts_named_after_events;

use crate::check::Check;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &s01_values_and_sources::S01,
        &s02_believable_values::S02,
        &s03_exits_add_to_one::S03,
        &s04_death_is_absorbing::S04,
        &s05_starting_population::S05,
        &s06_direction_of_ratios::S06,
        &s07_conversion_of_rates::S07,
        &s08_nested_distributions::S08,
        &s09_base_within_range::S09,
        &s10_distribution_families::S10,
        &s11_size_of_standard_errors::S11,
        &s12_joint_distributions::S12,
        &s13_currency_and_price_year::S13,
        &s14_unused_parts::S14,
        &s15_utility_and_cost_of_states::S15,
        &s16_order_of_progression::S16,
        &s17_hypothetical_strategies::S17,
        &s18_scale_of_effects::S18,
        &s19_utility_at_most_one::S19,
        &s20_death_in_every_state::S20,
        &s21_harmful_effects::S21,
        &s22_double_counting::S22,
        &s23_effects_on_background_mortality::S23,
        &s25_numbers_typed_into_formulas::S25,
        &s26_names_of_parameters::S26,
        &s27_timing_of_costs_and_effects::S27,
        &s28_cost_and_effect_of_the_decision::S28,
        &s29_kinds_and_names::S29,
        &s30_names_of_shares::S30,
        &s31_rates_added_twice::S31,
        &s32_time_limits::S32,
        &s33_attained_age::S33,
        &s34_scaled_tables::S34,
        &s35_probabilities_per_cycle::S35,
        &s36_periods_in_notes::S36,
        &s37_amounts_named_after_events::S37,
    ]
}
