//! Properties of parameter draws and of probabilistic analyses, tested on scenarios.

use crate::common;

use std::path::Path;

use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::analysis::psa::{DrawEngine, Ended, Psa};
use arcosim::engine::random::{Generator, Stream};
use arcosim::model::rows::RowProblemKind;
use arcosim::model::uncertainty::{Family, Sampling};
use arcosim::scenario::Scenario;
use common::psa::{self, mean, variance};
use common::published::printed;
use common::shipped;
use rand_distr::Distribution;

const SAMPLINGS: [Sampling; 3] = [Sampling::Random, Sampling::LatinHypercube, Sampling::Sobol];

fn published(name: &str) -> Scenario {
    shipped::load(Path::new(&format!("scenarios/published/{name}.toml")), &[])
}

/// Incremental net benefit of every strategy versus the reference, `[strategy][draw]`, at the threshold of the headline
/// results.
fn gains(scenario: &Scenario, psa: &Psa) -> Vec<Vec<f64>> {
    let decision = scenario.decision.as_ref().unwrap();
    let (costs, effects) = (psa.outcome(decision.cost), psa.outcome(decision.effect));
    let net = |s: usize, k: usize| decision.threshold() * effects[s][k] - costs[s][k];
    (1..costs.len()).map(|s| (0..costs[s].len()).map(|k| net(s, k) - net(0, k)).collect()).collect()
}

#[test]
fn all_samplings_have_the_same_means() {
    for name in ["sick_sicker", "hip_replacement", "hiv_combination_therapy"] {
        let scenario = published(name);
        let [random, hypercube, sobol] =
            SAMPLINGS.map(|sampling| gains(&scenario, &psa::run(&scenario, sampling, (8, 1024))));
        for (s, values) in random.iter().enumerate() {
            let se = (variance(values) / 1024.0).sqrt();
            for (what, other) in [("latin hypercube", &hypercube[s]), ("sobol", &sobol[s])] {
                // The other sampling methods are at most as noisy as random draws.
                let tolerance = 4.0 * 2.0_f64.sqrt() * se;
                printed(&format!("{name}, {what}"), mean(other), mean(values), tolerance);
                // The distributions must agree in spread as well as in mean. The standard error of ln s assumes a
                // kurtosis of at most 9.
                let ratio = (variance(other) / variance(values)).sqrt();
                printed(
                    &format!("{name}, {what}, spread"),
                    ratio.ln(),
                    0.0,
                    4.0 * (2.0 * 2.0 / 1024.0_f64).sqrt(),
                );
            }
        }
    }
}

/// Over 16 seeds, means of 64 draws vary less with Latin hypercubes or Sobol points than with random draws.
#[test]
fn hypercubes_and_sobol_are_quieter() {
    let scenario = published("sick_sicker");
    let spread = SAMPLINGS.map(|sampling| {
        let means: Vec<f64> = (0..16)
            .map(|seed| mean(&gains(&scenario, &psa::run(&scenario, sampling, (seed, 64)))[1]))
            .collect();
        variance(&means)
    });
    // An F statistic with 15 and 15 degrees of freedom exceeds 3.52 with a probability of 1 in 100.
    assert!(spread[0] > 3.52 * spread[1], "{spread:?}");
    assert!(spread[0] > 3.52 * spread[2], "{spread:?}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let [hip, sick] = ["hip_replacement", "sick_sicker"].map(published);
    let microsim = DrawEngine::Microsim { patients: 50, seed: 4 };
    for (scenario, engine) in [(&hip, psa::exact(&hip)), (&sick, microsim)] {
        let in_threads = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            let draws = psa::draws(scenario, &scenario.uncertainty, Sampling::LatinHypercube, (6, 100));
            pool.install(|| psa::with(&scenario.model, &draws, engine, false).unwrap())
        };
        let (one, two) = (in_threads(1), in_threads(2));
        assert_eq!(one.totals.len(), 100);
        assert_eq!(one, two);
    }
}

#[test]
fn a_draw_alone_is_the_draw_of_the_whole() {
    for name in ["hip_replacement", "sick_sicker_age_dependent", "variants/sick_sicker_given_draws"] {
        let scenario = published(name);
        for sampling in SAMPLINGS {
            let whole = psa::run(&scenario, sampling, (2, 70));
            for k in [1, 33, 70] {
                let draws = psa::draws(&scenario, &scenario.uncertainty, sampling, (2, 70));
                let values = draws.values(k, 0);
                let mut alone = Evaluator::new(&scenario.model, Integration::Nodes(scenario.psa.nodes));
                assert_eq!(values, whole.values[k as usize - 1], "{name}, {sampling:?}, draw {k}");
                assert_eq!(
                    alone.totals(&values),
                    whole.totals[k as usize - 1],
                    "{name}, {sampling:?}, draw {k}"
                );
            }
        }
    }
}

/// After one more uncertain parameter or group is added, all other draws stay identical to the last bit.
#[test]
fn what_is_added_changes_no_other_draw() {
    for (name, added) in [("sick_sicker", "rate.die"), ("hip_replacement", "cost.revision")] {
        let scenario = published(name);
        let p = psa::parameter(&scenario, added);
        let mut fewer = scenario.uncertainty.clone();
        fewer.margins[p] = None;
        fewer.joint.clear();
        let joined: Vec<usize> = scenario.uncertainty.joint.iter().flat_map(|j| j.members.clone()).collect();
        for sampling in [Sampling::Random, Sampling::LatinHypercube] {
            let all = psa::draws(&scenario, &scenario.uncertainty, sampling, (9, 40));
            let few = psa::draws(&scenario, &fewer, sampling, (9, 40));
            for k in 1..=40 {
                let (a, b) = (all.values(k, 0), few.values(k, 0));
                assert_ne!(a[p], b[p], "{added} varies in one of them");
                for q in (0..a.len()).filter(|q| *q != p && !joined.contains(q)) {
                    assert_eq!(a[q], b[q], "{name}, {sampling:?}, {}", scenario.model.parameters[q].name);
                }
            }
        }
    }
}

// ---- Rows over 1 --------------------------------------------------------------------------------------------------

/// Two exits from a state with probabilities that sum to 0.9 in the base case. The probabilities are drawn
/// independently, so that some draws have a sum above 1.
fn two_ways(above_one: &str) -> Scenario {
    let text = format!(
        r#"
format     = 1
parameters = "parameters.csv"
[time]
cycle   = "1 year"
horizon = "5 years"
first   = "none"
[population.start]
well = "rest"
[states]
well = {{}}
ill  = {{}}
dead = {{ absorbing = true }}
[transitions.fall_ill]
from        = "well"
to          = "ill"
probability = "p.ill"
[transitions.get_well]
from        = "ill"
to          = "well"
probability = "p.well"
[transitions.die]
from        = "ill"
to          = "dead"
probability = "p.die"
[strategies.usual]
reference = true
[strategies.other]
[outcomes.years]
unit       = "years"
correction = "half-cycle"
discount   = "none"
[rewards.years]
outcome  = "years"
per_year = 1
in       = ["well", "ill"]
[uncertainty]
above_one = "{above_one}"
"#
    );
    let numbers = "name,kind,base,unit,distribution,se,source
p.ill,probability,0.3,per year,beta,0.05,A
p.well,probability,0.5,per year,beta,0.1,A
p.die,probability,0.3,per year,beta,0.1,A
";
    shipped::from_text(&text, numbers)
}

#[test]
fn a_draw_with_a_row_over_one_stops_the_analysis_and_is_named() {
    let scenario = two_ways("stop");
    assert!(!scenario.psa.redraw);
    let draws = psa::draws(&scenario, &scenario.uncertainty, Sampling::Random, (1, 500));
    let [well, die] = ["p.well", "p.die"].map(|name| psa::parameter(&scenario, name));
    let over = |k: &u64| {
        let values = draws.values(*k, 0);
        values[well] + values[die] > 1.0
    };
    let first = (1..=500).find(over).unwrap();
    let ended = psa::with(&scenario.model, &draws, psa::exact(&scenario), scenario.psa.redraw);
    let Err(Ended::Row { draw, problem, values }) = ended else {
        panic!("a row is over 1 in draw {first}");
    };
    assert_eq!((draw, values), (first, draws.values(first, 0)));
    assert_eq!(problem.kind, RowProblemKind::AboveOne);
    assert_eq!(scenario.model.strategies[problem.strategy].name, "usual");
    assert_eq!(scenario.model.states[problem.state].name, "ill");
    assert_eq!(problem.cycle, 1);
    let names: Vec<&str> =
        problem.shares.iter().map(|s| scenario.model.transitions[s.0].name.as_str()).collect();
    assert_eq!(names, ["get_well", "die"]);
    assert!(problem.shares.iter().map(|s| s.1).sum::<f64>() > 1.0);
}

#[test]
fn or_it_is_drawn_again_and_counted() {
    let scenario = two_ways("redraw");
    assert!(scenario.psa.redraw);
    let [well, die] = ["p.well", "p.die"].map(|name| psa::parameter(&scenario, name));
    for sampling in SAMPLINGS {
        let draws = psa::draws(&scenario, &scenario.uncertainty, sampling, (1, 500));
        let psa = psa::with(&scenario.model, &draws, psa::exact(&scenario), scenario.psa.redraw).unwrap();
        assert_eq!(psa.totals.len(), 500);
        let sum = |values: &[f64]| values[well] + values[die];
        let mut over = Vec::new();
        for k in 1..=500 {
            let (own, first) = (&psa.values[k as usize - 1], draws.values(k, 0));
            assert!(sum(own) <= 1.0);
            // The analysis uses the first attempt whose probabilities have a sum of at most 1.
            let attempt = (0..).find(|&attempt| sum(&draws.values(k, attempt)) <= 1.0).unwrap();
            assert_eq!(*own, draws.values(k, attempt));
            if sum(&first) > 1.0 {
                over.push((k, attempt));
            }
        }
        assert!(!over.is_empty());
        assert_eq!(psa.redrawn, over, "{sampling:?}");
    }
}

// ---- The microsimulation ------------------------------------------------------------------------------------------

/// A scenario with two strategies, rates and one-off costs, in which a small number of patients is very noisy.
const NOISY: &str = r#"
format     = 1
parameters = "parameters.csv"
[time]
cycle   = "1 year"
horizon = "10 years"
[population.start]
well = "rest"
[states]
well = {}
ill  = {}
dead = { absorbing = true }
[transitions.fall_ill]
from = "well"
to   = "ill"
rate = "rate.ill"
[transitions.die]
from = ["well", "ill"]
to   = "dead"
rate = "rate.die"
[strategies.usual]
reference = true
[strategies.other]
[[strategies.other.effects]]
on           = ["fall_ill"]
hazard_ratio = "hr.other"
[outcomes.qaly]
unit       = "QALYs"
correction = "half-cycle"
discount   = "none"
[rewards.well]
outcome  = "qaly"
per_year = "utility.well"
in       = ["well"]
[rewards.ill]
outcome  = "qaly"
per_year = "utility.ill"
in       = ["ill"]
"#;
const NOISY_PARAMETERS: &str = "name,kind,base,unit,distribution,se,source
rate.ill,rate,0.2,per year,gamma,0.03,A
rate.die,rate,0.1,per year,gamma,0.012,A
hr.other,hr,0.6,,fixed,,A
utility.well,utility,0.9,,beta,0.02,A
utility.ill,utility,0.5,,beta,0.04,A
";
/// Number of patients at which Monte Carlo noise is about as large as parameter uncertainty.
const PATIENTS: u64 = 120;
const DRAWS: u64 = 400;

/// O'Hagan, Stevenson and Madan 2007: the variance of the results is the variance due to the parameters plus the mean
/// Monte Carlo variance.
#[test]
fn the_noise_of_patients_can_be_taken_out() {
    let scenario = shipped::from_text(NOISY, NOISY_PARAMETERS);
    let draws = psa::draws(&scenario, &scenario.uncertainty, Sampling::Random, (12, DRAWS));
    let exact = psa::with(&scenario.model, &draws, psa::exact(&scenario), false).unwrap();
    let engine = DrawEngine::Microsim { patients: PATIENTS, seed: 3 };
    let simulated = psa::with(&scenario.model, &draws, engine, false).unwrap();
    assert_eq!(exact.values, simulated.values);
    assert!(exact.noise.is_empty());

    // Checked for each strategy and for the increment of the second strategy.
    let n = DRAWS as f64;
    let own = |psa: &Psa, s: usize| -> Vec<f64> { psa.totals.iter().map(|draw| draw[s][0]).collect() };
    let more = |psa: &Psa| -> Vec<f64> { psa.totals.iter().map(|draw| draw[1][0] - draw[0][0]).collect() };
    let noise = |s: usize| -> Vec<f64> { simulated.noise.iter().map(|draw| draw[s][0]).collect() };
    let increments: Vec<f64> = simulated.increment_noise.iter().map(|draw| draw[1][0]).collect();
    for (what, exact, simulated, noise) in [
        ("usual", own(&exact, 0), own(&simulated, 0), noise(0)),
        ("other", own(&exact, 1), own(&simulated, 1), noise(1)),
        ("increment", more(&exact), more(&simulated), increments),
    ] {
        let noise = mean(&noise);
        printed(&format!("mean, {what}"), mean(&simulated), mean(&exact), 4.0 * (noise / n).sqrt());
        // Both analyses use the same draws, so the variances differ only by twice the covariance of truth and noise and
        // by the error of the estimated noise.
        let truth = variance(&exact);
        let se = ((4.0 * truth * noise + 2.0 * noise * noise) / n).sqrt();
        let total = variance(&simulated);
        printed(&format!("variance, {what}"), total - noise, truth, 4.0 * se);
        // Without the correction for noise the check above would fail.
        assert!(noise > 4.0 * se, "{what}: noise {noise}, standard error {se}");
    }
    // Increments have less noise than the sum of both strategies, because patients live through both strategies with
    // the same random numbers.
    let apart: f64 = mean(&noise(0)) + mean(&noise(1));
    assert!(
        mean(&simulated.increment_noise.iter().map(|draw| draw[1][0]).collect::<Vec<f64>>()) < 0.7 * apart
    );
    // Every draw simulates new patients, so residuals have the variance of the noise.
    let residual: Vec<f64> = own(&simulated, 0).iter().zip(own(&exact, 0)).map(|(a, b)| a - b).collect();
    printed("fresh patients", variance(&residual), mean(&noise(0)), 4.0 * (2.0 / n).sqrt() * mean(&noise(0)));
}

/// The distribution function of every family is uniform on the samples that another library draws from it, by the test
/// of Kolmogorov and Smirnov. Its quantile function is the inverse of that distribution function.
#[test]
fn every_family_is_the_one_that_another_library_samples() {
    const SAMPLES: u64 = 100_000;
    // The largest difference exceeds 1.95 / sqrt(n) with a probability of 0.001 if both distributions are the same.
    let limit = 1.95 / (SAMPLES as f64).sqrt();
    let compare = |family: Family, sampler: &dyn Fn(&mut Generator) -> f64| {
        let mut generator = Stream::new(20_261_128, 0, family.name()).generator(0);
        let mut shares: Vec<f64> = (0..SAMPLES)
            .map(|_| {
                let x = sampler(&mut generator);
                let share = family.cdf(x);
                let again = family.quantile(share);
                assert!((again - x).abs() <= 1e-6 * family.sd(), "{family:?}: {x} came back as {again}");
                share
            })
            .collect();
        shares.sort_by(f64::total_cmp);
        let steps = shares.iter().enumerate().map(|(i, share)| (i as f64 + 0.5) / SAMPLES as f64 - share);
        let largest = steps.map(f64::abs).fold(0.0, f64::max);
        assert!(largest < limit, "{family:?}: the distribution functions differ by {largest}");
    };
    let (low, mode, high) = (0.2, 0.5, 1.4);
    let [normal, lognormal] = [(0.4, 1.3), (-0.7, 0.35)];
    let d = rand_distr::Normal::new(normal.0, normal.1).unwrap();
    compare(Family::Normal { mean: normal.0, sd: normal.1 }, &|g| d.sample(g));
    let d = rand_distr::LogNormal::new(lognormal.0, lognormal.1).unwrap();
    compare(Family::LogNormal { meanlog: lognormal.0, sdlog: lognormal.1 }, &|g| d.sample(g));
    for (alpha, beta) in [(0.6, 2.5), (12.0, 30.0)] {
        let d = rand_distr::Beta::new(alpha, beta).unwrap();
        compare(Family::Beta { alpha, beta }, &|g| d.sample(g));
    }
    for (shape, scale) in [(0.7, 2.0), (25.0, 180.0)] {
        let d = rand_distr::Gamma::new(shape, scale).unwrap();
        compare(Family::Gamma { shape, scale }, &|g| d.sample(g));
    }
    let d = rand_distr::Uniform::new(low, high).unwrap();
    compare(Family::Uniform { low, high }, &|g| d.sample(g));
    let d = rand_distr::Triangular::new(low, high, mode).unwrap();
    compare(Family::Triangular { low, mode, high }, &|g| d.sample(g));
    let d = rand_distr::Pert::new(low, high).with_mode(mode).unwrap();
    compare(Family::Pert { low, mode, high }, &|g| d.sample(g));
}

/// A draw in which shares of patients are above 1 would create patients, whatever the shares divide: categories, the states at
/// the start, or the branches of a procedure.
#[test]
fn shares_that_are_no_shares_end_the_analysis_or_are_drawn_again() {
    let base = "format = 1\ntitle = \"Shares\"\nparameters = \"p.csv\"\n[time]\ncycle = \"1 year\"\nhorizon = \"5 years\"\n\
                [population.attributes]\nsex = { female = 0.5, male = \"rest\" }\n[population.start]\nwell = 0.5\nill = \"rest\"\n\
                [states]\nwell = { label = \"Well\" }\nill = { label = \"Ill\" }\ndead = { label = \"Dead\", absorbing = true }\n\
                [groups]\nalive = [\"well\", \"ill\"]\n[transitions.die]\nfrom = \"alive\"\nto = \"dead\"\n\
                rate = \"0.1 * if(sex == female, 1, 2)\"\n\
                [strategies.usual]\nlabel = \"Usual\"\n[strategies.new]\nat_start = { dead = 0.1, fine = { share = \"rest\", to = \"same state\" } }\n\
                [outcomes.life]\nunit = \"years\"\ncorrection = \"half-cycle\"\ndiscount = \"none\"\n\
                [rewards.life]\noutcome = \"life\"\nper_year = 1\nin = [\"alive\"]\n";
    let numbers = "name,kind,base,unit,distribution,se,source\nshare.a,proportion,0.45,,beta,0.2,x\n";
    for (from, to) in [
        ("female = 0.5", "female = \"2 * share.a\""),
        ("well = 0.5", "well = \"2 * share.a\""),
        ("dead = 0.1", "dead = \"2 * share.a\""),
    ] {
        let text = base.replacen(from, to, 1);
        let scenario = shipped::from_texts(&[("a.toml", &text), ("p.csv", numbers)], &[]);
        let draws = psa::draws(&scenario, &scenario.uncertainty, Sampling::Random, (1, 60));
        let ended = psa::with(&scenario.model, &draws, psa::exact(&scenario), false).unwrap_err();
        let Ended::Shares { problem, values, .. } = ended else { panic!("{to}: {ended:?}") };
        assert!(2.0 * values[0] > 1.0, "{to}: {problem}");
        let again = psa::with(&scenario.model, &draws, psa::exact(&scenario), true).unwrap();
        assert!(
            !again.redrawn.is_empty() && again.values.iter().all(|values| 2.0 * values[0] <= 1.0),
            "{to}"
        );
        assert!(again.totals.iter().flatten().flatten().all(|life| *life <= 5.0), "{to}");
    }
}
