//! Expected numbers: every shipped scenario reproduces its own `expected.csv`.

use crate::common;

use std::path::Path;

use arcosim::analysis::expected::{self, Expected, ExpectedQuantity};
use common::{shipped, solve};

#[test]
fn shipped_models_give_what_they_say() {
    compare_all(|name| !name.contains("/variants/"));
}

#[test]
#[ignore = "runs the large variants: half a minute"]
fn shipped_variants_give_what_they_say() {
    compare_all(|name| name.contains("/variants/"));
}

/// Compares every scenario that `chosen` accepts by name with its own expected numbers.
fn compare_all(chosen: impl Fn(&str) -> bool) {
    for (name, scenario) in shipped::scenarios().into_iter().filter(|(name, _)| chosen(name)) {
        let file = scenario.expected_file.as_ref();
        // Only scenarios in `variants` may lack expected numbers, because their base scenario has the same structure
        // and is tested.
        let Some(file) = file else {
            assert!(
                name.contains("/variants/"),
                "{name} says nothing of what is expected: give it [expected] file = \"...\""
            );
            continue;
        };
        let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let rows =
            expected::read(&text, &scenario.model).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let exact = solve::exact(&scenario).solution;
        let compared = expected::compare(rows, &scenario.model, &exact);
        assert!(!compared.is_empty(), "{name} expects nothing");
        let missed: Vec<String> = compared.iter().filter(|c| !c.passes()).map(|c| format!("{c:?}")).collect();
        assert!(missed.is_empty(), "{name}: {} missed\n{}", missed.len(), missed.join("\n"));
        // Tolerances must be small, because an expected number that any result would meet tests nothing.
        for c in &compared {
            let tolerance = c.row.relative_tolerance();
            assert!(tolerance <= 0.05, "{name}: a tolerance of {tolerance} says nothing: {c:?}");
            assert!(!c.row.source.is_empty(), "{name}: no source: {c:?}");
        }
        let tightest = compared.iter().map(|c| c.row.relative_tolerance()).fold(f64::INFINITY, f64::min);
        println!("{name}: {} rows, tightest tolerance {tightest:e}", compared.len());
    }
}

/// Compares the model with the clinical course documented in `documented_course.csv`, which is read independently of
/// the program's own comparison.
#[test]
fn the_documented_course_is_met() {
    let mut rows = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(Path::new(shipped::ROOT).join("tests/data/documented_course.csv"))
        .unwrap();
    let mut tried = 0;
    let mut solved: Vec<(String, _, _)> = Vec::new();
    for row in rows.records() {
        let row = row.unwrap();
        if !solved.iter().any(|s| s.0 == row[0]) {
            let scenario = shipped::load(Path::new(&row[0]), &[]);
            let solution = solve::exact(&scenario).solution;
            solved.push((row[0].to_string(), scenario, solution));
        }
        let (_, scenario, solution) = solved.iter().find(|s| s.0 == row[0]).unwrap();
        let model = &scenario.model;
        let strategy = model.strategies.iter().position(|s| s.name == row[1]).unwrap();
        let endpoint = model.endpoints.iter().position(|e| e.name == row[2]).unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let curves = solution.curves[strategy][endpoint].as_ref().unwrap();
        let with_event = 1.0 - curves.survival.at(number(3)).unwrap().survival;
        println!("{} years: {with_event:.4}, documented {}", &row[3], &row[4]);
        assert!((with_event - number(4)).abs() <= number(5), "{row:?}: {with_event}");
        tried += 1;
    }
    assert!(tried >= 5);
}

/// The comparison must report a row as missed if the difference exceeds the tolerance.
#[test]
fn a_number_that_is_missed_is_found() {
    let scenario = shipped::load(Path::new("scenarios/published/sick_sicker.toml"), &[]);
    let exact = solve::exact(&scenario).solution;
    let row = |expected: f64| Expected {
        strategy: 0,
        quantity: ExpectedQuantity::Occupancy(0),
        years: 0.0,
        expected,
        tolerance: 1e-9,
        source: "test".into(),
        note: String::new(),
    };
    let is = exact.counts.strategies[0].occupancy[0][0];
    let compared = expected::compare(vec![row(is), row(is + 2e-9)], &scenario.model, &exact);
    assert!(compared[0].passes() && !compared[1].passes());
}
