//! Events beside moves: they take nobody's move, and their expected number is the integral of rate times occupancy.

use crate::common;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::engine::counts::StrategyCounts;
use arcosim::engine::microsim::Watch;
use arcosim::scenario::Scenario;
use common::published::Published;
use common::{agreement, psa, shipped, solve};

const MODEL: &str = r#"
format     = 1
title      = "Bleedings beside a disease"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "10 years"
MOVES

[population.attributes]
sex = { female = 0.4, male = "rest" }

[population.start]
well = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[groups]
alive = ["well", "ill"]

[transitions]
fall_ill = { from = "well", to = "ill", rate = "0.2 * if(sex == male, 1.5, 1)" }
die      = { from = "alive", to = "dead", rate = "0.05 * if(state == ill, 3, 1)" }
BLEED

[components.drug]
label = "Drug"

[strategies.usual]
label = "Usual care"

[strategies.drug]
uses = { drug = 0.25 }

[strategies.copy]
like = "drug"

[outcomes.cost]
unit = "EUR"
DISCOUNTED

[rewards.care]
outcome  = "cost"
per_year = 100
in       = "alive"
"#;

const EVENTS: &str = r#"
[events.bleed]
label      = "Bleeding"
in         = ["well", "ill"]
rate       = "rate.bleed * if(state == ill, 2, 1) * if(time < 3 years, 1, 0.5)"
components = "drug"

[events.fall]
in   = "ill"
rate = 5
strategies = ["usual", "drug"]

[rewards.bleeding]
outcome  = "cost"
category = "Bleeding"
once     = "cost.bleed"
on       = "bleed"

[rewards.falls]
outcome    = "cost"
once       = 10
on         = ["fall", "bleed"]
strategies = ["drug"]
"#;

const PARAMETERS: &str = "\
name,kind,unit,base,evidence,source,note
rate.bleed,rate,per year,3,assumption,test,
cost.bleed,cost,EUR,1000,assumption,test,
";

const CYCLES: [(&str, &str); 2] = [
    ("", "correction = \"life-table\"\ndiscount = \"none\""),
    ("moves = \"continuous\"", "discount = \"none\""),
];

fn scenario((moves, discounted): (&str, &str), events: &str, bleed: &str) -> Scenario {
    let text = MODEL.replace("MOVES", moves).replace("DISCOUNTED", discounted).replace("BLEED", bleed);
    shipped::from_text(&format!("{text}{events}"), PARAMETERS)
}

/// Total of an outcome under a strategy, exact.
fn total(scenario: &Scenario, strategy: &str, outcome: &str) -> f64 {
    Published::of(scenario.clone()).total(strategy, outcome)
}

/// Years in a state in a cycle, as the mean of both ends.
fn years(own: &StrategyCounts, state: usize, cycle: usize) -> f64 {
    (own.occupancy[state][cycle] + own.occupancy[state][cycle + 1]) / 2.0 / 2.0
}

#[test]
fn no_curve_changes() {
    for cycles in CYCLES {
        let [with, without] = [EVENTS, ""].map(|events| solve::exact(&scenario(cycles, events, "")));
        let both = with.solution.counts.strategies.iter().zip(&without.solution.counts.strategies);
        for (with, without) in both {
            let pairs = with.occupancy.iter().flatten().zip(without.occupancy.iter().flatten());
            pairs.for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
            let pairs = with.moves.iter().flatten().zip(without.moves.iter().flatten());
            pairs.for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
        }
    }
}

/// A transition that leads back to the same state takes the move of its cycle, so that fewer patients fall ill: the reason for events
/// beside moves.
#[test]
fn a_transition_to_the_same_state_holds_back_others() {
    let bleed = "bleed = { from = \"alive\", to = \"same state\", rate = \"rate.bleed\" }";
    let [held_back, free] = ["", EVENTS].map(|events| {
        let bleed = if events.is_empty() { bleed } else { "" };
        solve::exact(&scenario(CYCLES[0], events, bleed)).solution.counts.strategies[0].occupancy[1][4]
    });
    assert!(free > held_back + 0.1, "{free}, {held_back}");
}

#[test]
fn numbers_are_rate_times_occupancy_and_amounts_numbers_times_prices() {
    let scenario = scenario(CYCLES[0], EVENTS, "");
    let exact = solve::exact(&scenario);
    let close = |name: &str, is: f64, due: f64| {
        assert!((is - due).abs() < 1e-11 * due.max(1.0), "{name}: {is}, due {due}")
    };
    for strategy in ["usual", "drug", "copy"] {
        let own = &exact.solution.counts.strategies[psa::strategy(&scenario, strategy)];
        let (mut bleeds, mut falls, mut alive) = (0.0, 0.0, 0.0);
        for cycle in 0..20 {
            let rate = 3.0 * if cycle < 6 { 1.0 } else { 0.5 };
            bleeds += rate * (years(own, 0, cycle) + 2.0 * years(own, 1, cycle));
            falls += 5.0 * years(own, 1, cycle);
            alive += years(own, 0, cycle) + years(own, 1, cycle);
        }
        // A quarter of the patients of the drug and of its copy use it.
        bleeds *= if strategy == "usual" { 0.0 } else { 0.25 };
        let both = if strategy == "usual" { 0.0 } else { falls + bleeds };
        close("bleedings", total(&scenario, strategy, "bleed"), bleeds);
        close("falls", total(&scenario, strategy, "fall"), falls);
        close("cost", total(&scenario, strategy, "cost"), 100.0 * alive + 1000.0 * bleeds + 10.0 * both);
    }
}

/// Without transitions the number is rate times time, and the cycle does not matter, however often the event happens in it.
#[test]
fn continuous_time_has_the_closed_form() {
    let text = r#"
format = 1
title = "Events at a constant rate"
parameters = "parameters.csv"
[time]
cycle = "1 year"
horizon = "10 years"
moves = "continuous"
[population.start]
well = "rest"
[states]
well = {}
dead = { absorbing = true }
[transitions]
die = { from = "well", to = "dead", rate = 0.1 }
[strategies.usual]
label = "Usual care"
[events.bleed]
in = "well"
rate = "rate.bleed"
[outcomes.cost]
unit = "EUR"
discount = { rate = "3 %", compounding = "continuous" }
[rewards]
bleed = { outcome = "cost", once = "cost.bleed", on = "bleed" }
"#;
    let scenario = shipped::from_text(text, PARAMETERS);
    let until = |rate: f64| (1.0 - (-10.0 * rate).exp()) / rate;
    let number = total(&scenario, "usual", "bleed");
    assert!((number - 3.0 * until(0.1)).abs() < 1e-9, "{number}");
    let cost = total(&scenario, "usual", "cost");
    assert!((cost - 3000.0 * until(0.13)).abs() < 1e-6, "{cost}");
}

#[test]
fn engines_agree() {
    for (i, cycles) in CYCLES.into_iter().enumerate() {
        let scenario = scenario(cycles, EVENTS, "");
        let seed = agreement::seed("events beside moves", i as u64);
        let options = Options::new(Engine::Both, 100_000, seed, vec![1.0, 5.0]);
        let results = run(&scenario.model, &options, &Watch::default()).unwrap().agreement.unwrap();
        assert!(results.engines_agree(), "{:?} {:?}", results.worst_headline(), results.worst_cell);
    }
}

#[test]
fn what_is_expected_is_said() {
    let scenario = scenario(CYCLES[0], EVENTS, "");
    let note = scenario.readings.iter().find(|(subject, _)| subject == "event `bleed`").expect("a note");
    assert!(note.1.contains("takes no patient's move"), "{}", note.1);
}
