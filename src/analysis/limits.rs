//! Upper limits and option names that the command line needs, re-exported from `core`.

pub use arcosim_core::model::MOST_PATIENTS;
pub use arcosim_core::model::memory::MOST_MEMORY;
pub use arcosim_core::model::uncertainty::{MOST_DRAWS, Sampling};
