//! Limits and names of options, for whoever reads them from a user.

pub use arcosim_core::model::MOST_PATIENTS;
pub use arcosim_core::model::memory::MOST_MEMORY;
pub use arcosim_core::model::uncertainty::{MOST_DRAWS, Sampling};
