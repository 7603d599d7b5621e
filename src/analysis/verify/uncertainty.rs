//! Checks of the uncertainty: distributions, draws and what follows from them.

use super::check::Check;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    Vec::new()
}
