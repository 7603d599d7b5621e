//! `arcosim` moves simulated cohorts of patients through the stages of a chronic disease under competing
//! treatments, exactly and by Monte Carlo, and turns the result into survival curves.
//!
//! The layers, each importing only those before it: [`math`], [`model`], [`scenario`], [`engine`],
//! [`survival`], [`economics`], [`analysis`], [`output`], [`cli`]. The library is generic: diseases, stages
//! and treatments live in scenario files.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod analysis;
pub mod cli;
pub mod economics;
pub mod engine;
pub mod math;
pub mod model;
pub mod output;
pub mod scenario;
pub mod survival;
