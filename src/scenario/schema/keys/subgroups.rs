//! Keys of `[subgroups]`: divisions of the patients, whose names the scenario chooses.

use super::*;

pub const CROSSED: Key = optional(
    "crossed",
    Shape::List(&Shape::List(&Shape::Name)),
    "Combinations of divisions whose subgroups are reported too, such as [[\"sex\", \"age\"]].",
);
pub const SECTION: Section = Section {
    title: "[subgroups]",
    keys: &[CROSSED],
    others: Some(&Shape::Any(&[Shape::Name, Shape::Named(&Shape::Share)])),
    one_of: &[],
    occasions: &[],
    companions: &[],
};
