//! Tests of the difference between two scenarios: Shapley contributions add up and match closed forms, and `arcosim
//! diff` works end to end.

use crate::common;

use std::fs;
use std::sync::atomic::AtomicBool;

use arcosim::analysis::diff::{Change, Difference, Method, STRUCTURE, difference};
use arcosim::analysis::evaluation::Integration;
use arcosim::scenario::Scenario;

use common::decision::{BASE, NUMBERS, Numbers, SCENARIO, scenario};
use common::program::{Folder, code};

static GO: AtomicBool = AtomicBool::new(false);
const LEAD: f64 = 20_000.0;

fn between(a: &Scenario, b: &Scenario) -> Difference {
    let found = difference([a, b], &["drug".to_string()], Integration::Nodes(8), &GO);
    found.unwrap().unwrap()
}

/// Contribution of each step to net benefit, with the name of the step.
fn benefit_by(found: &Difference) -> Vec<(String, f64)> {
    let shares = found.comparisons[0].benefit_by(LEAD).estimates();
    let names = found.steps.iter().map(|step| step.name.clone());
    names.zip(shares.iter().map(|share| share.value)).collect()
}

fn of(found: &Difference, name: &str) -> f64 {
    let all = benefit_by(found);
    all.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{all:?}")).1
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} for {expected}");
}

#[test]
fn nothing_lies_between_a_scenario_and_itself() {
    let found = between(&scenario("", &[]), &scenario("title = \"Another title\"\n", &[]));
    assert!(found.changes.is_empty() && found.steps.is_empty());
    let own = &found.comparisons[0];
    assert_eq!(own.cost[0], own.cost[1]);
    near(own.benefit(LEAD)[1], BASE.benefit(LEAD));
}

#[test]
fn each_gets_its_own_and_what_two_do_together_is_halved() {
    let set = [("cost.drug", "800"), ("utility", "0.9"), ("rr.drug", "0.3"), ("share.mild", "0.4")];
    let (a, b) = (scenario("", &[]), scenario("", &set));
    let found = between(&a, &b);
    assert_eq!(found.method, Method::Exact);
    assert_eq!(found.steps.len(), 4);
    let own = &found.comparisons[0];
    let changed = Numbers { drug: 800.0, utility: 0.9, rr: 0.3, ..BASE };
    near(own.benefit(LEAD)[0], BASE.benefit(LEAD));
    near(own.benefit(LEAD)[1], changed.benefit(LEAD));
    // The price of the drug has no interactions, and the share has no effect.
    near(of(&found, "cost.drug"), -300.0);
    near(of(&found, "share.mild"), 0.0);
    // Utility and relative risk interact, so the contribution of each is the mean of its effects as the first and as
    // the last change.
    let swap = |change: fn(Numbers) -> Numbers, other: fn(Numbers) -> Numbers| {
        let first = change(BASE).benefit(LEAD) - BASE.benefit(LEAD);
        let last = change(other(BASE)).benefit(LEAD) - other(BASE).benefit(LEAD);
        (first + last) / 2.0
    };
    let utility = |n: Numbers| Numbers { utility: 0.9, ..n };
    let rr = |n: Numbers| Numbers { rr: 0.3, ..n };
    near(of(&found, "utility"), swap(utility, rr));
    near(of(&found, "rr.drug"), swap(rr, utility));
    // Contributions add up for net benefit, cost, effect and the ICER, which exists because every combination costs
    // more and has more effect.
    let sum = |shares: &arcosim::analysis::diff::Shares| -> f64 {
        shares.estimates().iter().map(|e| e.value).sum()
    };
    near(sum(&own.benefit_by(LEAD)), own.benefit(LEAD)[1] - own.benefit(LEAD)[0]);
    near(sum(&own.cost_by), own.cost[1] - own.cost[0]);
    near(sum(&own.effect_by), own.effect[1] - own.effect[0]);
    let ratio = own.ratio.map(|r| r.value().unwrap());
    near(sum(own.ratio_by.as_ref().unwrap()), ratio[1] - ratio[0]);
    // Contributions in the opposite direction have the opposite sign.
    for (name, share) in benefit_by(&between(&b, &a)) {
        near(share, -of(&found, &name));
    }
}

#[test]
fn an_icer_that_is_none_on_the_way_is_not_divided() {
    let found = between(
        &scenario("", &[]),
        &scenario("", &[("cost.drug", "0"), ("cost.care", "0"), ("cost.severe", "0")]),
    );
    assert!(found.comparisons[0].ratio_by.is_none());
    assert_eq!(found.comparisons[0].ratio[1].value(), None);
}

#[test]
fn structure_is_one_step() {
    let overlay = "[time]\nhorizon = \"3 years\"\n[strategies.drug]\nlabel = \"Another label\"\n";
    let (a, b) = (scenario("", &[]), scenario(overlay, &[("cost.drug", "800")]));
    let found = between(&a, &b);
    let names: Vec<&str> = found.steps.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, [STRUCTURE, "cost.drug"]);
    let keys: Vec<&Change> = found.steps[0].changes.iter().map(|&i| &found.changes[i]).collect();
    assert!(matches!(keys[..], [Change::Key { key, .. }] if key == "time.horizon"), "{keys:?}");
    near(of(&found, "cost.drug"), -300.0);
    // Life years within three years are 1 + (1 - p) + (1 - p)^2, with p = 0.2 for usual care and 0.1 for the drug.
    let years = (1.0 + 0.9 + 0.81) - (1.0 + 0.8 + 0.64);
    let year = LEAD * BASE.utility - BASE.care - BASE.share * BASE.severe;
    near(of(&found, STRUCTURE), year * (years - 0.1));
}

/// A changed threshold is reported as a change but is not a step, because it affects no total.
#[test]
fn a_threshold_is_no_step() {
    let overlay = "[decision]\nthresholds = [{ value = 30_000, date = \"2027\", source = \"test\" }]\n";
    let found = between(&scenario("", &[]), &scenario(overlay, &[]));
    assert!(!found.changes.is_empty() && found.steps.is_empty(), "{:?}", found.changes);
}

fn folder() -> Folder {
    let folder = Folder::new();
    for (name, text) in [
        ("base.toml", SCENARIO),
        ("numbers.csv", NUMBERS),
        ("dear.toml", "extends = \"base.toml\"\n[set]\n\"cost.drug\" = 2000\nutility = 0.9\n"),
        ("dollars.toml", "extends = \"base.toml\"\n[outcomes.cost]\nunit = \"USD\"\n"),
    ] {
        fs::write(folder.0.join(name), text).unwrap();
    }
    folder
}

#[test]
fn diff_writes_a_folder_and_says_what_each_change_did() {
    let folder = folder();
    let output = folder.arcosim(&["diff", "base.toml", "dear.toml"]);
    code(&output, 0);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("500 GBP to 2000"), "{stdout}");
    let name = folder.names().into_iter().find(|n| n == "output").unwrap();
    let inner = fs::read_dir(folder.0.join(name)).unwrap().next().unwrap().unwrap().path();
    let table = fs::read_to_string(inner.join("tables/diff.csv")).unwrap();
    // One header, then for two strategies and two thresholds five rows each: before, two steps, total and after.
    assert_eq!(table.lines().count(), 1 + 2 * 2 * 5, "{table}");
    assert!(inner.join("tables/changes.csv").exists() && inner.join("manifest.json").exists());
    let lines: Vec<Vec<&str>> = table.lines().map(|l| l.split(',').collect()).collect();
    let column = |name: &str| lines[0].iter().position(|c| *c == name).unwrap();
    let own = |line: &&Vec<&str>| line[column("strategy")] == "drug" && line[column("threshold")] == "20000";
    let benefit = |kind: &str| -> f64 {
        let kind = lines.iter().filter(own).filter(|l| l[column("row")] == kind);
        kind.map(|l| l[column("incremental_nmb")].parse::<f64>().unwrap()).sum()
    };
    near(benefit("before"), BASE.benefit(LEAD));
    near(benefit("step"), benefit("total"));
    near(benefit("before") + benefit("total"), benefit("after"));
    let same = folder.arcosim(&["diff", "base.toml", "base.toml", "--out", "same"]);
    code(&same, 0);
    assert!(
        String::from_utf8(same.stdout).unwrap().contains("do not differ in anything that affects results")
    );
}

#[test]
fn diff_says_what_it_cannot_compare() {
    let folder = folder();
    let message = |args: &[&str]| {
        let output = folder.arcosim(args);
        code(&output, 2);
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(message(&["diff", "base.toml", "dollars.toml"]).contains("GBP"));
    let near = message(&["diff", "base.toml", "dear.toml", "--strategy", "drog"]);
    assert!(near.contains("did you mean `drug`"), "{near}");
    assert!(!folder.names().contains(&"output".to_string()));
}
