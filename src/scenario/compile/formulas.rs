//! Reads `[define]`: named formulas that other formulas can use.

use std::cell::Cell;

use super::{check_plain_name, place};
use crate::diagnostic::Diagnostics;
use crate::expression::Place;
use crate::expression::named::Formula;
use crate::read::document::TomlTable;
use crate::read::source::Sources;
use crate::schema::keys::scenario;

/// All named formulas. They are compiled in the expressions that use them.
pub fn formulas(root: &TomlTable, sources: &Sources, out: &mut Diagnostics) -> Vec<Formula> {
    let mut all = Vec::new();
    for (name, node) in root.sections(scenario::DEFINE) {
        check_plain_name("a formula", name, node.key_span, out);
        let (text, place) = match (node.text(), node.number()) {
            (Some(text), _) => (text.to_string(), place(node.span, text, sources)),
            (_, Some(number)) => (number.to_string(), Place { span: node.span, escaped: true }),
            _ => continue,
        };
        let name_span = node.key_span;
        all.push(Formula { name: name.to_string(), text, place, name_span, failed: Cell::new(false) });
    }
    all
}
