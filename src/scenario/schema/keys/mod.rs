//! All keys of a scenario file: one module for each section with a constant for each key. The code refers to keys by
//! these constants (`table.get(keys::effect::ONSET)`), so that a misspelt key does not compile.

use super::{Key, NAMES, Section, Shape, optional, required, section};

/// Label of a state, strategy or other part in tables and figures.
pub const LABEL: Key = optional("label", Shape::Text, "Label in tables and figures.");

pub mod components;
pub mod decision;
pub mod events;
pub mod outcomes;
pub mod perspectives;
pub mod population;
pub mod reports;
pub mod rewards;
pub mod run;
pub mod scenario;
pub mod states;
pub mod strategies;
pub mod subgroups;
pub mod tables;
pub mod time;
pub mod transitions;
pub mod uncertainty;

pub use components::component;
pub use decision::{beneficiaries, threshold};
pub use events::event;
pub use outcomes::{discount, later, outcome, weights};
pub use perspectives::perspective;
pub use population::{attribute, fixed, lognormal, normal, start, uniform};
pub use reports::{expected, figures, plausible, verify, waiver};
pub use rewards::reward;
pub use states::{endpoint, group, state};
pub use strategies::{effect, strategy};
pub use tables::{matrix, table};
pub use transitions::*;
pub use uncertainty::{claim, correlated, follow, given, pair};
