//! Parts of a scenario that could not be read. References to them look undeclared, and messages about these
//! references would hide the message that matters.

use super::keys::{population, scenario};
use super::{FILE, Key, Shape};
use crate::diagnostic::Part;
use crate::read::document::{TomlNode, TomlTable, TomlValue};

/// Sections in which each part of a scenario is declared.
const DECLARED: [(Part, &[Key]); 9] = [
    (Part::States, &[scenario::STATES]),
    (Part::Groups, &[scenario::GROUPS]),
    (Part::Transitions, &[scenario::TRANSITIONS]),
    (Part::Components, &[scenario::COMPONENTS]),
    (Part::Strategies, &[scenario::STRATEGIES]),
    (Part::Tables, &[scenario::TABLES]),
    (Part::Matrices, &[scenario::MATRICES]),
    (Part::Outcomes, &[scenario::OUTCOMES]),
    (Part::Attributes, &[scenario::POPULATION, population::ATTRIBUTES]),
];

/// Parts of the scenario that could not be read; all parts if the files themselves could not be read completely.
pub fn unread(root: &TomlTable, whole: bool, parameters_read: bool) -> Vec<Part> {
    let misread = DECLARED.iter().filter(|(_, path)| !whole || misread(root, path)).map(|(part, _)| *part);
    misread
        .chain((!whole || !parameters_read).then_some(Part::Parameters))
        .chain((!whole).then_some(Part::Files))
        .collect()
}

/// Whether a section, or a declaration in the section, has a wrong type and therefore cannot be read.
fn misread(root: &TomlTable, path: &[Key]) -> bool {
    let (mut table, mut shape) = (root, &FILE);
    for key in path {
        let (Some(node), Some(under)) = (table.get(*key), shape.under(key.name)) else {
            return false;
        };
        let Some(inner) = node.table() else {
            return true;
        };
        (table, shape) = (inner, under);
    }
    let readable =
        |(name, node): &(String, TomlNode)| shape.under(name).is_some_and(|shape| can_be_read(node, shape));
    !table.entries.iter().all(readable)
}

/// Whether a value has a type that can be read as this shape; a single name is read as a list of one name.
fn can_be_read(node: &TomlNode, shape: &Shape) -> bool {
    shape.fits(node) || shape.takes_names() && matches!(node.value, TomlValue::Text(_))
}
