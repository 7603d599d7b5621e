//! The compiled model: states, transitions, strategies, rewards and population by dense index. Given one set of
//! parameter values, this module computes the tables that the engines look up. It reads no files and prints
//! nothing.

pub mod attribute;
pub mod choices;
pub mod clocks;
pub mod decision;
pub mod dependence;
pub mod difference;
pub mod discount_profiles;
pub mod discounting;
pub mod distribution;
pub mod expression;
pub mod grid;
pub mod hazard;
pub mod hazard_bands;
pub mod life_table;
pub mod memory;
pub mod never;
mod other_cycles;
pub mod own_parts;
pub mod parameters_read;
pub mod paths;
pub mod patients;
pub mod population;
pub mod possible;
pub mod quadrature;
pub mod reward_lines;
pub mod rewards;
pub mod rows;
pub mod separable;
pub mod share_checks;
pub mod structure;
pub mod subgroups;
pub mod subpopulation;
pub mod table;
pub mod tables;
pub mod time_to_event;
pub mod uncertainty;
pub mod walk;
pub mod within_cycle;

pub use attribute::{Attribute, AttributeKind};
pub use decision::{Beneficiaries, Decision, Threshold};
pub use discount_profiles::DiscountProfiles;
pub use discounting::{Compounding, Discount, Discounting, HIGHEST_RATE, Moment, Piece};
pub use distribution::*;
pub use expression::*;
pub use hazard_bands::HazardBands;
pub use life_table::{LifeTable, Listing};
pub use own_parts::{OwnPart, own_parts};
pub use parameters_read::{ParametersRead, parameters_of};
pub use paths::{AtStart, Edge, Meaning, Paths};
pub use patients::{branch_shares, categories, decode, fixed_attributes, shares, situation};
pub use possible::{impossible, impossible_amounts, impossible_shares};
pub use reward_lines::{Reading, RewardAt, RewardLine};
pub use rewards::{Component, Correction, Outcome, Reward, Weights, When};
pub use rows::{RowProblem, check_rows};
pub use share_checks::{ShareProblem, ShareProblemKind, share_problem};
pub use structure::*;
pub use subgroups::{Division, Subgroup, Subgroups};
pub use table::{AgeColumn, CycleClock, Form, HazardTable};
pub use tables::{Exit, ExitRow, Tables};
pub use time_to_event::TimeToEvent;

/// Largest number of patients in one run.
pub const MOST_PATIENTS: u64 = u32::MAX as u64;
