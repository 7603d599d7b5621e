//! `patients/event_histories.csv`: lives, event by event.

use crate::analysis::run::RunAnswer;
use crate::engine::microsim::Move;
use crate::model::AttributeKind;
use crate::output::columns::{EVIDENCE, SCENARIO, STRATEGY};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};

const HISTORIES: &[Column] = &[
    SCENARIO,
    STRATEGY,
    Column {
        name: std::borrow::Cow::Borrowed("patient"),
        kind: "whole number",
        unit: std::borrow::Cow::Borrowed(""),
        meaning: std::borrow::Cow::Borrowed(
            "Number of the patient; the same patient has the same number, attributes and luck under every strategy",
        ),
        allowed: "",
    },
    text("attributes", "Attributes at the start, `name=value`, separated by semicolons", ""),
    number("time_years", "years", "Years since the start"),
    text("event", "`start`, or the transition that fired", ""),
    text("from", "State left", ""),
    text("to", "State entered", ""),
    text("branch", "Branch taken; empty where there is none", ""),
    EVIDENCE,
];

/// The lives that were asked for.
pub fn histories(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "patients/event_histories.csv",
        "what happened to individual simulated patients",
        HISTORIES,
    );
    let model = run.model();
    let paths = model.paths();
    for history in &run.histories {
        let attributes = attributes(run, &history.attributes);
        let strategy = &model.strategies[history.strategy];
        for &happened in &history.moves {
            let (cycle, event, from, to, branch) = match happened {
                Move::Start { from, to, arm, branch } => {
                    let procedure = &model.strategies[arm].at_start;
                    let branch = branch.map_or("", |b| procedure[b].name.as_str());
                    (0, "start", from, to, branch)
                }
                Move::Fired { edge, cycle } => {
                    let edge = paths.edges[edge];
                    let transition = &model.transitions[edge.transition];
                    let branch = transition.branches[edge.branch].name.as_str();
                    (cycle, transition.name.as_str(), edge.from, edge.to, branch)
                }
            };
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Text(&strategy.name),
                Cell::Whole(history.patient),
                Cell::Text(&attributes),
                Cell::Number(model.time.years(cycle)),
                Cell::Text(event),
                Cell::Text(&model.states[from].name),
                Cell::Text(&model.states[to].name),
                Cell::Text(branch),
                Cell::Text(mark(model, history.strategy)),
            ]);
        }
    }
    table
}

fn attributes(run: &RunAnswer, values: &[f64]) -> String {
    let named: Vec<String> = run
        .model()
        .attributes
        .iter()
        .zip(values)
        .map(|(attribute, value)| match &attribute.kind {
            AttributeKind::Categorical { categories, .. } => {
                format!("{}={}", attribute.name, categories[*value as usize])
            }
            AttributeKind::Continuous(_) => format!("{}={value:.3}", attribute.name),
        })
        .collect();
    named.join("; ")
}
