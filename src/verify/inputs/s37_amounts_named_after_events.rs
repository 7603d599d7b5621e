use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::Model;
use arcosim_scenario::parameters::Kind;

pub static S37: Check = Check {
    id: "S37",
    title: "What is named after an event falls with the event",
    why: "An amount that has the name of a transition (`cost.relapsing` beside the transition `relapse`) is mostly the cost or the loss \
          of that one occasion. Counted per year in a state it falls again in every year that a patient spends there, with a unit that \
          looks right. A product with a rate or a probability, which counts how often it happens in a year, is left alone.",
    hint: "Count it with `once` and `on`; if it is one of every year, name it after the state.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Shorter parts of names mean too many things.
const SHORTEST: usize = 4;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let events = events(model);
    let mut comparisons = Comparisons::new("amounts per year that are named after no event", 0.0);
    for reward in &model.rewards {
        if !reward.when.accrues() {
            continue;
        }
        let read = parameters_in(&reward.amount, None);
        let how_often = |&p: &usize| matches!(evidence.kind(p), Kind::Rate | Kind::Probability | Kind::Count);
        let amount = |p: usize| matches!(evidence.kind(p), Kind::Cost | Kind::Utility | Kind::Disutility);
        if read.iter().any(how_often) {
            continue;
        }
        for p in read.into_iter().filter(|&p| amount(p)) {
            let name = &model.parameters[p].name;
            let event = named_after(name, &events);
            comparisons.advisable(name, event.is_none(), || {
                format!(
                    "`{name}` has its name from the transition `{}`, and reward `{}` counts it per year",
                    event.unwrap_or_default(),
                    reward.name
                )
            });
        }
    }
    comparisons.verdict("nothing is counted per year")
}

/// Parts of names of transitions that name no state, group or strategy, with the transition.
fn events(model: &Model) -> Vec<(&str, &str)> {
    let things = model.states.iter().map(|state| state.name.as_str());
    let things = things.chain(model.groups.iter().map(|group| group.name.as_str()));
    let things = things.chain(model.strategies.iter().map(|strategy| strategy.name.as_str()));
    let things: Vec<&str> = things.flat_map(parts).collect();
    let transitions = model.transitions.iter();
    transitions
        .flat_map(|transition| parts(&transition.name).map(|part| (part, transition.name.as_str())))
        .filter(|(part, _)| part.len() >= SHORTEST && !things.iter().any(|thing| alike(thing, part)))
        .collect()
}

/// The transition after which a parameter is named. What stands before the first point says what it is a number of.
fn named_after<'m>(parameter: &str, events: &[(&str, &'m str)]) -> Option<&'m str> {
    let (_, own) = parameter.split_once('.')?;
    parts(own).find_map(|part| {
        let event = events.iter().find(|(event, _)| alike(event, part));
        event.map(|(_, transition)| *transition)
    })
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['.', '_'])
}

/// Whether one word is the other, or the other with an ending: `fall` and `falling`.
fn alike(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= SHORTEST && (a.starts_with(b) || b.starts_with(a))
}
