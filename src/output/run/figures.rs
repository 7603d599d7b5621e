//! Figures of a run: survival, state occupancy, outcomes, agreement of both engines, decision and traces.

use rayon::prelude::*;

use super::conventions::name;
use super::decision_figures;
use super::pages::{Page, drawn_strategies, pages};
use super::survival::PER;
use super::thin::kept;
use crate::analysis::agreement::incidence_by_both;
use crate::analysis::at_risk::at_risk;
use crate::analysis::curves::{Curves, Source};
use crate::analysis::landmarks::{on_grid, survival as survival_at};
use crate::analysis::outcomes::{Breakdown, Discounting};
use crate::analysis::run::RunAnswer;
use crate::output::amounts::{places, years};
use crate::output::figures::{
    AgreementFigure, AgreementPoint, AgreementSeries, Bar, BarsFigure, Figure, Layer, Occupancy, RiskCount,
    StackFigure, StackPanel, SurvivalBand, SurvivalFigure, SurvivalPoint, SurvivalSeries, TraceFigure,
    agreement_figure, bars_figure, count, stack_figure, survival_figure, trace_figure, year_ticks,
};
use crate::output::strategies::drawn;
use crate::output::survival_axes::{evidence_until, labelled, share_title, time_title};
use arcosim_core::words::capital;

/// All figures for which the run has results.
pub fn all(run: &RunAnswer) -> Vec<Figure> {
    type Draw = fn(&RunAnswer, &[Page]) -> Vec<Figure>;
    let draw: [Draw; 6] = [survival, stack, outcomes, agreement, decision_figures::all, traces];
    let pages = pages(run.model());
    draw.par_iter().flat_map(|draw| draw(run, &pages)).collect()
}

/// Draws every page of each of the `count` figures.
fn each(pages: &[Page], count: usize, draw: impl Fn(usize, &Page) -> Figure + Sync) -> Vec<Figure> {
    let all: Vec<(usize, &Page)> = (0..count).flat_map(|k| pages.iter().map(move |page| (k, page))).collect();
    all.par_iter().map(|&(k, page)| draw(k, page)).collect()
}

fn survival(run: &RunAnswer, pages: &[Page]) -> Vec<Figure> {
    let (model, x_max) = (run.model(), run.scenario.figures.years);
    let exact = run.results.exact.as_ref().map(|x| &x.solution);
    let simulated = run.results.simulated.as_ref();
    each(pages, model.endpoints.len(), |e, page| {
        let endpoint = &model.endpoints[e];
        let series = |&s: &usize| {
            let exact = exact.and_then(|x| x.curves[s][e].as_ref());
            let simulated = simulated.and_then(|x| x.curves[s][e].as_ref());
            SurvivalSeries {
                strategy: drawn(model, s),
                exact: exact.map(|curves| points(run, curves, Source::Exact)),
                monte_carlo: simulated.map(|curves| points(run, curves, Source::Microsimulation)),
                evidence_until: evidence_until(model, s, endpoint),
                at_risk: exact.or(simulated).map_or(Vec::new(), |curves| risk_counts(run, curves, x_max)),
            }
        };
        survival_figure(&SurvivalFigure {
            meta: page.meta(run, format!("survival_{}", endpoint.name), endpoint.free_label.clone()),
            x_title: time_title(model, endpoint),
            y_title: share_title(run.scenario, endpoint),
            x_max,
            label_at: labelled(run.scenario, run.landmarks()),
            risk_title: format!(
                "Number of {} (per {PER} who enter the time at risk)",
                run.scenario.figures.unit
            ),
            band: SurvivalBand::MonteCarlo,
            band_note: simulated.map(|x| {
                format!("95\u{202F}% Monte Carlo interval of {} patients", count(x.counts.patients))
            }),
            series: page.strategies.iter().map(series).collect(),
        })
    })
}

fn points(run: &RunAnswer, curves: &Curves, source: Source) -> Vec<SurvivalPoint> {
    let times = visible(run).into_iter().map(|k| run.model().time.years(k));
    times
        .map_while(|time| {
            let value = survival_at(curves, source, time)?;
            let limits = value.limits.map(|l| (l.lower, l.upper));
            Some(SurvivalPoint { time, survival: value.estimate, limits })
        })
        .collect()
}

/// Numbers at risk, censored and with the event for the table under the curves, rounded so that they add up to the total.
fn risk_counts(run: &RunAnswer, curves: &Curves, x_max: f64) -> Vec<RiskCount> {
    let ticks = year_ticks(x_max);
    let snapped: Vec<f64> = ticks.iter().map(|&t| on_grid(&run.model().time, t)).collect();
    let scale = PER / curves.table.initial();
    let time = &run.model().time;
    let rows = at_risk(curves, &snapped, time.years(time.cycles));
    ticks
        .iter()
        .zip(rows)
        .map(|(&time, row)| {
            let events = (scale * row.events).round();
            let censored = (scale * row.censored).round().min(PER - events);
            RiskCount { time, at_risk: PER - events - censored, censored, events }
        })
        .collect()
}

fn traces(run: &RunAnswer, _: &[Page]) -> Vec<Figure> {
    let model = run.model();
    let order = &run.scenario.figures.order;
    let states: Vec<Vec<usize>> = order.iter().map(|&state| vec![state]).collect();
    let layer = |&state: &usize| Layer {
        name: model.states[state].name.clone(),
        label: model.states[state].label.clone(),
        absorbing: model.states[state].absorbing,
    };
    let all = drawn_strategies(model.strategies.len(), model.reference());
    let draw = |&s: &usize| {
        let strategy = &model.strategies[s];
        trace_figure(&TraceFigure {
            meta: Page::only(vec![s]).meta(
                run,
                format!("trace_{}", strategy.name),
                drawn(model, s).printed(),
            ),
            x_title: "Years since the start".into(),
            y_title: format!("{} in each state (%)", capital(&run.scenario.figures.unit)),
            x_max: run.scenario.figures.years,
            layers: order.iter().map(layer).collect(),
            occupancy: occupancy(run, s, &states),
        })
    };
    all.par_iter().map(draw).collect()
}

fn stack(run: &RunAnswer, pages: &[Page]) -> Vec<Figure> {
    let model = run.model();
    let groups = || run.scenario.figures.stack.iter().map(|&g| &model.groups[g]);
    let states: Vec<Vec<usize>> = groups().map(|group| group.states.clone()).collect();
    let layers = groups().map(|group| Layer {
        name: group.name.clone(),
        label: group.label.clone(),
        absorbing: group.states.iter().all(|&s| model.states[s].absorbing),
    });
    let layers: Vec<Layer> = layers.collect();
    each(pages, 1, |_, page| {
        let panel =
            |&s: &usize| StackPanel { strategy: drawn(model, s), occupancy: occupancy(run, s, &states) };
        stack_figure(&StackFigure {
            meta: page.meta(
                run,
                "stack".into(),
                format!("What happens to 100 {}", run.scenario.figures.unit),
            ),
            x_title: "Years since the start".into(),
            y_title: format!("{} (%)", capital(&run.scenario.figures.unit)),
            x_max: run.scenario.figures.years,
            layers: layers.clone(),
            panels: page.strategies.iter().map(panel).collect(),
        })
    })
}

/// Figures of the components of each outcome's expected total.
fn outcomes(run: &RunAnswer, pages: &[Page]) -> Vec<Figure> {
    let model = run.model();
    match &run.breakdown {
        None => Vec::new(),
        Some(breakdown) => each(pages, model.outcomes.len(), |o, page| outcome_bars(run, breakdown, page, o)),
    }
}

fn outcome_bars(run: &RunAnswer, breakdown: &Breakdown, page: &Page, o: usize) -> Figure {
    let model = run.model();
    let (outcome, end) = (&model.outcomes[o], model.time.cycles);
    let components = || breakdown.components[o].iter();
    let bar = |&s: &usize| Bar {
        strategy: drawn(model, s),
        amounts: components().map(|&c| breakdown.component(Discounting::Discounted, s, c, end)).collect(),
    };
    let bars: Vec<Bar> = page.strategies.iter().map(bar).collect();
    let categories: Vec<String> = components().map(|&c| model.components[c].category.clone()).collect();
    let totals = bars.iter().map(|bar| bar.amounts.iter().sum::<f64>().abs());
    let title = match categories.len() {
        1 => name(outcome),
        _ => format!("{}: what makes up the total", name(outcome)),
    };
    bars_figure(&BarsFigure {
        meta: page.meta(run, format!("outcome_{}", outcome.name), title),
        x_title: format!(
            "{}: mean by {}{}",
            name(outcome),
            years(model.time.years(end)),
            match outcome.discount {
                Some(_) => ", discounted",
                None => ", not discounted",
            }
        ),
        unit: outcome.unit.clone(),
        places: places(&outcome.unit, totals.fold(0.0, f64::max)),
        categories,
        bars,
    })
}

/// The figure that compares the cumulative incidence of the first endpoint between the exact and the Monte Carlo results.
fn agreement(run: &RunAnswer, pages: &[Page]) -> Vec<Figure> {
    let model = run.model();
    let both = run.results.exact.as_ref().zip(run.results.simulated.as_ref());
    let (Some((exact, simulated)), Some(_), Some(endpoint)) =
        (both, &run.results.agreement, model.endpoints.first())
    else {
        return Vec::new();
    };
    let points = visible(run);
    each(pages, 1, |_, page| {
        let series = |&s: &usize| {
            let found = incidence_by_both(&exact.solution.counts, &simulated.counts, (s, 0), &points);
            let points = found.iter().map(|found| AgreementPoint {
                time: model.time.years(found.point),
                exact: found.exact,
                monte_carlo: found.simulated,
                standard_error: found.se,
            });
            AgreementSeries { strategy: drawn(model, s), points: points.collect() }
        };
        agreement_figure(&AgreementFigure {
            meta: page.meta(
                run,
                "exact_vs_monte_carlo".into(),
                format!("{}: Monte Carlo versus the exact solution", endpoint.label),
            ),
            x_title: "Years since the start".into(),
            y_title: "Monte Carlo minus exact (percentage points)".into(),
            x_max: run.scenario.figures.years,
            series: page.strategies.iter().map(series).collect(),
        })
    })
}

/// Grid points within the time axis of the figures.
fn visible(run: &RunAnswer) -> Vec<usize> {
    let time = &run.model().time;
    let mut points = kept(time, run.landmarks());
    points.retain(|&k| time.years(k) <= run.scenario.figures.years + 1e-9);
    points
}

fn occupancy(run: &RunAnswer, s: usize, layers: &[Vec<usize>]) -> Occupancy {
    let points = visible(run);
    let time = &run.model().time;
    let Some((_, solution)) = run.results.main() else {
        return Occupancy::default();
    };
    let counts = &solution.counts.strategies[s].occupancy;
    let share = |states: &[usize], k: usize| {
        let sum: f64 = states.iter().map(|&state| counts[state][k]).sum();
        sum / solution.counts.patients
    };
    Occupancy {
        times: points.iter().map(|&k| time.years(k)).collect(),
        values: layers.iter().map(|states| points.iter().map(|&k| share(states, k)).collect()).collect(),
    }
}
