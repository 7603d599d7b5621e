//! Units of outputs: every parameter value is shown in the unit of its table, and a shown value that is entered again
//! leads to the same model.

use crate::common;

use std::fs;
use std::sync::atomic::AtomicBool;

use arcosim::analysis::diff::difference;
use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::analysis::sensitivity::net_benefit::increment;
use arcosim::analysis::sensitivity::scenarios::exact;
use arcosim::analysis::sensitivity::threshold::switching_values;
use arcosim::analysis::sensitivity::{NODES, Setting};
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::{Scenario, load_text};

use common::decision::SCENARIO;
use common::program::{Folder, code};
use common::shipped;

static GO: AtomicBool = AtomicBool::new(false);

/// Every kind of parameter with its allowed units.
const UNITS: [(&str, &[&str]); 17] = [
    (
        "rate",
        &[
            "per year",
            "per month",
            "per week",
            "per day",
            "per 5 years",
            "per 100 person-years",
            "per 1,000 patient-years",
            "% per year",
            "% per month",
        ],
    ),
    ("probability", &["per year", "per 5 years", "% per year", "% per month", "per cycle"]),
    ("hr", &[""]),
    ("rr", &[""]),
    ("or", &[""]),
    ("mean_time", &["years", "months", "weeks", "days", "28 days"]),
    ("median_time", &["years", "months", "days"]),
    (
        "cost",
        &[
            "GBP",
            "GBP per year",
            "GBP per month",
            "GBP per day",
            "GBP per 3 months",
            "GBP/week",
            "GBP per cycle",
            "GBP monthly",
        ],
    ),
    ("utility", &["", "%"]),
    ("disutility", &["", "%"]),
    ("proportion", &["", "%", "% of patients"]),
    ("count", &[""]),
    ("score", &["points"]),
    ("coefficient", &[""]),
    ("shape", &[""]),
    ("duration", &["years", "months", "6 months", "days"]),
    ("number", &["", "%"]),
];

/// The scenario with these rows added to its parameter table.
fn with_rows(numbers: &str, set: &[(String, String)]) -> Scenario {
    shipped::from_texts(&[("study.toml", SCENARIO), ("numbers.csv", numbers)], set)
}

#[test]
fn whatever_is_shown_and_typed_back_is_the_same_value() {
    let mut numbers = common::decision::NUMBERS.to_string();
    let mut names = Vec::new();
    for (kind, units) in UNITS {
        for (i, unit) in units.iter().enumerate() {
            let name = format!("{kind}_{i}");
            numbers.push_str(&format!("{name},{kind},0.5,\"{unit}\",,,,,test\n"));
            names.push(name);
        }
    }
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-12 * y.abs();
    let mut converted = 0;
    for typed in [0.0137, 0.31, 0.999, 1.0 / 3.0] {
        let set = |value: &dyn Fn(&str) -> f64| -> Vec<(String, String)> {
            let pair = |name: &String| (name.clone(), value(name).to_string());
            names.iter().map(pair).collect()
        };
        let first = with_rows(&numbers, &set(&|_| typed));
        let row = |scenario: &Scenario, name: &str| {
            let rows = scenario.parameters.iter();
            rows.clone().find(|row| row.name == name).unwrap().clone()
        };
        for name in &names {
            let row = row(&first, name);
            let shown = row.in_table(row.base);
            assert!(near(shown, typed), "{name}: {shown} for {typed} {}", row.unit);
            converted += usize::from(row.base != typed);
        }
        let again = with_rows(
            &numbers,
            &set(&|name| {
                let row = row(&first, name);
                row.in_table(row.base)
            }),
        );
        for name in &names {
            let (was, is) = (row(&first, name).base, row(&again, name).base);
            assert!(near(is, was), "{name}: {was} became {is}");
        }
    }
    assert!(converted > 60, "{converted} numbers were converted");
}

/// The scenario of the closed forms, with its yearly costs stated per month and its probability in percent.
fn monthly(set: &[(&str, &str)]) -> Scenario {
    let set: Vec<(String, String)> = set.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    with_rows(&monthly_numbers(), &set)
}

fn monthly_numbers() -> String {
    common::decision::NUMBERS
        .replace("cost.care,cost,1000,GBP per year,900,1300", "cost.care,cost,90,GBP per month,70,120")
        .replace("cost.severe,cost,500,GBP per year,200,600", "cost.severe,cost,9,GBP per week,4,12")
        .replace("p.die,probability,0.2,per year,,", "p.die,probability,22,% per year,15,30")
}

#[test]
fn a_switching_value_typed_back_leaves_no_net_benefit() {
    let scenario = monthly(&[]);
    let decision = scenario.decision.as_ref().unwrap();
    let base = exact(&scenario).unwrap();
    // At 14,000 per QALY the drug costs about as much as its benefit, so that many parameters have switching values.
    let setting = Setting::new(&scenario, decision, Some(14_000.0), Integration::Nodes(NODES), &GO);
    let few = setting.at_base().unwrap();
    let setting = setting.anchored(&base, &few);
    let named = |name: &str| scenario.parameters.iter().position(|row| row.name == name).unwrap();
    let asked = ["cost.care", "cost.severe", "cost.drug", "p.die", "rr.drug", "utility"].map(named);
    let mut turned = 0;
    for switching in switching_values(&setting, &base, &asked, None).unwrap() {
        let row = &scenario.parameters[switching.parameter];
        for found in &switching.values {
            let typed = row.in_table(found.value).to_string();
            let again = monthly(&[(&row.name, &typed)]);
            let own = exact(&again).unwrap();
            let left = increment(decision, &own, switching.pair, switching.threshold);
            assert!(left.abs() < 1e-4, "{} at {typed} {}: {left}", row.name, row.unit);
            turned += 1;
        }
    }
    assert!(turned >= 6, "{turned} values were typed back");
}

/// Tables, axes and the screen show every parameter in the unit of its table, with the unit's name.
#[test]
fn every_report_of_one_parameter_has_the_unit_of_its_table() {
    let folder = Folder::new();
    fs::write(folder.0.join("study.toml"), SCENARIO).unwrap();
    fs::write(folder.0.join("numbers.csv"), monthly_numbers()).unwrap();
    let args =
        ["dsa", "study.toml", "--threshold-of", "cost.care", "--two-way", "cost.care,p.die", "--out", "out"];
    let output = folder.arcosim(&args);
    code(&output, 0);
    let screen = String::from_utf8(output.stdout).unwrap();
    for said in ["cost.care (GBP per month)", "base 90 GBP per month", "p.die (% per year)"] {
        assert!(screen.contains(said), "no `{said}` in\n{screen}");
    }
    let cells = |table: &str, columns: &[&str], of: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_path(folder.0.join("out").join(table)).unwrap();
        let heads = reader.headers().unwrap().clone();
        let at =
            |name: &&str| heads.iter().position(|h| h == *name).unwrap_or_else(|| panic!("{table} {name}"));
        let at: Vec<usize> = columns.iter().map(at).collect();
        let rows = reader.records().map(|row| row.unwrap());
        let own = rows.filter(|row| row.iter().any(|cell| cell == of));
        own.map(|row| at.iter().map(|&i| row[i].to_string()).collect()).collect()
    };
    let owsa = cells("tables/owsa.csv", &["unit", "base", "low", "high"], "cost.care");
    assert_eq!(owsa[0], ["GBP per month", "90", "70", "120"]);
    let percent = cells("tables/owsa.csv", &["unit", "base", "low", "high"], "p.die");
    assert_eq!(percent[0], ["% per year", "22", "15", "30"]);
    let switching = cells("tables/thresholds.csv", &["unit", "base", "searched_to"], "cost.care");
    assert_eq!(switching[0], ["GBP per month", "90", "1200"]);
    let tornado = cells("figures/tornado_drug.csv", &["unit", "low", "high"], "cost.care");
    assert_eq!(tornado[0], ["GBP per month", "70", "120"]);
    let columns = ["unit_1", "value_1", "unit_2", "value_2"];
    let grid = cells("tables/two_way.csv", &columns, "cost.care");
    assert_eq!(grid[0], ["GBP per month", "70", "% per year", "15"]);
    let last = grid.last().unwrap();
    assert_eq!(last[..], ["GBP per month", "120", "% per year", "30"]);
    let figure = fs::read_to_string(folder.0.join("out/figures/two_way.svg")).unwrap();
    assert!(figure.contains("cost.care (GBP per month)") && figure.contains("p.die (% per year)"));
    code(&folder.arcosim(&["run", "study.toml", "--engine", "cohort", "--out", "run", "-q"]), 0);
    let used = fs::read_to_string(folder.0.join("run/parameters_used.csv")).unwrap();
    assert!(used.contains("cost.care,,cost,90,90,GBP per month"), "{used}");
}

/// The scenario with costs that rise with age and jump at 60; few nodes integrate inaccurately across this step, unlike the panels of
/// a run.
fn aged(set: &[(&str, &str)]) -> Scenario {
    let text = SCENARIO.replace(
        "[population.attributes]\n",
        "[population.attributes]\nage = { normal = { mean = \"age.mean\", sd = \"9\" }, within = [30, 90] }\n",
    );
    let text = text.replace(
        "cost.care + if(severity",
        "cost.care * (if(age_at_start >= 60, 3, 1) + 0.01 * age_at_start) + if(severity",
    );
    let numbers = format!("{}age.mean,number,58,years,55,61,range,,test\n", common::decision::NUMBERS);
    let set: Vec<(String, String)> = set.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let loaded = load_text(&[("study.toml", &text), ("numbers.csv", &numbers)], &set);
    let message = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("{message}"))
}

#[test]
fn one_base_case_has_one_answer_in_every_analysis() {
    let scenario = aged(&[]);
    let decision = scenario.decision.as_ref().unwrap();
    let run = exact(&scenario).unwrap();
    let gain = |totals: &Vec<Vec<f64>>| increment(decision, totals, (1, 0), 20_000.0);
    // Result with few nodes alone, without the correction from the full run.
    let mut few = Evaluator::new(&scenario.model, Integration::Nodes(NODES));
    let few = few.totals(&scenario.model.base_values());
    assert!((gain(&few) - gain(&run)).abs() > 0.01, "nothing to mend: {}", gain(&few));

    let setting = Setting::new(&scenario, decision, None, Integration::Nodes(NODES), &GO);
    let few = setting.at_base().unwrap();
    let setting = setting.anchored(&run, &few);
    assert_eq!(setting.at_base().unwrap(), run, "the same bits");
    // A parameter that is set to its base value changes no result.
    let care = scenario.parameters.iter().position(|row| row.name == "cost.care").unwrap();
    let still = setting.at(&mut setting.evaluator(), &[(care, setting.base[care])]).unwrap();
    assert!((gain(&still) - gain(&run)).abs() < 1e-9);

    let other = aged(&[("cost.care", "1100"), ("utility", "0.9")]);
    let names = ["drug".to_string()];
    let found = difference([&scenario, &other], &names, Integration::Nodes(NODES), &GO);
    let found = found.unwrap().unwrap();
    let ends = found.comparisons[0].benefit(20_000.0);
    let there = exact(&other).unwrap();
    for (end, run) in ends.into_iter().zip([&run, &there]) {
        assert!((end - gain(run)).abs() < 1e-9 * end.abs(), "{end} for {}", gain(run));
    }
    let parts: f64 = found.comparisons[0].benefit_by(20_000.0).estimates().iter().map(|x| x.value).sum();
    assert!((parts - (ends[1] - ends[0])).abs() < 1e-9 * ends[1].abs());
}

/// Switching values of a discount rate are searched only within the allowed range.
#[test]
fn no_switching_value_lies_where_the_scenario_may_not_go() {
    let discount = |rate: &str| {
        let text = SCENARIO.replace("discount = \"none\"", "discount = { rate = \"disc\", at = \"end\" }");
        let numbers = format!("{}disc,rate,{rate},per year,0,0.06,range,,test\n", common::decision::NUMBERS);
        load_text(&[("study.toml", &text), ("numbers.csv", &numbers)], &[]).scenario
    };
    assert!(discount("0.55").is_none());
    let scenario = discount("0.055").unwrap();
    let decision = scenario.decision.as_ref().unwrap();
    let setting = Setting::new(&scenario, decision, None, Integration::Nodes(NODES), &GO);
    let disc = scenario.parameters.iter().position(|row| row.name == "disc").unwrap();
    let mut evaluator = setting.evaluator();
    assert!(setting.at(&mut evaluator, &[(disc, 0.49)]).is_ok());
    let why = setting.at(&mut evaluator, &[(disc, 0.55)]).unwrap_err();
    assert!(why.contains("discount rate") && why.contains("0.55"), "{why}");
    let base = setting.at_base().unwrap();
    for switching in switching_values(&setting, &base, &[disc], None).unwrap() {
        assert!(switching.values.iter().all(|found| found.value < 0.5));
        assert!(switching.note.contains("discount rate"), "{}", switching.note);
    }
}
