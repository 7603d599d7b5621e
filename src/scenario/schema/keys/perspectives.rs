//! Keys of `[perspectives]`: who pays the costs.

use super::*;

pub mod perspective {
    use super::*;

    pub const SECTION: Section = section("a perspective", &[LABEL]);
}
