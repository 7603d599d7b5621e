//! What a scenario says apart from its parameters, as one list of keys and texts, by which two scenarios are compared.

use super::document::{Node, Table, Value};
use super::source::Sources;

/// Sections that change no result, or that are compared as parameters.
const APART: [&str; 9] =
    ["format", "title", "extends", "parameters", "set", "run", "figures", "verify", "expected"];
/// Keys whose texts are for people.
const PROSE: [&str; 5] = ["label", "free", "source", "note", "date"];

/// Every key below the root with what it says, such as `transitions.die.rate` and `rate.die * hr.die[state]`, sorted by
/// key. Files of tables stand for their contents: `table_files[i]` is the file of the `i`-th table.
pub fn keys(root: &Table, table_files: &[Option<usize>], sources: &Sources) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for (name, node) in &root.entries {
        if !APART.contains(&name.as_str()) {
            below(name, node, &mut keys);
        }
    }
    for ((name, _), file) in root.sections("tables").zip(table_files) {
        let key = format!("tables.{name}.file");
        let contents = file.and_then(|file| sources.files.get(file));
        if let (Some(own), Some(file)) = (keys.iter_mut().find(|(k, _)| *k == key), contents) {
            own.1 = format!("SHA-256 {}", &file.sha256[..16]);
        }
    }
    keys.sort();
    keys
}

fn below(key: &str, node: &Node, keys: &mut Vec<(String, String)>) {
    match &node.value {
        Value::Table(table) if !table.entries.is_empty() => {
            for (name, node) in &table.entries {
                if !PROSE.contains(&name.as_str()) {
                    below(&format!("{key}.{name}"), node, keys);
                }
            }
        }
        Value::List(items) if items.iter().any(|item| item.table().is_some()) => {
            for (i, item) in items.iter().enumerate() {
                below(&format!("{key}[{}]", i + 1), item, keys);
            }
        }
        _ => keys.push((key.to_string(), said(node))),
    }
}

/// A value as one text; a number says the same however it is written.
fn said(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Integer(Some(i)) => i.to_string(),
        Value::Integer(None) => "a whole number that does not fit".into(),
        Value::Float(x) => x.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Date => "a date".into(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(said).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let entries = table.entries.iter();
            let entries: Vec<String> =
                entries.map(|(name, node)| format!("{name} = {}", said(node))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
