//! What a run writes for its readers.

pub mod figures;
