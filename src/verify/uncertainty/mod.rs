//! Checks of the uncertainty: distributions, draws and what follows from them.

mod agreement;
mod bounds;
mod decision;
mod directions;
mod distribution;
mod each_draw;
mod one_way;
mod sampling;
mod shared;
mod spread;
mod together;
mod wiring;

pub use shared::Shared;

use super::check::Check;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &sampling::U01,
        &sampling::U02,
        &agreement::U03,
        &decision::U04,
        &decision::U05,
        &each_draw::U06,
        &wiring::U07,
        &together::U08,
        &wiring::U09,
        &directions::U10,
        &agreement::U11,
        &spread::U12,
        &one_way::U13,
        &one_way::U14,
        &wiring::U15,
        &together::U16,
        &bounds::U17,
        &together::U18,
    ]
}
