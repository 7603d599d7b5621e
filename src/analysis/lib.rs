//! Analyses of a compiled model: base case, cost-effectiveness, probabilistic and deterministic sensitivity analysis,
//! value of information and the difference between two scenarios. Results are plain data without formatting.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod ablation;
pub mod agreement;
pub mod at_risk;
pub mod base_case;
pub mod cost_effectiveness;
pub mod curves;
pub mod cycle_length;
pub mod diff;
pub mod evaluation;
pub mod evidence_grades;
pub mod expected;
pub mod increments;
pub mod landmarks;
pub mod limits;
pub mod named;
pub mod outcomes;
pub mod policy;
pub mod precision;
pub mod psa;
pub mod refusal;
pub mod run;
pub mod sampling;
pub mod sensitivity;
pub mod session;
pub mod shapley;
pub mod subgroups;
pub mod voi;

pub use refusal::Refusal;
pub use session::{Observer, Session};
