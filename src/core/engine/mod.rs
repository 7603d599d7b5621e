//! The two engines: `cohort` (the exact expectation) and `microsim` (individual patients), with the random
//! streams. Both fill the same counts, so that everything after them cannot tell which one ran.

pub mod cohort;
pub mod counts;
pub mod memory;
pub mod microsim;
pub mod random;
pub mod totals;

pub use counts::{Counts, EndpointCounts, StrategyCounts};
pub use totals::{StrategyTotals, Total, Totals};
