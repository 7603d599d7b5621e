//! What nearly every check uses.

pub use crate::check::{Check, Verdict};
pub use crate::comparisons::{Comparisons, EXACT, arms, number};
pub use crate::evidence::{Evidence, Need};
