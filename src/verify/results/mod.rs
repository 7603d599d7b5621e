//! Checks of costs and effects.

mod apart;
mod complications;
mod costs;
mod decision;
mod direction;
mod discounting;
mod effects;
mod left_over;
mod order;
mod parts;
mod payers;
mod strategies;
mod utilities;
mod wiring;
mod worth;

use super::check::Check;

/// The checks of this group, in the order of their ids.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &worth::R01,
        &utilities::R02,
        &utilities::R03,
        &costs::R04,
        &costs::R05,
        &discounting::R06,
        &discounting::R07,
        &discounting::R08,
        &strategies::R09,
        &strategies::R10,
        &strategies::R11,
        &strategies::R12,
        &parts::R13,
        &utilities::R14,
        &parts::R15,
        &costs::R16,
        &complications::R17,
        &direction::R18,
        &parts::R19,
        &parts::R20,
        &decision::R21,
        &decision::R22,
        &direction::R25,
        &direction::R26,
        &costs::R27,
        &wiring::R29,
        &discounting::R30,
        &wiring::R31,
        &payers::R32,
        &payers::R33,
        &decision::R34,
        &payers::R35,
        &effects::R36,
        &effects::R37,
        &worth::R38,
    ]
}
