//! `survival.csv` and `at_risk.csv`: curves, and the numbers under them.

use super::source_status;
use super::thin::kept;
use crate::analysis::curves::Curves;
use crate::analysis::curves::Source;
use crate::analysis::landmarks::{Value, incidence, on_grid, survival};
use crate::analysis::run::RunAnswer;
use crate::output::columns::{ENDPOINT, EVIDENCE, SCENARIO, SE, SOURCE, STRATEGY, TIME};
use crate::output::figures::year_ticks;
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};
use crate::survival::{AtRiskRow, number_at_risk};

/// Status of a strategy without a curve.
pub const NOBODY: &str = "nobody is ever at risk: no curve";
/// Curves are drawn and tables scaled per so many at risk.
pub const PER: f64 = 500.0;

const SURVIVAL: &[Column] = &[
    SCENARIO,
    STRATEGY,
    ENDPOINT,
    text(
        "estimator",
        "Kaplan-Meier survival censors competing events; the cumulative incidence (Aalen-Johansen) lets them compete",
        "kaplan_meier; cumulative_incidence",
    ),
    SOURCE,
    TIME,
    number("estimate", "proportion", "Survival, or cumulative incidence of the event, from this time on"),
    SE,
    number("low", "proportion", "Lower 95 % limit of the Monte Carlo error (log(-log) scale, Greenwood)"),
    number("high", "proportion", "Upper 95 % limit of the Monte Carlo error (log(-log) scale, Greenwood)"),
    text(
        "status",
        "Whether the number exists, or why not",
        "ok; exact: no sampling error; no limits: the estimate stands at an end; nobody is ever at risk: no curve",
    ),
    EVIDENCE,
];

/// The curves.
pub fn curves(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "survival.csv",
        "survival curves and cumulative incidences with their Monte Carlo errors",
        SURVIVAL,
    );
    let model = run.model();
    let points = kept(&model.time, run.landmarks());
    for (source, s, e, curves) in each(run) {
        let head =
            [run.scenario.name.as_str(), model.strategies[s].name.as_str(), model.endpoints[e].name.as_str()];
        let warning = mark(model, s);
        type Estimator = fn(&Curves, Source, f64) -> Option<Value>;
        let estimators: [(&str, Estimator); 2] =
            [("kaplan_meier", survival), ("cumulative_incidence", incidence)];
        for (name, estimator) in estimators {
            let mut row = |time, value: Option<Value>, status: &str| {
                let limits = value.and_then(|v| v.limits);
                table.row(&[
                    Cell::Text(head[0]),
                    Cell::Text(head[1]),
                    Cell::Text(head[2]),
                    Cell::Text(name),
                    Cell::Text(source.name()),
                    Cell::Maybe(time),
                    Cell::Maybe(value.map(|v| v.estimate)),
                    Cell::Maybe(value.and_then(|v| v.se)),
                    Cell::Maybe(limits.map(|l| l.lower)),
                    Cell::Maybe(limits.map(|l| l.upper)),
                    Cell::Text(status),
                    Cell::Text(warning),
                ]);
            };
            let Some(curves) = curves else {
                row(None, None, NOBODY);
                continue;
            };
            for time in points.iter().map(|&k| model.time.years(k)) {
                let Some(value) = estimator(curves, source, time) else {
                    break;
                };
                let status = match (source, value.limits) {
                    (Source::Microsimulation, None) => "no limits: the estimate stands at an end",
                    _ => source_status(source),
                };
                row(Some(time), Some(value), status);
            }
        }
    }
    table
}

const AT_RISK: &[Column] = &[
    SCENARIO,
    STRATEGY,
    ENDPOINT,
    SOURCE,
    TIME,
    number(
        "at_risk",
        "patients (exact: share of all patients)",
        "Still at risk just after this time (when the run ends: still observed): at_risk + censored + events = entered",
    ),
    number(
        "censored",
        "patients (exact: share of all patients)",
        "Censored up to and including this time, competing events among them; not by the end of the run",
    ),
    number(
        "of_these_competing",
        "patients (exact: share of all patients)",
        "Censored by a competing event up to and including this time",
    ),
    number("events", "patients (exact: share of all patients)", "Events up to and including this time"),
    number("entered", "patients (exact: share of all patients)", "Ever at risk"),
    number(
        "not_at_risk_at_start",
        "patients (exact: share of all patients)",
        "Beyond the endpoint from the start, so never at risk; left out of curves and of the other columns",
    ),
    number("at_risk_per_500", "per 500 who entered", "at_risk, scaled"),
    number("censored_per_500", "per 500 who entered", "censored, scaled"),
    number("events_per_500", "per 500 who entered", "events, scaled"),
    text(
        "status",
        "Whether the numbers exist, or why not",
        "ok; exact: no sampling error; nobody is ever at risk: no curve",
    ),
    EVIDENCE,
];

/// The numbers at risk, at the ticks of the figures and at the landmarks.
pub fn at_risk(run: &RunAnswer) -> Table {
    let mut table = Table::new(
        "at_risk.csv",
        "numbers at risk, censored and with the event, as printed under the curves",
        AT_RISK,
    );
    let model = run.model();
    let mut ticks = year_ticks(run.scenario.figures.years);
    ticks.extend(run.landmarks());
    ticks.iter_mut().for_each(|t| *t = on_grid(&model.time, *t));
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    for (source, s, e, curves) in each(run) {
        let solution = match source {
            Source::Exact => run.results.exact.as_ref().map(|x| &x.solution),
            Source::Microsimulation => run.results.simulated.as_ref(),
        };
        let beyond = solution.map(|x| x.counts.strategies[s].endpoints[e].beyond);
        let mut row = |time, counts: [Option<f64>; 5], scaled: [Option<f64>; 3], status: &str| {
            let [at_risk, censored, competing, events, entered] = counts.map(Cell::Maybe);
            let [at_risk_scaled, censored_scaled, events_scaled] = scaled.map(Cell::Maybe);
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Text(&model.strategies[s].name),
                Cell::Text(&model.endpoints[e].name),
                Cell::Text(source.name()),
                Cell::Maybe(time),
                at_risk,
                censored,
                competing,
                events,
                entered,
                Cell::Maybe(beyond),
                at_risk_scaled,
                censored_scaled,
                events_scaled,
                Cell::Text(status),
                Cell::Text(mark(model, s)),
            ]);
        };
        let Some(curves) = curves else {
            row(None, [None; 5], [None; 3], NOBODY);
            continue;
        };
        let entered = curves.table.initial();
        for counts in counts_at(run, curves, &ticks) {
            let steps = curves.table.times.partition_point(|t| *t <= counts.time);
            let competing: f64 = curves.competing[..steps].iter().sum();
            let scaled = [counts.at_risk, counts.censored, counts.events];
            row(
                Some(counts.time),
                [counts.at_risk, counts.censored, competing, counts.events, entered].map(Some),
                scaled.map(|n| Some(PER * n / entered)),
                source_status(source),
            );
        }
    }
    table
}

/// The numbers at risk at `times`. Those whom nothing but the end of the run censors were observed until then, so
/// there they stand under at risk.
pub fn counts_at(run: &RunAnswer, curves: &Curves, times: &[f64]) -> Vec<AtRiskRow> {
    let time = &run.model().time;
    let mut rows = number_at_risk(&curves.table, times);
    let observed = observed_to(curves, time.years(time.cycles));
    for row in rows.iter_mut().filter(|row| row.time >= time.years(time.cycles)) {
        row.censored = (row.censored - observed).max(0.0);
        row.at_risk += observed;
    }
    rows
}

/// How many are censored at the horizon without a competing event.
fn observed_to(curves: &Curves, horizon: f64) -> f64 {
    let last = curves.table.rows().zip(&curves.competing).next_back();
    last.filter(|(row, _)| row.time >= horizon)
        .map_or(0.0, |(row, competing)| (row.censored - competing).max(0.0))
}

/// Every strategy and endpoint of every answer.
pub fn each<'a>(run: &'a RunAnswer<'a>) -> impl Iterator<Item = (Source, usize, usize, Option<&'a Curves>)> {
    run.results.solutions().flat_map(|(source, solution)| {
        let strategies = solution.curves.iter().enumerate();
        strategies.flat_map(move |(s, endpoints)| {
            let endpoints = endpoints.iter().enumerate();
            endpoints.map(move |(e, curves)| (source, s, e, curves.as_ref()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::curves::curves;
    use crate::engine::counts::EndpointCounts;
    use crate::model::TimeGrid;

    #[test]
    fn only_the_end_of_the_run_leaves_people_at_risk() {
        let time = TimeGrid { cycles: 3, cycles_per_year: 1.0 };
        let counts = EndpointCounts {
            beyond: 0.0,
            entered: 100.0,
            events: vec![0.0, 10.0, 5.0, 4.0],
            competing: vec![0.0, 3.0, 0.0, 2.0],
            censored: vec![0.0, 0.0, 6.0, 70.0],
        };
        let curves = curves(&counts, 100.0, &time).unwrap();
        assert_eq!(observed_to(&curves, 3.0), 70.0);
        assert_eq!(observed_to(&curves, 4.0), 0.0);
    }
}
