use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::Model;
use arcosim_scenario::parameters::Kind;

pub static S37: Check = Check {
    id: "S37",
    title: "Amounts named after an event are counted once per event",
    why: "An amount named after a transition (`cost.relapsing` and the transition `relapse`) is usually the cost or \
          disutility of one event. Counted per year in a state, it is incurred in every year that a patient spends \
          there, with a unit that looks correct. A product with a rate or a probability, that is, an expected number \
          of events per year, is ignored.",
    hint: "Count it with `once` and `on`; if it is incurred every year, name it after the state.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Parts of names that are shorter than this are ambiguous.
const SHORTEST: usize = 4;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let events = events(model);
    let mut comparisons = Comparisons::new("yearly amounts that are not named after an event", 0.0);
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
                    "`{name}` is named after the transition `{}`, but reward `{}` counts it per year",
                    event.unwrap_or_default(),
                    reward.name
                )
            });
        }
    }
    comparisons.verdict("the model has no yearly rewards")
}

/// Parts of transition names that are not the name of a state, group or strategy, with their transition.
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

/// The transition after which a parameter is named. The part before the first dot is its kind, so it is ignored.
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

/// Whether two words are equal except for an ending: `fall` and `falling`.
fn alike(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= SHORTEST && (a.starts_with(b) || b.starts_with(a))
}
