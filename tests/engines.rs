//! Both engines versus closed forms and versus each other, on models that use every feature of scenarios.

use crate::common;

use arcosim::analysis::agreement::{Agreement, compare};
use arcosim::engine::counts::Counts;
use arcosim::engine::microsim::{Rule, Settings, Watch};
use arcosim::engine::{cohort, microsim};
use arcosim::model::*;
use common::*;

fn exact(model: &Model, order: usize) -> Counts {
    let tables = Tables::new(model, &[]);
    let nodes = population::population_nodes(model, &[], order);
    cohort::run(&tables, &nodes)
}

/// Compares both engines, with simulated ages drawn from the quadrature nodes, so that integration error has no effect.
fn against(model: &Model, patients: u64, seed: u64, rule: Rule) -> Agreement {
    let tables = Tables::new(model, &[]);
    let nodes = population::population_nodes(model, &[], 1);
    let expected = cohort::run(&tables, &nodes);
    let settings = Settings { nodes: Some(nodes), rule, ..Settings::new(patients, seed) };
    let simulated = microsim::run(&tables, &settings, &Watch::default()).unwrap().counts;
    let landmarks: Vec<usize> = (1..=5).map(|i| model.time.cycles * i / 5).collect();
    compare(model, &expected, &simulated, &landmarks, 0.0)
}

fn agrees(model: &Model, patients: u64) {
    for seed in 1..=3 {
        let agreement = against(model, patients, seed, Rule::Correct);
        assert!(
            agreement.passes(),
            "seed {seed}: headline {:?}, cell {:?}",
            agreement.worst_headline(),
            agreement.worst_cell
        );
    }
}

/// Maximum number of clocks in one state, all started at time zero. Each cause of death has its own clock, and survival
/// is exp(-sum of the cumulative hazards).
#[test]
fn every_clock_of_a_state_runs() {
    let groups = ["one", "two", "three", "four"];
    assert_eq!(groups.len(), clocks::MOST_CLOCKS);
    let scales = [4.0, 5.0, 7.0, 9.0];
    let mut built = Builder::new(12, 2.0, &["well", "dead"]);
    for (g, scale) in scales.into_iter().enumerate() {
        let hazard = Hazard::Distribution {
            time: TimeDistribution::Weibull { shape: x(1.5), scale: x(scale) }.into(),
            // Clocks 0 and 1 belong to the two states, so the clock of group g has the index 2 + g.
            clock: Clock::TimeIn(2 + g),
            ratio: x(1.0),
        };
        built = built.group(groups[g], &[0]).transition(groups[g], &[0], 1, true, hazard);
    }
    let model = built.strategy("one", vec![]).model;
    let counts = exact(&model, 1);
    for k in 0..=12 {
        let t = k as f64 / 2.0;
        let due = (-scales.iter().map(|scale| (t / scale).powf(1.5)).sum::<f64>()).exp();
        let found = counts.strategies[0].occupancy[0][k];
        assert!((found - due).abs() < 1e-12, "{t} years: {found}, not {due}");
    }
    agrees(&model, 20_000);
}

/// Two causes from one state, each at a constant rate: the cumulative incidences have a closed form
/// (competing risks, Kalbfleisch and Prentice 2002, section 8.2).
#[test]
fn competing_causes_have_their_closed_form() {
    let (a, b) = (0.3, 0.2);
    let model = Builder::new(20, 1.0, &["well", "a", "b"])
        .transition("to a", &[0], 1, false, Hazard::Rate(x(a)))
        .transition("to b", &[0], 2, false, Hazard::Rate(x(b)))
        .strategy("one", vec![])
        .model;
    let counts = exact(&model, 1);
    for t in [1, 2, 5, 10, 20] {
        let cif = a / (a + b) * (1.0 - (-(a + b) * t as f64).exp());
        assert!((counts.strategies[0].occupancy[1][t] - cif).abs() < 1e-14);
    }
    agrees(&model, 50_000);
}

#[test]
fn the_exact_engine_stops_when_asked() {
    let model = everything();
    let tables = Tables::new(&model, &[]);
    let nodes = population::population_nodes(&model, &[], 1);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let stopped = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 5;
    assert!(cohort::run_unless(&tables, &nodes, &stopped).is_none());
}

/// If deaths are resolved first, overall survival follows the life table regardless of all other transitions.
#[test]
fn deaths_resolved_first_follow_the_life_table() {
    let model = everything();
    let counts = exact(&model, 2);
    let nodes = population::population_nodes(&model, &[], 2);
    for cycle in 0..=model.time.cycles {
        let t = model.time.years(cycle);
        let mut alive = 0.0;
        for a in &nodes[0] {
            for s in &nodes[1] {
                let hazard = life_table();
                let h = hazard.cumulative(s.value as usize).between(a.value, a.value + t);
                alive += a.weight * s.weight * (-h).exp();
            }
        }
        for strategy in &counts.strategies {
            let dead = strategy.occupancy[4][cycle];
            assert!((1.0 - dead - alive).abs() < 1e-12, "cycle {cycle}: {} {}", 1.0 - dead, alive);
        }
    }
}

/// Model that uses every feature: five states with re-entry, a group transition, clocks of state and group, branches, a
/// waning effect on a Weibull hazard (computed cycle by cycle), rows with stated and certain probabilities, and an age
/// multiplier.
fn everything() -> Model {
    let alive = [0, 1, 2, 3];
    let rate_by_size = Expr::Select(Selector::Attribute(2), vec![x(0.1), x(0.4), x(0.9)]);
    let by_age = Expr::Call(
        Function::Exp,
        vec![Expr::Binary(
            Binary::Multiply,
            Box::new([x(-0.03), Expr::Binary(Binary::Subtract, Box::new([Expr::Attribute(0), x(50.0)]))]),
        )],
    );
    let fade = Effect {
        transitions: vec![0, 2],
        on: EffectOn::Hazard,
        ratio: x(0.4),
        onset: 0.0,
        full_until: Some(6.0),
        gone_after: Some(20.0),
    };
    let mut model = Builder::new(80, 2.0, &["early", "late", "implant", "after", "dead"])
        .group("native", &[0, 1])
        .attribute(age(55.0, 12.0, (20.0, 90.0)))
        .attribute(categorical("sex", &[("male", 0.6), ("female", 0.4)]))
        .attribute(categorical("size", &[("A", 0.2), ("B", 0.3), ("C", 0.5)]))
        .transition("worsen", &[0], 1, false, Hazard::Rate(rate_by_size))
        .transition("recover", &[1], 0, false, Hazard::Rate(x(0.3)))
        .transition(
            "operate",
            &[0, 1],
            2,
            false,
            Hazard::Distribution {
                time: TimeDistribution::Weibull { shape: x(1.6), scale: x(7.0) }.into(),
                clock: Clock::TimeIn(5),
                ratio: x(1.0),
            },
        )
        .branch(None, 0.1)
        .transition(
            "wear out",
            &[2],
            3,
            false,
            Hazard::Distribution {
                time: TimeDistribution::Weibull { shape: x(1.4), scale: x(15.0) }.into(),
                clock: Clock::TimeIn(2),
                ratio: by_age,
            },
        )
        .transition(
            "settle",
            &[3],
            2,
            false,
            Hazard::Probability(Expr::If(Box::new([
                Expr::Binary(Binary::GreaterEqual, Box::new([Expr::Clock(Clock::TimeIn(3)), x(0.5)])),
                x(1.0),
                x(0.0),
            ]))),
        )
        .transition("die", &alive, 4, true, Hazard::LifeTable { table: 0, age: 0, ratio: x(1.0) })
        .strategy("plain", vec![])
        .strategy("treated", vec![fade])
        .endpoint("late", &[1], &[2, 4], None)
        .endpoint("implant", &[2], &[4], None)
        .endpoint("death", &[4], &[], None)
        .model;
    model.life_tables.push(life_table());
    model.start = vec![(0, Share::Stated(x(0.7))), (1, Share::Rest)];
    model
}

#[test]
fn the_engines_agree_on_a_model_with_everything() {
    agrees(&everything(), 100_000);
}

#[test]
fn stated_and_certain_rows_agree() {
    let mut model = Builder::new(30, 1.0, &["a", "b", "c", "dead"])
        .transition("ab", &[0], 1, false, Hazard::Probability(x(0.3)))
        .transition("ac", &[0], 2, false, Hazard::Probability(x(0.25)))
        .transition("ba", &[1], 0, false, Hazard::Probability(x(0.6)))
        .transition("bc", &[1], 2, false, Hazard::Probability(x(0.4)))
        .transition("ca", &[2], 0, false, Hazard::Probability(x(0.5)))
        .transition("die", &[0, 1, 2], 3, false, Hazard::Probability(x(0.0)))
        .strategy("one", vec![])
        .endpoint("c", &[2], &[3], None)
        .model;
    agrees(&model, 100_000);
    model.transitions[5].first = true;
    model.transitions[5].hazard = Hazard::Probability(x(0.03));
    agrees(&model, 100_000);
    // The exact engine must reproduce stated probabilities exactly.
    let counts = exact(&model, 1);
    assert!((counts.strategies[0].occupancy[1][1] - 0.97 * 0.3).abs() < 1e-15);
}

/// Endpoint with time since entry into a group. Patients may leave and re-enter the group, or stay in it after the
/// event; only the first event after the first entry counts, in both engines.
#[test]
fn first_events_since_a_first_entry_agree_when_patients_come_back() {
    let model = Builder::new(40, 2.0, &["out", "in", "failed", "dead"])
        .group("inside", &[1, 2])
        .transition("enter", &[0], 1, false, Hazard::Rate(x(0.5)))
        .transition("fail", &[1], 2, false, Hazard::Rate(x(0.4)))
        .transition("mend", &[2], 1, false, Hazard::Rate(x(0.8)))
        .transition("leave", &[1, 2], 0, false, Hazard::Rate(x(0.3)))
        .transition("die", &[0, 1, 2], 3, true, Hazard::Rate(x(0.03)))
        .strategy("one", vec![])
        .endpoint("failure", &[2], &[3], Some(4))
        .model;
    agrees(&model, 100_000);
    // Patients are at risk of a first failure from their own first entry on, with constant competing rates, so the
    // probability in the first cycle has a closed form.
    let counts = exact(&model, 1);
    let endpoint = &counts.strategies[0].endpoints[0];
    let (p_die, p_other) = (1.0 - (-0.015f64).exp(), 1.0 - (-0.35f64).exp());
    let fails = (1.0 - p_die) * p_other * 0.4 / 0.7;
    let entered_before_the_horizon = endpoint.entered - endpoint.censored[0];
    assert!((endpoint.events[1] / entered_before_the_horizon - fails).abs() < 1e-12);
}

/// The comparison of the engines must detect two classic errors, which are planted in the microsimulation.
#[test]
fn planted_errors_are_found() {
    // Death competes with the other transitions and is not resolved first. Its random threshold stays valid while
    // patients move between `a` and `b`.
    let model = Builder::new(40, 1.0, &["a", "b", "dead"])
        .transition("ab", &[0], 1, false, Hazard::Rate(x(0.8)))
        .transition("ba", &[1], 0, false, Hazard::Rate(x(0.9)))
        .transition("die", &[0, 1], 2, false, Hazard::Rate(x(0.35)))
        .strategy("one", vec![])
        .endpoint("death", &[2], &[], None)
        .model;
    agrees(&model, 200_000);
    for rule in [Rule::LosersSpendTheCycle, Rule::AbsorbingWins] {
        let agreement = against(&model, 200_000, 1, rule);
        assert!(!agreement.passes(), "{rule:?} was not found: {:?}", agreement.worst_cell);
        assert!(agreement.worst_cell.unwrap().z > 20.0, "{rule:?}: {:?}", agreement.worst_cell);
    }
}

#[test]
fn doubling_the_nodes_changes_little() {
    let model = everything();
    let (one, two, four) = (exact(&model, 1), exact(&model, 2), exact(&model, 4));
    let change = |a: &Counts, b: &Counts| -> f64 {
        let pairs = a.strategies.iter().zip(&b.strategies);
        pairs
            .flat_map(|(x, y)| x.occupancy.iter().flatten().zip(y.occupancy.iter().flatten()))
            .map(|(x, y)| (x - y).abs())
            .fold(0.0, f64::max)
    };
    // One node in panels of half a year is the midpoint rule: the error is h^2 / 24 times the second derivative by age.
    // For survival this derivative is largest near the end of life, about 0.01 per squared year.
    assert!(change(&one, &two) < 0.25 / 24.0 * 0.01, "{}", change(&one, &two));
    // With two Gauss nodes the error is h^4 / 4320 times the fourth derivative, which is at most about 0.001 per year
    // to the fourth power.
    assert!(change(&two, &four) < 0.0625 / 4320.0 * 0.001, "{}", change(&two, &four));
}

#[test]
fn counts_do_not_depend_on_threads_or_on_other_strategies() {
    let model = everything();
    let tables = Tables::new(&model, &[]);
    let settings = Settings::new(20_000, 11);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| microsim::run(&tables, &settings, &Watch::default()).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
    let mut alone = model.clone();
    alone.strategies.remove(0);
    let tables = Tables::new(&alone, &[]);
    let counts = microsim::run(&tables, &settings, &Watch::default()).unwrap().counts;
    assert_eq!(counts.strategies[0], one.counts.strategies[1]);
}

/// Prepared strategies must return bit-identical results for a parameter vector, regardless of earlier runs with other
/// vectors.
#[test]
fn prepared_strategies_run_again_as_if_for_the_first_time() {
    for (name, scenario) in common::shipped::originals() {
        let model = &scenario.model;
        let base: Vec<f64> = model.parameters.iter().map(|p| p.base).collect();
        let is_ratio = |i: usize| scenario.parameters[i].kind == arcosim::scenario::parameters::Kind::Hr;
        let other: Vec<f64> =
            base.iter().enumerate().map(|(i, x)| if is_ratio(i) { 1.1 * x } else { *x }).collect();
        let mut tables = Tables::new(model, &base);
        let strategies: Vec<usize> = (0..model.strategies.len()).collect();
        let nodes = |values: &[f64]| population::population_nodes(model, values, 1);
        let mut prepared =
            cohort::Cohort::new(&tables, &nodes(&base), &strategies, cohort::Detail::Everything);
        let fresh = |values: &[f64]| cohort::run(&Tables::new(model, values), &nodes(values)).strategies;
        let (of_base, of_other) = (fresh(&base), fresh(&other));
        for (values, first) in [(&base, &of_base), (&other, &of_other), (&base, &of_base)] {
            tables.set(values);
            assert!(prepared.run(&tables, &nodes(values)) == &first[..], "{name}");
        }
    }
}
