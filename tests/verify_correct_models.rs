//! Regression tests for false alarms: correct models that `verify` once reported, in part together with the error that
//! it must still find.

use crate::common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Options, Severity, verify};
use common::shipped;

/// Ids of the checks that fail.
fn failures(text: &str, parameters: &str) -> Vec<&'static str> {
    let scenario = shipped::from_text(text, parameters);
    let options = Options { only: Vec::new(), quick: true };
    let found = verify(&scenario, &options, &AtomicBool::new(false), &|_| ());
    let found = found.expect("all names are known").expect("nobody stops it");
    let fails = |severity: Severity| severity == Severity::Fail;
    let checks = found.checks.iter();
    checks.filter(|c| c.verdict.findings.iter().any(|f| fails(f.severity))).map(|c| c.check.id).collect()
}

const HEAD: &str = r#"format = 1
title = "A correct model"
parameters = "parameters.csv"
[time]
cycle = "1 year"
horizon = "40 years"
"#;

const OUTCOMES: &str = r#"[outcomes.qaly]
unit = "QALYs"
correction = "half-cycle"
discount = { rate = "3 %" }
[outcomes.cost]
unit = "EUR"
correction = "half-cycle"
discount = { rate = "3 %" }
"#;

/// The state of death may have any name in any language, because the scenario declares which state it is.
#[test]
fn the_dead_need_no_english_name() {
    let model = |more: &str| {
        format!(
            r#"{HEAD}[population.start]
stabil = "rest"
[states]
stabil = {{}}
ende = {{ absorbing = true }}
[transitions.sterben]
from = "stabil"
to = "ende"
rate = "rate.sterben"
[verify]
dead = ["ende"]
{OUTCOMES}[rewards.care]
outcome = "cost"
per_year = "cost.care"
in = "stabil"
[rewards.quality]
outcome = "qaly"
per_year = "utility.stabil"
in = "stabil"
{more}[strategies.none]
reference = true
"#
        )
    };
    let parameters = "name,kind,base,unit,source\nrate.sterben,rate,0.21,per year,A\ncost.care,cost,900,EUR per year,A\nutility.stabil,utility,0.77,,A\n";
    assert_eq!(failures(&model(""), parameters), Vec::<&str>::new());
    let twice = "[rewards.again]\noutcome = \"qaly\"\nper_year = \"utility.stabil\"\nin = \"stabil\"\n";
    assert!(failures(&model(twice), parameters).contains(&"R14"));
}

/// A treatment that prevents every death, amounts written as plain numbers, and patients who start in two states with
/// different mortality.
#[test]
fn perfect_effects_typed_amounts_and_two_beginnings() {
    let text = format!(
        r#"{HEAD}[population.start]
mild = 0.6
severe = "rest"
[states]
mild = {{}}
severe = {{}}
dead = {{ absorbing = true }}
[transitions.worsen]
from = "mild"
to = "severe"
rate = "rate.worsen"
[transitions.die_mild]
from = "mild"
to = "dead"
rate = "rate.mild"
[transitions.die_severe]
from = "severe"
to = "dead"
rate = "rate.severe"
{OUTCOMES}[rewards.visit]
outcome = "cost"
per_year = 350
in = "mild"
[rewards.ward]
outcome = "cost"
per_year = "if(state == severe, cost.ward, 120)"
in = ["severe"]
[rewards.pill]
outcome = "cost"
once = 40
at_start = true
strategies = "cure"
[rewards.quality]
outcome = "qaly"
per_year = "if(state == severe, utility.severe, 0.93)"
in = ["mild", "severe"]
[strategies.none]
reference = true
[[strategies.cure.effects]]
on = ["die_mild", "die_severe"]
hazard_ratio = 0
"#
    );
    let parameters = "name,kind,base,unit,source\nrate.worsen,rate,0.2,per year,A\nrate.mild,rate,0.04,per year,A\nrate.severe,rate,0.3,per year,A\ncost.ward,cost,4000,EUR per year,A\nutility.severe,utility,0.55,,A\n";
    assert_eq!(failures(&text, parameters), Vec::<&str>::new());
}

/// Patients die only of the disease, and costs of carers continue after the patient's death.
#[test]
fn one_cause_of_death_and_what_comes_after_it() {
    let text = format!(
        r#"{HEAD}[population.start]
well = "rest"
[states]
well = {{}}
ill = {{}}
dead = {{ absorbing = true }}
[transitions.fall_ill]
from = "well"
to = "ill"
rate = "rate.ill"
[transitions.die]
from = "ill"
to = "dead"
rate = "rate.die"
{OUTCOMES}[rewards.care]
outcome = "cost"
per_year = "cost.care"
in = "ill"
[rewards.carers]
outcome = "cost"
per_year = "if(time_in(dead) < 2 years, cost.carers, 0)"
in = "dead"
[rewards.quality]
outcome = "qaly"
per_year = "utility[state]"
in = ["well", "ill"]
[strategies.none]
reference = true
"#
    );
    let parameters = "name,kind,base,unit,source\nrate.ill,rate,0.1,per year,A\nrate.die,rate,0.25,per year,A\ncost.care,cost,2000,EUR per year,A\ncost.carers,cost,700,EUR per year,A\nutility.well,utility,0.95,,A\nutility.ill,utility,0.6,,A\n";
    assert_eq!(failures(&text, parameters), Vec::<&str>::new());
}

/// An operation that kills one patient in two for two years and one in ten later: a branch proportion with a clock, in
/// a model without any other death before it.
#[test]
fn an_operation_may_be_all_that_kills() {
    for share in ["if(time < 2, 0.5, 0.1)", "0.5 * if(time_in(well) < 2, 0.5, 1)"] {
        let text = format!(
            r#"{HEAD}first = "none"
[population.start]
well = "rest"
[states]
well = {{}}
treated = {{}}
dead = {{ absorbing = true }}
[transitions.operate]
from = "well"
to = {{ dead = "{share}", treated = "rest" }}
rate = "rate.operate"
[transitions.die]
from = "treated"
to = "dead"
rate = "rate.die"
[strategies.none]
reference = true
"#
        );
        let parameters = "name,kind,base,unit,source
rate.operate,rate,0.2,per year,A
rate.die,rate,0.1,per year,A
";
        assert_eq!(failures(&text, parameters), Vec::<&str>::new(), "{share}");
    }
}

/// Every check runs alone, because shared results are computed only for the checks that declare them. A check that
/// reads an undeclared result would panic.
#[test]
fn every_check_runs_alone() {
    each_check_runs_alone("scenarios/published/sick_sicker_age_dependent.toml");
}

#[test]
#[ignore = "slow: run before every merge"]
fn every_check_runs_alone_on_the_largest_scenario() {
    each_check_runs_alone("scenarios/onfh/base.toml");
}

fn each_check_runs_alone(file: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let scenario = arcosim::scenario::load(&path, &[]).scenario.expect("a shipped scenario");
    for check in arcosim::analysis::verify::all() {
        let options = Options { only: vec![check.id.into()], quick: true };
        let found = verify(&scenario, &options, &AtomicBool::new(false), &|_| ());
        assert!(found.expect("a known id").is_some(), "{file}: {}", check.id);
    }
}
