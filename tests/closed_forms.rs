//! Exact engine versus closed forms that were computed independently (sources in `data/closed_forms.toml`): competing
//! causes, and every family of survival distributions that a scenario can use.

use crate::common;

use std::collections::BTreeMap;
use std::path::Path;

use arcosim::analysis::curves::Solution;
use arcosim::scenario::Scenario;
use common::{shipped, solve};
use serde::Deserialize;

#[derive(Deserialize)]
struct References {
    tolerance: Tolerance,
    competing: Competing,
    single: Vec<Single>,
}

#[derive(Deserialize)]
struct Tolerance {
    relative: f64,
    absolute: f64,
}

#[derive(Deserialize)]
struct Competing {
    rate_a: f64,
    rate_b: f64,
    incidence: BTreeMap<String, f64>,
}

/// Reference values by time in years.
type Years = BTreeMap<String, f64>;

#[derive(Deserialize)]
struct Single {
    name: String,
    hazard: String,
    #[serde(default)]
    survival: Years,
    #[serde(default)]
    year: Years,
    #[serde(default)]
    rmst: Years,
    mean: Option<f64>,
}

impl Tolerance {
    #[track_caller]
    fn check(&self, what: &str, got: f64, expected: f64) {
        let allowed = self.absolute + self.relative * expected.abs();
        assert!((got - expected).abs() <= allowed, "{what}: {got} instead of {expected}");
    }
}

fn references() -> References {
    let path = Path::new(shipped::ROOT).join("tests/data/closed_forms.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Scenario in which all patients start in `well`, and `transitions` lead to the absorbing states `ends`.
fn scenario(cycle: &str, first: &str, ends: &[&str], transitions: &str) -> Scenario {
    let states: Vec<String> = ends.iter().map(|s| format!("{s} = {{ absorbing = true }}")).collect();
    let endpoints: Vec<String> = ends
        .iter()
        .map(|end| {
            let others: Vec<String> = ends.iter().filter(|e| *e != end).map(|e| format!("{e:?}")).collect();
            format!(
                "[endpoints.{end}]\nlabel = {end:?}\nfree = {end:?}\nenters = {end:?}\ncompeting = [{}]",
                others.join(", ")
            )
        })
        .collect();
    shipped::from_text(
        &format!(
            "format = 1\n\
             [time]\ncycle = {cycle:?}\nhorizon = \"60 years\"\nfirst = {first:?}\n\
             [population.start]\nwell = \"rest\"\n\
             [states]\nwell = {{}}\n{}\n{transitions}\n[strategies]\nnone = {{}}\n{}\n",
            states.join("\n"),
            endpoints.join("\n")
        ),
        "",
    )
}

fn solved(scenario: &Scenario) -> Solution {
    let model = &scenario.model;
    Solution::new(solve::at_nodes(model, &solve::nodes(model, 1)), Default::default(), &model.time)
}

/// Cycle that starts at the time `years`, which must be a whole number of cycles.
fn on_grid(scenario: &Scenario, years: &str) -> usize {
    let cycle = years.parse::<f64>().unwrap() * scenario.model.time.cycles_per_year;
    assert_eq!(cycle.fract(), 0.0, "{years} years lie on the grid");
    cycle as usize
}

#[test]
fn competing_causes() {
    let references = references();
    let Competing { rate_a, rate_b, incidence } = &references.competing;
    let transitions = format!(
        "[transitions.fall_a]\nfrom = \"well\"\nto = \"a\"\nrate = {rate_a}\n\
         [transitions.fall_b]\nfrom = \"well\"\nto = \"b\"\nrate = {rate_b}"
    );
    assert!(incidence.len() >= 6);
    // Both transitions lead to absorbing states, so they compete whether both are resolved first or neither is.
    for first in ["into absorbing states", "none"] {
        let scenario = scenario("6 months", first, &["a", "b"], &transitions);
        let solution = solved(&scenario);
        let counts = &solution.counts.strategies[0];
        for (years, expected) in incidence {
            let cycle = on_grid(&scenario, years);
            let what = format!("a at {years} years");
            references.tolerance.check(&what, counts.occupancy[1][cycle], *expected);
            // The incidence of the other cause is proportional to its rate.
            references.tolerance.check("b", counts.occupancy[2][cycle], expected * rate_b / rate_a);
            let curves = solution.curves[0][0].as_ref().unwrap();
            let years = scenario.model.time.years(cycle);
            let aalen_johansen = curves.incidence.at(0, years).unwrap().probability;
            references.tolerance.check(&what, aalen_johansen, *expected);
            // Kaplan-Meier censors patients at an event of the other cause, so it estimates survival without the other
            // cause.
            let alone = curves.survival.at(years).unwrap().survival;
            let interval = 1.0 / scenario.model.time.cycles_per_year;
            let (total, all) = (rate_a + rate_b, 1.0 - (-(rate_a + rate_b) * interval).exp());
            let discrete = (1.0 - rate_a / total * all).powi(cycle as i32);
            references.tolerance.check("survival", alone, discrete);
        }
    }
}

#[test]
fn every_family_of_survival_times() {
    let references = references();
    let tolerance = &references.tolerance;
    let mut families = std::collections::BTreeSet::new();
    for case in &references.single {
        let Single { name, hazard, .. } = case;
        families.insert(hazard.split(' ').next().unwrap().to_string());
        let transition = format!("[transitions.fall]\nfrom = \"well\"\nto = \"event\"\n{hazard}");
        for cycle in ["6 months", "1 year"] {
            let scenario = scenario(cycle, "none", &["event"], &transition);
            let solution = solved(&scenario);
            let well = &solution.counts.strategies[0].occupancy[0];
            for (years, expected) in &case.survival {
                if cycle == "1 year" && years.contains('.') {
                    continue;
                }
                tolerance.check(
                    &format!("{name}, survival at {years}"),
                    well[on_grid(&scenario, years)],
                    *expected,
                );
            }
            if cycle == "1 year" {
                for (years, expected) in &case.year {
                    let at = on_grid(&scenario, years);
                    tolerance.check(
                        &format!("{name}, year {years}"),
                        1.0 - well[at] / well[at - 1],
                        *expected,
                    );
                }
            }
            if hazard.starts_with("rate") {
                continue;
            }
            // The survival curve is also compared in every cycle, because some references are only integrals of the
            // curve.
            let survival = |t: f64| (-solve::cumulative_hazard(&scenario.model, t)).exp();
            for (cycle, share) in well.iter().enumerate() {
                let due = survival(scenario.model.time.years(cycle));
                assert!((share - due).abs() < 1e-12, "{name}, cycle {cycle}: {share} {due}");
            }
            for (years, expected) in &case.rmst {
                let mean = integral(survival, years.parse().unwrap());
                tolerance.check(&format!("{name}, mean within {years} years"), mean, *expected);
            }
            if let Some(expected) = case.mean {
                // The integral ends at thirty times the mean, where survival is negligible for all these families.
                tolerance.check(&format!("{name}, mean"), integral(survival, 30.0 * expected), expected);
            }
        }
    }
    let all = [
        "exponential",
        "gamma",
        "generalised_gamma",
        "gompertz",
        "loglogistic",
        "lognormal",
        "rate",
        "weibull",
    ];
    assert!(families.iter().eq(all.iter()), "{families:?}");
}

/// The reference values do not include a negative q. With q = -1 the generalised gamma is the inverse Weibull
/// (Fréchet), S(t) = 1 - exp(-(t / exp(mu)) ^ (-1 / sigma)).
#[test]
fn a_generalised_gamma_with_negative_q() {
    let transition = "[transitions.fall]\nfrom = \"well\"\nto = \"event\"\n\
                      generalised_gamma = { time_unit = \"years\", mu = 1.1, sigma = 0.6, q = -1 }";
    let scenario = scenario("6 months", "none", &["event"], transition);
    let solution = solved(&scenario);
    for (cycle, share) in solution.counts.strategies[0].occupancy[0].iter().enumerate().skip(1) {
        let t = scenario.model.time.years(cycle);
        let due = -(-(t / 1.1f64.exp()).powf(-1.0 / 0.6)).exp_m1();
        assert!((share - due).abs() < 1e-12, "cycle {cycle}: {share} {due}");
    }
}

/// Integral of a survival function from 0 to `end`. The substitution t = u^4 makes powers of t smooth at 0; the rule in
/// u is five-point Gauss-Legendre in 400 panels (Abramowitz and Stegun, table 25.4).
fn integral(survival: impl Fn(f64) -> f64, end: f64) -> f64 {
    let rule = [
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (-0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (0.906_179_845_938_664, 0.236_926_885_056_189_1),
        (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
    ];
    let panels = 400;
    let width = end.powf(0.25) / f64::from(panels);
    let mut sum = 0.0;
    for panel in 0..panels {
        for (x, w) in rule {
            let u = width * (f64::from(panel) + 0.5 + 0.5 * x);
            sum += 0.5 * width * w * survival(u.powi(4)) * 4.0 * u.powi(3);
        }
    }
    sum
}
