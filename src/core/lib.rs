//! Numbers in, numbers out: mathematics, the model, both engines, survival statistics and health economics. This
//! package reads and writes no files and prints nothing.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod economics;
pub mod engine;
pub mod math;
pub mod model;
pub mod survival;
pub mod words;
