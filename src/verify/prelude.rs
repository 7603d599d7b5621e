//! Imports that nearly every check needs.

pub(crate) use crate::absent;
pub use crate::check::{Check, Verdict};
pub use crate::comparisons::{Comparisons, EXACT, arms, number};
pub use crate::evidence::{Evidence, Need};
