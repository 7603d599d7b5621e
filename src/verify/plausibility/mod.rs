//! Checks of clinical plausibility. All findings are warnings, because an implausible result may be correct.

mod d01_utility_along_the_progression;
mod d02_expected_ranges;
mod d03_effects_without_end;
mod d04_starting_in_the_last_state;
mod d06_effects_beyond_follow_up;
mod d07_mortality_ratios;
mod d08_mortality_by_sex;

use crate::check::Check;

pub use d02_expected_ranges::ranges;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &d01_utility_along_the_progression::D01,
        &d02_expected_ranges::D02,
        &d03_effects_without_end::D03,
        &d04_starting_in_the_last_state::D04,
        &d06_effects_beyond_follow_up::D06,
        &d07_mortality_ratios::D07,
        &d08_mortality_by_sex::D08,
    ]
}
