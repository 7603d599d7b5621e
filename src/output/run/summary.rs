//! `summary.json`: the main results of a run, for programs.

use serde_json::{Map, Value, json};

use super::cost_effectiveness::ratio;
use super::decision::status;
use crate::analysis::curves::{Curves, Source};
use crate::analysis::landmarks::{self, incidence, median, on_grid, restricted_mean, survival};
use crate::analysis::outcomes::Discounting;
use crate::analysis::run::RunAnswer;
use crate::analysis::sampling::{Sampled, sampled};
use crate::analysis::{agreement, expected};
use crate::engine::Total;
use crate::output::strategies::HYPOTHETICAL;

/// The results as JSON, including everything printed on the console.
pub fn summary(run: &RunAnswer, files: &[String]) -> Value {
    let model = run.model();
    let strategies: Vec<Value> = model
        .strategies
        .iter()
        .enumerate()
        .map(|(s, strategy)| {
            let endpoints: Map<String, Value> = model
                .endpoints
                .iter()
                .enumerate()
                .map(|(e, endpoint)| (endpoint.name.clone(), self::endpoint(run, s, e)))
                .collect();
            json!({
                "name": strategy.name,
                "label": strategy.label,
                "reference": strategy.reference,
                "bound": strategy.bound,
                "hypothetical": strategy.hypothetical,
                "warning": strategy.hypothetical.then_some(HYPOTHETICAL),
                "evidence_until_years": strategy.evidence_until,
                "endpoints": endpoints,
                "outcomes": outcomes(run, s),
            })
        })
        .collect();
    json!({
        "scenario": run.scenario.name,
        "title": model.title,
        "engine": run.options.engine.name(),
        "patients": run.patients(),
        "seed": run.options.engine.simulates().then_some(run.options.seed),
        "cycles": model.time.cycles,
        "cycles_per_year": model.time.cycles_per_year,
        "horizon_years": model.time.years(model.time.cycles),
        "integration_error": run.results.exact.as_ref().map(|x| x.integration_error),
        "agreement": run.results.agreement.as_ref().map(agreement_summary),
        "expected": run.expected.as_deref().map(expected_summary),
        "outcomes": conventions(run),
        "economics": economics(run),
        "strategies": strategies,
        "files": files,
    })
}

/// The conventions by which each outcome is counted and discounted, as JSON.
pub fn conventions(run: &RunAnswer) -> Vec<Value> {
    let model = run.model();
    let outcomes = model.outcomes.iter();
    outcomes.map(|outcome| super::conventions::fields(model, outcome)).collect()
}

/// Totals and increments of a strategy for each outcome, as JSON.
fn outcomes(run: &RunAnswer, s: usize) -> Map<String, Value> {
    let outcomes = run.model().outcomes.iter().enumerate();
    outcomes.map(|(o, outcome)| (outcome.name.clone(), self::outcome(run, s, o))).collect()
}

fn outcome(run: &RunAnswer, s: usize, o: usize) -> Value {
    let model = run.model();
    let horizon = model.time.cycles;
    let mut all = Map::new();
    for (source, solution) in run.results.solutions() {
        let totals = solution.totals.strategies.get(s);
        let total = totals.and_then(|t| t.outcomes.get(o));
        let increment = totals.and_then(|t| t.increments.get(o));
        let one = match (source, &run.breakdown) {
            (Source::Exact, Some(breakdown)) => {
                let category = |&c: &usize| {
                    let amount = breakdown.component(Discounting::Discounted, s, c, horizon);
                    (model.components[c].category.clone(), json!(amount))
                };
                let categories: Map<String, Value> = breakdown.components[o].iter().map(category).collect();
                json!({
                    "total": breakdown.total(Discounting::Discounted, s, o, horizon),
                    "sd_between_patients": total.and_then(|t| t.sd),
                    "total_undiscounted": breakdown.total(Discounting::Undiscounted, s, o, horizon),
                    "increment": breakdown.increment(Discounting::Discounted, s, o, horizon),
                    "increment_undiscounted": breakdown.increment(Discounting::Undiscounted, s, o, horizon),
                    "categories": categories,
                })
            }
            _ => {
                let estimate = |total: Option<&Total>| {
                    total.map(|total| {
                        let Sampled { se, limits } = sampled(total, solution.counts.patients);
                        json!({
                            "estimate": total.mean,
                            "se": se,
                            "low": limits.map(|l| l.0),
                            "high": limits.map(|l| l.1),
                            "sd_between_patients": total.sd,
                        })
                    })
                };
                json!({ "total": estimate(total), "increment": estimate(increment) })
            }
        };
        all.insert(source.name().into(), one);
    }
    Value::Object(all)
}

fn endpoint(run: &RunAnswer, s: usize, e: usize) -> Value {
    let mut all = Map::new();
    for (source, solution) in run.results.solutions() {
        let counts = &solution.counts.strategies[s].endpoints[e];
        let n = solution.counts.patients;
        let mut one = json!({
            "not_at_risk_at_start": counts.beyond / n,
            "entered": counts.entered / n,
        });
        match &solution.curves[s][e] {
            Some(curves) => {
                let m = median(curves, source);
                one["median_years"] = json!({ "estimate": m.years, "low": m.low, "high": m.high });
                one["landmarks"] = at_landmarks(run, source, curves);
            }
            None => one["status"] = super::survival::NOBODY.into(),
        }
        all.insert(source.name().into(), one);
    }
    Value::Object(all)
}

fn at_landmarks(run: &RunAnswer, source: Source, curves: &Curves) -> Value {
    let value = |v: Option<landmarks::Value>| match v {
        Some(v) if v.se.is_some() => json!({
            "estimate": v.estimate,
            "se": v.se,
            "low": v.limits.map(|l| l.lower),
            "high": v.limits.map(|l| l.upper),
        }),
        Some(v) => json!({ "estimate": v.estimate }),
        None => Value::Null,
    };
    let rows = run.landmarks().iter().map(|&years| {
        let years = on_grid(&run.model().time, years);
        json!({
            "years": years,
            "kaplan_meier_survival": value(survival(curves, source, years)),
            "cumulative_incidence": value(incidence(curves, source, years)),
            "rmst_years": value(restricted_mean(curves, source, years)),
        })
    });
    rows.collect()
}

fn agreement_summary(a: &agreement::Agreement) -> Value {
    // An infinite difference (the results differ although the standard error is zero) becomes text, because JSON has no infinity.
    let distance = |z: Option<f64>| match z {
        Some(z) if z.is_finite() => json!(z),
        Some(_) => json!("differs where chance allows nothing"),
        None => Value::Null,
    };
    json!({
        "passes": a.passes(),
        "engines_agree": a.engines_agree(),
        "integration_error": a.integration_error,
        "integration_error_limit": agreement::INTEGRATION_LIMIT,
        "headlines": a.headlines.len(),
        "largest_headline_difference_in_se": distance(a.worst_headline().map(|c| c.z)),
        "headline_limit": agreement::HEADLINE_LIMIT,
        "cells": a.cells,
        "largest_cell_difference_in_se": distance(a.worst_cell.map(|c| c.z)),
        "cell_limit": agreement::CELL_LIMIT,
    })
}

fn expected_summary(rows: &[expected::ExpectedComparison]) -> Value {
    let missed = rows.iter().filter(|c| c.misses()).count();
    json!({ "rows": rows.len(), "missed": missed })
}

/// Cost-effectiveness results as JSON; none if the scenario has no decision.
fn economics(run: &RunAnswer) -> Option<Value> {
    let (decision, found) = (run.scenario.decision.as_ref()?, run.economics.as_ref()?);
    let model = run.model();
    let found = match found {
        Ok(found) => found,
        Err(why) => return Some(json!({ "status": why })),
    };
    let name = |s: usize| model.strategies[s].name.as_str();
    let names = |all: &[usize]| all.iter().map(|&s| name(s)).collect::<Vec<_>>();
    let strategies: Vec<Value> = (found.table.rows.iter())
        .map(|row| {
            let s = row.strategy;
            let pair = &found.pairs[s];
            let benefits = found.benefits[s].iter().zip(&decision.thresholds);
            let benefits: Vec<Value> = benefits
                .map(|(benefit, threshold)| {
                    json!({
                        "threshold": threshold.value,
                        "nmb": benefit.nmb,
                        "nhb": benefit.nhb,
                        "incremental_nmb": benefit.incremental_nmb,
                    })
                })
                .collect();
            json!({
                "name": name(s),
                "cost": row.cost,
                "effect": row.effect,
                "status": status(row.status, name),
                "compared_with": row.step.map(|step| name(step.against)),
                "incremental_cost": row.step.map(|step| step.cost),
                "incremental_effect": row.step.map(|step| step.effect),
                "icer": row.step.map(|step| step.icer),
                "against_reference": (s != found.reference).then(|| json!({
                    "incremental_cost": pair.cost,
                    "incremental_effect": pair.effect,
                    "ratio": ratio(pair.comparison),
                    "comparison": pair.comparison.to_string(),
                    "quadrant": pair.quadrant.to_string(),
                })),
                "net_benefit": benefits,
            })
        })
        .collect();
    let thresholds: Vec<Value> = (decision.thresholds.iter().zip(&found.best))
        .map(|(threshold, best)| {
            json!({
                "value": threshold.value,
                "date": threshold.date,
                "source": threshold.source,
                "note": threshold.note,
                "best_on_offer": names(best),
            })
        })
        .collect();
    let switches: Vec<Value> = (found.switches.iter())
        .map(|point| json!({ "threshold": point.threshold, "from": name(point.from), "to": name(point.to) }))
        .collect();
    Some(json!({
        "status": "ok",
        "source": found.source.name(),
        "cost": model.outcomes[decision.cost].name,
        "effect": model.outcomes[decision.effect].name,
        "reference": name(found.reference),
        "frontier": names(&found.table.frontier()),
        "switch_points": switches,
        "thresholds": thresholds,
        "strategies": strategies,
    }))
}
