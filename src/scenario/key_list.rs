//! Flattens a scenario, except its parameters, into a sorted list of keys and values, so that two scenarios can be compared.

use crate::read::document::{TomlNode, TomlTable, TomlValue};
use crate::read::source::Sources;
use crate::schema::Shape;
use crate::schema::keys;

/// All keys of a scenario that can change results, with their values (such as `transitions.die.rate` with
/// `rate.die * hr.die[state]`), sorted by key. A table file is represented by a hash of its contents, so that a change in the
/// file is visible; `table_files[i]` is the file of the `i`-th table.
pub fn keys(root: &TomlTable, table_files: &[Option<usize>], sources: &Sources) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for (name, node) in &root.entries {
        if let Some(key) = keys::scenario::SECTION.key(name).filter(|key| key.compared) {
            below(name, node, &key.shape, &mut keys);
        }
    }
    for ((name, _), file) in root.sections(keys::scenario::TABLES).zip(table_files) {
        let key = format!("{}.{name}.{}", keys::scenario::TABLES.name, keys::table::FILE.name);
        let contents = file.and_then(|file| sources.files.get(file));
        if let (Some(own), Some(file)) = (keys.iter_mut().find(|(k, _)| *k == key), contents) {
            own.1 = format!("SHA-256 {}", &file.sha256[..16]);
        }
    }
    keys.sort();
    keys
}

fn below(key: &str, node: &TomlNode, shape: &'static Shape, keys: &mut Vec<(String, String)>) {
    match (&node.value, shape.of(node)) {
        (_, Shape::Text) => {}
        (TomlValue::Table(table), shape) if !table.entries.is_empty() => {
            for (name, node) in &table.entries {
                if let Some(inner) = shape.under(name) {
                    below(&format!("{key}.{name}"), node, inner, keys);
                }
            }
        }
        (TomlValue::List(items), Shape::List(each)) if items.iter().any(|item| item.table().is_some()) => {
            for (i, item) in items.iter().enumerate() {
                below(&format!("{key}[{}]", i + 1), item, each, keys);
            }
        }
        _ => keys.push((key.to_string(), said(node))),
    }
}

/// A value as one line of text. Equal numbers have the same text, even if they are written differently in the file.
fn said(node: &TomlNode) -> String {
    match &node.value {
        TomlValue::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        TomlValue::Integer(Some(i)) => i.to_string(),
        TomlValue::Integer(None) => "a whole number that does not fit".into(),
        TomlValue::Float(x) => x.to_string(),
        TomlValue::Flag(flag) => flag.to_string(),
        TomlValue::Date => "a date".into(),
        TomlValue::List(items) => {
            let items: Vec<String> = items.iter().map(said).collect();
            format!("[{}]", items.join(", "))
        }
        TomlValue::Table(table) => {
            let entries = table.entries.iter();
            let entries: Vec<String> =
                entries.map(|(name, node)| format!("{name} = {}", said(node))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
