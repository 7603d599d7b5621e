//! Warns about declarations without effect: unused parameters, groups, tables, attributes and named formulas, and outcomes without rewards.

use std::collections::HashMap;

use crate::compile::perspectives::Perspective;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parameters::ParameterRow;
use crate::read::document::{TomlNode, TomlTable, TomlValue};
use crate::read::table_layout::is_age;
use crate::schema::{FILE, Shape, keys};
use crate::spans::Spans;
use arcosim_core::model::Model;

/// Warns about parameters that no formula uses.
pub fn parameters(rows: &[ParameterRow], used: &[bool], out: &mut Diagnostics) {
    let folded = |row: &ParameterRow| row.name.to_lowercase();
    let mut in_any_case: HashMap<String, Vec<&str>> = HashMap::new();
    for row in rows {
        in_any_case.entry(folded(row)).or_default().push(&row.name);
    }
    for (row, _) in rows.iter().zip(used).filter(|(_, used)| !**used) {
        let alike = in_any_case[&folded(row)].iter().find(|other| **other != row.name);
        let help = match alike {
            Some(other) => format!(
                "`{other}` is a different parameter, because names distinguish upper and lower case: delete the row that is not needed, or write `{}` in the formula that should use it",
                row.name
            ),
            None => format!(
                "if a formula should use `{0}`, check the spelling there; otherwise delete this row, or write # at its start to keep it as a comment",
                row.name
            ),
        };
        out.push(
            Diagnostic::warning("W0501", format!("parameter `{}` is never used", row.name))
                .at(row.name_span, "no formula of the scenario uses it")
                .why("changing it has no effect, and a sensitivity analysis would show it as unimportant")
                .help(help),
        );
    }
}

/// Line for readers about the parameters that nothing uses after `remove`, which is no mistake there.
pub fn after_removal(rows: &[ParameterRow], used: &[bool]) -> Option<(String, String)> {
    let unused = rows.iter().zip(used).filter(|(_, used)| !**used);
    let names: Vec<&str> = unused.map(|(row, _)| row.name.as_str()).collect();
    let line =
        || format!("after `remove`, no formula uses {}", arcosim_core::words::listed(names.iter().copied()));
    (!names.is_empty()).then(|| ("parameters".to_string(), line()))
}

/// Warns about outcomes without rewards.
pub fn outcomes(model: &Model, perspectives: &[Perspective], spans: &Spans, out: &mut Diagnostics) {
    for (i, (outcome, &place)) in model.outcomes.iter().zip(&spans.outcomes).enumerate() {
        if model.components.iter().any(|component| component.outcome == i) {
            continue;
        }
        let name = &outcome.name;
        let payer = perspectives.iter().find(|one| one.cost == i);
        let (title, label, help) = match payer {
            _ if model.events.contains(&i) => (
                format!("event `{name}` happens to nobody"),
                "no strategy of this run has it".to_string(),
                "run a strategy that has it, or remove the event".to_string(),
            ),
            Some(one) => (
                format!("perspective `{}` pays nothing", one.name),
                "no reward names it in `paid_by`".to_string(),
                format!(
                    "write paid_by = \"{}\" in the rewards that it pays, or remove the perspective",
                    one.name
                ),
            ),
            None => (
                format!("outcome `{name}` has no rewards"),
                format!("no reward has outcome = \"{name}\""),
                format!("add rewards with outcome = \"{name}\", or remove the outcome"),
            ),
        };
        out.push(
            Diagnostic::warning("W0507", title)
                .at(place, label)
                .why("its total is 0 for every strategy, which could be mistaken for a result")
                .help(help),
        );
    }
}

/// Warns about groups, tables, attributes and named formulas that the rest of the scenario never mentions.
pub fn declarations(root: &TomlTable, out: &mut Diagnostics) {
    let mut mentioned = Vec::new();
    for (key, node) in root.entries.iter().filter(|(key, _)| key != keys::scenario::DEFINE.name) {
        if let Some(inner) = FILE.under(key) {
            mentions(node, inner, &mut mentioned);
        }
    }
    in_used_formulas(root, &mut mentioned);
    let population = root.table(keys::scenario::POPULATION);
    let attributes =
        population.into_iter().flat_map(|population| population.sections(keys::population::ATTRIBUTES));
    let declared = root
        .sections(keys::scenario::GROUPS)
        .map(|group| ("group", group))
        .chain(root.sections(keys::scenario::TABLES).map(|table| ("table", table)))
        .chain(root.sections(keys::scenario::DEFINE).map(|formula| ("formula", formula)))
        .chain(attributes.map(|attribute| ("attribute", attribute)));
    // Every spelling of `age` counts as a mention, because a life table is looked up by age in any spelling.
    let is_mentioned =
        |name: &str| mentioned.iter().any(|other| *other == name || is_age(name) && is_age(other));
    for (what, (name, node)) in declared.filter(|(_, (name, _))| !is_mentioned(name)) {
        out.push(
            Diagnostic::warning("W0507", format!("{what} `{name}` is never used"))
                .at(node.key_span, "its name is not used elsewhere in the scenario")
                .why("it has no effect on the results, but a reader would expect one")
                .help(format!(
                    "if a formula or key should use `{name}`, check the spelling there; otherwise remove it"
                )),
        );
    }
}

/// Collects all names in the texts of a value that could be references. A plain search for names covers every section, also
/// sections that are added later; at worst, a coincidental mention suppresses a warning.
fn mentions<'t>(node: &'t TomlNode, shape: &'static Shape, found: &mut Vec<&'t str>) {
    match (&node.value, shape.of(node)) {
        (TomlValue::Table(table), shape) => in_table(table, shape, found),
        (TomlValue::List(items), Shape::List(each)) => {
            items.iter().for_each(|item| mentions(item, each, found))
        }
        (TomlValue::Text(text), Shape::Name | Shape::Expression | Shape::Share) => {
            // A name with points, such as `rate.die`, is a single parameter and not a mention of its parts.
            for name in text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.') {
                found.push(name);
                found.extend(name.strip_suffix("_at_start"));
            }
        }
        _ => {}
    }
}

/// Adds the names in the formulas of `[define]` that are mentioned themselves. A formula that only unused formulas mention is unused.
fn in_used_formulas<'t>(root: &'t TomlTable, mentioned: &mut Vec<&'t str>) {
    let mut open: Vec<(&str, &TomlNode)> = root.sections(keys::scenario::DEFINE).collect();
    while let Some(at) = open.iter().position(|(name, _)| mentioned.contains(name)) {
        let (_, node) = open.swap_remove(at);
        mentions(node, &Shape::Expression, mentioned);
    }
}

fn in_table<'t>(table: &'t TomlTable, shape: &'static Shape, found: &mut Vec<&'t str>) {
    for (key, node) in &table.entries {
        if let Some(inner) = shape.under(key) {
            mentions(node, inner, found);
        }
    }
}
