//! Estimators of survival on plain slices: Kaplan–Meier, Nelson–Aalen, Aalen–Johansen, RMST, log-rank and
//! the tables printed under curves. The origin of the data does not matter here: simulated lives,
//! expected counts of the cohort engine or a published data set all arrive as a [`RiskTable`].
//!
//! What cannot be estimated is `None`, never a NaN: a median that is not reached, a curve beyond the last
//! observation, a test between groups that never meet. Conventions are those of R's `survival` package.

mod aalen_johansen;
mod at_risk;
mod competing;
mod confidence_limits;
mod individuals;
mod kaplan_meier;
mod log_rank;
mod nelson_aalen;
mod rmst;
mod table;

pub use aalen_johansen::{AalenJohansen, Incidence};
pub use at_risk::{AtRiskRow, number_at_risk};
pub use competing::CompetingTable;
pub use confidence_limits::{Interval, Limits};
pub use individuals::BadObservations;
pub use kaplan_meier::{Estimate, KaplanMeier};
pub use log_rank::{LogRank, log_rank, log_rank_stratified};
pub use nelson_aalen::{CumulativeHazard, NelsonAalen};
pub use rmst::{Rmst, rmst};
pub use table::{RiskRow, RiskTable};
