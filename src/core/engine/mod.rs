//! Simulation engines: `cohort` (exact expectations) and `microsim` (individual patients), and their random numbers.
//!
//! Both fill the same counts, so that analyses and outputs work for either. They share the model and its tables and nothing
//! else, because each is the test of the other. `README.md` in this folder says which recursion runs when.

pub mod cohort;
pub mod counts;
pub mod memory;
pub mod microsim;
pub mod random;
pub mod totals;

pub use counts::{Counts, EndpointCounts, StrategyCounts};
pub use totals::{StrategyTotals, Total, Totals};
