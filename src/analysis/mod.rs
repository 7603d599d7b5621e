//! What a user asks for, from a model to results; no formatting.

pub mod agreement;
