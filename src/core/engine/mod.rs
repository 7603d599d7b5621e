//! Simulation engines: `cohort` (exact expected values) and `microsim` (individual patients), and their random numbers.
//!
//! Both fill the same counts, so that analyses and outputs work with either engine. They share only the model and its
//! tables, because each engine is the test of the other. `README.md` in this folder explains which recursion runs when.

pub mod cohort;
pub mod counts;
pub mod endless;
pub mod memory;
pub mod microsim;
pub mod random;
pub mod totals;

pub use counts::{Counts, EndpointCounts, StrategyCounts};
pub use totals::{StrategyTotals, Total, Totals};
