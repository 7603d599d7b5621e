//! Clinical results of a probabilistic analysis: tables of followed results, curves and claims, figures with bands, and text.

use super::figures::meta;
use crate::analysis::psa::PsaAnswer;
use crate::analysis::psa::followed::{FollowedAnswer, FollowedCurve, FollowedDraw};
use crate::economics::Summary;
use crate::output::amount;
use crate::output::columns::{endpoint, scenario, strategy, warning};
use crate::output::figures::table::{Table, number, text};
use crate::output::figures::{
    Figure, SurvivalBand, SurvivalFigure, SurvivalPoint, SurvivalSeries, survival_figure,
};
use crate::output::strategies::{drawn, stub};
use arcosim_core::words::grouped;

/// Latest year at which survival is printed in the label of each curve.
const LABELLED: f64 = 5.0;

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
    let column = |(i, own): (usize, &crate::analysis::psa::followed::Followed)| {
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
    type Row = (FollowedCurve, f64, Option<f64>, Option<[f64; 3]>);
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
        number("lower", "proportion", "2.5th percentile of the draws at this time", |r: &Row| Some(r.3?[0])),
        number("median", "proportion", "Median of the draws at this time", |r: &Row| Some(r.3?[1])),
        number("upper", "proportion", "97.5th percentile of the draws at this time", |r: &Row| Some(r.3?[2])),
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
    let (model, plan) = (run.model(), &followed.plan);
    let reference = model.reference();
    let series = |endpoint: usize, s: usize| {
        let wanted = FollowedCurve { endpoint, strategy: s, incidence: false };
        let c = plan.curves.iter().position(|curve| *curve == wanted)?;
        let point = |k: usize| {
            Some(SurvivalPoint {
                time: model.time.years(plan.points[k]),
                survival: followed.at_base(c, k)?,
                limits: followed.band(c, k).map(|[low, _, high]| (low, high)),
            })
        };
        Some(SurvivalSeries {
            strategy: drawn(model, s),
            exact: Some((0..plan.points.len()).map_while(point).collect()),
            monte_carlo: None,
            evidence_until: model.strategies[s]
                .evidence_until
                .filter(|_| model.endpoints[endpoint].since.is_none()),
            at_risk: Vec::new(),
        })
    };
    let figure = |&endpoint: &usize| {
        let own = &model.endpoints[endpoint];
        let others = (0..model.strategies.len()).filter(move |&s| s != reference);
        others.filter_map(move |s| {
            let both: Vec<SurvivalSeries> = [reference, s].into_iter().filter_map(|s| series(endpoint, s)).collect();
            let name = format!("uncertainty_{}_{}", own.name, model.strategies[s].name);
            let title = format!("{}, with the uncertainty of the parameters", own.free_label);
            let landmarks = run.scenario.figures.landmarks.iter().copied();
            // A strategy under which nobody is at risk has no curve.
            (both.len() == 2 && both.iter().all(|series| series.exact.as_ref().is_some_and(|points| points.len() > 1)))
                .then(|| {
                    survival_figure(&SurvivalFigure {
                        meta: meta(run, &name, &title),
                        x_title: match own.since {
                            Some(group) => format!("Years since entering “{}”", model.groups[group].label),
                            None => "Years since the start".into(),
                        },
                        y_title: format!("{} (% of {})", own.free_label, run.scenario.figures.unit),
                        x_max: run.scenario.figures.years,
                        label_at: landmarks.filter(|years| *years <= LABELLED).reduce(f64::max),
                        risk_title: String::new(),
                        band: SurvivalBand::Parameters,
                        band_note: Some(format!(
                            "95\u{202F}% of {} draws of the parameters, at each time by itself; no Monte Carlo error of patients",
                            grouped(run.question.draws)
                        )),
                        series: both,
                    })
                })
        })
    };
    run.scenario.followed.curves.iter().flat_map(figure).collect()
}

/// Text for the console and README.txt: followed results and claims.
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
        lines.push(
            format!("{} ({unit}): mean of the draws", result.label)
                + if run.has_intervals() { " and 95% interval" } else { "" },
        );
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
