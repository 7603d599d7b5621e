//! Compiles `[events]`: events beside moves, such as a bleeding or a fall, which happen to patients in some states and leave
//! them where they are.
//!
//! The number of such events is Poisson, and its expectation is the rate times the time in the states. An amount of an event
//! therefore accrues like an amount per year, at the rate times the amount, and each event has an outcome of its own, its number
//! per patient. The engines know nothing of events, so they take no patient's move.

use super::outcomes::OutcomePlaces;
use super::rewards::is_empty_list;
use super::states::twice;
use super::transitions::TransitionPlaces;
use super::{Context, check_name, label};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::keys::{event, reward, scenario};
use arcosim_core::model::{Correction, Outcome, TimeGrid, Transition};

/// An event beside moves, before its rate is compiled for the amounts that depend on it.
pub struct Event<'t> {
    /// Name.
    pub name: &'t str,
    /// Position of the name.
    pub place: Span,
    /// Label for reports.
    pub label: String,
    /// States in which it can happen.
    pub states: Vec<usize>,
    /// Events per year.
    pub rate: &'t TomlNode,
    /// The section of the event.
    pub table: &'t TomlTable,
    /// Index of the outcome that counts it.
    pub outcome: usize,
}

/// All events. The outcomes that count them are added to `outcomes`: undiscounted, and counted by the mean of both ends of a cycle.
pub fn events<'t>(
    root: &'t TomlTable,
    grid: &TimeGrid,
    (transitions, moves): (&[Transition], &TransitionPlaces),
    (outcomes, places): (&mut Vec<Outcome>, &mut OutcomePlaces),
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Event<'t>> {
    let mut events = Vec::new();
    for (name, node) in root.sections(scenario::EVENTS) {
        let Some(table) = node.table() else { continue };
        let Some(rate) = table.get(event::RATE) else { continue };
        check_name("an event", name, node.key_span, out);
        if let Some(t) = transitions.iter().position(|transition| transition.name == name) {
            out.push(twice("an event", name, "a transition", node.key_span, moves.names[t]));
        }
        if let Some(o) = outcomes.iter().position(|outcome| outcome.name == name) {
            out.push(twice("an event", name, "an outcome", node.key_span, places.names[o]));
        }
        for key in [event::IN, reward::STRATEGIES, reward::COMPONENTS] {
            if let Some(node) = table.get(key).filter(is_empty_list) {
                out.push(
                    Diagnostic::error("E0436", format!("`{}` of event `{name}` is empty", key.name))
                        .at(node.span, "at least one name is needed here")
                        .why("the event would never happen")
                        .help("write at least one name, or remove the key"),
                );
            }
        }
        let states = table.get(event::IN).map(|node| context.states(&node.names(), out));
        events.push(Event {
            name,
            place: node.key_span,
            label: label(table, name),
            states: states.unwrap_or_default(),
            rate,
            table,
            outcome: outcomes.len(),
        });
        outcomes.push(Outcome {
            name: name.to_string(),
            label: label(table, name),
            unit: "events".to_string(),
            // In continuous time rewards are integrated, and the correction is not used.
            correction: if grid.continuous() { Correction::Start } else { Correction::LifeTable },
            weighted_once: false,
            discount: None,
        });
        places.names.push(node.key_span);
        places.discounts.push(Vec::new());
    }
    events
}

/// The events in `on` of a reward with their positions in `events`; none if it lists only transitions. Events that are mixed with other
/// names, or combined with keys that they cannot have, are reported.
pub fn of_reward<'e, 't>(
    name: &str,
    table: &TomlTable,
    events: &'e [Event<'t>],
    out: &mut Diagnostics,
) -> Vec<(usize, &'e Event<'t>)> {
    let listed = table.names(reward::ON);
    let is_listed = |(_, event): &(usize, &Event)| listed.iter().any(|(name, _)| *name == event.name);
    let found: Vec<(usize, &Event)> = events.iter().enumerate().filter(is_listed).collect();
    let Some((_, first)) = found.first() else { return found };
    let is_event = |name: &str| found.iter().any(|(_, event)| event.name == name);
    if let Some((other, node)) = listed.iter().find(|(name, _)| !is_event(name)) {
        out.push(
            Diagnostic::error("E0436", format!("`on` of reward `{name}` mixes events beside moves with other names"))
                .at(node.span, format!("`{other}` is not an event of [events]"))
                .also(first.place, format!("`{}` is one", first.name))
                .why("an amount of an event beside moves accrues over time in its states, and one of a transition is counted when the transition occurs")
                .help("write two rewards, one for the events and one for the transitions; with the same `category` they are one row of the tables"),
        );
    }
    for key in [reward::BRANCHES, reward::COMPONENTS] {
        if let Some(node) = table.get(key) {
            let help = match key.name {
                "branches" => "remove `branches`",
                _ => "remove `components` here, and write it in the section of the event",
            };
            out.push(
                Diagnostic::error(
                    "E0436",
                    format!("a reward on an event beside moves cannot have `{}`", key.name),
                )
                .at(node.key_span, format!("not possible with the event `{}`", first.name))
                .why(match key.name {
                    "branches" => "an event beside moves leads nowhere, so it has no branches",
                    _ => "the event itself says in whom it happens",
                })
                .help(help),
            );
        }
    }
    found
}

/// Notes for readers on how events beside moves are counted.
pub fn readings(events: &[Event]) -> Vec<(String, String)> {
    let note = "happens beside the transitions: it takes no patient's move and changes no curve; its number and \
                amounts are expected values given the states, in simulated lives too";
    events.iter().map(|event| (format!("event `{}`", event.name), note.to_string())).collect()
}
