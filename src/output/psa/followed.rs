//! Clinical results of a probabilistic analysis: tables of followed results, curves and claims, figures with bands, and text.

use super::figures::meta;
use crate::analysis::psa::PsaAnswer;
use crate::analysis::psa::followed::{Followed, FollowedAnswer, FollowedCurve, FollowedDraw};
use crate::economics::Summary;
use crate::output::amount;
use crate::output::columns::{endpoint, scenario, strategy, warning};
use crate::output::figures::table::{Table, number, text};
use crate::output::figures::{
    Figure, SurvivalBand, SurvivalFigure, SurvivalPoint, SurvivalSeries, survival_figure,
};
use crate::output::strategies::{drawn, stub};
use crate::output::survival_axes::{evidence_until, labelled, share_title, time_title};
use arcosim_core::words::grouped;

/// The tables of followed results; none if the scenario follows nothing.
pub fn tables(run: &PsaAnswer) -> Vec<Table> {
    let Some(followed) = &run.followed else { return Vec::new() };
    let mut all = Vec::new();
    if !followed.plan.results.is_empty() {
        all.extend([summaries(run, followed), draws(run, followed)]);
    }
    if !followed.plan.curves.is_empty() {
        all.push(curves(run, followed));
    }
    if !run.scenario.followed.claims.is_empty() {
        all.push(claims(run, followed));
    }
    all
}

fn summaries(run: &PsaAnswer, followed: &FollowedAnswer) -> Table {
    let model = run.model();
    let own = |i: usize| &followed.plan.results[i];
    let result = move |i: usize| &run.scenario.followed.results[own(i).result];
    type Row = (usize, Option<Summary>);
    let of = |pick: fn(&Summary) -> f64| move |r: &Row| r.1.as_ref().map(pick);
    let within =
        |pick: fn(&Summary) -> f64| move |r: &Row| r.1.as_ref().map(pick).filter(|_| run.has_intervals());
    let columns = vec![
        scenario(run.scenario),
        text("result", "Name of the followed result in [uncertainty.follow]", "", move |r: &Row| {
            result(r.0).name.clone()
        }),
        text("label", "Its label", "", move |r: &Row| result(r.0).label.clone()),
        strategy(model, move |r: &Row| own(r.0).strategy),
        text("quantity", "Quantity, as in expected.csv", "", move |r: &Row| own(r.0).quantity.name()),
        text("subject", "Endpoint, state, outcome or transition", "", move |r: &Row| {
            own(r.0).quantity.subject(model)
        }),
        text("unit", "Unit of the numbers of this row", "", move |r: &Row| own(r.0).quantity.unit(model)),
        number("time_years", "years", "Time of the result", move |r: &Row| own(r.0).years),
        number("at_base", "as `unit`", "Result at base values", move |r: &Row| {
            Some(followed.base.results[r.0]).filter(|x| x.is_finite())
        }),
        number("mean", "as `unit`", "Mean of the draws", of(|s| s.mean)),
        number("sd", "as `unit`", "Standard deviation of the draws", |r: &Row| r.1.as_ref()?.sd),
        number("lower", "as `unit`", "2.5th percentile of the draws", within(|s| s.lower)),
        number("median", "as `unit`", "Median of the draws", within(|s| s.median)),
        number("upper", "as `unit`", "97.5th percentile of the draws", within(|s| s.upper)),
        warning(model, move |r: &Row| own(r.0).strategy),
    ];
    let rows = (0..followed.plan.results.len()).map(|i| (i, followed.summary(i)));
    let about = "the clinical results that the scenario follows: mean and interval of the draws";
    Table::of("tables/followed.csv", about, columns, rows)
}

/// The followed results of each draw.
fn draws(run: &PsaAnswer, followed: &FollowedAnswer) -> Table {
    let model = run.model();
    let column = |(i, own): (usize, &Followed)| {
        let result = &run.scenario.followed.results[own.result];
        let name = format!("{}.{}", result.name, model.strategies[own.strategy].name);
        let meaning = format!("{} under {}", result.label, model.strategies[own.strategy].label);
        number(name, own.quantity.unit(model), meaning, move |draw: &&FollowedDraw| {
            Some(draw.results[i]).filter(|x| x.is_finite())
        })
    };
    let columns: Vec<_> = followed.plan.results.iter().enumerate().map(column).collect();
    let about = "the followed results: row k is draw k, columns RESULT.STRATEGY";
    Table::of("psa/followed.csv", about, columns, &followed.draws)
}

fn curves(run: &PsaAnswer, followed: &FollowedAnswer) -> Table {
    let (model, plan) = (run.model(), &followed.plan);
    type Row<'a> = (FollowedCurve, f64, Option<f64>, Option<&'a Summary>);
    let columns = vec![
        scenario(run.scenario),
        strategy(model, |r: &Row| r.0.strategy),
        endpoint(model, |r: &Row| r.0.endpoint),
        text("quantity", "kaplan_meier_survival or cumulative_incidence", "", |r: &Row| {
            match r.0.incidence {
                true => "cumulative_incidence",
                false => "kaplan_meier_survival",
            }
        }),
        number(
            "time_years",
            "years",
            "Time since the start, or since the start of the endpoint",
            |r: &Row| r.1,
        ),
        number("at_base", "proportion", "Curve at base values", |r: &Row| r.2),
        number("lower", "proportion", "2.5th percentile of the draws at this time", |r: &Row| {
            Some(r.3?.lower)
        }),
        number("median", "proportion", "Median of the draws at this time", |r: &Row| Some(r.3?.median)),
        number("upper", "proportion", "97.5th percentile of the draws at this time", |r: &Row| {
            Some(r.3?.upper)
        }),
        warning(model, |r: &Row| r.0.strategy),
    ];
    let along = |(c, curve): (usize, &FollowedCurve)| {
        let curve = *curve;
        (0..plan.points.len()).map(move |k| {
            let band = followed.band(c, k).filter(|_| run.has_intervals());
            (curve, model.time.years(plan.points[k]), followed.at_base(c, k), band)
        })
    };
    let rows: Vec<Row> = plan.curves.iter().enumerate().flat_map(along).collect();
    let about = "curves with bands of the uncertainty of the parameters, each time by itself: not the error of a simulation";
    Table::of("tables/curve_bands.csv", about, columns, rows)
}

fn claims(run: &PsaAnswer, followed: &FollowedAnswer) -> Table {
    let own = &run.scenario.followed;
    type Row = (usize, (f64, bool));
    let columns = vec![
        scenario(run.scenario),
        text("claim", "Name of the claim in [uncertainty.claims]", "", |r: &Row| {
            own.claims[r.0].name.clone()
        }),
        text("label", "Its label", "", |r: &Row| own.claims[r.0].label.clone()),
        text("says", "The condition, as the scenario has it", "", |r: &Row| own.claims[r.0].text.clone()),
        number("probability", "proportion", "Share of the draws in which it is true", |r: &Row| r.1.0),
        text("at_base", "Whether it is true at base values", "", |r: &Row| if r.1.1 { "yes" } else { "no" }),
    ];
    let rows = followed.claims(run.model(), own).into_iter().enumerate();
    Table::of("tables/claims.csv", "the claims of the scenario, with their probability", columns, rows)
}

/// One figure for each followed endpoint and strategy: its survival with the band of the draws, beside that of the reference.
pub fn figures(run: &PsaAnswer) -> Vec<Figure> {
    let Some(followed) = run.followed.as_ref().filter(|_| run.has_intervals()) else { return Vec::new() };
    let strategies = || (0..run.model().strategies.len()).filter(|&s| s != run.model().reference());
    let each = run.scenario.followed.curves.iter().flat_map(|&e| strategies().map(move |s| (e, s)));
    each.filter_map(|(endpoint, s)| beside_reference(run, followed, endpoint, s)).collect()
}

/// The survival of a strategy and of the reference; `None` if nobody is at risk under one of them.
fn beside_reference(run: &PsaAnswer, followed: &FollowedAnswer, endpoint: usize, s: usize) -> Option<Figure> {
    let model = run.model();
    let own = &model.endpoints[endpoint];
    let name = format!("uncertainty_{}_{}", own.name, model.strategies[s].name);
    let title = format!("{}, with the uncertainty of the parameters", own.free_label);
    Some(survival_figure(&SurvivalFigure {
        meta: meta(run, &name, &title),
        x_title: time_title(model, own),
        y_title: share_title(run.scenario, own),
        x_max: run.scenario.figures.years,
        label_at: labelled(run.scenario, &run.scenario.figures.landmarks),
        risk_title: String::new(),
        band: SurvivalBand::Parameters,
        band_note: Some(format!(
            "95\u{202F}% of {} draws of the parameters, at each time by itself; no Monte Carlo error of patients",
            grouped(run.question.draws)
        )),
        series: vec![
            series(run, followed, endpoint, model.reference())?,
            series(run, followed, endpoint, s)?,
        ],
    }))
}

/// Survival at base values with the band of the draws; `None` if nobody is at risk.
fn series(
    run: &PsaAnswer,
    followed: &FollowedAnswer,
    endpoint: usize,
    strategy: usize,
) -> Option<SurvivalSeries> {
    let (model, plan) = (run.model(), &followed.plan);
    let wanted = FollowedCurve { endpoint, strategy, incidence: false };
    let c = plan.curves.iter().position(|curve| *curve == wanted)?;
    let point = |k: usize| {
        Some(SurvivalPoint {
            time: model.time.years(plan.points[k]),
            survival: followed.at_base(c, k)?,
            limits: followed.band(c, k).map(|band| (band.lower, band.upper)),
        })
    };
    let points: Vec<SurvivalPoint> = (0..plan.points.len()).map_while(point).collect();
    (points.len() > 1).then(|| SurvivalSeries {
        strategy: drawn(model, strategy),
        exact: Some(points),
        monte_carlo: None,
        evidence_until: evidence_until(model, strategy, &model.endpoints[endpoint]),
        at_risk: Vec::new(),
    })
}

/// Lines for the console: followed results and claims.
pub fn lines(run: &PsaAnswer) -> Vec<String> {
    let Some(followed) = &run.followed else { return Vec::new() };
    let (model, own) = (run.model(), &run.scenario.followed);
    let (labels, width) = stub(model);
    let mut lines = Vec::new();
    for (i, result) in own.results.iter().enumerate() {
        let rows = followed.plan.results.iter().enumerate().filter(|(_, row)| row.result == i);
        let rows: Vec<_> = rows.collect();
        let share = rows.iter().all(|(_, row)| row.quantity.unit(model) == "proportion");
        let unit = match share {
            true => "%".to_string(),
            false => rows.first().map_or(String::new(), |(_, row)| row.quantity.unit(model)),
        };
        let interval = if run.has_intervals() { " and 95% interval" } else { "" };
        lines.push(format!("{} ({unit}): mean of the draws{interval}", result.label));
        for (k, row) in rows {
            let number = |x: f64| if share { format!("{:.0}", 100.0 * x) } else { amount(x, 2) };
            let cell = match followed.summary(k) {
                None => "-".to_string(),
                Some(s) if run.has_intervals() => {
                    format!("{} ({} to {})", number(s.mean), number(s.lower), number(s.upper))
                }
                Some(s) => number(s.mean),
            };
            lines.push(format!("  {:width$}{cell:>24}", labels[row.strategy]));
        }
    }
    if !own.claims.is_empty() {
        lines.push("Probability of each claim".to_string());
    }
    for (claim, (share, base)) in own.claims.iter().zip(followed.claims(model, own)) {
        let base = if base { "true" } else { "not true" };
        lines.push(format!("  {}: {share:.3} ({base} at base values)", claim.label));
    }
    lines
}
