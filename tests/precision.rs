//! Precision on request: `arcosim run --until`.

use crate::common;

use std::fs;

use arcosim::analysis::precision::{self, Precision};
use arcosim::engine::microsim::{self, BLOCK, Settings, Watch};
use arcosim::model::Tables;
use arcosim::scenario::Scenario;
use common::program::{Folder, code, stderr, stdout};
use common::shipped;

/// A drug that costs money and delays illness.
const SCENARIO: &str = r#"
format = 1
title  = "A small decision"

[time]
cycle   = "1 year"
horizon = "20 years"

[run]
patients = 1000
seed     = 5

[population.start]
well = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[transitions]
fall_ill = { from = "well", to = "ill", rate = 0.1 }
die_well = { from = "well", to = "dead", rate = 0.02 }
die_ill  = { from = "ill", to = "dead", rate = 0.2 }

[strategies.usual]
reference = true

[strategies.drug]

[[strategies.drug.effects]]
on           = "fall_ill"
hazard_ratio = 0.6

[outcomes.cost]
unit     = "EUR"
discount = { rate = "3 %" }
correction = "half-cycle"

[outcomes.qaly]
unit     = "QALYs"
discount = { rate = "3 %" }
correction = "half-cycle"

[rewards]
well = { outcome = "qaly", per_year = 0.9, in = "well" }
ill  = { outcome = "qaly", per_year = 0.6, in = "ill" }
care = { outcome = "cost", per_year = 2000, in = "ill" }
drug = { outcome = "cost", per_year = 500, in = "well", strategies = ["drug"] }

[decision]
cost       = "cost"
effect     = "qaly"
thresholds = [{ value = 20_000, date = "2026", source = "x" }]
"#;

fn scenario() -> Scenario {
    shipped::from_texts(&[("scenario.toml", SCENARIO)], &[])
}

fn condition(text: &str, scenario: &Scenario) -> Precision {
    Precision::read(text, &scenario.model, scenario.decision.as_ref()).unwrap()
}

/// The run ends at the first look at which the condition holds, with the results of a run of that many patients.
#[test]
fn patients_are_added_until_the_error_is_small_enough() {
    let scenario = scenario();
    let tables = Tables::new(&scenario.model, &scenario.model.base_values());
    let until = condition("se(nmb) < 50", &scenario);
    let decision = scenario.decision.as_ref().unwrap();
    let together = Some((decision.cost, decision.effect));
    let settings = Settings { together, ..Settings::new(10_000_000, 5) };
    let reached =
        precision::simulate(&tables, &settings, std::slice::from_ref(&until), &Watch::default()).unwrap();
    let patients = reached.counts.patients as u64;
    assert!(patients.is_multiple_of(BLOCK) && patients > 16 * BLOCK && patients < 10_000_000, "{patients}");
    let se = until.standard_error(&scenario.model, &reached.totals.strategies, patients);
    assert!(se < 50.0 && se > 45.0, "{se} with {patients} patients");
    let fixed = Settings { patients, ..settings };
    assert!(microsim::run(&tables, &fixed, &Watch::default()).unwrap() == reached);
}

/// The error of net benefit from the spread of cost, of effect and their covariance is that of net benefit counted for each patient.
#[test]
fn net_benefit_has_the_error_of_net_benefit_counted_for_each_patient() {
    let benefit = r#"
[outcomes.benefit]
unit     = "EUR"
discount = { rate = "3 %" }
correction = "half-cycle"

[rewards.benefit_well]
outcome  = "benefit"
per_year = "0.9 * 20000"
in       = "well"

[rewards.benefit_ill]
outcome  = "benefit"
per_year = "0.6 * 20000 - 2000"
in       = "ill"

[rewards.benefit_drug]
outcome    = "benefit"
per_year   = -500
in         = "well"
strategies = ["drug"]
"#;
    let scenario = shipped::from_texts(&[("scenario.toml", &format!("{SCENARIO}{benefit}"))], &[]);
    let decision = scenario.decision.as_ref().unwrap();
    let tables = Tables::new(&scenario.model, &scenario.model.base_values());
    // Several blocks, the last one incomplete.
    let settings =
        Settings { together: Some((decision.cost, decision.effect)), ..Settings::new(3 * BLOCK + 777, 2) };
    let totals = microsim::run(&tables, &settings, &Watch::default()).unwrap().totals;
    let drug = &totals.strategies[1];
    let own = drug.sd_of_net_benefit(decision.cost, decision.effect, 20_000.0).unwrap();
    let due = drug.increments[2].sd.unwrap();
    assert!(due > 1000.0 && (own - due).abs() < 1e-9 * due, "{own} against {due}");
}

#[test]
fn conditions_that_cannot_be_read_say_why() {
    let scenario = scenario();
    let refused = |text: &str| match Precision::read(text, &scenario.model, scenario.decision.as_ref()) {
        Err(arcosim::analysis::Refusal::Question(why)) => why,
        other => panic!("{text}: {other:?}"),
    };
    assert!(refused("nmb < 100").contains("write a standard error and its limit"));
    assert!(refused("se(nmb) < some").contains("`some` is not a number above 0"));
    assert!(refused("se(nmb) < 0").contains("`0` is not a number above 0"));
    assert!(refused("se(qalys) < 0.01").contains("did you mean `qaly`?"));
    assert!(
        refused("se(deaths) < 1").contains("write `nmb`, `cost` or `qaly`"),
        "{}",
        refused("se(deaths) < 1")
    );
}

/// What was asked for and reached stands on the console and in the folder; a limit on patients that ends the run earlier is a finding.
#[test]
fn a_run_says_what_was_reached() {
    let folder = Folder::new();
    fs::write(folder.0.join("scenario.toml"), SCENARIO).unwrap();
    let run = |until: &str, more: &[&str]| {
        let run = ["run", "--engine", "microsim", "--until", until, "--out", "out"];
        folder.arcosim(&[&run[..], more].concat())
    };
    let output = run("se(nmb) < 60", &[]);
    code(&output, 0);
    assert!(stdout(&output).contains("Patients were added until se(nmb) < 60"), "{}", stdout(&output));
    let readme = fs::read_to_string(folder.0.join("out/README.txt")).unwrap();
    assert!(readme.contains("Patients were added until se(nmb) < 60"), "{readme}");
    let table = fs::read_to_string(folder.0.join("out/net_benefit.csv")).unwrap();
    assert!(table.lines().next().unwrap().contains("incremental_nmb,se_incremental_nmb"));
    code(&folder.arcosim(&["reproduce", "out"]), 0);

    let output = run("se(nmb) < 1", &["-n", "5000"]);
    code(&output, 1);
    assert!(stdout(&output).contains("WARNING: se(nmb) < 1"), "{}", stdout(&output));
    let output = run("se(nbm) < 1", &[]);
    code(&output, 2);
    assert!(stderr(&output).contains("did you mean `nmb`?"), "{}", stderr(&output));
    let output = folder.arcosim(&["run", "--engine", "cohort", "--until", "se(nmb) < 1", "--out", "out"]);
    code(&output, 2);
}
