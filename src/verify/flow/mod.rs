//! Checks of the flow of patients through the states.

mod balance;
mod deaths;
mod endpoints;
mod extremes;
mod formulas;
mod horizon;
mod life_table;
mod narrow;
mod population;
mod replay;
mod stays;
mod times;
mod wiring;

use super::check::Check;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &balance::F01,
        &balance::F02,
        &balance::F03,
        &balance::F04,
        &stays::F05,
        &horizon::F06,
        &extremes::F07,
        &extremes::F08,
        &extremes::F09,
        &extremes::F10,
        &life_table::F11,
        &replay::F12,
        &times::F13,
        &replay::F14,
        &endpoints::F15,
        &population::F16,
        &deaths::F18,
        &deaths::F19,
        &wiring::F20,
        &wiring::F21,
        &wiring::F22,
        &stays::F24,
        &endpoints::F25,
        &stays::F26,
        &stays::F27,
        &formulas::F28,
        &narrow::F29,
    ]
}
