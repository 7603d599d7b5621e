//! Continuous time: the exact engine against closed forms and renewal equations, and the microsimulation against the exact engine.

use arcosim::analysis::agreement::compare;
use arcosim::analysis::base_case::{self, Engine, Options};
use arcosim::engine::microsim::{Rule, Settings, Watch, run};
use arcosim::engine::{cohort, counts::Counts};
use arcosim::model::population::population_nodes;
use arcosim::model::{Model, Tables};
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::load_text;

use crate::common;

/// A scenario without a parameter table.
fn model(text: &str) -> Model {
    let loaded = load_text(&[("scenario.toml", text)], &[]);
    let Some(scenario) = loaded.scenario else {
        panic!("{}", render(&loaded.diagnostics, &loaded.sources, false))
    };
    scenario.model
}

fn exact(model: &Model) -> (Counts, Vec<Vec<f64>>) {
    let parameters = model.base_values();
    let tables = Tables::new(model, &parameters);
    let counts = cohort::run(&tables, &population_nodes(model, &parameters, 2));
    let totals = counts.strategies.iter().map(|own| cohort::by_outcome(model, &own.components)).collect();
    (counts, totals)
}

/// The illness-death models of `validation/11_ctmc_exact`, with a rate of return, and discounting by an annual rate whose force is
/// `force`.
fn illness_death(cycle: &str, years: u32, back: f64, force: f64) -> Model {
    let rate = force.exp_m1();
    let recover = match back > 0.0 {
        true => format!("[transitions.recover]\nfrom = \"ill\"\nto = \"well\"\nrate = {back}\n"),
        false => String::new(),
    };
    model(&format!(
        "format = 1\n[time]\ncycle = \"{cycle}\"\nhorizon = \"{years} years\"\nmoves = \"continuous\"\n\
        [population.start]\nwell = \"rest\"\n[states]\nwell = {{}}\nill = {{}}\ndead = {{ absorbing = true }}\n\
        [transitions.fall_ill]\nfrom = \"well\"\nto = \"ill\"\nrate = 0.15\n{recover}\
        [transitions.die_well]\nfrom = \"well\"\nto = \"dead\"\nrate = 0.04\n\
        [transitions.die_ill]\nfrom = \"ill\"\nto = \"dead\"\nrate = 0.25\n[strategies]\nnone = {{}}\n\
        [outcomes.qaly]\nunit = \"QALYs\"\ncorrection = \"start\"\ndiscount = {{ rate = {rate}, at = \"start\" }}\n\
        [outcomes.cost]\nunit = \"EUR\"\ncorrection = \"start\"\ndiscount = {{ rate = {rate}, at = \"start\" }}\n\
        [outcomes.visits]\nunit = \"visits\"\ncorrection = \"start\"\ndiscount = {{ rate = {rate}, at = \"start\" }}\n\
        [rewards.well]\noutcome = \"qaly\"\nper_year = 0.9\nin = \"well\"\n\
        [rewards.ill]\noutcome = \"qaly\"\nper_year = 0.6\nin = \"ill\"\n\
        [rewards.onset]\noutcome = \"cost\"\nonce = 2500\non = \"fall_ill\"\n\
        [rewards.death]\noutcome = \"cost\"\nonce = 4000\non_entering = \"dead\"\n\
        [rewards.visit]\noutcome = \"visits\"\nonce = 1\non = \"fall_ill\"\n"
    ))
}

fn near(value: f64, due: f64, relative: f64) {
    assert!((value - due).abs() <= relative * due.abs() + 1e-12, "{value} is not {due}");
}

/// Values with full precision from `validation/11_ctmc_exact` (matrix exponentials checked against 40-digit arithmetic), met at
/// every cycle length.
#[test]
fn constant_rates_have_no_error_of_the_cycle() {
    for cycle in ["1 week", "1 month", "6 months", "1 year", "10 years"] {
        let (counts, totals) = exact(&illness_death(cycle, 10, 0.0, 0.03));
        let own = &counts.strategies[0];
        let last = own.occupancy[0].len() - 1;
        for (state, due) in
            [0.149_568_619_222_635_06, 0.168_709_051_496_840_65, 0.681_722_329_280_524_2].iter().enumerate()
        {
            near(own.occupancy[state][last], *due, 1e-12);
        }
        near(totals[0][0], 4.668_954_516_994_051, 1e-12);
        near(totals[0][1], 3_881.250_169_927_899, 1e-12);
        let (counts, _) = exact(&illness_death(cycle, 20, 0.3, 0.0));
        let own = &counts.strategies[0];
        for (state, due) in
            [0.131_332_956_967_624_2, 0.042_992_632_762_019_66, 0.825_674_410_270_356_2].iter().enumerate()
        {
            let last = own.occupancy[state].len() - 1;
            near(own.occupancy[state][last], *due, 1e-12);
        }
        // A horizon of 400 years stands for an endless one.
        let (_, totals) = exact(&illness_death(cycle, 400, 0.3, 0.035));
        near(totals[0][0], 7.116_883_116_883_116, 1e-9);
        near(totals[0][2], 1.012_987_012_987_012_9, 1e-9);
    }
}

/// Patients go back and forth 1,000 times a year, and die at the mean of the two rates of death: the fast process is in balance.
#[test]
fn a_thousand_moves_a_year_are_no_more_difficult() {
    let fast = |cycle: &str| {
        model(&format!(
            "format = 1\n[time]\ncycle = \"{cycle}\"\nhorizon = \"10 years\"\nmoves = \"continuous\"\n\
            [population.start]\na = \"rest\"\n[states]\na = {{}}\nb = {{}}\ndead = {{ absorbing = true }}\n\
            [transitions.go]\nfrom = \"a\"\nto = \"b\"\nrate = 1000\n[transitions.back]\nfrom = \"b\"\nto = \"a\"\nrate = 500\n\
            [transitions.die_a]\nfrom = \"a\"\nto = \"dead\"\nrate = 0.1\n[transitions.die_b]\nfrom = \"b\"\nto = \"dead\"\nrate = 0.4\n\
            [strategies]\nnone = {{}}\n"
        ))
    };
    // Eigenvalues of the generator of the two transient states, in closed form.
    let (q1, q2) = (1000.1_f64, 500.4_f64);
    let root = ((q1 - q2) * (q1 - q2) + 4.0 * 1000.0 * 500.0).sqrt();
    let (slow, quick) = (0.5 * (-(q1 + q2) + root), 0.5 * (-(q1 + q2) - root));
    let at = |t: f64| {
        let c = (-q1 - quick) / (slow - quick);
        let a = c * (slow * t).exp() + (1.0 - c) * (quick * t).exp();
        let b = 1000.0 * ((slow * t).exp() - (quick * t).exp()) / (slow - quick);
        (a, b)
    };
    for cycle in ["1 week", "6 months", "1 year", "5 years"] {
        let (counts, _) = exact(&fast(cycle));
        let own = &counts.strategies[0];
        let last = own.occupancy[0].len() - 1;
        let (a, b) = at(10.0);
        near(own.occupancy[0][last], a, 1e-9);
        near(own.occupancy[1][last], b, 1e-9);
    }
}

/// Patients who fall ill, recover and die, with Weibull hazards whose clocks start anew at each move.
fn renewal(cycle: &str, [back, die]: [(f64, f64); 2]) -> Model {
    let (back, die) = (
        format!("{{ shape = {}, scale = {} }}", back.0, back.1),
        format!("{{ shape = {}, scale = {} }}", die.0, die.1),
    );
    model(&format!(
        "format = 1\n[time]\ncycle = \"{cycle}\"\nhorizon = \"12 years\"\nmoves = \"continuous\"\n\
        [population.start]\nwell = \"rest\"\n[states]\nwell = {{}}\nill = {{}}\ndead = {{ absorbing = true }}\n\
        [transitions.fall_ill]\nfrom = \"well\"\nto = \"ill\"\nweibull = {{ shape = 0.8, scale = 3 }}\nclock = \"time_in(well)\"\n\
        [transitions.recover]\nfrom = \"ill\"\nto = \"well\"\nweibull = {back}\nclock = \"time_in(ill)\"\n\
        [transitions.die_well]\nfrom = \"well\"\nto = \"dead\"\nrate = 0.02\n\
        [transitions.die_ill]\nfrom = \"ill\"\nto = \"dead\"\nweibull = {die}\nclock = \"time_in(ill)\"\n\
        [strategies]\nnone = {{}}\n\
        [outcomes.qaly]\nunit = \"QALYs\"\ncorrection = \"start\"\ndiscount = {{ rate = 0.035, at = \"start\" }}\n\
        [rewards.well]\noutcome = \"qaly\"\nper_year = 0.9\nin = \"well\"\n\
        [rewards.ill]\noutcome = \"qaly\"\nper_year = 0.5\nin = \"ill\"\n\
        [rewards.first_months]\noutcome = \"qaly\"\nper_year = \"if(time_in(ill) < 1, -0.2, 0)\"\nin = \"ill\"\n\
        [endpoints.death]\nlabel = \"Death\"\nfree = \"Alive\"\nenters = \"dead\"\n\
        [endpoints.illness]\nlabel = \"Illness\"\nfree = \"Free\"\nenters = \"ill\"\ncompeting = [\"dead\"]\n"
    ))
}

#[test]
fn show_renewal() {
    for cycle in ["6 months", "3 months", "1 month", "1 week"] {
        let (counts, totals) = exact(&renewal(cycle, [(0.7, 1.5), (0.6, 8.0)]));
        let own = &counts.strategies[0];
        let last = own.occupancy[0].len() - 1;
        println!("{cycle}: {:?} {} {}", totals, own.occupancy[0][last], own.occupancy[1][last]);
    }
}

#[test]
fn show_both() {
    let model = renewal("3 months", [(0.7, 1.5), (0.6, 8.0)]);
    let options =
        Options { engine: Engine::Both, patients: 1_000_000, seed: 5, landmarks: vec![1.0, 5.0, 10.0] };
    let results = base_case::run(&model, &options, &Watch::default()).unwrap();
    let agreement = results.agreement.unwrap();
    println!("{:?} {:?}", agreement.worst_headline(), agreement.worst_cell);
    println!("{:?}", results.exact.unwrap().solution.totals);
    println!("{:?}", results.simulated.unwrap().totals);
}
