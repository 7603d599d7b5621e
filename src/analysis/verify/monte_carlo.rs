//! Checks of the microsimulation.

use super::check::Check;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    Vec::new()
}
