//! Core library of arcosim: mathematics, the Markov model, the cohort engine and the microsimulation, survival
//! statistics and health economics. The package computes in memory only: it reads and writes no files and prints
//! nothing.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod economics;
pub mod engine;
pub mod math;
pub mod model;
pub mod survival;
pub mod words;
