//! Published probabilistic analyses, run as scenarios, versus the published numbers and an independent computation.

use crate::common;

use std::collections::BTreeMap;
use std::path::Path;

use arcosim::analysis::psa::Psa;
use arcosim::economics::{Samples, acceptability, expected_loss, quantile};
use arcosim::model::uncertainty::{Sampling, Together};
use arcosim::scenario::Scenario;
use common::psa::{self, covariance, kurtosis, mean, variance};
use common::published::{number, printed, table};
use common::shipped;

fn scenario(name: &str) -> Scenario {
    shipped::load(Path::new(&format!("scenarios/published/{name}.toml")), &[])
}

// ---- The draws of the Sick-Sicker tutorials -----------------------------------------------------------------------

/// Names of the strategies in the tutorials, in the order of the strategies in our scenarios.
const THEIRS: [&str; 4] = ["SoC", "A", "B", "AB"];
const DRAWS: u64 = 1000;

/// Checks that two numbers agree to ten significant digits.
#[track_caller]
fn ten_digits(what: &str, is: f64, due: f64) {
    let half = 0.5 * 10_f64.powf(due.abs().log10().floor() - 9.0);
    printed(what, is, due, 1.001 * half);
}

/// Runs the exact engine on every draw of the tutorial.
fn given(name: &str) -> (Scenario, Psa) {
    let scenario = scenario(&format!("variants/{name}_given_draws"));
    assert_eq!(scenario.psa.draws, DRAWS);
    assert!(matches!(scenario.uncertainty.joint[..], [ref one] if matches!(one.how, Together::Given(_))));
    let psa = psa::run(&scenario, scenario.psa.sampling, (1, DRAWS));
    (scenario, psa)
}

/// Checks costs and QALYs of every draw, and all results that follow from them.
fn tutorial(name: &str, keys: usize) -> (Scenario, Psa) {
    let (scenario, psa) = given(name);
    let decision = scenario.decision.as_ref().unwrap();
    let (costs, effects) = (psa.outcome(decision.cost), psa.outcome(decision.effect));
    for (k, row) in table(&format!("economics/{name}_psa.csv")).iter().enumerate() {
        for s in 0..4 {
            ten_digits(&format!("cost of {} in draw {}", THEIRS[s], k + 1), costs[s][k], number(row, s));
            ten_digits(
                &format!("QALYs of {} in draw {}", THEIRS[s], k + 1),
                effects[s][k],
                number(row, 4 + s),
            );
        }
    }

    let samples = Samples::new(&costs, &effects).unwrap();
    let due: BTreeMap<String, String> = (table("economics/expected.csv").iter())
        .filter(|row| &row[0] == name)
        .map(|row| (row[1].to_string(), row[2].to_string()))
        .collect();
    let at = |name: &str| THEIRS.iter().position(|s| *s == name).unwrap();
    let mut tried = 0;
    for (key, value) in &due {
        let parts: Vec<&str> = key.split('.').collect();
        let due = || value.parse::<f64>().unwrap();
        // An absolute tolerance is needed as well, because an expected loss of 0 is the difference of two large
        // numbers.
        let near = |is: f64| printed(key, is, due(), 1e-9 * due().abs() + 1e-6);
        match parts[..] {
            ["mean_cost", s] => near(samples.mean_costs()[at(s)]),
            ["mean_qaly", s] => near(samples.mean_effects()[at(s)]),
            ["evpi", threshold] => {
                let threshold: f64 = threshold.parse().unwrap();
                let all = expected_loss(&samples, &[threshold]).unwrap();
                near(all.evpi[0].value);
                // Expected loss of each strategy versus the best strategy, from mean net benefits.
                let net: Vec<f64> = (samples.mean_effects().iter().zip(samples.mean_costs()))
                    .map(|(effect, cost)| threshold * effect - cost)
                    .collect();
                let most = net.iter().copied().fold(f64::MIN, f64::max);
                for (s, own) in net.iter().enumerate() {
                    let due = due() + most - own;
                    printed(&format!("loss of {}: {key}", THEIRS[s]), all.loss[s][0], due, 1e-6 + 1e-9 * due);
                }
            }
            ["ceac", threshold, s] => {
                let curves = acceptability(&samples, &[threshold.parse().unwrap()]).unwrap();
                printed(key, curves.probability[at(s)][0], due(), 1e-12);
            }
            ["optimal", threshold] => {
                let curves = acceptability(&samples, &[threshold.parse().unwrap()]).unwrap();
                assert_eq!(THEIRS[curves.frontier[0].strategy], value, "{key}");
            }
            ["wtp_of_max_evpi"] => {
                let thresholds: Vec<f64> = (0..=40).map(|k| f64::from(k) * 5000.0).collect();
                let evpi = expected_loss(&samples, &thresholds).unwrap().evpi;
                let most = (0..=40).max_by(|&a, &b| evpi[a].value.total_cmp(&evpi[b].value));
                assert_eq!(thresholds[most.unwrap()], due(), "{key}");
            }
            // `published.rs` tests the base case.
            ["base_cost" | "base_qaly" | "icer", _] => continue,
            _ => panic!("nothing computes {key}"),
        }
        tried += 1;
    }
    assert_eq!(tried, keys, "{name}");
    (scenario, psa)
}

#[test]
fn sick_sicker_with_the_draws_of_the_tutorial() {
    tutorial("sick_sicker", 58);
}

/// The authors report a maximum EVPI of 7,836 at 100,000 per QALY, and a life expectancy of 40.8 years (95 % of the
/// draws between 38.4 and 43.6).
#[test]
fn sick_sicker_with_ages_and_the_draws_of_the_tutorial() {
    let (scenario, psa) = tutorial("sick_sicker_age_dependent", 80);
    let decision = scenario.decision.as_ref().unwrap();
    let (costs, effects) = (psa.outcome(decision.cost), psa.outcome(decision.effect));
    let samples = Samples::new(&costs, &effects).unwrap();
    let evpi = expected_loss(&samples, &[decision.threshold()]).unwrap().evpi[0];
    assert_eq!(decision.threshold(), 100_000.0);
    printed("EVPI", evpi.value, 7836.0, 0.5);
    let mut years = psa.outcome(psa::outcome(&scenario, "life_expectancy"))[0].clone();
    printed("life expectancy", mean(&years), 40.8, 0.05);
    printed("life expectancy, all digits", mean(&years), 40.84803269247192, 1e-9);
    years.sort_by(f64::total_cmp);
    for (share, print, all) in [(0.025, 38.4, 38.358024611990075), (0.975, 43.6, 43.584490256153956)] {
        let is = quantile(&years, share).unwrap();
        printed("life expectancy", is, print, 0.05);
        printed("life expectancy, all digits", is, all, 1e-9);
    }
}

/// Our 4,000 own draws from the same distributions have the same means as the 1,000 draws of the tutorials.
#[test]
fn sick_sicker_with_draws_of_our_own() {
    for name in ["sick_sicker", "sick_sicker_age_dependent"] {
        let (theirs, given) = given(name);
        let ours = scenario(name);
        let draws = psa::draws(&ours, &ours.uncertainty, Sampling::Random, (11, 4000));
        let own: Vec<Vec<f64>> = (1..=4000).map(|k| draws.values(k, 0)).collect();
        let varying = ours.uncertainty.varying();
        assert_eq!(varying, theirs.uncertainty.varying(), "{name}");
        for p in varying {
            let label = &ours.model.parameters[p].name;
            let (a, b): (Vec<f64>, Vec<f64>) = (given.parameter(p), own.iter().map(|v| v[p]).collect());
            let se = (variance(&b) * (1.0 / 1000.0 + 1.0 / 4000.0)).sqrt();
            printed(&format!("{name}: mean of {label}"), mean(&b), mean(&a), 4.0 * se);
            // Standard error of ln s, where s is the sample standard deviation: √((kurtosis − 1) / 4n).
            let se = ((kurtosis(&b) - 1.0) / 4.0 * (1.0 / 1000.0 + 1.0 / 4000.0)).sqrt();
            let ratio = (variance(&b) / variance(&a)).sqrt();
            printed(&format!("{name}: spread of {label}"), ratio.ln(), 0.0, 4.0 * se);
        }
    }
}

// ---- Means, quantiles and probabilities of others' draws ----------------------------------------------------------

const OWN: u64 = 4000;

/// Compares a probabilistic analysis with its rows of `psa_published.csv`.
fn statistics(name: &str, rows: usize) -> (Scenario, Psa) {
    let scenario = scenario(name);
    let psa = psa::run(&scenario, Sampling::Random, (3, OWN));
    let values = |strategy: &str, outcome: &str| -> Vec<f64> {
        let all = psa.outcome(psa::outcome(&scenario, outcome));
        match strategy.split_once(" - ") {
            None => all[psa::strategy(&scenario, strategy)].clone(),
            Some((a, b)) => {
                let (a, b) = (&all[psa::strategy(&scenario, a)], &all[psa::strategy(&scenario, b)]);
                a.iter().zip(b).map(|(a, b)| a - b).collect()
            }
        }
    };
    let all = table("psa_published.csv");
    let mine: Vec<_> = all.iter().filter(|row| &row[0] == name).collect();
    assert_eq!(mine.len(), rows, "{name}");
    for row in mine {
        let (what, due, rounding) = (&row[1], number(row, 4), number(row, 6));
        // Both samples are finite, so both add to the sampling error.
        let few = 1.0 / OWN as f64 + 1.0 / number(row, 5);
        let of_share = |p: f64| 4.0 * (p * (1.0 - p) * few).sqrt();
        let (is, due, tolerance) = match what.split_once(' ') {
            Some(("chosen", threshold)) => {
                // The standard error uses the expected share, because a sample with few zeros or ones is a poor
                // estimate of the share.
                let threshold: f64 = threshold.parse().unwrap();
                let decision = scenario.decision.as_ref().unwrap();
                let (costs, effects) = (psa.outcome(decision.cost), psa.outcome(decision.effect));
                let curves = acceptability(&Samples::new(&costs, &effects).unwrap(), &[threshold]).unwrap();
                let is = curves.probability[psa::strategy(&scenario, &row[2])][0];
                (is, due, of_share(due))
            }
            Some(("quantile", share)) => {
                // Compare the share of our draws below the published quantile, because its standard error needs no
                // density.
                let share: f64 = share.parse().unwrap();
                let values = values(&row[2], &row[3]);
                let below = values.iter().filter(|x| **x <= due).count() as f64 / values.len() as f64;
                (below, share, of_share(share))
            }
            _ => {
                let values = values(&row[2], &row[3]);
                match what {
                    "mean" => (mean(&values), due, 4.0 * (variance(&values) * few).sqrt()),
                    "sd" => {
                        let sd = variance(&values).sqrt();
                        (sd, due, 4.0 * sd * ((kurtosis(&values) - 1.0) / 4.0 * few).sqrt())
                    }
                    other => panic!("{other}"),
                }
            }
        };
        printed(&format!("{row:?}"), is, due, tolerance + rounding);
    }
    (scenario, psa)
}

#[test]
fn hip_replacement() {
    let (scenario, psa) = statistics("hip_replacement", 22);
    // Mean and standard deviation of the parameters (Briggs 2006, exercise 4.8).
    for (name, centre, sd) in [
        ("mortality.operation", 0.02, (0.02_f64 * 0.98 / 101.0).sqrt()),
        ("mortality.revision", 0.02, (0.02_f64 * 0.98 / 101.0).sqrt()),
        ("p.revision_again", 0.04, (0.04_f64 * 0.96 / 101.0).sqrt()),
        ("cost.revision", 5294.0, 1487.0),
        ("utility.primary", 0.85, 0.03),
        ("utility.revision", 0.3, 0.03),
        ("utility.revised", 0.75, 0.04),
    ] {
        let values = psa.parameter(psa::parameter(&scenario, name));
        let n = values.len() as f64;
        printed(name, mean(&values), centre, 4.0 * sd / n.sqrt());
        let se = sd * ((kurtosis(&values) - 1.0) / (4.0 * n)).sqrt();
        printed(name, variance(&values).sqrt(), sd, 4.0 * se);
    }
    for name in ["cost.standard", "cost.np1", "discount.cost", "discount.effect", "age.start"] {
        assert!(!scenario.uncertainty.varies(psa::parameter(&scenario, name)), "{name}");
    }
}

/// The five regression coefficients have the mean and the covariance of the exercise.
#[test]
fn hip_replacement_draws_a_multivariate_normal() {
    let scenario = scenario("hip_replacement");
    let names = ["ln_shape", "constant", "per_year_of_age", "male", "np1"];
    let at = names.map(|name| psa::parameter(&scenario, &format!("revision.{name}")));
    let due = [
        [0.00225151199001, -0.005691, 2.8e-08, 5.1e-06, 0.000259],
        [-0.005691, 0.043219083664, -0.000783, -0.007247, -0.000642],
        [2.8e-08, -0.000783, 2.715660544e-05, 3.3e-05, -0.000111],
        [5.1e-06, -0.007247, 3.3e-05, 0.011895392356, 0.000184],
        [0.000259, -0.000642, -0.000111, 0.000184, 0.14636860414225],
    ];
    let draws = psa::draws(&scenario, &scenario.uncertainty, Sampling::Random, (5, 10_000));
    let all: Vec<Vec<f64>> = (1..=10_000).map(|k| draws.values(k, 0)).collect();
    let columns = at.map(|p| all.iter().map(|values| values[p]).collect::<Vec<f64>>());
    for (i, a) in columns.iter().enumerate() {
        let base = scenario.model.parameters[at[i]].base;
        printed(names[i], mean(a), base, 4.0 * (due[i][i] / 10_000.0_f64).sqrt());
        for (j, b) in columns.iter().enumerate() {
            // Variance of a sample covariance of normals: (σᵢᵢ σⱼⱼ + σᵢⱼ²) / n.
            let se = ((due[i][i] * due[j][j] + due[i][j] * due[i][j]) / 10_000.0_f64).sqrt();
            printed(&format!("{} and {}", names[i], names[j]), covariance(a, b), due[i][j], 4.0 * se);
        }
    }
}

#[test]
fn hip_replacement_with_continuous_discounting() {
    statistics("variants/hip_replacement_continuous_discounting", 26);
}

#[test]
fn hiv_combination_therapy() {
    let (scenario, psa) = statistics("hiv_combination_therapy", 36);
    // In every draw the listed probabilities of a row sum to less than 1, so that the rest of the row is positive.
    for names in [&["p.a.b", "p.a.c", "p.a.dead"][..], &["p.b.c", "p.b.dead"]] {
        let at: Vec<usize> = names.iter().map(|name| psa::parameter(&scenario, name)).collect();
        assert!(psa.values.iter().all(|v| at.iter().map(|&p| v[p]).sum::<f64>() < 1.0));
    }
    // Mean of a lognormal distribution with median 0.509 and 95 % interval 0.365 to 0.710.
    let sdlog = (0.710_f64 / 0.365).ln() / (2.0 * 1.959963984540054);
    let values: Vec<f64> = psa.parameter(psa::parameter(&scenario, "rr.combination"));
    let logs: Vec<f64> = values.iter().map(|x| x.ln()).collect();
    printed("rr", mean(&logs), 0.509_f64.ln(), 4.0 * sdlog / (OWN as f64).sqrt());
    printed("rr", variance(&logs).sqrt(), sdlog, 4.0 * sdlog / (2.0 * OWN as f64).sqrt());
}
