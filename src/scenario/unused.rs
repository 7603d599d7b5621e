//! What is declared and changes nothing: parameters, groups, life tables and attributes that nothing refers to.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{Node, Table, Value};
use super::parameters::ParameterRow;

/// Parameters that no expression reads.
pub fn parameters(rows: &[ParameterRow], used: &[bool], out: &mut Diagnostics) {
    for (row, _) in rows.iter().zip(used).filter(|(_, used)| !**used) {
        out.push(
            Diagnostic::warning("W0501", format!("parameter `{}` is never used", row.name))
                .at(row.name_span, "no expression of the scenario reads it")
                .why("changing it changes nothing, and a sensitivity analysis would call it unimportant")
                .help("use it, delete the row, or begin the line with #"),
        );
    }
}

/// Groups, life tables and attributes that the rest of the scenario never mentions.
pub fn declarations(root: &Table, out: &mut Diagnostics) {
    let mut mentioned = Vec::new();
    mentions(root, &mut mentioned);
    let population = root.table("population");
    let attributes = population
        .into_iter()
        .flat_map(|population| population.sections("attributes"));
    let declared = root
        .sections("groups")
        .map(|group| ("group", group))
        .chain(root.sections("tables").map(|table| ("life table", table)))
        .chain(attributes.map(|attribute| ("attribute", attribute)));
    for (what, (name, node)) in declared.filter(|(_, (name, _))| !mentioned.contains(name)) {
        out.push(
            Diagnostic::warning("W0507", format!("{what} `{name}` is never used"))
                .at(node.key_span, "nothing refers to it")
                .why("it changes no result, and a reader of the file will believe that it matters")
                .help("use it, or take it out; perhaps what should refer to it names something else"),
        );
    }
}

/// Keys whose texts are for people: a name in them is no use of it.
const PROSE: [&str; 5] = ["title", "label", "free", "source", "unit"];

/// The names in all texts of the scenario. Looking for names instead of following what each key means finds the uses
/// in every section, also in those to come; at worst a chance mention keeps a warning back.
fn mentions<'t>(table: &'t Table, found: &mut Vec<&'t str>) {
    for (key, node) in &table.entries {
        if !PROSE.contains(&key.as_str()) {
            in_node(node, found);
        }
    }
}

fn in_node<'t>(node: &'t Node, found: &mut Vec<&'t str>) {
    match &node.value {
        Value::Table(table) => mentions(table, found),
        Value::List(items) => items.iter().for_each(|item| in_node(item, found)),
        Value::Text(text) => {
            // A name with points is one parameter, not a mention of its parts.
            for name in text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.') {
                found.push(name);
                found.extend(name.strip_suffix("_at_start"));
            }
        }
        _ => {}
    }
}
