//! Survival estimators on plain slices: Kaplan–Meier, Nelson–Aalen, Aalen–Johansen, RMST, log-rank and number-at-risk
//! tables. The source of the data does not matter: simulated patients, expected counts of the cohort engine and
//! published data sets are all passed in as a [`RiskTable`].
//!
//! Undefined estimates are `None`, never NaN: for example a median that is not reached, a curve beyond the last
//! observation, or a test between groups that are never at risk together. Conventions follow R's `survival` package.

mod aalen_johansen;
mod at_risk;
mod competing;
mod confidence_limits;
mod individuals;
mod intervals;
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
pub use intervals::effective;
pub use kaplan_meier::{Estimate, KaplanMeier};
pub use log_rank::{LogRank, log_rank, log_rank_stratified};
pub use nelson_aalen::{CumulativeHazard, NelsonAalen};
pub use rmst::{Rmst, rmst};
pub use table::{RiskRow, RiskTable};
