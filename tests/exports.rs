//! Exported files for other programs (BCEA, dampack, voi) are read back and analysed independently: decision,
//! acceptability and value of information must equal arcosim's own output.

use crate::common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::scenario::load;

use common::program::{Folder, code, columns, numbers};

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let all = columns(path);
    let count = all.values().next().map_or(0, Vec::len);
    let row = |i: usize| all.iter().map(|(head, cells)| (head.clone(), cells[i].clone())).collect();
    (0..count).map(row).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[track_caller]
fn near(found: f64, expected: f64, size: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-9 * size.max(1.0), "{what}: {found} for {expected}");
}

/// Recomputes the results from costs.csv and effects.csv alone, as a user of another program would, and compares them
/// with arcosim's own tables.
fn read_back(folder: &Path, bounds: &[&str]) {
    let [costs, effects] = ["psa/costs.csv", "psa/effects.csv"].map(|name| columns(&folder.join(name)));
    assert_eq!(costs.keys().collect::<Vec<_>>(), effects.keys().collect::<Vec<_>>());
    let results = columns(&folder.join("psa/results.csv"));
    for bound in bounds {
        assert!(!costs.contains_key(*bound), "{bound} cannot be chosen");
        assert!(results.contains_key(&format!("cost_{bound}")), "{bound} stays in results.csv");
    }
    for (name, cells) in &costs {
        assert_eq!(cells, &results[&format!("cost_{name}")], "{name}");
    }
    let names: Vec<&String> = costs.keys().collect();
    let ceac = rows(&folder.join("tables/ceac.csv"));
    let evpi = rows(&folder.join("tables/evpi.csv"));
    assert!(evpi.len() > 50);
    for line in &evpi {
        let threshold: f64 = line["threshold"].parse().unwrap();
        let benefits: Vec<Vec<f64>> = names
            .iter()
            .map(|name| {
                let (cost, effect) = (numbers(&costs[*name]), numbers(&effects[*name]));
                let pairs = cost.into_iter().zip(effect);
                pairs.map(|(cost, effect)| threshold * effect - cost).collect()
            })
            .collect();
        let size = benefits[0][0].abs();
        let means: Vec<f64> = benefits.iter().map(|own| mean(own)).collect();
        let highest = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let draws = benefits[0].len();
        let most = |k: usize| benefits.iter().map(|own| own[k]).fold(f64::NEG_INFINITY, f64::max);
        let perfect: Vec<f64> = (0..draws).map(most).collect();
        // At a switch point two strategies have the same mean net benefit, so either may be reported as best.
        let best = names.iter().position(|name| **name == line["best"]).unwrap();
        near(means[best], highest, size, "the best");
        near(line["evpi"].parse().unwrap(), mean(&perfect) - highest, size, "EVPI");
        for own in ceac.iter().filter(|row| row["threshold"] == line["threshold"]) {
            let i = names.iter().position(|name| **name == own["strategy"]).unwrap();
            let tied = |k: usize| benefits.iter().filter(|other| other[k] == perfect[k]).count() as f64;
            let wins: f64 = (0..draws).filter(|&k| benefits[i][k] == perfect[k]).map(|k| 1.0 / tied(k)).sum();
            near(own["probability_most_cost_effective"].parse().unwrap(), wins / draws as f64, 1.0, "CEAC");
            near(own["expected_loss"].parse().unwrap(), mean(&perfect) - means[i], size, "loss");
            if own["on_frontier"] == "yes" {
                near(means[i], highest, size, "the frontier");
            }
        }
    }
}

/// The shipped model has a bound with the highest net benefit, which must not be exported as a choice.
#[test]
fn costs_and_effects_of_the_shipped_model_reach_our_decision() {
    let folder = Folder::new();
    let base = Path::new(common::shipped::ROOT).join("scenarios/onfh/base.toml");
    let out = folder.0.join("out");
    let args = ["psa", base.to_str().unwrap(), "--draws", "60", "-q", "--out", out.to_str().unwrap()];
    code(&folder.arcosim(&args), 0);
    read_back(&out, &["tha"]);
    let script = fs::read_to_string(out.join("psa/decision.R")).unwrap();
    let costs = fs::read_to_string(out.join("psa/costs.csv")).unwrap();
    let count = costs.lines().next().unwrap().split(',').count();
    let line = |head: &str| script.lines().find(|line| line.starts_with(head)).unwrap().to_string();
    assert_eq!(line("interventions").matches("\", \"").count() + 1, count, "{script}");
    assert!(line("ref ").ends_with("<- 1"), "{script}");
    assert!(line("wtp").contains("c(25000, "), "{script}");
    // A row of draws.csv, used as base values, must reproduce the results of that draw.
    let draws = columns(&out.join("psa/draws.csv"));
    let set: Vec<(String, String)> =
        draws.iter().map(|(name, cells)| (name.clone(), cells[6].clone())).collect();
    let scenario = load(&base, &set).scenario.expect("a draw is a model");
    let nodes = Integration::Nodes(scenario.psa.nodes);
    let totals = Evaluator::new(&scenario.model, nodes).totals(&scenario.model.base_values());
    let results = columns(&out.join("psa/results.csv"));
    for (strategy, own) in scenario.model.strategies.iter().zip(&totals) {
        for (outcome, total) in scenario.model.outcomes.iter().zip(own) {
            let name = format!("{}_{}", outcome.name, strategy.name);
            near(results[&name][6].parse().unwrap(), *total, total.abs(), &name);
        }
    }
}

#[test]
fn the_files_of_a_run_reach_its_own_answers() {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    code(&folder.arcosim(&["psa", "study", "--draws", "120", "-q", "--out", "psa"]), 0);
    read_back(&folder.0.join("psa"), &[]);
    code(&folder.arcosim(&["run", "study", "--engine", "cohort", "-q", "--out", "run"]), 0);
    code(&folder.arcosim(&["dsa", "study", "-q", "--out", "dsa"]), 0);
    let run = |name: &str| rows(&folder.0.join("run").join(name));
    let number = |row: &BTreeMap<String, String>, column: &str| -> f64 {
        row[column].parse().unwrap_or_else(|_| panic!("{column} in {row:?}"))
    };
    // Totals in outcomes.csv must equal the totals in incremental.csv, and their increments must equal the base-case
    // results in all other files.
    let outcomes = run("outcomes.csv");
    let total = |strategy: &str, outcome: &str| {
        let own = |row: &&BTreeMap<String, String>| {
            row["strategy"] == strategy
                && row["outcome"] == outcome
                && row["quantity"] == "total"
                && row["discounting"] == "discounted"
        };
        number(outcomes.iter().find(own).unwrap(), "estimate")
    };
    for row in run("incremental.csv") {
        near(number(&row, "cost"), total(&row["strategy"], "cost"), 1e4, "cost");
        near(number(&row, "effect"), total(&row["strategy"], "qaly"), 10.0, "effect");
    }
    let gained = |threshold: f64| {
        let benefit = |s| threshold * total(s, "qaly") - total(s, "cost");
        benefit("prevention") - benefit("usual")
    };
    for row in run("net_benefit.csv").iter().filter(|row| row["strategy"] == "prevention") {
        near(number(row, "incremental_nmb"), gained(number(row, "threshold")), 2e5, "net benefit");
    }
    for row in rows(&folder.0.join("dsa/tables/owsa.csv")) {
        near(number(&row, "outcome_base"), gained(number(&row, "threshold")), 2e5, "owsa base");
    }
    for row in rows(&folder.0.join("psa/tables/psa_summary.csv")) {
        if row["quantity"] == "net_benefit" && !row["against"].is_empty() {
            near(number(&row, "at_base"), gained(number(&row, "threshold")), 2e5, "at_base");
        }
    }
    // Amounts added over time must add up to the total.
    let over_time = run("outcomes_over_time.csv");
    for strategy in ["usual", "prevention"] {
        let own = |row: &&BTreeMap<String, String>| row["strategy"] == strategy && row["outcome"] == "cost";
        let added: f64 = over_time.iter().filter(own).map(|row| number(row, "added")).sum();
        near(added, total(strategy, "cost"), 1e4, "added over time");
        // Proportions of patients in all states must add up to 1 at every time.
        let mut points: BTreeMap<String, f64> = BTreeMap::new();
        for row in run("trace.csv").iter().filter(|row| row["strategy"] == strategy) {
            *points.entry(row["time_years"].clone()).or_default() += number(row, "proportion");
        }
        assert!(points.values().all(|sum| (sum - 1.0).abs() < 1e-12));
        // Survival at a landmark must equal the row of the survival curve. The number at risk must equal the number
        // entered minus events and censored.
        let survival = run("survival.csv");
        for row in run("landmarks.csv").iter().filter(|row| row["strategy"] == strategy) {
            let estimator = match row["quantity"].as_str() {
                "kaplan_meier_survival" => "kaplan_meier",
                _ => continue,
            };
            let time = number(row, "time_years");
            let same = |one: &&BTreeMap<String, String>| {
                one["strategy"] == strategy
                    && one["endpoint"] == row["endpoint"]
                    && one["estimator"] == estimator
                    && number(one, "time_years") <= time + 1e-9
            };
            let last = survival.iter().rfind(same).unwrap();
            near(number(row, "estimate"), number(last, "estimate"), 1.0, "landmark");
        }
        for row in run("at_risk.csv").iter().filter(|row| row["strategy"] == strategy) {
            let left = number(row, "entered") - number(row, "events") - number(row, "censored");
            near(number(row, "at_risk"), left, 1.0, "at risk");
        }
    }
}

/// With few draws, the PSA reports no intervals and the value of information is refused.
#[test]
fn few_draws_have_no_intervals_and_no_value_of_information() {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    for draws in ["1", "40"] {
        let output = folder.arcosim(&["psa", "study", "--draws", draws, "--out", "psa"]);
        code(&output, 0);
        let screen = String::from_utf8(output.stdout).unwrap();
        assert!(screen.contains("95% intervals need at least 100"), "{screen}");
        let own = screen.lines().find(|line| line.starts_with("  Prevention")).unwrap();
        assert!(!own.contains(" to "), "{screen}");
        for row in rows(&folder.0.join("psa/tables/psa_summary.csv")) {
            assert!(row["lower"].is_empty() && row["upper"].is_empty());
            assert!(row["status"].contains("interval"), "{row:?}");
        }
        let output = folder.arcosim(&["voi", "study", "--draws", draws, "--out", "voi"]);
        code(&output, 2);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("too few for the value of information"), "{said}");
        assert!(!folder.0.join("voi").exists());
    }
}

/// `check` must report all errors in the `[verify]` sections that would stop `verify`.
#[test]
fn check_reads_what_verify_reads() {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    let path = folder.0.join("study/scenario.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        format!(
            "{text}\n[verify.plausible.ill]\nstrategy = \"usual\"\nquantity = \"cumulative_incidence\"\n\
             subject = \"no_such_endpoint\"\nyears = 5\nlow = 0.1\nhigh = 0.9\nsource = \"test\"\n\
             [verify.waive.Z99]\nby = \"A\"\nwhy = \"b\"\ndate = \"2026-01-01\"\n"
        ),
    )
    .unwrap();
    for command in ["check", "verify"] {
        let output = folder.arcosim(&[command, "study"]);
        code(&output, 2);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("no_such_endpoint") && said.contains("Z99"), "{command}\n{said}");
    }
}

/// Two studies whose folders have the same name do not replace each other's results.
#[test]
fn results_of_another_study_are_not_replaced() {
    let folder = Folder::new();
    for model in ["one", "two"] {
        fs::create_dir_all(folder.0.join(model)).unwrap();
        let output = folder.command(&["new", "study"]).current_dir(folder.0.join(model)).output().unwrap();
        code(&output, 0);
    }
    let other = folder.0.join("two/study/scenario.toml");
    let text = fs::read_to_string(&other).unwrap();
    let title = text.lines().find(|line| line.starts_with("title")).unwrap().to_string();
    fs::write(&other, text.replace(&title, "title = \"Quite another study\"")).unwrap();
    let numbers = folder.0.join("two/study/parameters.csv");
    let text = fs::read_to_string(&numbers).unwrap();
    fs::write(&numbers, text.replace("rate.ill,rate,0.10", "rate.ill,rate,0.11")).unwrap();
    let run = |study: &str, more: &[&str]| {
        folder.arcosim(&[&["run", study, "--engine", "cohort", "-q"], more].concat())
    };
    code(&run("one/study", &[]), 0);
    let manifest = fs::read(folder.0.join("output/study/manifest.json")).unwrap();
    let output = run("two/study", &[]);
    code(&output, 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("another scenario") && said.contains("--out output/study-2"), "{said}");
    assert_eq!(fs::read(folder.0.join("output/study/manifest.json")).unwrap(), manifest);
    // Results are replaced if the same study runs again with other parameter values, or if `--out` is given explicitly.
    code(&run("one/study", &["--set", "rate.ill=0.12"]), 0);
    code(&run("two/study", &["--out", "output/study"]), 0);
}
