//! Checks of costs and effects: each finds and names an error planted in a small correct model, and no check raises a
//! false alarm.

use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Checked, Options, Severity, Status, verify};
use arcosim::scenario::Scenario;

use crate::common::shipped;

/// A scenario with two drugs and their combination versus usual care, the states well, ill, worse and dead, and a
/// procedure with a complication.
const SCENARIO: &str = r#"
format     = 1
title      = "Well, ill, worse, dead"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "20 years"

[run]
patients = 1000
seed     = 1

[population.start]
well = "rest"

[states]
well  = { }
ill   = { }
worse = { }
dead  = { absorbing = true }

[groups]
alive = { except = ["dead"] }

[transitions.fall_ill]
from = "well"
to   = "ill"
rate = "rate.fall_ill"

[transitions.worsen]
from = "ill"
to   = "worse"
rate = "rate.worsen"

[transitions.recover]
from = "ill"
to   = "well"
rate = "rate.recover"

[transitions.die]
from = "alive"
to   = "dead"
rate = "rate.die[state]"

[strategies.usual]
reference = true

[strategies.drug]
[[strategies.drug.effects]]
on           = ["fall_ill", "worsen"]
hazard_ratio = "hr.drug"

[strategies.knife]
[strategies.knife.at_start]
bleeding   = { share = "share.bleeding", to = "same state" }
uneventful = { share = "rest", to = "same state" }
[[strategies.knife.effects]]
on           = ["worsen"]
hazard_ratio = "hr.knife"

[strategies.both]
[[strategies.both.effects]]
on           = ["fall_ill", "worsen"]
hazard_ratio = "hr.drug"
[[strategies.both.effects]]
on           = ["die"]
hazard_ratio = "hr.second"

[outcomes.cost]
unit       = "EUR"
correction = "life-table"
discount   = { rate = "discount.cost", at = "middle" }

[outcomes.qaly]
unit       = "QALYs"
correction = "life-table"
discount   = { rate = "discount.qaly", at = "middle" }

[rewards.care]
outcome  = "cost"
per_year = "cost.care[state]"
in       = ["well", "ill", "worse"]

[rewards.drug]
outcome    = "cost"
per_year   = "cost.drug"
in         = "alive"
strategies = ["drug", "both"]

[rewards.second]
outcome    = "cost"
per_year   = "cost.second"
in         = "alive"
strategies = ["both"]

[rewards.knife]
outcome    = "cost"
once       = "cost.knife"
at_start   = true
strategies = ["knife"]

[rewards.bleeding]
outcome    = "cost"
once       = "cost.bleeding"
at_start   = true
branches   = "bleeding"
strategies = ["knife"]

[rewards.admission]
outcome = "cost"
once    = "cost.admission"
on      = "worsen"

[rewards.quality]
outcome  = "qaly"
per_year = "utility[state]"
in       = ["well", "ill", "worse"]

[rewards.relief]
outcome    = "qaly"
per_year   = "utility.relief"
in         = "ill"
strategies = ["drug"]

[rewards.pain]
outcome    = "qaly"
once       = "loss.bleeding"
loss       = true
at_start   = true
branches   = "bleeding"
strategies = ["knife"]

[decision]
cost       = "cost"
effect     = "qaly"
thresholds = [{ value = 30_000, date = "2026", source = "assumption" }]

[verify]
progression = ["well", "ill", "worse"]
"#;

const PARAMETERS: &str = "\
name,kind,base,unit,source
rate.fall_ill,rate,0.2,per year,assumption
rate.worsen,rate,0.2,per year,assumption
rate.recover,rate,0.05,per year,assumption
rate.die.well,rate,0.01,per year,assumption
rate.die.ill,rate,0.03,per year,assumption
rate.die.worse,rate,0.1,per year,assumption
hr.drug,hr,0.7,,assumption
hr.second,hr,0.8,,assumption
hr.knife,hr,0.6,,assumption
share.bleeding,proportion,0.05,,assumption
cost.care.well,cost,100,EUR per year,assumption
cost.care.ill,cost,1000,EUR per year,assumption
cost.care.worse,cost,5000,EUR per year,assumption
cost.drug,cost,2000,EUR per year,assumption
cost.second,cost,1000,EUR per year,assumption
cost.knife,cost,3000,EUR,assumption
cost.bleeding,cost,4000,EUR,assumption
cost.admission,cost,2500,EUR,assumption
utility.well,utility,0.9,,assumption
utility.ill,utility,0.7,,assumption
utility.worse,utility,0.4,,assumption
utility.relief,utility,0.02,,assumption
loss.bleeding,disutility,0.02,QALYs,assumption
discount.cost,proportion,0.035,per year,assumption
discount.qaly,proportion,0.035,per year,assumption
";

fn verified(scenario: &Scenario, only: &str) -> Vec<Checked> {
    let options = Options { only: vec![only.into()], quick: false };
    let run = verify(scenario, &options, &AtomicBool::new(false), &|_| {});
    run.expect("known ids").expect("nobody stops it").checks
}

/// The scenario with these texts replaced; each text must exist.
fn planted(changes: &[(&str, &str)]) -> Scenario {
    let (mut scenario, mut parameters) = (SCENARIO.to_string(), PARAMETERS.to_string());
    for (old, new) in changes {
        assert!(scenario.contains(old) || parameters.contains(old), "{old} is not there");
        scenario = scenario.replace(old, new);
        parameters = parameters.replace(old, new);
    }
    shipped::from_text(&scenario, &parameters)
}

/// Requires that a check has a finding of this severity about `subject`, and that its text contains `words`.
fn finds(id: &str, severity: Severity, subject: &str, words: &str, changes: &[(&str, &str)]) {
    let checks = verified(&planted(changes), id);
    let findings = &checks[0].verdict.findings;
    let found =
        findings.iter().any(|f| f.severity == severity && f.subject == subject && f.text.contains(words));
    assert!(found, "{id} on {changes:?}: {:#?}", checks[0].verdict);
}

#[test]
fn the_sound_model_passes_every_check() {
    let checks = verified(&planted(&[]), "R");
    for own in &checks {
        assert!(own.status == Status::Pass, "{} {:?} {:#?}", own.check.id, own.status, own.verdict);
    }
    assert!(checks.len() > 30);
}

use Severity::{Fail, Warn};

#[test]
fn utilities_that_are_missing_doubled_or_per_cycle_are_found() {
    let quality = "per_year = \"utility[state]\"\nin       = [\"well\", \"ill\", \"worse\"]";
    let in_two = "per_year = \"utility[state]\"\nin       = [\"well\", \"ill\"]";
    finds(
        "R01",
        Fail,
        "worse",
        "the state has no utility",
        &[(quality, in_two), ("utility.worse,utility,0.4,,assumption\n", "")],
    );
    finds(
        "R01",
        Fail,
        "ill",
        "2 utilities are added up",
        &[("\"utility.relief\"", "\"utility.ill\""), ("utility.relief,utility,0.02,,assumption\n", "")],
    );
    finds(
        "R01",
        Fail,
        "well",
        "cycle length",
        &[("per_year = \"utility[state]\"", "per_year = \"utility[state] * cycle_length\"")],
    );
    finds(
        "R29",
        Warn,
        "quality",
        "cycle length",
        &[("per_year = \"utility[state]\"", "per_year = \"utility[state] * cycle_length\"")],
    );
    let dead = [
        (quality, "per_year = \"utility[state]\"\nin       = [\"well\", \"ill\", \"worse\", \"dead\"]"),
        (
            "utility.worse,utility,0.4,,assumption\n",
            "utility.worse,utility,0.4,,assumption\nutility.dead,utility,0.1,,assumption\n",
        ),
    ];
    finds("R01", Fail, "dead", "dead patients", &dead);
    finds("R31", Fail, "dead", "`quality`", &dead);
    finds(
        "R14",
        Fail,
        "usual",
        "above the highest",
        &[("per_year = \"utility[state]\"", "per_year = \"utility[state] * 1.5\"")],
    );
    finds(
        "R02",
        Warn,
        "quality",
        "typed",
        &[("per_year = \"utility[state]\"", "per_year = \"utility[state] - 0.1\"")],
    );
    finds("R03", Fail, "loss.bleeding", "more QALYs", &[("loss       = true\n", "")]);
}

#[test]
fn costs_in_the_wrong_place_or_of_the_wrong_sign_are_found() {
    finds("R04", Warn, "care", "typed", &[("\"cost.care[state]\"", "\"cost.care[state] + 50\"")]);
    finds("R05", Fail, "care", "`care`", &[("\"cost.care[state]\"", "\"max(cost.care[state], 400)\"")]);
    finds(
        "R16",
        Fail,
        "cost.admission",
        "lowers the cost",
        &[("on      = \"worsen\"", "on      = \"worsen\"\nloss    = true")],
    );
    finds(
        "R16",
        Fail,
        "cost.care.ill",
        "qaly",
        &[("\"utility.relief\"", "\"utility.relief * cost.care.ill / 1000\"")],
    );
    finds(
        "R27",
        Warn,
        "cost.admission",
        "it is never incurred",
        &[("rate.worsen,rate,0.2", "rate.worsen,rate,0")],
    );
    finds(
        "R31",
        Fail,
        "dead",
        "`drug`",
        &[(
            "in         = \"alive\"\nstrategies = [\"drug\", \"both\"]",
            "in         = [\"alive\", \"dead\"]\nstrategies = [\"drug\", \"both\"]",
        )],
    );
    finds(
        "R32",
        Warn,
        "knife",
        "no cost of its own",
        &[
            (
                "[rewards.knife]\noutcome    = \"cost\"\nonce       = \"cost.knife\"\nat_start   = true\nstrategies = [\"knife\"]\n",
                "",
            ),
            (
                "[rewards.bleeding]\noutcome    = \"cost\"\nonce       = \"cost.bleeding\"\nat_start   = true\nbranches   = \"bleeding\"\nstrategies = [\"knife\"]\n",
                "",
            ),
            ("cost.knife,cost,3000,EUR,assumption\n", ""),
            ("cost.bleeding,cost,4000,EUR,assumption\n", ""),
        ],
    );
    finds(
        "R33",
        Warn,
        "drug",
        "`drug`",
        &[("strategies = [\"drug\", \"both\"]", "strategies = [\"usual\"]")],
    );
    finds(
        "R35",
        Warn,
        "drug",
        "does not incur",
        &[("strategies = [\"drug\", \"both\"]", "strategies = [\"drug\"]")],
    );
}

#[test]
fn effects_and_complications_the_wrong_way_round_are_found() {
    // If the worse state has the higher utility, a treatment that slows progression reduces QALYs.
    finds(
        "R25",
        Warn,
        "knife",
        "of `qaly`",
        &[
            ("utility.ill,utility,0.7", "utility.ill,utility,0.2"),
            ("utility.worse,utility,0.4", "utility.worse,utility,0.95"),
        ],
    );
    finds("R18", Warn, "knife", "halved", &[("on           = [\"worsen\"]", "on           = [\"recover\"]")]);
    finds("R17", Fail, "share.bleeding", "counts as a gain", &[("loss       = true\n", "")]);
    finds(
        "R17",
        Warn,
        "share.bleeding",
        "no consequence",
        &[
            (
                "once       = \"cost.bleeding\"\nat_start   = true\nbranches   = \"bleeding\"",
                "once       = \"cost.bleeding\"\nat_start   = true",
            ),
            (
                "loss       = true\nat_start   = true\nbranches   = \"bleeding\"",
                "loss       = true\nat_start   = true",
            ),
        ],
    );
    finds(
        "R26",
        Warn,
        "worse",
        "`worse`",
        &[
            ("utility.worse,utility,0.4", "utility.worse,utility,0.99"),
            ("rate.die.worse,rate,0.1", "rate.die.worse,rate,0.001"),
        ],
    );
}

#[test]
fn discounting_and_the_decision_amiss_are_found() {
    finds("R30", Fail, "cost", "35%", &[("discount.cost,proportion,0.035", "discount.cost,proportion,0.35")]);
    finds(
        "R30",
        Warn,
        "qaly",
        "is not",
        &[
            ("discount   = { rate = \"discount.qaly\", at = \"middle\" }", "discount   = \"none\""),
            ("discount.qaly,proportion,0.035,per year,assumption\n", ""),
        ],
    );
    finds(
        "R06",
        Fail,
        "qaly",
        "at a discount rate of 0",
        &[("\"utility.relief\"", "\"utility.relief * (1 + discount.qaly)\"")],
    );
    finds(
        "R19",
        Warn,
        "cost",
        "weights of cycles",
        &[("unit       = \"EUR\"", "unit       = \"EUR\"\none_off    = \"weighted with the arrival cycle\"")],
    );
    finds("R34", Warn, "qaly", "factor of 100", &[("value = 30_000", "value = 0.03")]);
}

#[test]
fn moments_ages_and_ends_that_do_not_match_are_found() {
    finds(
        "R36",
        Warn,
        "drug",
        "paid until year 20",
        &[("hazard_ratio = \"hr.drug\"", "hazard_ratio = \"hr.drug\"\nfull_until   = \"2 years\"")],
    );
    finds(
        "R36",
        Warn,
        "drug",
        "never end",
        &[("per_year   = \"cost.drug\"", "per_year   = \"if(time < 2 years, cost.drug, 0)\"")],
    );
    finds(
        "R37",
        Warn,
        "drug",
        "reduces mortality in `worse`",
        &[
            ("[\"fall_ill\", \"worsen\"]", "[\"fall_ill\", \"worsen\", \"die\"]"),
            ("from = \"ill\"\nto   = \"well\"", "from = [\"ill\", \"worse\"]\nto   = \"well\""),
        ],
    );
    finds(
        "R38",
        Warn,
        "worse",
        "unlike the utility in other states",
        &[
            (
                "[population.start]",
                "[population.attributes]\nage = { normal = { mean = 50, sd = 10 }, within = [20, 80] }\n\n[population.start]",
            ),
            (
                "per_year = \"utility[state]\"",
                "per_year = \"utility[state] * if(state == worse, 1, 1 - 0.001 * (age - age_at_start))\"",
            ),
        ],
    );
    finds(
        "R29",
        Warn,
        "cost.drug",
        "only price",
        &[("cost.drug,cost,2000,EUR per year", "cost.drug,cost,2000,EUR per month")],
    );
    finds("R30", Warn, "cost", "formula", &[("\"discount.cost\"", "\"(1 + discount.cost) ^ 2 - 1\"")]);
    finds("R33", Warn, "drug", "every strategy", &[("strategies = [\"drug\", \"both\"]\n", "")]);
}

/// Requires that no check fails; warnings are printed.
fn none_fails(scenarios: Vec<(String, Scenario)>) {
    for (name, scenario) in scenarios {
        for own in verified(&scenario, "R") {
            for finding in &own.verdict.findings {
                println!("{name} {} {}: {}", own.check.id, finding.subject, finding.text);
            }
            assert!(own.status != Status::Fail, "{name}: {} {:#?}", own.check.id, own.verdict);
        }
    }
}

#[test]
fn no_shipped_model_fails() {
    none_fails(shipped::originals());
}

#[test]
#[ignore = "all overlays"]
fn no_shipped_overlay_fails() {
    none_fails(shipped::overlays());
}
