//! Checks of uncertainty on models with planted errors, and on the corresponding correct models.

use crate::common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Options, Severity, Status, Verification, verify};
use arcosim::scenario::Scenario;
use common::shipped;

fn run(scenario: &Scenario, only: &str, quick: bool) -> Verification {
    let options = Options { only: vec![only.to_string()], quick };
    let never = AtomicBool::new(false);
    let done = verify(scenario, &options, &never, &|_| ()).expect("ids that exist");
    done.expect("nobody stops it")
}

/// Text of all checks that did not pass.
fn words(verification: &Verification) -> String {
    let mut text = String::new();
    for own in &verification.checks {
        text.push_str(&format!("{} {} ({:?})", own.check.id, own.status.name(), own.took));
        if let Some(why) = &own.verdict.skipped {
            text.push_str(&format!(": {why}"));
        } else if own.verdict.findings.is_empty() {
            text.push_str(&format!(": {}", own.verdict.observed));
        }
        text.push('\n');
        for finding in &own.verdict.findings {
            text.push_str(&format!("    {:?} [{}] {}\n", finding.severity, finding.subject, finding.text));
        }
    }
    text
}

#[test]
fn shipped_scenarios_have_no_failure() {
    none_fails(shipped::originals());
}

#[test]
#[ignore = "all overlays"]
fn shipped_overlays_have_no_failure() {
    none_fails(shipped::overlays());
}

fn none_fails(scenarios: Vec<(String, Scenario)>) {
    let mut failed = String::new();
    for (name, scenario) in scenarios {
        let found = run(&scenario, "U", true);
        println!("{name}\n{}", words(&found));
        if !found.passes() {
            failed.push_str(&format!("{name}\n{}", words(&found)));
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// A small correct model: patients fall ill and die, and a drug slows the onset of illness.
const SCENARIO: &str = r#"
format     = 1
title      = "Small"
parameters = "parameters.csv"

[time]
cycle   = "1 year"
horizon = "30 years"

[run]
seed = 3

[population.start]
well = "rest"
frail = "share.frail"
weak = "share.weak"

[states]
well  = {}
frail = {}
weak  = {}
ill   = {}
dead  = { absorbing = true }

[groups]
alive = { except = ["dead"] }
early = { states = ["well", "frail", "weak"] }

[transitions.fall_ill]
from = "early"
to   = "ill"
rate = "rate.fall_ill"

[transitions.die]
from         = "alive"
to           = "dead"
rate         = "rate.die * hr.die[state]"

[strategies.usual]
reference = true

[strategies.drug]

[[strategies.drug.effects]]
on           = ["fall_ill"]
hazard_ratio = "hr.drug"

[strategies.device]

[[strategies.device.effects]]
on           = ["fall_ill"]
hazard_ratio = "hr.device"

[outcomes.cost]
unit       = "EUR"
correction = "half-cycle"
discount   = { rate = "discount", at = "point" }

[outcomes.qaly]
unit       = "QALYs"
correction = "half-cycle"
discount   = { rate = "discount", at = "point" }

[rewards.care]
outcome  = "cost"
per_year = "cost.ill"
in       = ["ill"]

[rewards.drug]
outcome    = "cost"
strategies = ["drug"]
per_year   = "cost.drug"
in         = ["early"]

[rewards.device]
outcome    = "cost"
strategies = ["device"]
per_year   = "cost.device"
in         = ["early"]

[rewards.quality]
outcome  = "qaly"
per_year = "utility.well"
in       = ["early"]

[rewards.quality_ill]
outcome  = "qaly"
per_year = "utility.well - decrement.ill"
in       = ["ill"]

[decision]
cost       = "cost"
effect     = "qaly"
thresholds = [{ value = 30_000, date = "2024", source = "invented" }]
"#;

const HEADER: &str =
    "name,kind,base,unit,low,high,range_basis,distribution,p1,p2,se,base_is,truncate,group,source\n";
const ROWS: [&str; 15] = [
    "share.frail,proportion,0.2,,,,,beta,,,0.03,,,,invented",
    "share.weak,proportion,0.1,,,,,beta,,,0.03,,,,invented",
    "rate.fall_ill,rate,0.2,per year,0.141,0.269,95CI,gamma,,,0.033,,,,invented",
    "rate.die,rate,0.01,per year,,,,gamma,,,0.001,,,,invented",
    "hr.die.well,hr,1,,,,,fixed,,,,,,,invented",
    "hr.die.frail,hr,1.5,,1.11,2.03,95CI,lognormal,,,,,,,invented",
    "hr.die.weak,hr,2,,1.48,2.7,95CI,lognormal,,,,,,,invented",
    "hr.die.ill,hr,4,,2.96,5.4,95CI,lognormal,,,,,,,invented",
    "hr.drug,hr,0.6,,0.45,0.8,95CI,lognormal,,,,,,,invented",
    "hr.device,hr,0.7,,0.52,0.94,95CI,lognormal,,,,,,,invented",
    "cost.ill,cost,5000,EUR per year,,,,gamma,,,800,,,,invented",
    "cost.drug,cost,900,EUR per year,,,,gamma,,,100,,,,invented",
    "cost.device,cost,600,EUR per year,,,,gamma,,,100,,,,invented",
    "utility.well,utility,0.85,,,,,beta,,,0.03,,,,invented",
    "decrement.ill,disutility,0.3,,,,,gamma,,,0.05,,,,invented",
];
const DISCOUNT: &str = "discount,proportion,0.03,per year,,,,fixed,,,,,,,invented";

/// The parameter table with some rows replaced by rows of the same name.
fn table(instead: &[&str]) -> String {
    let name = |row: &str| row.split(',').next().unwrap_or("").to_string();
    let rows = ROWS.iter().chain([&DISCOUNT]);
    let rows = rows.map(|row| *instead.iter().find(|new| name(new) == name(row)).unwrap_or(row));
    let all: Vec<&str> = rows.collect();
    format!("{HEADER}{}\n", all.join("\n"))
}

fn small(edits: &[(&str, &str)], instead: &[&str]) -> Scenario {
    let mut text = SCENARIO.to_string();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    shipped::from_text(&text, &table(instead))
}

/// Severity and subject of every finding of one check.
fn found(scenario: &Scenario, check: &str) -> Vec<(Severity, String)> {
    let verification = run(scenario, check, false);
    println!("{}", words(&verification));
    let findings = verification.checks[0].verdict.findings.iter();
    findings.map(|f| (f.severity, f.subject.clone())).collect()
}

/// Requires that a check has this finding, and no finding of higher severity.
fn finds(scenario: &Scenario, check: &str, severity: Severity, subject: &str) {
    let all = found(scenario, check);
    let wanted = (severity, subject.to_string());
    assert!(all.contains(&wanted) && all[0].0 == severity, "{check}: {all:?}");
}

#[test]
fn a_sound_model_has_nothing_but_what_it_should() {
    let verification = run(&small(&[], &[]), "U", false);
    let text = words(&verification);
    println!("{text}");
    for own in &verification.checks {
        let fine = own.status == Status::Pass || own.check.id == "U08" && own.status == Status::Skip;
        assert!(fine, "{} {:?}\n{text}", own.check.id, own.status);
    }
}

#[test]
fn without_distributions_nothing_is_passed_that_needs_them() {
    let full = table(&[]);
    let bare = full.lines().map(|line| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if cells[0] != "name" {
            cells[4..14].fill("");
        }
        cells.join(",")
    });
    let scenario = shipped::from_text(SCENARIO, &bare.collect::<Vec<_>>().join("\n"));
    let verification = run(&scenario, "U", false);
    for own in &verification.checks {
        let needs_none = ["U10", "U15"].contains(&own.check.id);
        let wanted = if needs_none { Status::Pass } else { Status::Skip };
        assert_eq!(own.status, wanted, "{}\n{}", own.check.id, words(&verification));
    }
}

#[test]
fn a_distribution_around_another_value_is_named() {
    let moved = small(&[], &["rate.fall_ill,rate,0.2,per year,,,,gamma,9,0.05,,,,,invented"]);
    finds(&moved, "U01", Severity::Warn, "rate.fall_ill");
    finds(&moved, "U02", Severity::Fail, "rate.fall_ill");
    // A base value at the end of its possible range causes a warning.
    let at_end = small(&[], &["utility.well,utility,1,,,,,beta,85,15,,neither,,,invented"]);
    finds(&at_end, "U02", Severity::Warn, "utility.well");
    let at_cut = small(&[], &["decrement.ill,disutility,0,,,,,normal,,,0.05,,0..,,invented"]);
    finds(&at_cut, "U02", Severity::Warn, "decrement.ill");
}

#[test]
fn a_mean_that_is_off_is_explained_by_its_parameter() {
    let skewed =
        small(&[], &["cost.ill,cost,5000,EUR per year,,,,lognormal,8.517193,1.2,,median,,,invented"]);
    finds(&skewed, "U03", Severity::Warn, "cost");
    let text = words(&run(&skewed, "U03", false));
    assert!(text.contains("`cost.ill` alone"), "{text}");
    // A wider distribution of the same parameter has a few extreme draws, which another check reports.
    let wild = small(&[], &["cost.ill,cost,5000,EUR per year,,,,lognormal,8.517193,4,,median,,,invented"]);
    finds(&wild, "U12", Severity::Warn, "usual");
    let text = words(&run(&wild, "U12", false));
    assert!(text.contains("`cost.ill`"), "{text}");
}

#[test]
fn strategies_that_never_differ_are_named() {
    let same = small(
        &[
            ("hazard_ratio = \"hr.device\"", "hazard_ratio = \"hr.drug\""),
            ("per_year   = \"cost.device\"", "per_year   = \"cost.drug\""),
        ],
        &[],
    );
    finds(&same, "U04", Severity::Warn, "device");
}

#[test]
fn what_is_impossible_in_some_draws_is_found() {
    let wide = [
        "share.frail,proportion,0.6,,,,,beta,,,0.15,,,,invented",
        "share.weak,proportion,0.3,,,,,beta,,,0.15,,,,invented",
    ];
    finds(&small(&[], &wide), "U06", Severity::Fail, "start");
    finds(&small(&[], &wide), "U16", Severity::Fail, "start");
    let gain = small(&[], &["decrement.ill,disutility,0.3,,,,,normal,,,0.2,,,,invented"]);
    finds(&gain, "U06", Severity::Warn, "decrement.ill");
    // Some draws are impossible, because stated probabilities in a row sum to more than 1.
    let stated = small(
        &[
            ("horizon = \"30 years\"", "horizon = \"30 years\"\nfirst = \"none\""),
            ("rate = \"rate.fall_ill\"", "rate = \"5 * rate.fall_ill\"\nstated = true"),
            (
                "rate         = \"rate.die * hr.die[state]\"",
                "rate = \"15 * rate.die * hr.die[state]\"\nstated = true",
            ),
        ],
        &[],
    );
    let all = found(&stated, "U06");
    assert!(all.iter().any(|(severity, _)| *severity == Severity::Fail), "{all:?}");
}

#[test]
fn a_discount_rate_that_varies_is_an_error() {
    let drawn = small(&[], &["discount,proportion,0.03,per year,,,,beta,,,0.005,,,,invented"]);
    finds(&drawn, "U07", Severity::Fail, "discount");
}

#[test]
fn a_range_that_tears_parameters_apart_is_named() {
    let group = "thresholds = [{ value = 30_000, date = \"2024\", source = \"invented\" }]\n";
    let with = |r: &str| {
        let text = format!(
            "{group}[uncertainty.correlated.deaths]\nparameters = [\"hr.die.frail\", \"hr.die.weak\"]\ncorrelation = {r}\n"
        );
        small(&[(group, &text)], &[])
    };
    finds(&with("0.95"), "U08", Severity::Warn, "deaths");
    assert_eq!(found(&with("0.3"), "U08"), []);
    assert_eq!(found(&with("0.95"), "U02"), []);
}

#[test]
fn a_parameter_that_matters_and_says_nothing_is_named() {
    let silent = small(&[], &["utility.well,utility,0.85,,,,,,,,,,,,invented"]);
    finds(&silent, "U09", Severity::Warn, "utility.well");
}

#[test]
fn swapped_signs_and_outcomes_are_errors() {
    let plus = small(&[("utility.well - decrement.ill", "utility.well + decrement.ill")], &[]);
    finds(&plus, "U10", Severity::Fail, "decrement.ill");
    let minus = small(&[("per_year   = \"cost.drug\"", "per_year   = \"-cost.drug\"")], &[]);
    finds(&minus, "U10", Severity::Fail, "cost.drug");
    let misled = small(
        &[(
            "outcome    = \"cost\"\nstrategies = [\"device\"]",
            "outcome    = \"qaly\"\nstrategies = [\"device\"]",
        )],
        &[],
    );
    finds(&misled, "U10", Severity::Fail, "cost.device");
    let inverted = small(&[("rate.die * hr.die[state]", "rate.die / hr.die[state]")], &[]);
    finds(&inverted, "U10", Severity::Fail, "hr.die.ill");
    let progression = |hr: &str| {
        let verify =
            format!("{SCENARIO}\n[verify]\nprogression = [\"well\", \"frail\", \"weak\", \"ill\"]\n");
        let text = verify.replace("hazard_ratio = \"hr.drug\"", &format!("hazard_ratio = \"{hr}\""));
        shipped::from_text(&text, &table(&[]))
    };
    assert_eq!(found(&progression("hr.drug"), "U10"), []);
    finds(&progression("1 / hr.drug"), "U10", Severity::Warn, "hr.drug");
}

#[test]
fn a_drawn_parameter_that_changes_nothing_is_named() {
    let dead = small(
        &[
            ("per_year = \"cost.ill\"", "per_year = \"cost.ill + 0 * cost.device\""),
            ("per_year   = \"cost.device\"", "per_year   = 600"),
        ],
        &[],
    );
    finds(&dead, "U15", Severity::Warn, "cost.device");
}

#[test]
fn a_spread_between_patients_is_no_standard_error() {
    let wide = small(&[], &["rate.fall_ill,rate,0.2,per year,0.141,0.269,95CI,gamma,,,0.128,,,,invented"]);
    finds(&wide, "U17", Severity::Warn, "rate.fall_ill");
    let narrow = small(&[], &["rate.fall_ill,rate,0.2,per year,0.141,0.269,95CI,gamma,,,0.005,,,,invented"]);
    finds(&narrow, "U17", Severity::Warn, "rate.fall_ill");
}

#[test]
fn ranges_that_lean_to_one_side_are_seen() {
    let leaning = [
        "rate.fall_ill,rate,0.2,per year,0.2,0.269,expert,fixed,,,,,,,invented",
        "hr.drug,hr,0.6,,0.45,0.6,expert,fixed,,,,,,,invented",
        "cost.drug,cost,900,EUR per year,500,900,expert,fixed,,,,,,,invented",
        "cost.ill,cost,5000,EUR per year,5000,7000,expert,fixed,,,,,,,invented",
        "cost.device,cost,600,EUR per year,300,600,expert,fixed,,,,,,,invented",
        "hr.device,hr,0.7,,0.52,0.7,expert,fixed,,,,,,,invented",
        "utility.well,utility,0.85,,,,,fixed,,,,,,,invented",
        "decrement.ill,disutility,0.3,,0.3,0.4,expert,fixed,,,,,,,invented",
        "hr.die.ill,hr,4,,4,5.4,expert,fixed,,,,,,,invented",
    ];
    let all = found(&small(&[], &leaning), "U13");
    assert_eq!(all.len(), 1, "{all:?}");
}

#[test]
fn arms_that_are_drawn_as_one_are_named() {
    let group = "thresholds = [{ value = 30_000, date = \"2024\", source = \"invented\" }]\n";
    let text = format!(
        "{group}[uncertainty.correlated.arms]\nparameters = [\"hr.drug\", \"hr.device\"]\ncorrelation = 1\n"
    );
    finds(&small(&[(group, &text)], &[]), "U18", Severity::Warn, "hr.device");
}
