//! The compiled model: dense indices, compiled expressions, hazards, strategies and population. It reads no
//! files and prints nothing; given one set of parameter values it yields the tables that engines run on.

pub mod distribution;
pub mod expression;
pub mod life_table;
pub mod structure;

pub use distribution::*;
pub use expression::*;
pub use life_table::LifeTable;
pub use structure::*;
