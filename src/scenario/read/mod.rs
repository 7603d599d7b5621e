//! Reading of files with the position of every value: TOML files and their overlays, CSV tables as written by Excel,
//! numbers and units.

pub mod csv;
pub mod document;
pub mod excel_numbers;
pub mod life_table_file;
pub mod overlay;
pub mod source;
pub mod table_layout;
pub mod toml_errors;
pub mod tree;
pub mod unit;
