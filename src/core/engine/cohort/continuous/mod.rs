//! Continuous time: patients move at any time, any number of times in a cycle.
//!
//! Within a cycle every cell of patients (a state, and the cycles of entry into the groups whose clocks are carried) has constant
//! hazards, and the cells form a Markov process with constant rates, which uniformisation solves exactly. Constant hazards
//! therefore have no error of the cycle length, however large they are. A hazard that changes within a cycle is replaced by the
//! constant one with the same share of patients who stay, if times of entry are uniform over the cycle of entry; the error is about
//! second order in the cycle length.

mod alone;
mod cell_clocks;
mod chain;
mod counting;
pub mod discounts;
pub mod extrapolation;
pub mod flow;
mod mean_hazards;
mod system;
mod uniformisation;
