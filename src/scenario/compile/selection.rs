//! `strategies` of `[run]`: the strategies that are compared; all others are left out of the model.

use super::rewards::Rewards;
use super::strategies::stated;
use super::{did_you_mean, or_declare_strategy};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::read::document::TomlTable;
use crate::read::source::Span;
use crate::schema::keys::{run, scenario, strategy};
use arcosim_core::model::Strategy;
use arcosim_core::words::all_of;

/// Keeps only the selected strategies, with the rewards that at least one of them has, and returns the names of the others.
/// Without a selection, all strategies are kept. A selected strategy must have its `otherwise` selected too, because its
/// ineligible patients follow that one.
pub fn select(
    root: &TomlTable,
    strategies: &mut Vec<Strategy>,
    places: &mut Vec<Span>,
    rewards: &mut Rewards,
    out: &mut Diagnostics,
) -> Vec<String> {
    let Some(node) = root.table(scenario::RUN).and_then(|table| table.get(run::STRATEGIES)) else {
        return Vec::new();
    };
    if node.names().is_empty() {
        out.push(
            Diagnostic::error("E0458", "`strategies` under [run] is empty")
                .at(node.span, "no strategy would be run")
                .help(
                    "write the names of the strategies to compare, or remove the key to compare all of them",
                ),
        );
        return Vec::new();
    }
    let mut kept = vec![false; strategies.len()];
    let mut complete = true;
    for (name, place) in node.names() {
        match strategies.iter().position(|one| one.name == name) {
            Some(i) => kept[i] = true,
            None => {
                complete = false;
                let known = strategies.iter().map(|one| one.name.as_str());
                let help = did_you_mean(name, known, &or_declare_strategy(name));
                let problem = Diagnostic::error("E0408", format!("there is no strategy `{name}`"));
                out.push(
                    problem
                        .at(place.span, "this name is not declared, so the strategy cannot be run")
                        .help(help)
                        .echo_of(Part::Strategies),
                );
            }
        }
    }
    for i in 0..strategies.len() {
        let Some(other) = strategies[i].otherwise.filter(|&other| kept[i] && !kept[other]) else { continue };
        complete = false;
        let (name, other) = (&strategies[i].name, &strategies[other].name);
        let tables = root.table(scenario::STRATEGIES);
        let otherwise = tables.and_then(|tables| stated(tables, name, strategy::OTHERWISE));
        let place = otherwise.map_or(places[i], |node| node.span);
        out.push(
            Diagnostic::error("E0458", format!("strategy `{name}` is selected without strategy `{other}`"))
                .at(node.span, format!("`{other}` is missing here"))
                .also(place, format!("patients who are not eligible for `{name}` follow `{other}`"))
                .why("without it, the patients who are not eligible would have no treatment")
                .help(format!(
                    "add \"{other}\" to the list; or, if it should not be compared, write a selected strategy into `otherwise` of `{name}`"
                )),
        );
    }
    if !complete || !kept.contains(&true) {
        return Vec::new();
    }
    keep(&kept, strategies, places, rewards)
}

fn keep(
    kept: &[bool],
    strategies: &mut Vec<Strategy>,
    places: &mut Vec<Span>,
    rewards: &mut Rewards,
) -> Vec<String> {
    let new = |old: usize| kept[..old].iter().filter(|kept| **kept).count();
    let of = |i: &usize| kept[*i];
    let left_out =
        strategies.iter().enumerate().filter(|(i, _)| !of(i)).map(|(_, one)| one.name.clone()).collect();
    let mut position = 0..;
    strategies.retain(|_| of(&position.next().unwrap_or(0)));
    let mut position = 0..;
    places.retain(|_| of(&position.next().unwrap_or(0)));
    for strategy in strategies.iter_mut() {
        strategy.otherwise = strategy.otherwise.map(new);
    }
    for reward in &mut rewards.rewards {
        if let Some(given) = &mut reward.strategies {
            given.retain(of);
            given.iter_mut().for_each(|i| *i = new(*i));
        }
        if let Some(branches) = reward.when.procedures_mut() {
            branches.retain(|(arm, _)| of(arm));
            branches.iter_mut().for_each(|(arm, _)| *arm = new(*arm));
        }
    }
    rewards.without_recipients();
    left_out
}

/// Line for readers about the strategies that are left out, and about the reference if it is one of them.
pub fn reading(left_out: &[String], strategies: &[Strategy]) -> Option<(String, String)> {
    let names: Vec<&str> = left_out.iter().map(String::as_str).collect();
    let reference = match (strategies.first(), strategies.iter().any(|one| one.reference)) {
        (Some(first), false) => format!("; the reference is now `{}`, the first of the others", first.name),
        _ => String::new(),
    };
    (!names.is_empty()).then(|| {
        let line = format!("`strategies` under [run] leaves out {}{reference}", all_of(&names));
        ("selection of strategies".to_string(), line)
    })
}
