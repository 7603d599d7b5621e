//! Evidence for the checks: the scenario, the meaning of its model, and the results that several checks share,
//! calculated once before the checks run.

mod draws;
mod gather;
mod meaning;
mod one_at_a_time;
mod runs;
mod shared;

pub use draws::draw;
pub use gather::gather;
pub use runs::totals_of;
pub use shared::{Ends, Evidence, Need, NoDraws, Nudged, Totals};
