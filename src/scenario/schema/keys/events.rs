//! Keys of `[events]`: events beside moves.

use super::rewards::reward;
use super::*;

pub mod event {
    use super::*;

    pub const IN: Key = required("in", NAMES, "States or groups in which the event can happen.");
    pub const RATE: Key =
        required("rate", Shape::Expression, "Events per year; they may happen more than once in a cycle.");
    pub const SECTION: Section =
        section("an event", &[LABEL, IN, RATE, reward::STRATEGIES, reward::COMPONENTS]);
}
