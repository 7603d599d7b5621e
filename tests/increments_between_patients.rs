//! The spread of increments between patients, where two strategies give the same lives.

use crate::common;

use arcosim::engine::cohort;
use arcosim::engine::microsim::{self, Settings, Watch};
use arcosim::model::{Tables, population};
use common::shipped;

/// The drug costs 500 a year while patients are well, and care costs less under it; nothing else differs. `lasting` lives longer.
const SCENARIO: &str = r#"
format     = 1
title      = "The same lives"
parameters = "parameters.csv"

[time]
cycle   = "1 year"
horizon = "400 years"

[population.start]
well = "rest"

[population.attributes]
age = { label = "Age", uniform = { low = 40, high = 60 } }

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[transitions]
fall_ill = { from = "well", to = "ill", probability = 0.1 }
die_ill  = { from = "ill", to = "dead", probability = 0.25 }

[strategies.usual]
reference = true

[strategies.drug]
parameters = { "cost.care" = "cost.care_less" }

[strategies.lasting]

[[strategies.lasting.effects]]
on            = "die_ill"
relative_risk = 0.5

[outcomes.cost]
unit       = "EUR"
discount   = "none"
correction = "start"

[outcomes.qaly]
unit       = "QALYs"
discount   = "none"
correction = "start"

[rewards]
well = { outcome = "qaly", per_year = 0.9, in = "well" }
ill  = { outcome = "qaly", per_year = "0.6 - 0.001 * age_at_start", in = "ill" }
care = { outcome = "cost", per_year = "cost.care + 10 * age_at_start", in = "ill" }
drug = { outcome = "cost", per_year = 500, in = "well", strategies = ["drug"] }
"#;

const PARAMETERS: &str = "name,label,base,unit,kind,distribution,source,evidence\n\
    cost.care,Care,2000,EUR,cost,fixed,x,\n\
    cost.care_less,Care with the drug,1500,EUR,cost,fixed,x,\n";

#[test]
fn the_spread_of_increments_is_that_of_the_difference_in_one_life() {
    let scenario = shipped::from_texts(&[("scenario.toml", SCENARIO), ("parameters.csv", PARAMETERS)], &[]);
    let model = &scenario.model;
    let values = model.base_values();
    let tables = Tables::new(model, &values);
    let nodes = population::population_nodes(model, &values, 2);
    let increments = cohort::spread_of_increments(&tables, &nodes, &|| false);
    assert!(increments[0].is_none() && increments[2].is_none(), "other lives, and the reference");
    let drug = increments[1].as_ref().unwrap();
    // 500 for each of W cycles in `well` and -500 for each of I cycles in `ill`; both are geometric and independent.
    let geometric = |p: f64| (1.0 / p, (1.0 - p) / p / p);
    let [(well, of_well), (ill, of_ill)] = [0.1, 0.25].map(geometric);
    assert!((drug[0].mean - 500.0 * (well - ill)).abs() < 1e-6, "{:?}", drug[0]);
    assert!((drug[0].sd() - 500.0 * (of_well + of_ill).sqrt()).abs() < 1e-6, "{:?}", drug[0]);
    assert_eq!((drug[1].mean, drug[1].sd()), (0.0, 0.0), "QALYs do not differ");

    let n = 100_000;
    let simulated = microsim::run(&tables, &Settings::new(n, 4), &Watch::default()).unwrap().totals;
    let own = simulated.strategies[1].increments[0].sd.unwrap();
    assert!((own - drug[0].sd()).abs() < 4.0 * drug[0].se_of_sd(n as f64), "{own} against {:?}", drug[0]);
}
