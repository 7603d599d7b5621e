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
            out.push(
                Diagnostic::error("E0416", format!("endpoint `{name}` has no event"))
                    .at(node.key_span, "has neither `enters` nor `fires`")
                    .why("its survival curve would stay at 100%")
                    .help("write the states that patients enter at the event, enters = [\"...\"], or the transitions that are the event, fires = [\"...\"]"),
            );
        }
        let both = enters.iter().find(|state| competing.contains(state));
        if let (Some(&state), Some(place)) = (both, table.get(keys::endpoint::COMPETING)) {
            let state = &context.names.states[state].name;
            out.push(
                Diagnostic::error(
                    "E0416",
                    format!("endpoint `{name}` uses state `{state}` as the event and also as a competing event"),
                )
                .at(place.span, format!("`{state}` is also in `enters`"))
                .why("it would be unclear whether patients who enter this state count as having the event, so the cumulative incidence would be undefined")
                .help(format!("remove `{state}` from `enters` or from `competing`")),
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
