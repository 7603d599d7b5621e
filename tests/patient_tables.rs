//! A population of real patients: a table with one patient in a row. Every result is the weighted mean of the results of its patients,
//! each run as a population of its own.

use crate::common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::analysis::subgroups;
use arcosim::analysis::verify::{self, Status, verify};
use arcosim::engine::microsim::Watch;
use arcosim::scenario::Scenario;
use common::published::Published;
use common::{agreement, shipped, solve};

const MODEL: &str = r#"
format     = 1
title      = "Patients of a cohort"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "50 years"

POPULATION

[population.start]
by   = ["stage", "sex"]
well = "if(stage == early, 0.9, if(sex == female, 0.3, 0.5))"
ill  = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[groups]
alive = ["well", "ill"]

[tables.mortality]
file    = "mortality.csv"
by      = ["age", "sex"]
columns = { female = "female", male = "male" }
kind    = "rate per year"
source  = "made up"

[transitions]
fall_ill = { from = "well", to = "ill", rate = "rate.ill * exp(0.02 * (weight - 80)) * if(smoker == yes, 1.5, 1)" }
die      = { from = "alive", to = "dead", table = "mortality", hazard_ratio = "if(state == ill, 1.5, 1)" }

[strategies.usual]
label = "Usual care"

[strategies.drug]
eligible  = "weight < 90 and age_at_start > 50"
otherwise = "usual"

[[strategies.drug.effects]]
on           = "fall_ill"
hazard_ratio = 0.5

[outcomes.years]
unit       = "years"
correction = "life-table"
discount   = { rate = "3 %", at = "middle" }

[rewards.life]
outcome  = "years"
per_year = "if(state == ill, 0.6, 0.9) - 0.001 * weight"
in       = "alive"

[subgroups]
sex  = "sex"
size = { light = "weight < 80", heavy = "rest" }
"#;

const COLUMNS: &str = r#"
[population]
table   = "patients.csv"
weights = "w"

[population.attributes]
age    = { label = "Age", column = "AGE" }
sex    = { column = "Sex" }
weight = { column = "kg" }
stage  = { column = "stage" }
smoker = { by = "sex", yes = "if(sex == female, 0.2, 0.4)", no = "rest" }
"#;

const PARAMETERS: &str =
    "name,kind,unit,base,evidence,source,note\nrate.ill,rate,per year,0.1,assumption,test,\n";

const MORTALITY: &str =
    "age,female,male\n0,0.002,0.004\n40,0.005,0.01\n60,0.02,0.04\n75,0.1,0.15\n100,0.4,0.5\n";

/// Age, sex, weight, stage and weight of the row.
type Patient = (f64, &'static str, f64, &'static str, f64);

const PATIENTS: [Patient; 7] = [
    (61.0, "female", 72.5, "early", 1.0),
    (72.0, "male", 95.0, "late", 2.0),
    (48.0, "male", 81.0, "early", 0.5),
    (55.0, "female", 64.0, "late", 1.5),
    (66.5, "male", 88.0, "early", 3.0),
    (48.0, "female", 99.0, "late", 0.0),
    (72.0, "female", 79.9, "early", 1.0),
];

fn load(population: &str) -> Scenario {
    let mut table = String::from("id;AGE;Sex;kg;stage;w\n");
    for (i, (age, sex, weight, stage, share)) in PATIENTS.iter().enumerate() {
        // With the decimal comma of the spreadsheets that such tables come from.
        let comma = |x: f64| x.to_string().replace('.', ",");
        table += &format!("p{i};{};{sex};{};{stage};{}\n", comma(*age), comma(*weight), comma(*share));
    }
    let text = MODEL.replace("POPULATION", population);
    let files = [
        ("scenario.toml", text.as_str()),
        ("parameters.csv", PARAMETERS),
        ("mortality.csv", MORTALITY),
        ("patients.csv", table.as_str()),
    ];
    shipped::from_texts(&files, &[])
}

/// Each patient as a population of its own, with their share.
fn alone() -> Vec<(f64, Scenario)> {
    let sum: f64 = PATIENTS.iter().map(|patient| patient.4).sum();
    let one = |(age, sex, weight, stage, share): &Patient| {
        let is = |own: &str, other: &str| u8::from(own == other);
        let population = format!(
            "[population.attributes]
             age = {{ fixed = {{ value = {age} }} }}
             sex = {{ female = {}, male = \"rest\" }}
             weight = {{ fixed = {{ value = {weight} }} }}
             stage = {{ early = {}, late = \"rest\" }}
             smoker = {{ by = \"sex\", yes = \"if(sex == female, 0.2, 0.4)\", no = \"rest\" }}",
            is(sex, "female"),
            is(stage, "early"),
        );
        (share / sum, load(&population))
    };
    PATIENTS.iter().map(one).filter(|(share, _)| *share > 0.0).collect()
}

fn close(what: &str, is: f64, due: f64) {
    assert!((is - due).abs() < 1e-12 * due.abs().max(1.0), "{what}: {is}, due {due}");
}

#[test]
fn results_are_the_weighted_mean_of_the_patients() {
    let whole = Published::of(load(COLUMNS));
    let alone: Vec<(f64, Published)> = alone().into_iter().map(|(w, s)| (w, Published::of(s))).collect();
    for strategy in ["usual", "drug"] {
        let due: f64 = alone.iter().map(|(w, own)| w * own.total(strategy, "years")).sum();
        close(strategy, whole.total(strategy, "years"), due);
        for (state, point) in [("well", 0), ("ill", 0), ("well", 7), ("ill", 30), ("dead", 99)] {
            let due: f64 = alone.iter().map(|(w, own)| w * own.occupancy(strategy, state, point)).sum();
            close(state, whole.occupancy(strategy, state, point), due);
        }
        let square = |own: &Published| {
            let outcome = &own.exact.totals.strategies[own.strategy(strategy)].outcomes[0];
            outcome.sd.expect("a spread").powi(2) + outcome.mean * outcome.mean
        };
        let due: f64 = alone.iter().map(|(w, own)| w * square(own)).sum();
        assert!((square(&whole) - due).abs() < 1e-9 * due, "{}, due {due}", square(&whole));
    }
    let totals = Evaluator::new(whole.model(), Integration::Nodes(8)).totals(&solve::values(whole.model()));
    close("a draw", totals[1][0], whole.total("drug", "years"));
}

#[test]
fn subgroups_are_their_patients() {
    let whole = load(COLUMNS);
    let sets = subgroups::run(&whole.model, &[5.0], &Watch::default()).expect("nobody stops it");
    let alone = alone();
    let mean = |of: &dyn Fn(&Patient) -> bool| {
        let sum: f64 = PATIENTS.iter().map(|patient| patient.4).sum();
        let with = PATIENTS.iter().filter(|patient| patient.4 > 0.0).zip(&alone);
        let chosen: Vec<_> = with.filter(|(patient, _)| of(patient)).collect();
        let share: f64 = chosen.iter().map(|(patient, _)| patient.4 / sum).sum();
        let total: f64 = chosen
            .iter()
            .map(|(patient, (_, own))| patient.4 / sum * Published::of(own.clone()).total("drug", "years"))
            .sum();
        (share, total / share)
    };
    let due = [
        [mean(&|patient| patient.1 == "female"), mean(&|patient| patient.1 == "male")],
        [mean(&|patient| patient.2 < 80.0), mean(&|patient| patient.2 >= 80.0)],
    ];
    for (set, due) in sets.iter().zip(due) {
        for (group, (share, years)) in set.groups.iter().zip(due) {
            close("share", group.share, share);
            close("years", group.totals[1][0], years);
        }
    }
}

#[test]
fn simulated_patients_are_drawn_from_the_rows() {
    let scenario = load(COLUMNS);
    let options =
        Options::new(Engine::Both, 200_000, agreement::seed("patient tables", 0), vec![1.0, 5.0, 20.0]);
    let results = run(&scenario.model, &options, &Watch::default()).unwrap().agreement.unwrap();
    assert!(results.engines_agree(), "{:?} {:?}", results.worst_headline(), results.worst_cell);
    let said = |subject: &str| {
        let found = scenario.readings.iter().find(|(own, _)| own == subject);
        found.unwrap_or_else(|| panic!("no note on {subject}: {:?}", scenario.readings)).1.clone()
    };
    let note = said("table of patients");
    assert!(note.contains("`age`, `sex`, `weight` and `stage` of 7 patients"), "{note}");
    // 1, 1.5, 3 and 1 of 9 patients weigh less than 90 and are above 50.
    assert!(said("strategy `drug`").contains("72.2%"), "{}", said("strategy `drug`"));
}

/// The check of the simulated population knows the correlations of the rows, and the shares at the start of each case.
#[test]
fn verification_knows_the_rows() {
    let options = verify::Options { only: vec!["F16".to_string()], quick: false };
    let stop = AtomicBool::new(false);
    let verification = verify(&load(COLUMNS), &options, &stop, &|_| {}).unwrap().expect("nobody stops it");
    let checked = &verification.checks[0];
    assert_eq!(checked.status, Status::Pass, "{:?}", checked.verdict);
}
