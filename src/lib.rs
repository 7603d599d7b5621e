//! `arcosim`: a simulator for health-economic models of chronic disease. Cohorts of patients are simulated under
//! competing treatments, exactly and by Monte Carlo; the results are survival, cost-effectiveness and the value of
//! further research.
//!
//! This crate re-exports the packages in the folders of `src/`: numerical methods and engines ([`math`], [`model`],
//! [`engine`], [`survival`], [`economics`]), [`scenario`] files, and [`analysis`] with verification. The program itself
//! adds [`output`] and [`cli`]. Each package depends only on packages listed before it. The library is generic:
//! diseases, stages and treatments are defined in scenario files.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub use arcosim_core::{economics, engine, math, model, survival, words};
pub use arcosim_scenario as scenario;

/// Analyses of a model (base case, sensitivity, value of information) and its verification.
pub mod analysis {
    pub use arcosim_analysis::*;
    pub use arcosim_verify as verify;
}

pub mod cli;
pub mod output;
