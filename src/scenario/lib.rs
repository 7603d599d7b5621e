//! From files to a model: sources with spans, diagnostics that teach, typed parameters and life tables.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod codes;
pub mod diagnostic;
pub mod expression;
pub mod life_table_file;
pub mod numeral;
pub mod parameters;
pub mod source;
pub mod table;
pub mod table_layout;
pub mod unit;

mod checks;
mod compile;
mod document;
mod key_list;
mod load;
mod schema;
mod spans;
mod syntax;
mod tree;
mod unused;

pub use load::{
    FigureSettings, Loaded, Plausible, RunDefaults, Scenario, VARIANTS, VerifySettings, Waiver, load,
    load_text, load_within,
};
pub use schema::json::json_schema;
pub use source::SourceFile;
pub use spans::Spans;
pub use tree::Tree;
