//! Time distributions: every line of scenarios/DISTRIBUTIONS.md, and survival probabilities too small for a
//! floating-point number.

use crate::common;

use arcosim::model::TimeDistribution::{self, Gamma, GeneralisedGamma, LogLogistic, LogNormal, Weibull};
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::load_text;
use common::shipped::ROOT;
use common::solve;

/// Share of patients who have not moved after this number of cycles.
fn left(hazard: &str, cycle: &str, horizon: &str) -> f64 {
    let text = format!(
        r#"format = 1
title = "A time distribution"
[time]
cycle = "{cycle}"
horizon = "{horizon}"
[population.start]
well = "rest"
[states]
well = {{}}
gone = {{ absorbing = true }}
[transitions.go]
from = "well"
to = "gone"
{hazard}
[strategies.none]
reference = true
"#
    );
    let loaded = load_text(&[("scenario.toml", &text)], &[]);
    let said = render(&loaded.diagnostics, &loaded.sources, false);
    let scenario = loaded.scenario.unwrap_or_else(|| panic!("{hazard}\n{said}"));
    assert_eq!(said, "", "{hazard}");
    let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
    *counts.strategies[0].occupancy[0].last().expect("a grid")
}

#[test]
fn every_line_of_the_page_is_true() {
    let page = std::fs::read_to_string(format!("{ROOT}/scenarios/DISTRIBUTIONS.md")).expect("the page");
    let mut lines = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let Some(Ok(wanted)) = cells.last().map(|cell| cell.parse::<f64>()) else {
            continue;
        };
        let code = cells
            .iter()
            .find(|cell| cell.starts_with('`') && cell.contains("= {"))
            .expect("a line of a scenario");
        let code = code.trim_matches('`');
        for cycle in ["1 year", "1 month"] {
            let found = left(code, cycle, "3 years");
            assert!((found - wanted).abs() < 1e-11, "{code}: {found}, the page says {wanted}");
        }
        lines += 1;
    }
    assert!(lines >= 18, "{lines} lines");
}

/// H(t) for S(t) that is small or below the smallest number, versus mpmath with 60 digits.
#[test]
fn cumulative_hazards_hold_in_the_far_tail() {
    let gg = |mu, sigma, q| GeneralisedGamma { mu, sigma, q };
    let normal = |meanlog, sdlog| LogNormal { meanlog, sdlog };
    let gamma = |shape, rate| Gamma { shape, rate };
    let cases: [(TimeDistribution<f64>, f64, f64); 22] = [
        (gg(0.2, 0.4, 1.3), 1.0, 0.694_195_603_550_1),
        (gg(0.2, 0.4, 1.3), 10.0, 552.303_130_190_81),
        (gg(0.2, 0.4, 1.3), 30.0, 19_523.821_998_634_6),
        (gg(0.2, 0.4, 1.3), 100.0, 976_842.549_565_166),
        (gg(1.0, 0.35, 1.1), 30.0, 1_566.965_849_161_82),
        (gg(1.0, 0.35, 1.1), 100.0, 68_867.829_607_549_5),
        (gg(0.2, 0.4, -0.5), 100.0, 19.671_717_218_919_9),
        (gg(0.0, 0.2, -1.5), 100.0, 15.589_638_114_032_4),
        (gg(0.3, 0.1, 0.0), 10.0, 204.435_793_445_92),
        (gg(0.3, 0.1, 0.0), 100.0, 931.406_395_620_352),
        (gg(0.5, 0.3, 0.4), 30.0, 274.392_465_420_148),
        (gg(0.5, 0.3, 0.4), 100.0, 1_456.278_310_469_9),
        (normal(0.1, 0.05), 2.0, 73.764_057_469_583_3),
        (normal(0.1, 0.05), 30.0, 2_184.690_015_861_45),
        (normal(0.1, 0.05), 100.0, 4_064.731_700_553_12),
        (normal(1.0, 0.3), 100.0, 75.619_044_831_199_3),
        (gamma(2.0, 10.0), 10.0, 95.384_879_483_158_7),
        (gamma(2.0, 10.0), 100.0, 993.091_245_220_685),
        (gamma(0.5, 40.0), 10.0, 403.569_343_334_104),
        (gamma(0.5, 40.0), 100.0, 4_004.719_514_723_94),
        (gamma(30.0, 90.0), 10.0, 773.954_876_179_443),
        (gamma(30.0, 90.0), 100.0, 8_807.209_396_069_44),
    ];
    for (distribution, t, wanted) in cases {
        let found = distribution.cumulative_hazard(t);
        assert!((found - wanted).abs() < 1e-11 * wanted, "{distribution:?} at {t}: {found}, wanted {wanted}");
    }
    // (t / scale)^shape exceeds the largest number, but its logarithm does not.
    let steep = LogLogistic { shape: 500.0, scale: 2.0 };
    assert!((steep.cumulative_hazard(20.0) - 500.0 * 10f64.ln()).abs() < 1e-9);
}

/// Every family has a hazard in every cycle, even after all patients have moved, and survival never increases.
#[test]
fn every_family_has_a_hazard_in_every_cycle_of_a_long_horizon() {
    let mut tried = 0;
    for cycle in [1.0 / 365.25, 7.0 / 365.25, 1.0 / 12.0, 1.0] {
        for size in [1e-3, 0.05, 0.4, 2.0, 20.0] {
            for (shape, location) in [(0.3, -3.0), (1.0, 0.0), (2.5, 0.7), (12.0, 3.0), (60.0, 0.2)] {
                let families = [
                    TimeDistribution::Exponential { rate: 1.0 / size },
                    Weibull { shape, scale: size },
                    TimeDistribution::Gompertz { shape: shape - 1.0, rate: 1.0 / size },
                    LogLogistic { shape, scale: size },
                    LogNormal { meanlog: location, sdlog: size },
                    Gamma { shape, rate: 1.0 / size },
                    GeneralisedGamma { mu: location, sigma: size, q: shape - 1.0 },
                    GeneralisedGamma { mu: location, sigma: size, q: 1.0 - shape },
                    GeneralisedGamma { mu: location, sigma: size, q: 0.0 },
                ];
                for family in families {
                    let cycles = (100.0 / cycle) as usize;
                    let mut step = 0;
                    while step < cycles {
                        let (from, to) = (step as f64 * cycle, (step + 1) as f64 * cycle);
                        let hazard =
                            arcosim::model::TimeToEvent::from(family.clone()).hazard_between(from, to);
                        // If the increment is small, the rounding error of two large sums may be visible.
                        let noise = 1e-12 * family.cumulative_hazard(to).min(1e12);
                        assert!(
                            hazard.is_finite() && hazard >= -noise,
                            "{family:?} from {from} to {to}: {hazard}"
                        );
                        tried += 1;
                        step += 1 + step / 40;
                    }
                }
            }
        }
    }
    assert!(tried > 100_000, "{tried}");
}

/// In these distributions practically all patients have moved long before the horizon, which must not cause an error.
#[test]
fn a_long_horizon_is_no_obstacle() {
    let hazard = "generalised_gamma = { mu = 0.1, sigma = 0.3, q = 1.2, time_unit = \"years\" }";
    assert!(left(hazard, "1 month", "40 years") < 1e-300);
    for hazard in [
        "lognormal = { meanlog = 0.1, sdlog = 0.05, time_unit = \"years\" }",
        "gompertz = { shape = 9, rate = 0.5 }",
        "weibull = { shape = 200, scale = 1 }",
        "loglogistic = { shape = 400, scale = 1 }",
        "gamma = { shape = 2, rate = 60 }",
    ] {
        assert!(left(hazard, "1 week", "30 years") < 1e-200, "{hazard}");
    }
}
