//! Checks of the microsimulation.

mod agreement;
mod luck;
mod repeat;

use super::check::Check;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![&repeat::M01, &agreement::M02, &luck::M03, &agreement::M04, &repeat::M05]
}
