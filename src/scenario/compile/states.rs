//! Compiles `[states]` and `[groups]`.

use super::{check_labels, check_name, check_name_of_list, did_you_mean, label};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::keys;
use arcosim_core::model::{Group, State};

/// All states, and the positions of their names.
pub fn states(root: &TomlTable, out: &mut Diagnostics) -> (Vec<State>, Vec<Span>) {
    let mut states = Vec::new();
    let mut spans = Vec::new();
    let mut labels = Vec::new();
    for (name, node) in root.sections(keys::scenario::STATES) {
        let Some(table) = node.table() else { continue };
        check_name("a state", name, node.key_span, out);
        states.push(State {
            name: name.to_string(),
            label: label(table, name),
            absorbing: table.flag(keys::state::ABSORBING),
        });
        spans.push(node.key_span);
        labels.push(table.get(keys::LABEL).map_or(node.key_span, |label| label.span));
    }
    check_labels(states.iter().map(|state| state.label.as_str()).zip(labels), out);
    (states, spans)
}

/// One group per state, in the order of states, so that `time_in(state)` is also the clock of a group; then the declared groups.
/// The spans are the positions of the names.
pub fn groups(
    root: &TomlTable,
    states: &[State],
    state_spans: &[Span],
    out: &mut Diagnostics,
) -> (Vec<Group>, Vec<Span>) {
    let mut groups: Vec<Group> = states
        .iter()
        .enumerate()
        .map(|(i, state)| Group {
            name: state.name.clone(),
            label: state.label.clone(),
            states: vec![i],
            counter: None,
        })
        .collect();
    let mut spans = state_spans.to_vec();
    for (name, node) in root.sections(keys::scenario::GROUPS) {
        match node.table() {
            Some(_) => check_name("a group", name, node.key_span, out),
            None => check_name_of_list(name, node, out),
        }
        if let Some(i) = states.iter().position(|state| state.name == name) {
            out.push(twice("a group", name, "a state", node.key_span, state_spans[i]));
            continue;
        }
        let mut members = members(node, states, out);
        members.sort_unstable();
        members.dedup();
        if members.is_empty() {
            let some: Vec<String> =
                states.iter().take(2).map(|state| format!("\"{}\"", state.name)).collect();
            out.push(
                Diagnostic::error("E0430", format!("group `{name}` has no states"))
                    .echo_of(Part::States)
                    .echo_of(Part::Groups)
                    .at(node.key_span, "no patient can be in this group")
                    .help(format!("list its states, for example [{}], or remove the group", some.join(", "))),
            );
        }
        let label = node.table().map_or_else(|| super::spelt_out(name), |table| label(table, name));
        groups.push(Group { name: name.to_string(), label, states: members, counter: None });
        spans.push(node.key_span);
    }
    (groups, spans)
}

fn members(node: &TomlNode, states: &[State], out: &mut Diagnostics) -> Vec<usize> {
    let mut find = |names: Vec<(&str, &TomlNode)>| -> Vec<usize> {
        names.into_iter().filter_map(|(name, place)| state(name, place.span, states, out)).collect()
    };
    let Some(table) = node.table() else {
        return find(node.names());
    };
    if table.get(keys::group::EXCEPT).is_some() {
        let out_of_it = find(table.names(keys::group::EXCEPT));
        return (0..states.len()).filter(|i| !out_of_it.contains(i)).collect();
    }
    find(table.names(keys::group::STATES))
}

fn state(name: &str, place: Span, states: &[State], out: &mut Diagnostics) -> Option<usize> {
    let found = states.iter().position(|state| state.name == name);
    if found.is_none() {
        let known = states.iter().map(|s| s.name.as_str());
        let help = did_you_mean(name, known, &super::or_declare_state(name));
        out.push(
            Diagnostic::error("E0404", format!("there is no state `{name}`"))
                .echo_of(Part::States)
                .echo_of(Part::Groups)
                .at(place, "this name is not declared, so it cannot be used in the model")
                .help(help),
        );
    }
    found
}

/// Error for a name that is declared twice, for two different things.
pub fn twice(what: &str, name: &str, other: &str, place: Span, first: Span) -> Diagnostic {
    let kind = what.rsplit(' ').next().unwrap_or(what);
    Diagnostic::error("E0409", format!("the name `{name}` of {what} is already used for {other}"))
        .at(place, "used again here")
        .also(first, "first used here")
        .why("a formula with this name could refer to either of the two, with different results")
        .help(format!(
            "choose another name here, such as `{name}_2`, and write it wherever the {kind} is meant"
        ))
}
