//! `patients/event_histories.csv`: event histories of individual simulated patients.

use crate::analysis::run::RunAnswer;
use crate::engine::microsim::{History, Move};
use crate::model::Model;
use crate::output::columns::{scenario, strategy, warning};
use crate::output::figures::table::{Table, number, text, whole};

/// An event in the history of a simulated patient.
struct Happened<'a> {
    history: &'a History,
    attributes: &'a str,
    /// Time in cycles since the start.
    time: f64,
    event: &'a str,
    from: usize,
    to: usize,
    branch: &'a str,
}

/// Table of the requested event histories.
pub fn histories(run: &RunAnswer) -> Table {
    let model = run.model();
    let paths = model.paths();
    let attributes: Vec<String> =
        run.histories.iter().map(|history| attributes(model, &history.attributes)).collect();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &Happened| r.history.strategy),
        whole(
            "patient",
            "Number of the patient; the same patient has the same number, attributes and luck under every strategy",
            |r: &Happened| r.history.patient,
        ),
        text(
            "attributes",
            "Attributes at the start, `name=value`, separated by semicolons",
            "",
            |r: &Happened| r.attributes,
        ),
        number("time_years", "years", "Years since the start", |r: &Happened| {
            r.time / model.time.cycles_per_year
        }),
        text("event", "`start`, or the transition that fired", "", |r: &Happened| r.event),
        text("from", "State left", "", |r: &Happened| &model.states[r.from].name),
        text("to", "State entered", "", |r: &Happened| &model.states[r.to].name),
        text("branch", "Branch taken; empty where there is none", "", |r: &Happened| r.branch),
        warning(model, |r: &Happened| r.history.strategy),
    ];
    let lives = run.histories.iter().zip(&attributes);
    let rows = lives.flat_map(|(history, attributes)| {
        history.moves.iter().map(|&happened| {
            let (time, event, from, to, branch) = match happened {
                Move::Start { from, to, arm, branch } => {
                    let procedure = &model.strategies[arm].at_start;
                    let branch = branch.map_or("", |b| procedure[b].name.as_str());
                    (0.0, "start", from, to, branch)
                }
                Move::Fired { edge, time, .. } => {
                    let edge = paths.edges[edge];
                    let transition = &model.transitions[edge.transition];
                    let branch = transition.branches[edge.branch].name.as_str();
                    (time, transition.name.as_str(), edge.from, edge.to, branch)
                }
            };
            Happened { history, attributes, time, event, from, to, branch }
        })
    });
    let about = "what happened to individual simulated patients";
    Table::of("patients/event_histories.csv", about, columns, rows)
}

fn attributes(model: &Model, values: &[f64]) -> String {
    let named = model.attributes.iter().zip(values).map(|(attribute, value)| {
        format!("{}={}", attribute.name, attribute.in_words(*value, |x| format!("{x:.3}")))
    });
    named.collect::<Vec<String>>().join("; ")
}
