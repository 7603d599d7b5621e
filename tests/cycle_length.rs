//! The effect of the cycle length, against a model in continuous time with a closed form.

use crate::common;

use arcosim::analysis::base_case::{self, Engine, Options, Results};
use arcosim::analysis::cycle_length::{CycleLength, cycle_length, halved};
use arcosim::engine::microsim::Watch;
use arcosim::model::Model;
use common::shipped;

fn results(model: &Model) -> Results {
    let options = Options::new(Engine::Cohort, 0, 1, Vec::new());
    base_case::run(model, &options, &Watch::default()).unwrap()
}

const MODEL: &str = r#"
format     = 1
parameters = "p.csv"

[time]
cycle   = "6 months"
horizon = "10 years"

[population.start]
well = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[groups]
alive = ["well", "ill"]

[transitions.fall_ill]
from = "well"
to   = "ill"
rate = "rate.ill"

[transitions.die]
from = "ill"
to   = "dead"
rate = "rate.death"

[endpoints.death]
free   = "alive"
enters = "dead"

[outcomes.cost]
unit       = "GBP"
correction = "life-table"
discount   = "none"

[outcomes.qaly]
unit       = "QALYs"
correction = "life-table"
discount   = "none"

[rewards.care]
outcome  = "cost"
in       = "ill"
per_year = "cost.ill"

[rewards.price]
outcome    = "cost"
at_start   = true
once       = "cost.drug"
strategies = ["drug"]

[rewards.health]
outcome  = "qaly"
in       = "alive"
per_year = 1

[strategies.usual]
reference = true

[strategies.drug]

[[strategies.drug.effects]]
on           = "die"
hazard_ratio = "hr.drug"

[decision]
cost       = "cost"
effect     = "qaly"
thresholds = [{ value = 20_000, source = "made up", date = "2026-11" }]
"#;

fn parameters(price: f64) -> String {
    format!(
        "name,kind,base,unit,source\nrate.ill,rate,0.8,per year,S\nrate.death,rate,0.5,per year,S\n\
         hr.drug,hr,0.5,,S\ncost.ill,cost,1000,GBP/year,S\ncost.drug,cost,{price},GBP,S\n"
    )
}

/// Probability of death by `t` years for two constant rates in sequence.
fn dead_by(first: f64, second: f64, t: f64) -> f64 {
    1.0 - (second * (-first * t).exp() - first * (-second * t).exp()) / (second - first)
}

#[test]
fn extrapolated_results_are_those_of_continuous_time() {
    let scenario = shipped::from_texts(&[("s.toml", MODEL), ("p.csv", &parameters(1000.0))], &[]);
    let model = &scenario.model;
    let years = [2.0, 5.0];
    let Some(CycleLength::Known(change)) = cycle_length(model, &years, &Watch::default()) else {
        panic!("the cycles can be halved");
    };
    let results = results(model);
    let exact = results.exact.as_ref().unwrap();
    for (s, rate) in [(0, 0.5), (1, 0.25)] {
        for (i, t) in years.into_iter().enumerate() {
            let curves = exact.solution.curves[s][0].as_ref().unwrap();
            let value = curves.incidence.at(0, t).unwrap().probability;
            let (due, by) = (dead_by(0.8, rate, t), change.incidence[s][0][i].unwrap());
            let errors = [value - due, value + by - due, value + 2.0 * by - due];
            assert!(errors[0].abs() > 0.01, "half-yearly cycles delay deaths: {errors:?}");
            assert!((errors[1] / errors[0] - 0.5).abs() < 0.1, "{errors:?}");
            assert!(errors[2].abs() < 0.1 * errors[0].abs(), "{errors:?}");
        }
        // Expected years alive by the horizon: the area under the survival curve.
        let area = |f: &dyn Fn(f64) -> f64| -> f64 {
            let n = 20_000;
            (0..n).map(|i| f(10.0 * (f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() * 10.0 / f64::from(n)
        };
        let due = area(&|t| 1.0 - dead_by(0.8, rate, t));
        let totals = change.totals(&results).unwrap();
        let own = totals[s][1];
        assert!((own.value - due).abs() > 0.05, "{own:?} against {due}");
        assert!((own.extrapolated() - due).abs() < 0.1 * (own.value - due).abs(), "{own:?} against {due}");
    }
}

/// At a price between the two values of the drug, the cycle length decides what is best.
#[test]
fn a_choice_that_the_cycle_length_decides_is_said() {
    let benefit = |price: f64| {
        let scenario = shipped::from_texts(&[("s.toml", MODEL), ("p.csv", &parameters(price))], &[]);
        let Some(CycleLength::Known(change)) = cycle_length(&scenario.model, &[], &Watch::default()) else {
            panic!("the cycles can be halved");
        };
        let results = results(&scenario.model);
        let decision = scenario.decision.as_ref().unwrap();
        let totals = change.totals(&results).unwrap();
        let gain = |f: &dyn Fn(usize, usize) -> f64| 20_000.0 * (f(1, 1) - f(0, 1)) - (f(1, 0) - f(0, 0));
        let now = gain(&|s, o| totals[s][o].value);
        let then = gain(&|s, o| totals[s][o].extrapolated());
        (now, then, change.best(&scenario.model, decision, &results, 20_000.0).unwrap())
    };
    let (now, then, same) = benefit(1000.0);
    assert_eq!(same, (1, 1));
    assert!((now - then).abs() > 1.0, "{now} {then}");
    let between = benefit(1000.0 + (now + then) / 2.0).2;
    assert_eq!(between, if now > then { (1, 0) } else { (0, 1) });
}

/// The copy with cycles of half the length is the scenario compiled with such cycles: also where a formula reads
/// `cycle_length`, and where it does not because the length belongs to the data.
#[test]
fn half_cycles_are_those_of_the_scenario_with_half_the_cycle() {
    let mut text = MODEL.replace(
        "rate = \"rate.death\"",
        "rate = \"rate.death * if(time_in(ill) + cycle_length >= 0.999, 2, 1)\"",
    );
    text = text.replace("rate = \"rate.ill\"", "rate = \"rate(0.25, 6 months)\"");
    let own = shipped::from_texts(&[("s.toml", &text), ("p.csv", &parameters(1000.0))], &[]);
    let short = text.replace("cycle   = \"6 months\"", "cycle   = \"3 months\"");
    let short = shipped::from_texts(&[("s.toml", &short), ("p.csv", &parameters(1000.0))], &[]);
    let halved = halved(&own.model).unwrap();
    let [a, b] = [&halved, &short.model].map(|model| results(model).exact.unwrap().solution);
    for (a, b) in a.totals.strategies.iter().zip(&b.totals.strategies) {
        for (a, b) in a.outcomes.iter().zip(&b.outcomes) {
            assert!((a.mean - b.mean).abs() < 1e-12 * b.mean, "{} against {}", a.mean, b.mean);
        }
    }
}

/// In continuous time a rate that converts a number of the data with `cycle_length`, as messages propose, stays the same with half
/// the cycles, and constant rates have no error of the cycle length.
#[test]
fn rates_of_data_per_cycle_do_not_change_with_half_the_cycle_in_continuous_time() {
    let text = MODEL
        .replace("cycle   = \"6 months\"", "cycle   = \"6 months\"\nmoves   = \"continuous\"")
        .replace("rate = \"rate.ill\"", "rate = \"rate(0.25, cycle_length)\"");
    let scenario = shipped::from_texts(&[("s.toml", &text), ("p.csv", &parameters(1000.0))], &[]);
    let model = &scenario.model;
    let Some(CycleLength::Known(change)) = cycle_length(model, &[3.0], &Watch::default()) else {
        panic!("the cycles can be halved");
    };
    let results = results(model);
    for own in change.totals(&results).unwrap().iter().flatten() {
        assert!(own.change().abs() < 1e-9 * own.value, "{own:?}");
    }
    let incidence = change.incidence.iter().flatten().flatten().flatten();
    assert!(incidence.clone().count() > 0 && incidence.clone().all(|change| change.abs() < 1e-9));
}
