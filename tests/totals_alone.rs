//! The fast recursions of the exact engine for totals only have the same totals as the full counts.

use crate::common;

use std::path::Path;

use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::engine::cohort::{self, Cohort, Detail};
use arcosim::model::Tables;
use arcosim::scenario::Scenario;
use common::shipped;

/// All shipped scenarios and all scenarios of the tests.
fn scenarios() -> Vec<(String, Scenario)> {
    let mut all = shipped::scenarios();
    for path in shipped::files("tests/scenarios", "toml") {
        let loaded = arcosim::scenario::load(&path, &[]);
        all.extend(loaded.scenario.map(|scenario| (shipped::relative(&path), scenario)));
    }
    all
}

#[test]
fn totals_alone_are_those_of_the_full_count() {
    for (name, scenario) in scenarios() {
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

#[test]
fn occupancy_and_moves_are_those_of_the_full_count() {
    for (name, scenario) in scenarios() {
        let model = &scenario.model;
        let values = model.base_values();
        let tables = Tables::new(model, &values);
        let nodes = Integration::Nodes(2).nodes(model, &values);
        let full = cohort::run(&tables, &nodes);
        let strategies: Vec<usize> = (0..model.strategies.len()).collect();
        let mut alone = Cohort::new(&tables, &nodes, &strategies, Detail::Totals);
        for (strategy, (own, due)) in alone.run(&tables, &nodes).iter().zip(&full.strategies).enumerate() {
            let grids = [(&own.occupancy, &due.occupancy), (&own.moves, &due.moves)];
            for (what, (own, due)) in grids.into_iter().enumerate() {
                for (place, (own, due)) in own.iter().zip(due).enumerate() {
                    for (cycle, (own, due)) in own.iter().zip(due).enumerate() {
                        assert!(
                            (own - due).abs() < 1e-13,
                            "{name}, strategy {strategy}, {what}, place {place}, cycle {cycle}: {own} against {due}"
                        );
                    }
                }
            }
        }
    }
}

/// Ensures that the factorised recursion is used at all, because the other tests would pass without it. The run time of
/// a PSA of the first scenario depends on it.
#[test]
fn short_cut_is_taken() {
    for name in ["scenarios/onfh/base.toml", "tests/scenarios/background/scenario.toml"] {
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
