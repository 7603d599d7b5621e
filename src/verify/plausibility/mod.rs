//! Plausibility: what those who know the disease would look at. Warnings only.

mod course;
mod ranges;

use super::check::Check;

pub use ranges::ranges;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![&course::D01, &ranges::D02, &course::D03, &course::D04, &course::D06, &course::D07, &course::D08]
}
