//! `trace.csv` and `events.csv`: state occupancy over time, and the number of transitions and events at the start.

use super::source_status;
use super::thin::kept;
use crate::analysis::curves::Source;
use crate::analysis::landmarks::grid_point;
use crate::analysis::run::RunAnswer;
use crate::analysis::sampling::share_error;
use crate::output::columns::{scenario, se, source, strategy, warning};
use crate::output::figures::table::{Table, number, text};

/// A row of `trace.csv`: the share of patients in a state at one grid point.
struct Occupied {
    source: Source,
    strategy: usize,
    point: usize,
    state: usize,
    share: f64,
    patients: f64,
}

/// Table of state occupancy over time.
pub fn trace(run: &RunAnswer) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &Occupied| r.strategy),
        source(|r: &Occupied| r.source),
        number("time_years", "years", "Years since the start", |r: &Occupied| model.time.years(r.point)),
        text("state", "State, as the scenario names it", "", |r: &Occupied| &model.states[r.state].name),
        number(
            "proportion",
            "proportion",
            "Share of all patients in the state; the states of one time add to 1",
            |r: &Occupied| r.share,
        ),
        se(|r: &Occupied| (r.source == Source::Microsimulation).then(|| share_error(r.share, r.patients))),
        text(
            "status",
            "Whether there is a sampling error",
            "ok; exact: no sampling error",
            |r: &Occupied| source_status(r.source),
        ),
        warning(model, |r: &Occupied| r.strategy),
    ];
    let points = kept(&model.time, run.landmarks());
    let (points, states) = (&points, &run.scenario.figures.order);
    let rows = run.results.solutions().flat_map(|(source, solution)| {
        let patients = solution.counts.patients;
        let strategies = solution.counts.strategies.iter().enumerate();
        strategies.flat_map(move |(strategy, counts)| {
            points.iter().flat_map(move |&point| {
                states.iter().map(move |&state| {
                    let share = counts.occupancy[state][point] / patients;
                    Occupied { source, strategy, point, state, share, patients }
                })
            })
        })
    });
    Table::of("trace.csv", "share of patients in each state over time", columns, rows)
}

/// A row of `events.csv`: the mean number of times that a branch is taken within a period.
struct Firings<'a> {
    source: Source,
    strategy: usize,
    kind: &'static str,
    transition: &'a str,
    branch: &'a str,
    period: Period,
    per_100: f64,
}

/// A period from the start to grid point `until`, over which events are counted.
#[derive(Clone, Copy)]
struct Period {
    until: usize,
    name: &'static str,
}

/// Table of events per 100 patients: how often each transition occurs, and which branch is taken at the start.
pub fn events(run: &RunAnswer) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &Firings| r.strategy),
        source(|r: &Firings| r.source),
        text(
            "kind",
            "A transition, or what happens at the start of a strategy",
            "transition; at_start",
            |r: &Firings| r.kind,
        ),
        text("transition", "Transition, as the scenario names it; empty at the start", "", |r: &Firings| {
            r.transition
        }),
        text("branch", "Where it leads, or the name of the branch", "", |r: &Firings| r.branch),
        number(
            "until_years",
            "years",
            "Firings up to and including this time since the start are counted",
            |r: &Firings| model.time.years(r.period.until),
        ),
        text("period", "Whether that is a landmark or the horizon", "landmark; lifetime", |r: &Firings| {
            r.period.name
        }),
        number(
            "per_100_patients",
            "per 100 patients",
            "Mean number of firings per 100 patients who were offered the strategy (one patient may have several)",
            |r: &Firings| r.per_100,
        ),
        warning(model, |r: &Firings| r.strategy),
    ];
    let about = "how often each transition fires, and what happens at the start, per 100 patients";
    Table::of("events.csv", about, columns, firings(run))
}

fn firings<'a>(run: &'a RunAnswer) -> Vec<Firings<'a>> {
    let model = run.model();
    let paths = model.paths();
    // Edges of each branch, indexed by `edges[transition][branch]`.
    let branches = model.transitions.iter().map(|t| vec![Vec::new(); t.branches.len()]);
    let mut edges: Vec<Vec<Vec<usize>>> = branches.collect();
    for (e, edge) in paths.edges.iter().enumerate() {
        edges[edge.transition][edge.branch].push(e);
    }
    let landmarks = run.landmarks().iter();
    let landmarks =
        landmarks.map(|&years| Period { until: grid_point(&model.time, years), name: "landmark" });
    let lifetime = Period { until: model.time.cycles, name: "lifetime" };
    let periods: Vec<Period> = landmarks.chain([lifetime]).collect();
    let mut rows = Vec::new();
    for (source, solution) in run.results.solutions() {
        for (strategy, counts) in solution.counts.strategies.iter().enumerate() {
            let per_100 = |n: f64| 100.0 * n / solution.counts.patients;
            for (branch, n) in model.strategies[strategy].at_start.iter().zip(&counts.procedure) {
                rows.extend(periods.iter().map(|&period| Firings {
                    source,
                    strategy,
                    kind: "at_start",
                    transition: "",
                    branch: &branch.name,
                    period,
                    per_100: per_100(*n),
                }));
            }
            for (t, transition) in model.transitions.iter().enumerate() {
                for (b, branch) in transition.branches.iter().enumerate() {
                    let own = edges[t][b].iter().map(|&e| &counts.moves[e]);
                    let fired = |until: usize| own.clone().flat_map(|moves| &moves[..=until]).sum();
                    rows.extend(periods.iter().map(|&period| Firings {
                        source,
                        strategy,
                        kind: "transition",
                        transition: &transition.name,
                        branch: &branch.name,
                        period,
                        per_100: per_100(fired(period.until)),
                    }));
                }
            }
        }
    }
    rows
}
