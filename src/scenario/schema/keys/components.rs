//! Keys of `[components]`: parts of a treatment that strategies use.

use super::strategies::{effect, strategy};
use super::*;

pub mod component {
    use super::*;

    pub const SECTION: Section = section(
        "a component",
        &[LABEL, strategy::HYPOTHETICAL, strategy::EVIDENCE_UNTIL, strategy::AT_START, EFFECTS],
    );
    const EFFECTS: Key = optional(
        "effects",
        Shape::List(&Shape::Table(&effect::SECTION)),
        "Effects on transitions, for the patients who use the component.",
    );
}
