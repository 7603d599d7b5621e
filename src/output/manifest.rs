//! `manifest.json` and `summary.json`: what was run, and what came out, for programs. Neither knows the time of
//! day, the machine or the number of threads: the same run writes the same bytes.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::outcomes::{Sampled, sampled};
use super::run::{HYPOTHETICAL, Run};
use super::table::Table;
use crate::analysis::curves::Curves;
use crate::analysis::curves::Source;
use crate::analysis::landmarks::{self, incidence, median, on_grid, restricted_mean, survival};
use crate::analysis::outcomes::Worth;
use crate::analysis::{agreement, expected};
use crate::engine::Total;
use crate::scenario::Scenario;

/// How random numbers come about; part of what reproduces a run.
const RANDOM: &str = "philox2x64-10 keyed by seed, draw, name, patient, occurrence";

/// SHA-256 over the hashes of all inputs and the overrides: one word for "the same inputs".
pub fn inputs_hash(run: &Run) -> String {
    let files = run.scenario.files.iter();
    hash_of(files.map(|file| file.sha256.as_str()), run.overrides)
}

/// SHA-256 over the hashes of all inputs of a scenario.
pub fn hash_of_scenario(scenario: &Scenario) -> String {
    hash_of(scenario.files.iter().map(|file| file.sha256.as_str()), &[])
}

/// SHA-256 over these hashes of inputs and over the overrides.
pub fn hash_of<'a>(hashes: impl Iterator<Item = &'a str>, overrides: &[(String, String)]) -> String {
    let mut all = Sha256::new();
    for hash in hashes {
        all.update(hash);
    }
    for (name, value) in overrides {
        all.update(format!("\n{name}={value}"));
    }
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was run.
pub fn manifest(run: &Run) -> Map<String, Value> {
    let overrides: Map<String, Value> =
        run.overrides.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let simulates = run.options.engine.simulates();
    let about = json!({
        "program": "arcosim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": "run",
        "scenario": run.scenario.name,
        "scenario_file": run.record.originals.place(&run.scenario.files[0].path),
        "title": run.model().title,
        "engine": run.options.engine.name(),
        "patients": simulates.then_some(run.options.patients),
        "seed": simulates.then_some(run.options.seed),
        "random_numbers": simulates.then_some(RANDOM),
        "outcomes": conventions(run),
        "event_histories": run.histories.len() / run.model().strategies.len().max(1),
        "overrides": overrides,
        "inputs_sha256": inputs_hash(run),
    });
    super::object(about)
}

/// What came out: everything that the console printed, and a little more.
pub fn summary(run: &Run, tables: &[Table]) -> Value {
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
        "patients": run.options.engine.simulates().then_some(run.options.patients),
        "seed": run.options.engine.simulates().then_some(run.options.seed),
        "cycles": model.time.cycles,
        "cycles_per_year": model.time.cycles_per_year,
        "horizon_years": model.time.years(model.time.cycles),
        "integration_error": run.results.exact.as_ref().map(|x| x.integration_error),
        "agreement": run.results.agreement.as_ref().map(agreement_summary),
        "expected": run.expected.map(expected_summary),
        "outcomes": conventions(run),
        "economics": super::cost_effectiveness::summary(run),
        "strategies": strategies,
        "files": tables.iter().map(|t| t.path.as_str()).collect::<Vec<_>>(),
    })
}

/// How each outcome is counted and discounted.
fn conventions(run: &Run) -> Vec<Value> {
    let model = run.model();
    let outcomes = model.outcomes.iter();
    outcomes.map(|outcome| super::conventions::fields(model, outcome)).collect()
}

/// Totals and increments of a strategy, by outcome.
fn outcomes(run: &Run, s: usize) -> Map<String, Value> {
    let outcomes = run.model().outcomes.iter().enumerate();
    outcomes.map(|(o, outcome)| (outcome.name.clone(), self::outcome(run, s, o))).collect()
}

fn outcome(run: &Run, s: usize, o: usize) -> Value {
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
                    let amount = breakdown.component(Worth::Discounted, s, c, horizon);
                    (model.components[c].category.clone(), json!(amount))
                };
                let categories: Map<String, Value> = breakdown.components[o].iter().map(category).collect();
                json!({
                    "total": breakdown.total(Worth::Discounted, s, o, horizon),
                    "sd_between_patients": total.and_then(|t| t.sd),
                    "total_undiscounted": breakdown.total(Worth::Undiscounted, s, o, horizon),
                    "increment": breakdown.increment(Worth::Discounted, s, o, horizon),
                    "increment_undiscounted": breakdown.increment(Worth::Undiscounted, s, o, horizon),
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

fn endpoint(run: &Run, s: usize, e: usize) -> Value {
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

fn at_landmarks(run: &Run, source: Source, curves: &Curves) -> Value {
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
    // Infinite where chance allows nothing; JSON has no such number.
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

fn expected_summary(rows: &[expected::Comparison]) -> Value {
    let missed = rows.iter().filter(|c| c.misses()).count();
    json!({ "rows": rows.len(), "missed": missed })
}
