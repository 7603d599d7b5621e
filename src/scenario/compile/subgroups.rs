//! Compiles `[subgroups]`: divisions of the patients by category or by conditions at the start, and their combinations.

use super::{Context, REST, did_you_mean};
use crate::diagnostic::{Diagnostic, Diagnostics, Part, suggest};
use crate::expression::{Clocks, Expected, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::keys;
use arcosim_core::model::{Division, Expr, Selector, Subgroup, Subgroups};
use arcosim_core::words::counted;

/// Largest number of subgroups of one set. Every subgroup is run separately, and a table of more is not readable.
const MOST_GROUPS: usize = 200;

/// The subgroups, and the position of each division.
pub fn subgroups(root: &TomlTable, context: &Context, out: &mut Diagnostics) -> (Subgroups, Vec<Span>) {
    let (mut all, mut spans) = (Subgroups::default(), Vec::new());
    let Some(table) = root.table(keys::scenario::SUBGROUPS) else {
        return (all, spans);
    };
    for (name, node) in table.entries.iter().filter(|(name, _)| *name != keys::subgroups::CROSSED.name) {
        let groups = match node.table() {
            Some(conditions) => by_condition(conditions, context, out),
            None => by_category(node, context, out),
        };
        all.divisions.push(Division { name: name.clone(), groups });
        spans.push(node.key_span);
    }
    if let Some(node) = table.get(keys::subgroups::CROSSED) {
        for set in node.items() {
            all.crossed.extend(crossed(set, &all.divisions, context, out));
        }
    }
    (all, spans)
}

/// One subgroup for each category of an attribute.
fn by_category(node: &TomlNode, context: &Context, out: &mut Diagnostics) -> Vec<Subgroup> {
    let Some(name) = node.text() else {
        return Vec::new();
    };
    let attributes = context.names.attributes;
    let with_categories = || attributes.iter().filter(|a| !a.categories().is_empty());
    let Some(found) = attributes.iter().position(|attribute| attribute.name == name) else {
        let names = with_categories().map(|a| a.name.as_str());
        let near = suggest(name, attributes.iter().map(|a| a.name.as_str()));
        let help = match near.filter(|near| names.clone().all(|known| known != *near)) {
            Some(near) => format!(
                "if you mean `{near}`, which is a number, write conditions in place of \"{name}\", such as {{ low = \"{near} < 65\", high = \"rest\" }} with your own limit"
            ),
            None => {
                did_you_mean(name, names, "correct the name, or declare it under [population.attributes]")
            }
        };
        out.push(context.unknown("E0455", "attribute", name, node.span, help).echo_of(Part::Attributes));
        return Vec::new();
    };
    let categories = attributes[found].categories();
    if categories.is_empty() {
        out.push(
            Diagnostic::error("E0455", format!("attribute `{name}` has no categories"))
                .at(node.span, "a number, which does not divide patients into subgroups")
                .help(format!(
                    "write conditions in place of \"{name}\", such as {{ low = \"{name} < 65\", high = \"rest\" }} with your own names and your own limit"
                )),
        );
    }
    let group = |(i, category): (usize, &String)| Subgroup {
        name: category.clone(),
        condition: Some(Expr::Among(Selector::Attribute(found), vec![i])),
    };
    categories.iter().enumerate().map(group).collect()
}

/// One subgroup for each condition; `"rest"` takes all other patients.
fn by_condition(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<Subgroup> {
    let everywhere: Vec<usize> = (0..context.names.states.len()).collect();
    let at_start =
        Scope { states: &everywhere, clocks: Clocks::None, attributes: true, state: true, value_of: None };
    let mut rest: Option<(&str, Span)> = None;
    let mut groups = Vec::new();
    for (name, node) in &table.entries {
        let condition = match node.text().map(str::trim) {
            Some(REST) => {
                if let Some((other, first)) = rest.replace((name.as_str(), node.span)) {
                    out.push(
                        Diagnostic::error("E0455", format!("the subgroups `{other}` and `{name}` are both \"rest\""))
                            .at(node.span, "second \"rest\"")
                            .also(first, "first \"rest\"")
                            .why("each patient who meets no condition would be in two subgroups")
                            .help(format!("write a condition instead of \"rest\" for `{other}` or `{name}`, or remove one of the two")),
                    );
                }
                None
            }
            _ => Some(context.compile(node, Expected::Condition, &at_start, out)),
        };
        groups.push(Subgroup { name: name.clone(), condition });
    }
    groups
}

/// A combination of divisions, as their indices.
fn crossed(
    node: &TomlNode,
    divisions: &[Division],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<Vec<usize>> {
    let mut set = Vec::new();
    for (name, node) in node.names() {
        let Some(found) = divisions.iter().position(|division| division.name == name) else {
            let names = divisions.iter().map(|division| division.name.as_str());
            let help = did_you_mean(name, names, "correct the name, or declare it under [subgroups]");
            out.push(context.unknown("E0455", "subgroup division", name, node.span, help));
            return None;
        };
        if set.contains(&found) {
            out.push(
                Diagnostic::error("E0455", format!("subgroup division `{name}` is combined with itself"))
                    .at(node.span, "second mention of this division")
                    .why("a division combined with itself has the same groups as the division alone")
                    .help(format!("write another division in place of the second \"{name}\"; or, if none is meant, remove it, and the whole entry if only one division is left")),
            );
            return None;
        }
        set.push(found);
    }
    let number: usize = set.iter().map(|&d| divisions[d].groups.len()).product();
    if number > MOST_GROUPS {
        out.push(
            Diagnostic::error(
                "E0455",
                format!("this combination has {}", counted(number, "subgroup", "subgroups")),
            )
            .at(node.span, format!("at most {MOST_GROUPS} are possible"))
            .why(
                "every subgroup is run separately, and small subgroups say little about the patients in them",
            )
            .help("combine fewer divisions, or divisions with fewer subgroups"),
        );
        return None;
    }
    if set.len() < 2 {
        let others = (0..divisions.len()).filter(|d| !set.contains(d));
        let mut names = set.iter().copied().chain(others).map(|d| &divisions[d].name);
        let help = match (names.next(), names.next()) {
            (Some(one), Some(other)) => format!(
                "add a second division to combine with it, such as [\"{one}\", \"{other}\"]; or remove this entry, because the results of each division alone are reported anyway"
            ),
            _ => "declare a second division under [subgroups], or remove `crossed`; each division alone is reported anyway".into(),
        };
        out.push(
            Diagnostic::error(
                "E0455",
                "an entry of `crossed` must name at least two divisions of [subgroups]",
            )
            .at(node.span, format!("only {}", counted(set.len(), "division", "divisions")))
            .help(help),
        );
        return None;
    }
    Some(set)
}
