//! Upper limits on patients, draws and memory, and the names of sampling methods, re-exported for the command line.

pub use arcosim_core::model::MOST_PATIENTS;
pub use arcosim_core::model::memory::MOST_MEMORY;
pub use arcosim_core::model::uncertainty::{MOST_DRAWS, Sampling};
