//! `survival.csv` and `at_risk.csv`: survival and cumulative incidence curves, and the numbers at risk.

use super::source_status;
use super::thin::kept;
use crate::analysis::at_risk::{AtRisk, at_risk as counted};
use crate::analysis::curves::{Curves, Source};
use crate::analysis::landmarks::{Value, incidence, on_grid, survival};
use crate::analysis::run::RunAnswer;
use crate::output::columns::{endpoint, scenario, se, source, strategy, time, warning};
use crate::output::figures::table::{Table, number, text};
use crate::output::figures::year_ticks;

/// Status of a strategy that has no curve because no patient is ever at risk.
pub const NOBODY: &str = "nobody is ever at risk: no curve";
/// Number of patients initially at risk to which the numbers in figures and scaled columns refer.
pub const PER: f64 = 500.0;

/// The curves of a strategy and endpoint from one engine; `curves` is none if no patient is ever at risk.
#[derive(Clone, Copy)]
pub struct Estimated<'a> {
    pub source: Source,
    pub strategy: usize,
    pub endpoint: usize,
    pub curves: Option<&'a Curves>,
}

/// The curves of every strategy and endpoint from every engine that ran.
pub fn each<'a>(run: &'a RunAnswer<'a>) -> impl Iterator<Item = Estimated<'a>> {
    run.results.solutions().flat_map(|(source, solution)| {
        let strategies = solution.curves.iter().enumerate();
        strategies.flat_map(move |(strategy, endpoints)| {
            let endpoints = endpoints.iter().enumerate();
            endpoints.map(move |(endpoint, curves)| Estimated {
                source,
                strategy,
                endpoint,
                curves: curves.as_ref(),
            })
        })
    })
}

/// A row of `survival.csv`: a point of a curve, or a row without numbers for a strategy without a curve.
struct CurvePoint<'a> {
    of: Estimated<'a>,
    estimator: &'static str,
    time: Option<f64>,
    value: Option<Value>,
}

/// A function that evaluates a curve at a time in years.
type EstimateAt = fn(&Curves, Source, f64) -> Option<Value>;

const ESTIMATORS: [(&str, EstimateAt); 2] = [("kaplan_meier", survival), ("cumulative_incidence", incidence)];

/// Table of the survival and cumulative incidence curves.
pub fn curves(run: &RunAnswer) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |p: &CurvePoint| p.of.strategy),
        endpoint(model, |p: &CurvePoint| p.of.endpoint),
        text(
            "estimator",
            "Kaplan-Meier survival censors competing events; the cumulative incidence (Aalen-Johansen) lets them compete",
            "kaplan_meier; cumulative_incidence",
            |p: &CurvePoint| p.estimator,
        ),
        source(|p: &CurvePoint| p.of.source),
        time(|p: &CurvePoint| p.time),
        number(
            "estimate",
            "proportion",
            "Survival, or cumulative incidence of the event, from this time on",
            |p: &CurvePoint| p.value.map(|v| v.estimate),
        ),
        se(|p: &CurvePoint| p.value?.se),
        number(
            "low",
            "proportion",
            "Lower 95 % limit of the Monte Carlo error (log(-log) scale, Greenwood)",
            |p: &CurvePoint| Some(p.value?.limits?.lower),
        ),
        number(
            "high",
            "proportion",
            "Upper 95 % limit of the Monte Carlo error (log(-log) scale, Greenwood)",
            |p: &CurvePoint| Some(p.value?.limits?.upper),
        ),
        text(
            "status",
            "Whether the number exists, or why not",
            "ok; exact: no sampling error; no limits: the estimate stands at an end; nobody is ever at risk: no curve",
            |p: &CurvePoint| match (p.value, p.of.source) {
                (None, _) => NOBODY,
                (Some(Value { limits: None, .. }), Source::Microsimulation) => {
                    "no limits: the estimate stands at an end"
                }
                (Some(_), source) => source_status(source),
            },
        ),
        warning(model, |p: &CurvePoint| p.of.strategy),
    ];
    let times: Vec<f64> = kept(&model.time, run.landmarks()).iter().map(|&k| model.time.years(k)).collect();
    let rows = each(run).flat_map(|of| {
        let times = &times;
        ESTIMATORS.into_iter().flat_map(move |(name, at)| points(of, name, at, times))
    });
    let about = "survival curves and cumulative incidences with their Monte Carlo errors";
    Table::of("survival.csv", about, columns, rows)
}

fn points<'a>(
    of: Estimated<'a>,
    estimator: &'static str,
    at: EstimateAt,
    times: &[f64],
) -> Vec<CurvePoint<'a>> {
    let Some(curves) = of.curves else {
        return vec![CurvePoint { of, estimator, time: None, value: None }];
    };
    let point = |&time: &f64| {
        let value = at(curves, of.source, time)?;
        Some(CurvePoint { of, estimator, time: Some(time), value: Some(value) })
    };
    times.iter().map_while(point).collect()
}

/// A row of `at_risk.csv`: the numbers at risk at one time, or a row without numbers for a strategy without a curve.
struct AtRiskRow<'a> {
    of: Estimated<'a>,
    /// Number of patients who are never at risk, because they are beyond the endpoint from the start.
    beyond: Option<f64>,
    counts: Option<AtRisk>,
}

impl AtRiskRow<'_> {
    fn entered(&self) -> Option<f64> {
        self.of.curves.map(|curves| curves.table.initial())
    }

    fn scaled(&self, count: fn(&AtRisk) -> f64) -> Option<f64> {
        Some(PER * count(self.counts.as_ref()?) / self.entered()?)
    }
}

/// The unit of the counts of patients.
const PATIENTS: &str = "patients (exact: share of all patients)";

/// Table of the numbers at risk at the ticks of the figures and at the landmarks.
pub fn at_risk(run: &RunAnswer) -> Table {
    let model = run.model();
    let counts = |name, meaning, count: fn(&AtRisk) -> f64| {
        number(name, PATIENTS, meaning, move |r: &AtRiskRow| r.counts.as_ref().map(count))
    };
    let scaled = |name, meaning, count: fn(&AtRisk) -> f64| {
        number(name, "per 500 who entered", meaning, move |r: &AtRiskRow| r.scaled(count))
    };
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &AtRiskRow| r.of.strategy),
        endpoint(model, |r: &AtRiskRow| r.of.endpoint),
        source(|r: &AtRiskRow| r.of.source),
        time(|r: &AtRiskRow| r.counts.map(|counts| counts.time)),
        counts(
            "at_risk",
            "Still at risk just after this time (when the run ends: still observed): at_risk + censored + events = entered",
            |c| c.at_risk,
        ),
        counts(
            "censored",
            "Censored up to and including this time, competing events among them; not by the end of the run",
            |c| c.censored,
        ),
        counts("of_these_competing", "Censored by a competing event up to and including this time", |c| {
            c.competing
        }),
        counts("events", "Events up to and including this time", |c| c.events),
        number("entered", PATIENTS, "Ever at risk", |r: &AtRiskRow| r.entered()),
        number(
            "not_at_risk_at_start",
            PATIENTS,
            "Beyond the endpoint from the start, so never at risk; left out of curves and of the other columns",
            |r: &AtRiskRow| r.beyond,
        ),
        scaled("at_risk_per_500", "at_risk, scaled", |c| c.at_risk),
        scaled("censored_per_500", "censored, scaled", |c| c.censored),
        scaled("events_per_500", "events, scaled", |c| c.events),
        text(
            "status",
            "Whether the numbers exist, or why not",
            "ok; exact: no sampling error; nobody is ever at risk: no curve",
            |r: &AtRiskRow| match r.counts {
                None => NOBODY,
                Some(_) => source_status(r.of.source),
            },
        ),
        warning(model, |r: &AtRiskRow| r.of.strategy),
    ];
    let mut ticks = year_ticks(run.scenario.figures.years);
    ticks.extend(run.landmarks());
    ticks.iter_mut().for_each(|t| *t = on_grid(&model.time, *t));
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let horizon = model.time.years(model.time.cycles);
    let rows = each(run).flat_map(|of| {
        let solution = match of.source {
            Source::Exact => run.results.exact.as_ref().map(|x| &x.solution),
            Source::Microsimulation => run.results.simulated.as_ref(),
        };
        let beyond = solution.map(|x| x.counts.strategies[of.strategy].endpoints[of.endpoint].beyond);
        let row = |counts| AtRiskRow { of, beyond, counts };
        match of.curves {
            None => vec![row(None)],
            Some(curves) => {
                counted(curves, &ticks, horizon).into_iter().map(|counts| row(Some(counts))).collect()
            }
        }
    });
    let about = "numbers at risk, censored and with the event, as printed under the curves";
    Table::of("at_risk.csv", about, columns, rows)
}
