//! Cost-effectiveness of two published models: incremental analysis of their base cases, and the value of information
//! of their PSA draws. `tests/data/economics/README.md` describes the numbers and their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use arcosim::economics::{
    Comparison, CostEffect, Samples, Status, acceptability, expected_loss, incremental, pairwise,
};

const STRATEGIES: [&str; 4] = ["SoC", "A", "B", "AB"];
/// Number of lines in `expected.csv`. Every line must be tested: an unknown key fails.
const KEYS: usize = 158;

fn records(file: &str) -> Vec<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/economics").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(String::from).collect())
        .collect()
}

/// Expected values of one model, by key.
fn expected(model: &str) -> BTreeMap<String, String> {
    (records("expected.csv").into_iter())
        .filter(|record| record[0] == model)
        .map(|record| (record[1].clone(), record[2].clone()))
        .collect()
}

/// Costs and QALYs of the PSA draws, each `[strategy][draw]`.
fn draws(model: &str) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let rows = records(&format!("{model}_psa.csv"));
    assert_eq!(rows.len(), 1000);
    let column = |c: usize| rows.iter().map(|row| row[c].parse().unwrap()).collect();
    ((0..4).map(column).collect(), (4..8).map(column).collect())
}

fn close(got: f64, want: f64, tolerance: f64, key: &str) {
    assert!((got - want).abs() <= tolerance, "{key}: {got} is not {want}");
}

/// Tolerance for the rounding of the data file (costs to 1e-4, QALYs to 1e-8) in a mean difference of two net benefits
/// over 1,000 draws: four standard errors of uniform rounding, plus a relative 1e-9.
fn rounding(threshold: f64, want: f64) -> f64 {
    let one = ((threshold * 1e-8).powi(2) + 1e-4_f64.powi(2)).sqrt() / 12.0_f64.sqrt();
    4.0 * (2.0_f64 / 1000.0).sqrt() * one + 1e-9 * want.abs()
}

fn check(model: &str) -> usize {
    let expected = expected(model);
    let number = |key: &str| -> f64 { expected[key].parse().unwrap() };
    let (costs, effects) = draws(model);
    let samples = Samples::new(&costs, &effects).unwrap();
    let (mean_costs, mean_effects) = (samples.mean_costs(), samples.mean_effects());
    let at = |name: &str| STRATEGIES.iter().position(|s| *s == name).unwrap();

    for (key, value) in &expected {
        let parts: Vec<&str> = key.split('.').collect();
        match parts[..] {
            ["mean_cost", s] => close(mean_costs[at(s)], number(key), 1e-9 * number(key), key),
            ["mean_qaly", s] => close(mean_effects[at(s)], number(key), 1e-9 * number(key), key),
            ["evpi", threshold] => {
                let threshold: f64 = threshold.parse().unwrap();
                let got = expected_loss(&samples, &[threshold]).unwrap();
                let evpi = got.evpi[0];
                close(evpi.value, number(key), rounding(threshold, number(key)), key);
                // The expected loss of a strategy is the EVPI plus the highest mean net benefit minus the mean net
                // benefit of the strategy.
                let mean = |s: &str| {
                    threshold * number(&format!("mean_qaly.{s}")) - number(&format!("mean_cost.{s}"))
                };
                let most = STRATEGIES.iter().map(|s| mean(s)).fold(f64::MIN, f64::max);
                for s in STRATEGIES {
                    let want = number(key) + most - mean(s);
                    close(got.loss[at(s)][0], want, rounding(threshold, want), &format!("loss {s} {key}"));
                }
            }
            ["ceac", threshold, s] => {
                let curves = acceptability(&samples, &[threshold.parse().unwrap()]).unwrap();
                close(curves.probability[at(s)][0], number(key), 1e-9, key);
            }
            ["optimal", threshold] => {
                let threshold = [threshold.parse().unwrap()];
                let curves = acceptability(&samples, &threshold).unwrap();
                assert_eq!(STRATEGIES[curves.frontier[0].strategy], value);
                assert_eq!(expected_loss(&samples, &threshold).unwrap().evpi[0].best, at(value));
            }
            ["wtp_of_max_evpi"] => {
                let thresholds: Vec<f64> = (0..=40).map(|k| f64::from(k) * 5000.0).collect();
                let evpi = expected_loss(&samples, &thresholds).unwrap().evpi;
                let most = (0..=40).max_by(|&a, &b| evpi[a].value.total_cmp(&evpi[b].value)).unwrap();
                assert_eq!(thresholds[most], number(key));
            }
            // Base-case keys are tested together in the function `base_case`.
            ["base_cost" | "base_qaly" | "icer", _] => {}
            _ => panic!("nothing computes {key}"),
        }
    }
    base_case(&number);
    expected.len()
}

fn base_case(number: &dyn Fn(&str) -> f64) {
    let [costs, effects] =
        ["base_cost", "base_qaly"].map(|q| STRATEGIES.map(|s| number(&format!("{q}.{s}"))).to_vec());
    let table = incremental(&costs, &effects, &[true; 4]).unwrap();
    let (a, b, ab) = (1, 2, 3);
    assert_eq!(table.frontier(), [0, b, ab]);
    assert_eq!(table.rows[2].strategy, a);
    assert_eq!(table.rows[2].status, Status::Dominated { by: b });
    for s in [b, ab] {
        let key = format!("icer.{}", STRATEGIES[s]);
        let row = table.rows.iter().find(|row| row.strategy == s).unwrap();
        close(row.step.unwrap().icer, number(&key), 1e-9 * number(&key), &key);
    }
    let totals = |s: usize| CostEffect { cost: costs[s], effect: effects[s] };
    let Comparison::CostsMoreGainsMore { icer } = pairwise(totals(b), totals(0)).comparison else {
        panic!("B costs more and gains more than SoC")
    };
    close(icer, number("icer.B"), 1e-9 * icer, "B against SoC");
    assert_eq!(pairwise(totals(a), totals(b)).comparison, Comparison::Dominated);
}

#[test]
fn draws_and_base_cases_have_the_published_answers() {
    let keys = check("sick_sicker") + check("sick_sicker_age_dependent");
    assert_eq!(keys, KEYS);
}

/// Values printed in the papers: ICERs to the unit (tables of results) and, for the age-dependent model, the maximum
/// EVPI of 7,836 at 100,000 per QALY.
#[test]
fn what_the_papers_print_is_met() {
    for (model, b, ab) in
        [("sick_sicker", 72_988.0, 125_764.0), ("sick_sicker_age_dependent", 65_288.0, 104_461.0)]
    {
        let expected = expected(model);
        let column =
            |q: &str| STRATEGIES.map(|s| expected[&format!("{q}.{s}")].parse::<f64>().unwrap()).to_vec();
        let table = incremental(&column("base_cost"), &column("base_qaly"), &[true; 4]).unwrap();
        let points = table.switch_points();
        close(points[0].threshold, b, 0.5, "SoC to B");
        close(points[1].threshold, ab, 0.5, "B to AB");
    }
    let (costs, effects) = draws("sick_sicker_age_dependent");
    let samples = Samples::new(&costs, &effects).unwrap();
    let evpi = expected_loss(&samples, &[100_000.0]).unwrap().evpi[0];
    close(evpi.value, 7836.0, 0.5, "EVPI");
    assert!(evpi.se.is_some_and(|se| se > 0.0 && se < 1000.0));
}
