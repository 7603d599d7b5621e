//! `arcosim` moves simulated cohorts of patients through the stages of a chronic disease under competing
//! treatments, exactly and by Monte Carlo, and turns the result into survival curves.
//!
//! The program and its parts: numbers ([`math`], [`model`], [`engine`], [`survival`], [`economics`]), [`scenario`] files, [`analysis`] with its
//! verification, figures, and here [`output`] and [`cli`]. Each part is a package of its own below `src/`, and imports only those before it.
//! The library is generic: diseases, stages and treatments live in scenario files.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub use arcosim_core::{economics, engine, math, model, survival, words};
pub use arcosim_scenario as scenario;

/// The analyses, and the verification of models by them.
pub mod analysis {
    pub use arcosim_analysis::*;
    pub use arcosim_verify as verify;
}

pub mod cli;
pub mod output;
