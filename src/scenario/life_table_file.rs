//! Life tables from CSV files.
