//! Published models run as microsimulations: means are within 4 standard errors of the exact means, and standard
//! deviations between patients within 4 standard errors of the exact standard deviations.
//!
//! The standard error of a sample standard deviation follows from the fourth moment: sd * sqrt((kurtosis - 1) / 4n).
//! The kurtoses in `data/published_spread.csv` come from an independent recursion.

use crate::common;

use arcosim::engine::Total;
use arcosim::engine::microsim::{self, Settings, Watch};
use arcosim::model::Tables;
use common::agreement::seed;
use common::published::{Published, number, table};
use common::solve;

const PATIENTS: u64 = 400_000;

/// Compares every row of `published_spread.csv` that belongs to the scenario.
fn simulated_as_exact(name: &str) {
    let published = Published::new(name);
    let model = published.model();
    let tables = Tables::new(model, &solve::values(model));
    let settings = Settings::new(PATIENTS, seed(name, 0));
    let simulated = microsim::run(&tables, &settings, &Watch::default()).unwrap();
    let rows = table("published_spread.csv");
    let mut tried = 0;
    for row in rows.iter().filter(|row| &row[0] == name) {
        let outcome = published.outcome(&row[2]);
        let (mean, sd, kurtosis) = (number(row, 3), number(row, 4), number(row, 5));
        let (is, exact): (Total, Total) = match &row[1] {
            // Increments are between lives of the same patient under both strategies.
            "increment" => {
                let last = model.strategies.len() - 1;
                let of = |totals: &arcosim::engine::Totals| totals.strategies[last].increments[outcome];
                (of(&simulated.totals), of(&published.exact.totals))
            }
            strategy => {
                let s = published.strategy(strategy);
                let of = |totals: &arcosim::engine::Totals| totals.strategies[s].outcomes[outcome];
                (of(&simulated.totals), of(&published.exact.totals))
            }
        };
        // The recursion is independent of the exact engine, so both must agree.
        assert!((exact.mean - mean).abs() <= 1e-9 * mean.abs(), "{row:?}: {exact:?}");
        if let Some(own) = exact.sd {
            assert!((own - sd).abs() <= 1e-8 * sd, "{row:?}: {exact:?}");
        }
        let n = PATIENTS as f64;
        let z_mean = (is.mean - mean) / (sd / n.sqrt());
        let z_sd = (is.sd.unwrap() - sd) / (sd * ((kurtosis - 1.0) / (4.0 * n)).sqrt());
        println!("{} {} {}: mean {z_mean:.2}, sd {z_sd:.2} standard errors", &row[0], &row[1], &row[2]);
        assert!(z_mean.abs() < 4.0, "{row:?}: mean {} is {z_mean:.2} standard errors off", is.mean);
        assert!(z_sd.abs() < 4.0, "{row:?}: sd {:?} is {z_sd:.2} standard errors off", is.sd);
        tried += 1;
    }
    assert!(tried >= 3, "{name}: {tried}");
}

#[test]
fn hip_replacement() {
    simulated_as_exact("hip_replacement");
}

#[test]
fn sick_sicker() {
    simulated_as_exact("sick_sicker");
}

#[test]
fn sick_sicker_age_dependent() {
    simulated_as_exact("sick_sicker_age_dependent");
}

#[test]
fn sick_sicker_state_residence() {
    simulated_as_exact("sick_sicker_state_residence");
}

#[test]
fn sick_sicker_microsimulation() {
    simulated_as_exact("sick_sicker_microsimulation");
}

/// The tutorial reports standard errors for 100,000 patients. The standard errors of its increments show that the
/// tutorial also simulated the same patients in both arms.
#[test]
fn sick_sicker_microsimulation_has_the_published_standard_errors() {
    let rows = table("published_spread.csv");
    let error = |strategy: &str, outcome: &str| -> f64 {
        let own = |row: &&csv::StringRecord| {
            [&row[0], &row[1], &row[2]] == ["sick_sicker_microsimulation", strategy, outcome]
        };
        number(rows.iter().find(own).unwrap(), 4) / 1e5f64.sqrt()
    };
    for (strategy, outcome, due, tolerance) in [
        ("none", "cost", 183.0, 2.0),
        ("treatment", "cost", 343.0, 4.0),
        ("increment", "cost", 164.0, 2.0),
        ("none", "qaly", 0.016, 0.0006),
        ("treatment", "qaly", 0.016, 0.0006),
        ("increment", "qaly", 0.001, 0.0006),
    ] {
        let is = error(strategy, outcome);
        assert!((is - due).abs() <= tolerance, "{strategy} {outcome}: {is}");
    }
}

#[test]
fn hiv_combination_therapy() {
    simulated_as_exact("hiv_combination_therapy");
}

#[test]
fn heart_valve() {
    simulated_as_exact("heart_valve");
}
