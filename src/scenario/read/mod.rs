//! Files and cells, each with its place: TOML files and their overlays, CSV tables as Excel writes them, numbers, units.

pub mod csv;
pub mod document;
pub mod excel_numbers;
pub mod life_table_file;
pub mod source;
pub mod table_layout;
pub mod toml_errors;
pub mod tree;
pub mod unit;
