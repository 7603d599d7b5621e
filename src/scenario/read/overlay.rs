//! Merges an overlay into the scenario that it extends: what it removes, what it replaces, and what it adds to a list.

use std::collections::HashMap;

use toml::de::{DeTable, DeValue};

use super::document::{TomlNode, TomlTable, TomlValue};
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::read::source::Span;
use crate::schema::{FILE, Shape, is_among, keys};

/// Item of a list that stands for all items of the same list in the base scenario.
pub const AS_BEFORE: &str = "...";

/// Lays an overlay over `root`; `lowest` is true for the first file of the chain, which has no base.
///
/// First everything listed under `remove` is taken out of the base. Then tables are merged key by key, and any other
/// value replaces the base value; the item `"..."` of a list keeps the items of the base.
pub fn lay_over(root: &mut TomlTable, over: TomlTable, lowest: bool, out: &mut Diagnostics) {
    if let Some(node) = over.get(keys::scenario::REMOVE) {
        match lowest {
            true => out.push(
                Diagnostic::error("E0456", "a scenario without `extends` has nothing to remove")
                    .at(node.key_span, "this file extends no other scenario")
                    .why("`remove` takes parts out of the scenario that this one extends")
                    .help("delete the parts themselves from this file, or add `extends = \"...\"` with the base scenario"),
            ),
            false => node.names().iter().for_each(|(path, place)| remove(root, path, place.span, out)),
        }
    }
    merge(root, over, &FILE, out);
}

/// Removes the part of the base at `path`, such as `strategies.drug` or `transitions.relapse.to.severe`. A removed
/// strategy also disappears from the lists of strategies of the rewards and events, and one without strategies with it.
fn remove(root: &mut TomlTable, path: &str, place: Span, out: &mut Diagnostics) {
    let Some(steps) = steps(path) else {
        out.push(
            Diagnostic::error("E0456", format!("`{path}` is not the path of a part of a scenario"))
                .at(place, "cannot be read as keys with points between them")
                .help("write the section and the name with a point between them, such as \"strategies.drug\"; write a key that contains points in quotation marks: 'strategies.drug.parameters.\"rate.relapse\"'"),
        );
        return;
    };
    if steps[0] == keys::scenario::PARAMETERS.name {
        out.push(
            Diagnostic::error("E0456", "`remove` cannot take out parameters")
                .at(place, "the parameter tables of the base scenario always stay")
                .why("an unused parameter changes no result")
                .help("delete this line; to replace a parameter, write a row with its name into a table of this scenario"),
        );
        return;
    }
    let mut table = &mut *root;
    let (last, parents) = steps.split_last().expect("a path has at least one step");
    for (depth, step) in parents.iter().enumerate() {
        let known: Vec<String> = table.entries.iter().map(|(name, _)| name.clone()).collect();
        let found = table.entries.iter_mut().find(|(name, _)| name == step).map(|(_, node)| &mut node.value);
        match found {
            Some(TomlValue::Table(inner)) => table = inner,
            Some(_) => {
                let title = format!("the base scenario has no `{path}`");
                let label = format!("`{step}` is a value, which has no keys of its own");
                let quoted =
                    |step: &String| if step.contains('.') { format!("\"{step}\"") } else { step.clone() };
                let shorter: Vec<String> = steps[..=depth].iter().map(quoted).collect();
                return out.push(Diagnostic::error("E0456", title).at(place, label).help(format!(
                    "write `{}` to remove the whole value, or correct the path",
                    shorter.join(".")
                )));
            }
            None => return out.push(nothing_there(path, &parents[..depth], step, &known, place)),
        }
    }
    let known: Vec<String> = table.entries.iter().map(|(name, _)| name.clone()).collect();
    let before = table.entries.len();
    table.entries.retain(|(name, _)| name != last);
    if table.entries.len() == before {
        return out.push(nothing_there(path, parents, last, &known, place));
    }
    if let [section, name] = &steps[..]
        && section == keys::scenario::STRATEGIES.name
    {
        without_strategy(root, name);
    }
}

/// Takes a removed strategy out of the rewards and the events beside moves, and removes those that no other strategy has.
fn without_strategy(root: &mut TomlTable, strategy: &str) {
    for section in [keys::scenario::REWARDS, keys::scenario::EVENTS] {
        let found = root.entries.iter_mut().find(|(name, _)| name == section.name);
        let Some((_, TomlNode { value: TomlValue::Table(listed), .. })) = found else { continue };
        listed.entries.retain_mut(|(_, one)| {
            let TomlValue::Table(one) = &mut one.value else { return true };
            let mut lists = one.entries.iter_mut().filter(|(key, _)| key == keys::reward::STRATEGIES.name);
            lists.all(|(_, list)| match &mut list.value {
                TomlValue::Text(only) => only != strategy,
                TomlValue::List(items) => {
                    let before = items.len();
                    items.retain(|item| item.text() != Some(strategy));
                    !items.is_empty() || before == 0
                }
                _ => true,
            })
        });
    }
}

/// Keys of a path in the syntax of TOML, in which a key with points is quoted.
fn steps(path: &str) -> Option<Vec<String>> {
    let text = format!("{path} = 0");
    let (tree, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() || path.contains(['=', '\n', '#']) {
        return None;
    }
    let mut steps = Vec::new();
    let mut table = tree.get_ref();
    loop {
        let (key, value) = table.iter().next()?;
        steps.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(steps),
        }
    }
}

fn nothing_there(path: &str, parents: &[String], step: &str, known: &[String], place: Span) -> Diagnostic {
    let section = match parents {
        [] => "the base scenario".to_string(),
        _ => format!("[{}] of the base scenario", parents.join(".")),
    };
    let shown: Vec<&str> = known.iter().map(String::as_str).collect();
    let help = match suggest(step, shown.iter().copied()) {
        Some(near) => format!("did you mean `{near}` instead of `{step}`?"),
        None if shown.is_empty() || shown.len() > 12 => {
            format!("correct `{step}`, or delete this entry if nothing is to be removed")
        }
        None => {
            format!(
                "correct `{step}` ({section} has {}), or delete this entry if nothing is to be removed",
                arcosim_core::words::all_of(&shown)
            )
        }
    };
    Diagnostic::error("E0456", format!("the base scenario has no `{path}`"))
        .at(place, format!("{section} has no `{step}`, so it cannot be removed"))
        .help(help)
}

/// Merges an overlay: tables are merged key by key, and any other value replaces the base value. If the schema
/// declares keys of a section as mutually exclusive (such as a rate and a distribution), such a key in the overlay
/// removes the other key of the base, together with the keys that depend on it (such as the clock of the
/// distribution).
fn merge(base: &mut TomlTable, over: TomlTable, shape: &'static Shape, out: &mut Diagnostics) {
    if let Shape::Table(section) = shape {
        for alternatives in [section.one_of, section.occasions] {
            let exclusive = |name: &str| is_among(alternatives, name);
            let displaced = |(name, _): &(String, TomlNode)| exclusive(name) && over.entry(name).is_none();
            if over.entries.iter().any(|(name, _)| exclusive(name)) && base.entries.iter().any(displaced) {
                base.entries.retain(|entry| !displaced(entry) && !is_among(section.companions, &entry.0));
            }
        }
    }
    let names = base.entries.iter().enumerate();
    let index: HashMap<String, usize> = names.map(|(at, (name, _))| (name.clone(), at)).collect();
    for (name, mut node) in over.entries {
        let own = shape.under(&name);
        // A value that contains no table needs no rules for merging.
        let inner = own.and_then(Shape::as_table).unwrap_or(&Shape::Text);
        let known = index.get(&name).map(|&at| &mut base.entries[at].1);
        let below = known.as_deref();
        as_before(&mut node, below, &name, out);
        match known {
            None => {
                // Lists inside a new table may not refer to a base either.
                if let TomlValue::Table(table) = node.value {
                    let mut own = TomlTable::default();
                    merge(&mut own, table, inner, out);
                    node.value = TomlValue::Table(own);
                }
                base.entries.push((name, node));
            }
            Some(known) => match (&mut known.value, node.value) {
                (TomlValue::Table(below), TomlValue::Table(above)) => merge(below, above, inner, out),
                (_, value) => *known = TomlNode { value, span: node.span, key_span: node.key_span },
            },
        }
    }
}

/// Replaces the item `"..."` of a list by the items of the base; a base that is a single name counts as a list of it.
fn as_before(node: &mut TomlNode, base: Option<&TomlNode>, name: &str, out: &mut Diagnostics) {
    let TomlValue::List(items) = &mut node.value else { return };
    let Some(at) = items.iter().position(|item| item.text() == Some(AS_BEFORE)) else { return };
    let kept: Vec<TomlNode> = match base {
        Some(TomlNode { value: TomlValue::List(items), .. }) => items.clone(),
        Some(one) if one.text().is_some() => vec![one.clone()],
        _ => {
            out.push(
                Diagnostic::error("E0457", format!("\"{AS_BEFORE}\" in `{name}` has no list in the base scenario to refer to"))
                    .at(items[at].span, "stands for the items of the same list in the base scenario")
                    .why("without these items the list would be shorter than it looks")
                    .help(format!("remove \"{AS_BEFORE}\"; or, if the base scenario has this list, write it here with the same name and in the same section as there")),
            );
            Vec::new()
        }
    };
    items.splice(at..=at, kept);
}
