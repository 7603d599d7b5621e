//! Checks of costs and effects.

mod costs;
mod costs_of_strategies;
mod discounting;
mod health_outcomes;
mod incremental_analysis;
mod itemised;
mod r01_utilities_of_one;
mod r02_no_utilities;
mod r03_direction_of_utilities;
mod r04_no_costs;
mod r05_doubled_prices;
mod r06_discount_rate_of_zero;
mod r07_higher_discount_rates;
mod r08_discount_factor;
mod r09_equal_effects;
mod r10_equal_strategies;
mod r11_swapped_strategies;
mod r12_names_and_order;
mod r13_parts_add_up;
mod r14_mean_utility;
mod r15_shorter_horizon;
mod r16_direction_of_prices;
mod r17_complications;
mod r18_stronger_effects;
mod r19_one_off_amounts;
mod r20_half_cycles;
mod r21_efficiency_frontier;
mod r22_net_benefit_and_icers;
mod r25_beneficial_treatments;
mod r26_worse_starting_states;
mod r27_prices_are_paid;
mod r29_amounts_per_year;
mod r30_discount_rates;
mod r31_rewards_of_the_dead;
mod r32_costs_of_treatments;
mod r33_costs_named_after_strategies;
mod r34_scale_of_icers;
mod r35_costs_of_combinations;
mod r36_duration_of_treatment;
mod r37_effects_on_death;
mod r38_utilities_and_age;
mod remaining_amounts;
mod reversed_order;
mod same_as_reference;
mod typed_numbers;

use crate::check::Check;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &r01_utilities_of_one::R01,
        &r02_no_utilities::R02,
        &r03_direction_of_utilities::R03,
        &r04_no_costs::R04,
        &r05_doubled_prices::R05,
        &r06_discount_rate_of_zero::R06,
        &r07_higher_discount_rates::R07,
        &r08_discount_factor::R08,
        &r09_equal_effects::R09,
        &r10_equal_strategies::R10,
        &r11_swapped_strategies::R11,
        &r12_names_and_order::R12,
        &r13_parts_add_up::R13,
        &r14_mean_utility::R14,
        &r15_shorter_horizon::R15,
        &r16_direction_of_prices::R16,
        &r17_complications::R17,
        &r18_stronger_effects::R18,
        &r19_one_off_amounts::R19,
        &r20_half_cycles::R20,
        &r21_efficiency_frontier::R21,
        &r22_net_benefit_and_icers::R22,
        &r25_beneficial_treatments::R25,
        &r26_worse_starting_states::R26,
        &r27_prices_are_paid::R27,
        &r29_amounts_per_year::R29,
        &r30_discount_rates::R30,
        &r31_rewards_of_the_dead::R31,
        &r32_costs_of_treatments::R32,
        &r33_costs_named_after_strategies::R33,
        &r34_scale_of_icers::R34,
        &r35_costs_of_combinations::R35,
        &r36_duration_of_treatment::R36,
        &r37_effects_on_death::R37,
        &r38_utilities_and_age::R38,
    ]
}
