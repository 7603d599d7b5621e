//! Cost-effectiveness results of a base case in output files, README and console: full incremental analysis and
//! decomposition of increments.

use crate::common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arcosim::analysis::cost_effectiveness::{CostEffectiveness, cost_effectiveness};
use arcosim::analysis::increments::{Share, beyond, by_state, parts};
use arcosim::analysis::outcomes::{Breakdown, Discounting, Place};
use arcosim::analysis::{base_case, base_case::Engine};
use arcosim::economics::{Comparison, Status};
use arcosim::engine::microsim::Watch;
use arcosim::scenario::Scenario;
use common::program::{Folder, code};
use common::shipped;

const SICK: &str = "tests/scenarios/sick_sicker_decision.toml";
const POSTPONED: &str = "tests/scenarios/postponed/scenario.toml";
/// Scenario with many kinds of rewards and without a decision section.
const HIP: &str = "scenarios/published/hip_replacement.toml";
/// Output files that a run writes only if the scenario has a decision section.
const FILES: [&str; 6] = [
    "incremental.csv",
    "pairwise.csv",
    "net_benefit.csv",
    "increment_breakdown.csv",
    "increment_by_state.csv",
    "increment_beyond_evidence.csv",
];

fn solved(scenario: &Scenario, engine: Engine) -> (Result<CostEffectiveness, String>, Option<Breakdown>) {
    let (patients, seed) = (scenario.run.patients, scenario.run.seed);
    let options = base_case::Options::new(engine, patients, seed, Vec::new());
    let results = base_case::run(&scenario.model, &options, &Watch::default()).unwrap();
    let breakdown = (results.exact.as_ref()).map(|x| Breakdown::new(&scenario.model, &x.solution.counts));
    let decision = scenario.decision.as_ref().unwrap();
    let found = cost_effectiveness(&scenario.model, decision, &results, breakdown.as_ref()).unwrap();
    (found, breakdown)
}

fn exact(scenario: &Scenario) -> (CostEffectiveness, Breakdown) {
    let (found, breakdown) = solved(scenario, Engine::Cohort);
    (found.unwrap(), breakdown.unwrap())
}

/// Rows of a CSV file, each as a map from column name to cell.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|e| panic!("{column}: {e}"))
}

fn run(scenario: &str) -> (Folder, String) {
    let folder = Folder::new();
    let path = Path::new(shipped::ROOT).join(scenario);
    let run = [
        "run",
        path.to_str().unwrap(),
        "--engine",
        "cohort",
        "--out",
        "out",
        // The root is needed because test scenarios extend shipped scenarios in another folder.
        "--root",
        shipped::ROOT,
    ];
    let output = folder.arcosim(&run);
    code(&output, 0);
    let console = String::from_utf8(output.stdout).unwrap();
    (folder, console)
}

/// F. Alarid-Escudero et al., Medical Decision Making 43 (2023) 3–20: A is dominated, and the published ICERs of B and
/// of both treatments together are 72,988 and 125,764. Additional digits are from an independent computation.
#[test]
fn the_published_table_of_sick_sicker() {
    let (folder, console) = run(SICK);
    let table = rows(&folder.0.join("out/incremental.csv"));
    let names: Vec<&str> = table.iter().map(|row| row["strategy"].as_str()).collect();
    assert_eq!(names, ["usual", "b", "a", "a_and_b"]);
    let statuses: Vec<&str> = table.iter().map(|row| row["status"].as_str()).collect();
    assert_eq!(statuses, ["frontier", "frontier", "dominated by b", "frontier"]);
    for (row, increments, icer, printed) in [
        (1, (107_520.544_659_614_53, 1.473_133_676_523_321_6), 72_987.636_066_652_88, 72_988.0),
        (3, (119_774.787_777_487_68, 0.952_378_994_157_115_2), 125_763.785_753_687_33, 125_764.0),
    ] {
        let row = &table[row];
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-9 * want, "{got} is not {want}");
        near(number(row, "incremental_cost"), increments.0);
        near(number(row, "incremental_effect"), increments.1);
        near(number(row, "icer"), icer);
        assert_eq!(number(row, "icer").round(), printed);
        assert_eq!(row["icer_status"], "ok");
    }
    for row in [0, 2] {
        assert_eq!(table[row]["icer"], "");
        assert!(table[row]["icer_status"].starts_with("no ratio"));
    }
    // Of the two thresholds, one is between the ICERs and one is above both.
    let best: Vec<(String, String)> = (rows(&folder.0.join("out/net_benefit.csv")).iter())
        .filter(|row| row["best_on_offer"] == "yes")
        .map(|row| (row["threshold"].clone(), row["strategy"].clone()))
        .collect();
    let expected = [("100000", "b"), ("150000", "a_and_b")];
    assert_eq!(best, expected.map(|(t, s)| (t.to_string(), s.to_string())));
    for said in [
        "At USD 100,000 per QALY (2023, Alarid-Escudero 2023): Treatment B.",
        "72,988",
        "dominated by Treatment B",
        "Treatment B to Treatments A and B at USD 125,764 per QALY",
    ] {
        assert!(console.contains(said), "{said} is not in\n{console}");
    }
    let readme = fs::read_to_string(folder.0.join("out/README.txt")).unwrap();
    assert!(readme.contains("HOW TO READ THE COST-EFFECTIVENESS"));
    assert!(readme.contains("At USD 150,000 per QALY (2023, Alarid-Escudero 2023): Treatments A and B."));
    let summary = fs::read_to_string(folder.0.join("out/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["economics"]["frontier"], serde_json::json!(["usual", "b", "a_and_b"]));
    for name in ["ce_frontier", "waterfall_qaly_b", "waterfall_cost_a_and_b"] {
        for extension in ["svg", "csv"] {
            assert!(folder.0.join(format!("out/figures/{name}.{extension}")).is_file());
        }
    }
}

/// The parts of an increment must add up to the whole increment, and parts by state must agree with parts by reward.
#[test]
fn parts_add_to_the_increment() {
    for scenario in [SICK, POSTPONED, HIP] {
        let mut scenario = shipped::load(scenario.as_ref(), &[]);
        if scenario.decision.is_none() {
            scenario.decision = shipped::load(POSTPONED.as_ref(), &[]).decision;
        }
        let (_, breakdown) = exact(&scenario);
        let model = &scenario.model;
        let end = model.time.cycles;
        let near = |got: f64, want: f64, size: f64, what: &str| {
            assert!((got - want).abs() <= 1e-9 * size, "{what}: {got} is not {want}");
        };
        for s in 0..model.strategies.len() {
            for (o, outcome) in model.outcomes.iter().enumerate() {
                let what = format!("{} of {}", outcome.name, model.strategies[s].name);
                let size = breakdown.total(Discounting::Undiscounted, s, o, end).abs().max(1.0);
                let parts = parts(model, &breakdown, s, o);
                for worth in Discounting::BOTH {
                    let amount = |p: &arcosim::analysis::increments::Part| match worth {
                        Discounting::Discounted => p.discounted,
                        Discounting::Undiscounted => p.undiscounted,
                    };
                    let whole = breakdown.increment(worth, s, o, end);
                    near(parts.iter().map(amount).sum(), whole, size, &what);
                    let states = by_state(model, &breakdown, worth, s, o);
                    let in_states = parts.iter().filter(|p| matches!(p.place, Place::State(_)));
                    let gathered: f64 = states.iter().map(|row| row.increment).sum();
                    near(gathered, in_states.map(amount).sum(), size, &what);
                    for row in &states {
                        near(row.from_time + row.from_value, row.increment, size, &what);
                    }
                }
                if let Some(beyond) = beyond(model, &breakdown, s, o) {
                    let whole = breakdown.increment(Discounting::Discounted, s, o, end);
                    near(beyond.before + beyond.after, whole, size, &what);
                }
            }
        }
    }
}

/// The drug halves the rate of an operation that increases utility from 0.80 to 0.82. QALYs are lost because years move
/// between states, not because utilities change.
#[test]
fn years_that_move_are_seen_to_move() {
    let scenario = shipped::load(POSTPONED.as_ref(), &[]);
    let (_, breakdown) = exact(&scenario);
    let rows = by_state(&scenario.model, &breakdown, Discounting::Discounted, 1, 1);
    let [before, after] = rows[..] else { panic!("{rows:?}") };
    let values = [(before, 0.80), (after, 0.82)];
    for (row, value) in values {
        for got in [row.value.0.unwrap(), row.value.1.unwrap()] {
            assert!((got - value).abs() < 1e-12, "{got}");
        }
        assert!(row.from_value.abs() < 1e-12);
    }
    // Without deaths, years gained in one state are lost in the other, and each year moved costs 0.02 QALYs.
    let won = before.years.0 - before.years.1;
    assert!(won > 1.0);
    assert!((won + after.years.0 - after.years.1).abs() < 1e-9);
    assert!((before.increment + after.increment + 0.02 * won).abs() < 1e-9);
}

#[test]
fn twins_do_not_differ_and_bounds_are_not_on_offer() {
    let scenario = shipped::load(POSTPONED.as_ref(), &[]);
    let (found, _) = exact(&scenario);
    let (usual, drug, twin, bound) = (0, 1, 2, 3);
    let status = |s: usize| found.table.rows.iter().find(|row| row.strategy == s).unwrap().status;
    assert_eq!(found.pairs[twin].comparison, Comparison::NoDifference);
    assert_eq!((found.pairs[twin].cost, found.pairs[twin].effect), (0.0, 0.0));
    assert_eq!(status(twin), Status::Equal { to: usual });
    assert_eq!(status(bound), Status::NotOnOffer);
    // Usual care and its identical twin are the best strategies on offer; the bound (operation at once) has a higher
    // net benefit but cannot be chosen.
    for (t, best) in found.best.iter().enumerate() {
        assert_eq!(*best, [usual, twin], "threshold {t}");
        let benefit = |s: usize| found.benefits[s][t].nmb;
        assert!(benefit(bound) > benefit(usual) && benefit(usual) > benefit(drug));
    }
    // Below the threshold at which the best choice changes from the drug to usual care, the drug is best.
    let [switch] = found.switches[..] else { panic!("{:?}", found.switches) };
    assert_eq!((switch.from, switch.to), (drug, usual));
    let mut frugal = scenario.clone();
    frugal.decision.as_mut().unwrap().thresholds[0].value = 0.99 * switch.threshold;
    assert_eq!(exact(&frugal).0.best, [vec![drug], vec![usual, twin]]);
}

#[test]
fn files_say_why_there_is_no_number() {
    let (folder, console) = run(POSTPONED);
    let out = folder.0.join("out");
    for file in FILES {
        let text = fs::read_to_string(out.join(file)).unwrap();
        for word in ["NaN", "inf", "Inf"] {
            let cells = text.split(['\n', ',']);
            assert!(cells.into_iter().all(|cell| cell != word), "{word} in {file}");
        }
    }
    let pair = |name: &str| {
        let all = rows(&out.join("pairwise.csv"));
        all.into_iter().find(|row| row["strategy"] == name).unwrap()
    };
    assert_eq!(pair("twin")["comparison"], "no difference in cost or effect");
    assert_eq!(pair("twin")["ratio"], "");
    assert_eq!(pair("drug")["comparison"], "costs less and loses effect: saving per unit lost");
    assert!(pair("at_once")["warning"].starts_with("bound"));
    let table = rows(&out.join("incremental.csv"));
    let bound = table.last().unwrap();
    assert_eq!((bound["strategy"].as_str(), bound["status"].as_str()), ("at_once", "bound: not on offer"));
    let beyond = rows(&out.join("increment_beyond_evidence.csv"));
    let of = |strategy: &str, outcome: &str| {
        let own = |row: &&BTreeMap<String, String>| row["strategy"] == strategy && row["outcome"] == outcome;
        beyond.iter().find(own).unwrap()
    };
    assert_eq!(of("twin", "qaly")["status"], "no share: there is no increment");
    assert_eq!(number(of("drug", "qaly"), "evidence_until"), 2.0);
    let share = number(of("drug", "qaly"), "share_beyond");
    assert!(share > 50.0 && share < 100.0, "{share}");
    assert!(console.contains("(bound)") && console.contains("bound: not on offer"));
    // No waterfall is drawn for a twin without increments or for a bound that cannot be chosen.
    let figures = fs::read_dir(out.join("figures")).unwrap();
    let names: Vec<String> = figures.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    let waterfalls = names.iter().filter(|n| n.starts_with("waterfall_") && n.ends_with(".svg"));
    let mut waterfalls: Vec<&String> = waterfalls.collect();
    waterfalls.sort();
    assert_eq!(waterfalls, ["waterfall_cost_drug.svg", "waterfall_qaly_drug.svg"]);
    let steps = rows(&out.join("figures/waterfall_cost_drug.csv"));
    let (whole, parts) = steps.split_last().unwrap();
    let sum: f64 = parts.iter().map(|row| number(row, "amount")).sum();
    assert_eq!(whole["part"], "increment");
    assert!((sum - number(whole, "amount")).abs() < 1e-9 * sum.abs());
}

/// Closed form: the share of patients before the operation is exp(-0.2 k) under usual care and exp(-0.1 k) under the
/// drug.
#[test]
fn the_share_beyond_the_evidence_is_that_of_the_later_cycles() {
    let mut scenario = shipped::load(POSTPONED.as_ref(), &[]);
    scenario.model.outcomes[1].discount = None;
    let (_, breakdown) = exact(&scenario);
    let found = beyond(&scenario.model, &breakdown, 1, 1).unwrap();
    let lost = |from: i32, to: i32| -> f64 {
        let share = |rate: f64, k: i32| (-rate * f64::from(k)).exp();
        let at = |k: i32| share(0.1, k) - share(0.2, k);
        // Within-cycle correction: mean of the values at both ends of each cycle.
        (from..to).map(|k| -0.02 * (at(k) + at(k + 1)) / 2.0).sum()
    };
    assert_eq!(found.until, 2.0);
    assert!((found.before - lost(0, 2)).abs() < 1e-12, "{found:?}");
    assert!((found.after - lost(2, 20)).abs() < 1e-12, "{found:?}");
    let Share::Percent(share) = found.share else { panic!("{found:?}") };
    assert!((share - 100.0 * lost(2, 20) / lost(0, 20)).abs() < 1e-9);
}

#[test]
fn one_strategy_has_nothing_to_be_compared_with() {
    let (folder, console) = run("tests/scenarios/postponed/only_one.toml");
    let out = folder.0.join("out");
    let table = rows(&out.join("incremental.csv"));
    assert_eq!(table.len(), 1);
    assert_eq!(table[0]["icer_status"], "no ratio: the cheapest on the frontier");
    for file in &FILES {
        let comparison = !["incremental.csv", "net_benefit.csv"].contains(file);
        assert_eq!(out.join(file).exists(), !comparison, "{file}");
    }
    assert!(!out.join("figures/ce_frontier.svg").exists());
    assert!(console.contains("Usual care is the best choice at every threshold"), "{console}");
}

#[test]
fn without_a_decision_there_is_none_of_it() {
    let (folder, console) = run("scenarios/published/sick_sicker_state_residence.toml");
    let out = folder.0.join("out");
    for file in FILES {
        assert!(!out.join(file).exists(), "{file}");
    }
    assert!(!out.join("figures/ce_frontier.svg").exists());
    assert!(!console.contains("Cost-effectiveness"));
    let readme = fs::read_to_string(out.join("README.txt")).unwrap();
    assert!(!readme.contains("COST-EFFECTIVENESS"));
}

/// Without the exact engine, simulated means are used with their standard errors; they must be within four standard
/// errors of the exact values.
#[test]
fn simulated_means_have_their_errors() {
    let scenario = shipped::load(POSTPONED.as_ref(), &[]);
    let (found, breakdown) = solved(&scenario, Engine::Microsim);
    let (expected, found) = (exact(&scenario).0, found.unwrap());
    assert!(breakdown.is_none());
    assert!(expected.errors.iter().flatten().all(Option::is_none));
    let (pair, want) = (found.pairs[1], expected.pairs[1]);
    let [cost, effect] = found.errors[1].map(Option::unwrap);
    assert!(cost > 0.0 && (pair.cost - want.cost).abs() < 4.0 * cost, "{pair:?} {want:?}");
    assert!(effect > 0.0 && (pair.effect - want.effect).abs() < 4.0 * effect);
    // The twin has no difference at all, because it uses the same random numbers as usual care.
    assert_eq!(found.pairs[2].comparison, Comparison::NoDifference);
}

/// If all strategies are bounds, the result is a message that explains why no analysis is possible.
#[test]
fn what_cannot_be_told_is_said() {
    let mut scenario = shipped::load(POSTPONED.as_ref(), &[]);
    for strategy in &mut scenario.model.strategies {
        strategy.bound = true;
    }
    let why = solved(&scenario, Engine::Cohort).0.unwrap_err();
    assert!(why.contains("no decision option"), "{why}");
}
