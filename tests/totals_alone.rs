//! The fast recursions of the exact engine for totals only have the same totals as the full counts.

use crate::common;

use std::path::Path;

use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::engine::cohort::{self, Cohort, Detail};
use arcosim::model::Tables;
use arcosim::scenario::Scenario;
use common::shipped;

#[test]
fn totals_alone_are_those_of_the_full_count() {
    let paths = shipped::files("tests/scenarios", "toml");
    let of_tests = paths.iter().map(|path| (shipped::relative(path), shipped::load(path, &[])));
    let mut all = shipped::originals();
    all.extend(of_tests);
    same_totals(all);
}

#[test]
#[ignore = "all overlays"]
fn totals_of_overlays_alone_are_those_of_the_full_count() {
    same_totals(shipped::overlays());
}

fn same_totals(scenarios: Vec<(String, Scenario)>) {
    for (name, scenario) in scenarios {
        let model = &scenario.model;
        let integration = Integration::Nodes(3);
        let mut evaluator = Evaluator::new(model, integration);
        let base = model.base_values();
        // Base values, slightly different values, and the base values again, because cached results must stay valid.
        for factor in [1.0, 0.999, 1.0] {
            let values: Vec<f64> = base.iter().map(|x| x * factor).collect();
            let tables = Tables::new(model, &values);
            let nodes = integration.nodes(model, &values);
            let full = cohort::run(&tables, &nodes);
            let due = cohort::totals(model, &full.strategies, &[]);
            let totals = evaluator.totals(&values);
            for (strategy, (own, due)) in totals.iter().zip(&due.strategies).enumerate() {
                for (outcome, (own, due)) in own.iter().zip(&due.outcomes).enumerate() {
                    let near = (own - due.mean).abs() <= 1e-11 * due.mean.abs().max(1e-3);
                    let at = &model.strategies[strategy].name;
                    assert!(near, "{name}, {at}, outcome {outcome}: {own} against {}", due.mean);
                }
            }
        }
    }
}

/// The factorised recursion also solves the futures of states that nobody enters, and zero times infinity is not zero.
#[test]
fn an_infinite_reward_that_nobody_receives_changes_nothing() {
    let scenario = shipped::load(Path::new("tests/scenarios/background/replaced.toml"), &[]);
    let model = &scenario.model;
    let base = model.base_values();
    let divisor = model.parameters.iter().position(|p| p.name == "divisor").expect("the divisor");
    let mut values = base.clone();
    values[divisor] = 0.0;
    let mut evaluator = Evaluator::new(model, Integration::Nodes(3));
    let due = evaluator.totals(&base);
    let totals = evaluator.totals(&values);
    assert!(evaluator.takes_short_cuts());
    for (own, due) in totals.iter().flatten().zip(due.iter().flatten()) {
        assert!((own - due).abs() <= 1e-11 * due.abs(), "{own} against {due}");
    }
}

/// Ensures that the factorised recursion is used at all, because the other tests would pass without it. The run time of
/// a PSA of the first scenario depends on it.
#[test]
fn short_cut_is_taken() {
    for name in [
        "scenarios/onfh/base.toml",
        "tests/scenarios/background/scenario.toml",
        "tests/scenarios/background/replaced.toml",
    ] {
        let scenario = shipped::load(Path::new(name), &[]);
        let model = &scenario.model;
        let values = model.base_values();
        let tables = Tables::new(model, &values);
        let nodes = Integration::Nodes(2).nodes(model, &values);
        let strategies: Vec<usize> = (0..model.strategies.len()).collect();
        let cohort = Cohort::new(&tables, &nodes, &strategies, Detail::Totals);
        assert_eq!(cohort.factorised(), strategies.len(), "{name}");
    }
}
