//! Compiles `[endpoints]`: named first events, such as progression or death, for survival and cumulative incidence.

use super::{Context, check_name, label, transitions};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::TomlTable;
use crate::read::source::Span;
use crate::schema::keys;
use arcosim_core::model::{Endpoint, Transition};

/// All endpoints and the positions of their names.
pub fn endpoints(
    root: &TomlTable,
    transitions: &[Transition],
    context: &Context,
    out: &mut Diagnostics,
) -> (Vec<Endpoint>, Vec<Span>) {
    let mut endpoints = Vec::new();
    let mut spans = Vec::new();
    for (name, node) in root.sections(keys::scenario::ENDPOINTS) {
        let Some(table) = node.table() else { continue };
        check_name("an endpoint", name, node.key_span, out);
        let before = out.counts().0;
        let enters = context.states(&table.names(keys::endpoint::ENTERS), out);
        let listed = table.names(keys::endpoint::FIRES);
        let fires: Vec<usize> = listed
            .iter()
            .filter_map(|(name, place)| {
                transitions::index(name, place.span, &listed, transitions, context, out)
            })
            .collect();
        let competing = context.states(&table.names(keys::endpoint::COMPETING), out);
        let since =
            table.get(keys::endpoint::SINCE).and_then(|node| context.group(node.text()?, node.span, out));
        if enters.is_empty() && fires.is_empty() && out.counts().0 == before {
            let state = context.names.states.last().map_or("...", |state| state.name.as_str());
            let cause = transitions.first().map_or("...", |one| one.name.as_str());
            out.push(
                Diagnostic::error("E0416", format!("endpoint `{name}` has no event"))
                    .at(node.key_span, "has neither `enters` nor `fires`")
                    .why("its survival curve would stay at 100%")
                    .help(format!("if the event is the entry into states, write their names, such as enters = [\"{state}\"]; if it is certain transitions, write their names, such as fires = [\"{cause}\"]")),
            );
        }
        let both = enters.iter().find(|state| competing.contains(state));
        let [event, place] = [keys::endpoint::ENTERS, keys::endpoint::COMPETING].map(|key| table.get(key));
        if let (Some(&state), Some(event), Some(place)) = (both, event, place) {
            let state = &context.names.states[state].name;
            out.push(
                Diagnostic::error(
                    "E0416",
                    format!("endpoint `{name}` uses state `{state}` as the event and also as a competing event"),
                )
                .at(place.span, format!("`{state}` as a competing event"))
                .also(event.span, format!("`{state}` as the event"))
                .why("it would be unclear whether patients who enter this state count as having the event, so the cumulative incidence would be undefined")
                .help(format!("if `{state}` is the event, remove it from `competing`; if it prevents the event, remove it from `enters`")),
            );
        }
        let label = label(table, name);
        let free_label =
            table.text(keys::endpoint::FREE).map_or_else(|| format!("Free of: {label}"), str::to_string);
        endpoints.push(Endpoint {
            name: name.to_string(),
            label,
            free_label,
            enters,
            fires,
            competing,
            since,
        });
        spans.push(node.key_span);
    }
    (endpoints, spans)
}
