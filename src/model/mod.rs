//! The compiled model.
