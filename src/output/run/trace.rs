//! `trace.csv` and `events.csv`: who is where, and what fires how often.

use super::source_status;
use super::thin::kept;
use crate::analysis::curves::Source;
use crate::analysis::landmarks::grid_point;
use crate::analysis::run::RunAnswer;
use crate::math::sqrt;
use crate::output::columns::{EVIDENCE, SCENARIO, SE, SOURCE, STRATEGY};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};

const TRACE: &[Column] = &[
    SCENARIO,
    STRATEGY,
    SOURCE,
    number("time_years", "years", "Years since the start"),
    text("state", "State, as the scenario names it", ""),
    number("proportion", "proportion", "Share of all patients in the state; the states of one time add to 1"),
    SE,
    text("status", "Whether there is a sampling error", "ok; exact: no sampling error"),
    EVIDENCE,
];

/// State occupancy over time.
pub fn trace(run: &RunAnswer) -> Table {
    let mut table = Table::new("trace.csv", "share of patients in each state over time", TRACE);
    let model = run.model();
    let points = kept(&model.time, run.landmarks());
    for (source, solution) in run.results.solutions() {
        let n = solution.counts.patients;
        for (s, counts) in solution.counts.strategies.iter().enumerate() {
            for &point in &points {
                for &state in &run.scenario.figures.order {
                    let share = counts.occupancy[state][point] / n;
                    let se = sqrt((share * (1.0 - share)).max(0.0) / n);
                    table.row(&[
                        Cell::Text(&run.scenario.name),
                        Cell::Text(&model.strategies[s].name),
                        Cell::Text(source.name()),
                        Cell::Number(model.time.years(point)),
                        Cell::Text(&model.states[state].name),
                        Cell::Number(share),
                        Cell::Maybe((source == Source::Microsimulation).then_some(se)),
                        Cell::Text(source_status(source)),
                        Cell::Text(mark(model, s)),
                    ]);
                }
            }
        }
    }
    table
}

const EVENTS: &[Column] = &[
    SCENARIO,
    STRATEGY,
    SOURCE,
    text("kind", "A transition, or what happens at the start of a strategy", "transition; at_start"),
    text("transition", "Transition, as the scenario names it; empty at the start", ""),
    text("branch", "Where it leads, or the name of the branch", ""),
    number("until_years", "years", "Firings up to and including this time since the start are counted"),
    text("period", "Whether that is a landmark or the horizon", "landmark; lifetime"),
    number(
        "per_100_patients",
        "per 100 patients",
        "Mean number of firings per 100 patients who were offered the strategy (one patient may have several)",
    ),
    EVIDENCE,
];

/// Firings of transitions and branches at the start, per 100 patients.
pub fn events(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "events.csv",
        "how often each transition fires, and what happens at the start, per 100 patients",
        EVENTS,
    );
    let model = run.model();
    let paths = model.paths();
    // `edges[transition][branch]`.
    let branches = model.transitions.iter().map(|t| vec![Vec::new(); t.branches.len()]);
    let mut edges: Vec<Vec<Vec<usize>>> = branches.collect();
    for (e, edge) in paths.edges.iter().enumerate() {
        edges[edge.transition][edge.branch].push(e);
    }
    let mut periods: Vec<(usize, &str)> =
        run.landmarks().iter().map(|&years| (grid_point(&model.time, years), "landmark")).collect();
    periods.push((model.time.cycles, "lifetime"));
    for (source, solution) in run.results.solutions() {
        for (s, counts) in solution.counts.strategies.iter().enumerate() {
            let mut row = |kind: &str, transition: &str, branch: &str, point, period: &str, n: f64| {
                table.row(&[
                    Cell::Text(&run.scenario.name),
                    Cell::Text(&model.strategies[s].name),
                    Cell::Text(source.name()),
                    Cell::Text(kind),
                    Cell::Text(transition),
                    Cell::Text(branch),
                    Cell::Number(model.time.years(point)),
                    Cell::Text(period),
                    Cell::Number(100.0 * n / solution.counts.patients),
                    Cell::Text(mark(model, s)),
                ]);
            };
            for (branch, n) in model.strategies[s].at_start.iter().zip(&counts.procedure) {
                for &(point, period) in &periods {
                    row("at_start", "", &branch.name, point, period, *n);
                }
            }
            for (t, transition) in model.transitions.iter().enumerate() {
                for (b, branch) in transition.branches.iter().enumerate() {
                    let own = edges[t][b].iter().map(|&e| &counts.moves[e]);
                    for &(point, period) in &periods {
                        let fired = own.clone().flat_map(|moves| &moves[..=point]).sum();
                        row("transition", &transition.name, &branch.name, point, period, fired);
                    }
                }
            }
        }
    }
    table
}
