//! Plausibility: what those who know the disease would look at. Warnings only.

use super::check::Check;
use crate::scenario::Scenario;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    Vec::new()
}

/// Reads the plausible ranges of a scenario; the error says which names something unknown.
pub fn ranges(_scenario: &Scenario) -> Result<(), String> {
    Ok(())
}
