//! Clocks outside their states: `time_in(ill)` is 0 for patients who are not ill, in both engines, in every place that reads it.

use crate::common;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::engine::microsim::{Settings, Watch, histories};
use arcosim::model::Tables;
use arcosim::scenario::Scenario;
use common::agreement::seed;
use common::published::{Published, is};
use common::{shipped, solve};

const MODEL: &str = r#"
format     = 1
title      = "Clocks outside their states"
parameters = "parameters.csv"

[time]
cycle   = "1 year"
horizon = "5 years"
MOVES

[population.start]
well = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[groups]
alive = ["well", "ill"]

[transitions.relapse]
from = "well"
to   = "ill"
rate = "rate.relapse"

[transitions.recover]
from = "ill"
to   = "well"
rate = "RECOVER"

[transitions.die]
from = "alive"
to   = "dead"
rate = "0.02 * (1 + STAY)"

[strategies.usual]
label = "Usual care"

[events.fall]
in   = "alive"
rate = "0.1 + STAY"

[outcomes.cost]
unit       = "EUR"
correction = "half-cycle"
discount   = "none"

[outcomes.years]
unit       = "years"
correction = "life-table"
discount   = "none"

[rewards.care]
outcome  = "cost"
per_year = "100 * (1 + STAY)"
in       = "alive"

[rewards.funeral]
outcome = "cost"
once    = "1000 * STAY"
on      = "die"

[rewards.life]
outcome  = "years"
per_year = 1
in       = "alive"
"#;

fn scenario(moves: &str, recover: &str, stay: &str) -> Scenario {
    let text = MODEL.replace("MOVES", moves).replace("RECOVER", recover).replace("STAY", stay);
    shipped::from_text(&text, "name,kind,unit,base,source\nrate.relapse,rate,per year,0.2,test\n")
}

/// Without recovery, by hand: life-table years of 1 well patient with relapse at 0.2 and death at 0.02 a year outside `ill`, and at
/// 0.02 (1 + t) after t years in it.
#[test]
fn years_by_hand() {
    let (mut well, mut ill, mut years) = (1.0f64, [0.0f64; 6], 0.0);
    for k in 0..5 {
        let before: f64 = well + ill.iter().sum::<f64>();
        let out = 1.0 - (-0.22f64).exp();
        let relapsed = well * out * 0.2 / 0.22;
        well -= well * out;
        for t in (0..=k).rev() {
            ill[t + 1] = ill[t] * (-0.02 * (1.0 + t as f64)).exp();
        }
        ill[0] = relapsed;
        years += 0.5 * (before + well + ill.iter().sum::<f64>());
    }
    is(
        "years",
        Published::of(scenario("first = \"none\"", "0", "time_in(ill)")).total("usual", "years"),
        years,
    );
}

/// The clock alone and with its states written out are one model: the same results and the same lives.
#[test]
fn outside_its_states_a_clock_is_zero() {
    for moves in ["", "first = \"none\"", "moves = \"continuous\""] {
        for recover in ["0", "0.3"] {
            let [alone, written] = ["time_in(ill)", "if(state == ill, time_in(ill), 0)"]
                .map(|stay| scenario(moves, recover, stay));
            let options = Options::new(Engine::Both, 40_000, seed("clocks outside", 0), vec![1.0, 5.0]);
            let results = run(&alone.model, &options, &Watch::default()).unwrap().agreement.unwrap();
            let (headline, cell) = (results.worst_headline(), results.worst_cell);
            assert!(results.engines_agree(), "{moves} {recover}: {headline:?} {cell:?}");
            let lives = [&alone, &written].map(|one| {
                let tables = Tables::new(&one.model, &solve::values(&one.model));
                format!("{:?}", histories(&tables, &Settings::new(500, 7), 500))
            });
            assert_eq!(lives[0], lives[1], "{moves} {recover}");
            let [alone, written] = [alone, written].map(Published::of);
            for outcome in ["cost", "years", "fall"] {
                is(outcome, alone.total("usual", outcome), written.total("usual", outcome));
            }
        }
    }
}
