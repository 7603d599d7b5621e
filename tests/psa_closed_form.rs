//! PSA of a decision with a closed-form solution: no treatment, or a strategy that gains p1 and costs p2, with p1 ~
//! N(1, 1) and p2 ~ N(0, 2). At a threshold of k the net benefit is N(k, k² + 4). Acceptability, EVPI and EVPPI then
//! follow from the unit normal loss (H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory, 1961).

use crate::common;

use arcosim::analysis::psa::Psa;
use arcosim::economics::{ParameterGroup, Samples, acceptability, evppi, expected_loss};
use arcosim::model::uncertainty::{Sampling, Uncertainty};
use arcosim::scenario::Scenario;
use common::psa::{self, mean, variance};
use common::published::printed;
use common::shipped;

const SCENARIO: &str = r#"
format     = 1
parameters = "parameters.csv"

[time]
cycle   = "1 year"
horizon = "1 year"

[population.start]
there = "rest"

[states]
there = {}
gone  = { absorbing = true }

[transitions.go]
from = "there"
to   = "gone"
rate = "rate.go"

[strategies.nothing]
reference = true

[strategies.something]

[outcomes.cost]
unit       = "EUR"
correction = "end"
discount   = "none"

[outcomes.effect]
unit       = "QALYs"
correction = "end"
discount   = "none"

[rewards.cost]
outcome    = "cost"
strategies = ["something"]
once       = "p2"
at_start   = true

[rewards.effect]
outcome    = "effect"
strategies = ["something"]
once       = "p1"
at_start   = true

[decision]
cost       = "cost"
effect     = "effect"
thresholds = [{ value = 1, date = "1961", source = "assumption" }]
"#;
const PARAMETERS: &str = "name,kind,base,unit,distribution,se,source
p1,number,1,,normal,1,A
p2,number,0,,normal,2,A
rate.go,rate,0.1,per year,fixed,,A
";
const DRAWS: u64 = 1 << 14;

fn scenario() -> Scenario {
    shipped::from_text(SCENARIO, PARAMETERS)
}

/// Costs and effects, each as `[strategy][draw]`.
fn columns(scenario: &Scenario, psa: &Psa) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let decision = scenario.decision.as_ref().unwrap();
    (psa.outcome(decision.cost), psa.outcome(decision.effect))
}

/// Closed forms at thresholds of 1, 2 and 3: EVPI, EVPPI of p1, EVPPI of p2; and the probability that the second
/// strategy is the better one at a threshold of 1.
const EVPI: [f64; 3] = [0.4798107063483925, 0.3992824567484914, 0.40946341599383507];
const EVPPI_P1: [f64; 3] = [0.0833154705876864, 0.1666309411753728, 0.24994641176305876];
const EVPPI_P2: [f64; 3] = [0.39559311480261217, 0.1666309411753728, 0.05861358752520962];
const CEAC: f64 = 0.6726395769907115;

#[test]
fn perfect_information_has_its_closed_forms() {
    let scenario = scenario();
    let psa = psa::run(&scenario, Sampling::Sobol, (1, DRAWS));
    let (costs, effects) = columns(&scenario, &psa);
    let samples = Samples::new(&costs, &effects).unwrap();
    let curves = acceptability(&samples, &[1.0]).unwrap();
    // With random draws the standard error of this share would be 3.7e-3.
    printed("CEAC", curves.probability[1][0], CEAC, 1.5e-3);
    printed("CEAC", curves.probability[0][0], 1.0 - CEAC, 1.5e-3);
    let inputs: Vec<Vec<f64>> = (0..scenario.model.parameters.len()).map(|p| psa.parameter(p)).collect();
    let (p1, p2) = (psa::parameter(&scenario, "p1"), psa::parameter(&scenario, "p2"));
    for (i, k) in [1.0, 2.0, 3.0].into_iter().enumerate() {
        let all = expected_loss(&samples, &[k]).unwrap().evpi[0];
        let se = all.se.unwrap();
        printed(&format!("EVPI at {k}"), all.value, EVPI[i], 0.1 * se);
        let groups = [
            ParameterGroup::new("p1", [p1]),
            ParameterGroup::new("p2", [p2]),
            ParameterGroup::new("both", [p1, p2]),
        ];
        let parts = evppi(&inputs, &samples.net_benefit(k).unwrap(), &groups).unwrap();
        for (part, due) in parts.iter().zip([EVPPI_P1[i], EVPPI_P2[i], EVPI[i]]) {
            printed(&format!("EVPPI of {} at {k}", part.name), part.value, due, 0.01 * EVPI[i]);
            assert!(part.value <= all.value, "{}: no part is worth more than all", part.name);
        }
    }
}

/// EVPPI of parameter `p` by two nested loops of model runs, with the standard error of the outer loop. The outer loop
/// draws values of `p`; the inner loop draws all other parameters given this value. The inner loop uses Latin
/// hypercubes, because noise in the inner means would bias their maximum upwards.
fn nested(scenario: &Scenario, p: usize, threshold: f64, (outer, inner): (u64, u64)) -> (f64, f64) {
    let values = psa::draws(scenario, &scenario.uncertainty, Sampling::Random, (77, outer));
    let decision = scenario.decision.as_ref().unwrap();
    let mut known: Uncertainty = scenario.uncertainty.clone();
    assert!(known.joint_of(p).is_none());
    known.margins[p] = None;
    let mut at = scenario.clone();
    let conditional: Vec<Vec<f64>> = (1..=outer)
        .map(|k| {
            at.model.parameters[p].base = values.values(k, 0)[p];
            let draws = psa::draws(&at, &known, Sampling::LatinHypercube, (1000 + k, inner));
            let psa = psa::with(&at.model, &draws, psa::exact(scenario), false).unwrap();
            let (costs, effects) = (psa.outcome(decision.cost), psa.outcome(decision.effect));
            (costs.iter().zip(&effects)).map(|(cost, effect)| threshold * mean(effect) - mean(cost)).collect()
        })
        .collect();
    let strategies = conditional[0].len();
    let mean_of = |s: usize| mean(&conditional.iter().map(|row| row[s]).collect::<Vec<f64>>());
    let best = (0..strategies).max_by(|&a, &b| mean_of(a).total_cmp(&mean_of(b))).unwrap();
    let gains: Vec<f64> =
        conditional.iter().map(|row| row.iter().copied().fold(f64::MIN, f64::max) - row[best]).collect();
    (mean(&gains), (variance(&gains) / outer as f64).sqrt())
}

#[test]
fn partial_information_agrees_with_two_loops_of_model_runs() {
    let scenario = scenario();
    for (name, due) in [("p1", EVPPI_P1[0]), ("p2", EVPPI_P2[0])] {
        let p = psa::parameter(&scenario, name);
        let (value, se) = nested(&scenario, p, 1.0, (400, 50));
        printed(&format!("nested EVPPI of {name}"), value, due, 4.0 * se);
        assert!(se < 0.15 * EVPI[0]);
    }
}

/// EVPPI by regression agrees with nested loops on a model without a closed form: the cost of treatment B in
/// Sick-Sicker.
#[test]
#[ignore = "slow: run before every merge"]
fn partial_information_of_a_published_model_agrees_with_two_loops() {
    let path = std::path::Path::new("scenarios/published/sick_sicker.toml");
    let scenario = shipped::load(path, &[]);
    let threshold = 75_000.0;
    let psa = psa::run(&scenario, Sampling::Random, (2, 8000));
    let (costs, effects) = columns(&scenario, &psa);
    let samples = Samples::new(&costs, &effects).unwrap();
    let inputs: Vec<Vec<f64>> = (0..scenario.model.parameters.len()).map(|p| psa.parameter(p)).collect();
    let p = psa::parameter(&scenario, "cost.b");
    let regression =
        &evppi(&inputs, &samples.net_benefit(threshold).unwrap(), &[ParameterGroup::new("b", [p])]).unwrap()
            [0];
    let (value, se) = nested(&scenario, p, threshold, (1600, 30));
    let both = (se * se + regression.se.unwrap().powi(2)).sqrt();
    printed("EVPPI of the cost of B", regression.value, value, 4.0 * both);
    assert!(value > 4.0 * se, "there is something to know");
}
