//! Checks of the flow of patients through the states.

mod clocks;
mod course_in_continuous_time;
mod event_log;
mod f01_patients_conserved;
mod f02_bounds_of_occupancy;
mod f03_no_return_from_death;
mod f04_balance_of_states;
mod f05_length_of_temporary_states;
mod f06_time_horizon;
mod f07_no_mortality;
mod f08_extreme_mortality;
mod f09_no_disease;
mod f10_extreme_hazards;
mod f11_survival_of_the_general_population;
mod f12_event_log;
mod f13_times_to_events;
mod f14_rewards_from_the_event_log;
mod f15_nested_endpoints;
mod f16_simulated_population;
mod f18_hazard_of_death_by_state;
mod f19_mortality_counted_twice;
mod f20_unused_states_and_transitions;
mod f21_duplicate_transitions;
mod f22_strategies_and_effects_act;
mod f24_cycle_short_enough;
mod f25_dead_not_at_risk;
mod f26_bypassed_temporary_states;
mod f27_clock_of_time_distributions;
mod f28_lives_from_formulas;
mod f29_narrow_distributions;
mod temporary_states;

use crate::check::Check;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &f01_patients_conserved::F01,
        &f02_bounds_of_occupancy::F02,
        &f03_no_return_from_death::F03,
        &f04_balance_of_states::F04,
        &f05_length_of_temporary_states::F05,
        &f06_time_horizon::F06,
        &f07_no_mortality::F07,
        &f08_extreme_mortality::F08,
        &f09_no_disease::F09,
        &f10_extreme_hazards::F10,
        &f11_survival_of_the_general_population::F11,
        &f12_event_log::F12,
        &f13_times_to_events::F13,
        &f14_rewards_from_the_event_log::F14,
        &f15_nested_endpoints::F15,
        &f16_simulated_population::F16,
        &f18_hazard_of_death_by_state::F18,
        &f19_mortality_counted_twice::F19,
        &f20_unused_states_and_transitions::F20,
        &f21_duplicate_transitions::F21,
        &f22_strategies_and_effects_act::F22,
        &f24_cycle_short_enough::F24,
        &f25_dead_not_at_risk::F25,
        &f26_bypassed_temporary_states::F26,
        &f27_clock_of_time_distributions::F27,
        &f28_lives_from_formulas::F28,
        &f29_narrow_distributions::F29,
    ]
}
