//! Attributes with gamma and beta distributions, against closed forms: with gamma frailty of mean 1 and variance θ and cumulative
//! hazard Λ, the share without the event is (1 + θ Λ)^(-1/θ) (Vaupel, Manton and Stallard 1979).

use crate::common;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::engine::microsim::Watch;
use arcosim::scenario::Scenario;
use common::{agreement, shipped, solve};

fn scenario(attribute: &str, rate: &str) -> Scenario {
    let text = format!(
        r#"
format = 1
title  = "Frailty"
[time]
cycle   = "1 year"
horizon = "20 years"
[population.attributes]
frailty = {{ {attribute} }}
[population.start]
well = "rest"
[states]
well = {{}}
ill  = {{ absorbing = true }}
[transitions]
fall_ill = {{ from = "well", to = "ill", rate = "{rate}" }}
[endpoints.illness]
enters = "ill"
[strategies.usual]
reference = true
[[strategies.drug.effects]]
on           = "fall_ill"
hazard_ratio = 0.5
[outcomes.years]
unit       = "years"
correction = "start"
discount   = "none"
[rewards]
well = {{ outcome = "years", per_year = 1, in = "well" }}
"#
    );
    shipped::from_texts(&[("scenario.toml", &text)], &[])
}

/// Largest error of the share who are well, over all times and both strategies. It must not exceed what the run itself says of its
/// integration.
fn error(scenario: &Scenario, due: impl Fn(f64) -> f64) -> f64 {
    let exact = solve::exact(scenario);
    let counts = exact.solution.counts;
    let mut most: f64 = 0.0;
    for (own, ratio) in counts.strategies.iter().zip([1.0, 0.5]) {
        for (k, well) in own.occupancy[0].iter().enumerate() {
            most = most.max((well - due(0.15 * ratio * k as f64)).abs());
        }
    }
    assert!(most <= 2.0 * exact.integration_error + 1e-11, "{most}, stated {}", exact.integration_error);
    most
}

#[test]
fn gamma_frailty_is_the_closed_form() {
    // Standard deviations below and above the mean: densities without and with an infinite end.
    for sd in [0.3_f64, 0.7, 1.0, 1.4] {
        let theta = sd * sd;
        let scenario = scenario(&format!("gamma = {{ mean = 1, sd = {sd} }}"), "0.15 * frailty");
        let off = error(&scenario, |hazard| (1.0 + theta * hazard).powf(-1.0 / theta));
        assert!(off < 3e-8, "sd {sd}: {off}");
        // A draw of an uncertainty analysis has few nodes.
        let few =
            Evaluator::new(&scenario.model, Integration::Nodes(8)).totals(&solve::values(&scenario.model));
        let due: f64 = (0..20).map(|k| (1.0 + theta * 0.15 * f64::from(k)).powf(-1.0 / theta)).sum();
        assert!((few[0][0] / due - 1.0).abs() < 2e-3, "sd {sd}: {} and {due}", few[0][0]);
    }
}

/// A beta-distributed risk: the integral of exp(-H x) over a beta density is Kummer's function, here by its series.
#[test]
fn a_beta_distributed_risk_is_kummers_function() {
    for (mean, sd) in [(0.3, 0.1), (0.5, 0.4), (0.1, 0.15)] {
        let both: f64 = mean * (1.0 - mean) / (sd * sd) - 1.0;
        let (a, b) = (mean * both, both);
        let kummer = |h: f64| {
            let mut term = 1.0;
            let mut sum = 1.0;
            for n in 0..200 {
                let n = f64::from(n);
                term *= -h * (a + n) / ((b + n) * (n + 1.0));
                sum += term;
            }
            sum
        };
        let scenario = scenario(&format!("beta = {{ mean = {mean}, sd = {sd} }}"), "0.15 * frailty");
        let off = error(&scenario, kummer);
        assert!(off < 3e-8, "{mean}, {sd}: {off}");
    }
}

#[test]
fn simulated_patients_are_as_frail() {
    for (i, attribute) in
        ["gamma = { mean = 1, sd = 1.2 }", "beta = { mean = 0.4, sd = 0.3 }, within = [0.1, 0.9]"]
            .iter()
            .enumerate()
    {
        let scenario = scenario(attribute, "0.3 * frailty");
        let options =
            Options::new(Engine::Both, 200_000, agreement::seed("frailty", i as u64), vec![5.0, 10.0]);
        let found = run(&scenario.model, &options, &Watch::default()).unwrap().agreement.unwrap();
        assert!(found.engines_agree(), "{attribute}: {:?} {:?}", found.worst_headline(), found.worst_cell);
    }
}
