//! Loads a scenario (TOML and CSV files) as a model. Every error message shows the place in the file and the correction.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod diagnostic;
pub mod expression;
pub mod parameters;
pub mod read;

mod checks;
mod compile;
mod key_list;
mod load;
mod schema;
mod spans;
mod subsets;

pub use diagnostic::codes;
pub use load::{
    Claim, FigureSettings, FollowedResult, FollowedResults, Loaded, Perspective, Plausible, RunDefaults,
    Scenario, VARIANTS, VerifySettings, Waiver, load, load_subsets, load_text, load_within,
};
pub use read::source::SourceFile;
pub use read::tree::Tree;
pub use schema::json::json_schema;
pub use spans::Spans;
pub use subsets::ComponentSubsets;
