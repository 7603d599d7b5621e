//! Numbers in, numbers out: the mathematics, the model, both engines, survival statistics and health economics. Nothing here reads a
//! file, writes one, or prints.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod economics;
pub mod engine;
pub mod math;
pub mod model;
pub mod survival;
pub mod words;
