//! Lives in continuous time: a transition fires when its threshold is used up, and the next stay begins at that time.
//!
//! Times are in cycles since the start. Formulas are constant within each cycle of the clock that they read (see
//! [`TimeGrid::part`](crate::model::TimeGrid::part)); distributions and life tables by attained age are inverted exactly.

pub mod instant;
mod life;
mod lookup;
mod pieces;
pub mod rewards;
mod walk;
