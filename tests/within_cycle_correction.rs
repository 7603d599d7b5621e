//! Within-cycle corrections on an exactly known trace: a three-state chain in continuous time, observed only at grid
//! points. The correction rules differ in how they integrate between these points.
//!
//! `data/within_cycle_correction.csv` contains the results of an independent computation for every rule, and the exact
//! areas.

use crate::common;

use std::path::Path;

use arcosim::model::{Compounding, Correction, Discount, Expr, Moment, Moves, Outcome, TimeGrid};
use common::Builder;

/// Rates per year: stable to progressed, stable to dead, progressed to dead.
const RATES: [f64; 3] = [0.20, 0.05, 0.30];
const YEARS: usize = 24;

/// Shares of patients who are stable and progressed at `t` years: the solution of the two linear differential
/// equations.
fn alive(t: f64) -> [f64; 2] {
    let [progress, die, die_progressed] = RATES;
    let leave = progress + die;
    let stable = (-leave * t).exp();
    let progressed = progress / (die_progressed - leave) * (stable - (-die_progressed * t).exp());
    [stable, progressed]
}

/// Reward per year in each living state.
fn worth(outcome: &str) -> [f64; 2] {
    match outcome {
        "qaly" => [0.85, 0.55],
        "cost" => [3000.0, 9000.0],
        "ly" => [1.0, 1.0],
        _ => panic!("{outcome}"),
    }
}

/// The exact area under the trace, discounted at a continuous rate: integrals of exponentials.
fn area(outcome: &str, force: f64) -> f64 {
    let [progress, die, die_progressed] = RATES;
    let leave = progress + die;
    let integral = |rate: f64| -(-(rate + force) * YEARS as f64).exp_m1() / (rate + force);
    let stable = integral(leave);
    let progressed = progress / (die_progressed - leave) * (stable - integral(die_progressed));
    let [a, b] = worth(outcome);
    a * stable + b * progressed
}

/// The correction rule for a name in the table, and the moment at which it discounts.
fn rule(method: &str, cycles: usize) -> (Correction, Moment) {
    let inner = |weights: &[f64]| -> Correction {
        let end = if weights.len() == 2 { 1.0 / 3.0 } else { 3.0 / 8.0 };
        let at = |k: usize| match k {
            0 => end,
            _ if k == cycles => end,
            _ => weights[(k - 1) % weights.len()],
        };
        Correction::Weights((0..=cycles).map(at).collect())
    };
    match method {
        "left" => (Correction::Start, Moment::Start),
        "right" => (Correction::End, Moment::End),
        "trapezoid" => (Correction::HalfCycle, Moment::Point),
        "simpson13" => (Correction::Simpson, Moment::Point),
        "simpson38" => (inner(&[9.0 / 8.0, 9.0 / 8.0, 6.0 / 8.0]), Moment::Point),
        // The inner weights in the wrong order, as in a popular package.
        "darth_simpson" => (inner(&[2.0 / 3.0, 4.0 / 3.0]), Moment::Point),
        "lifetable_mid_discount" => (Correction::LifeTable, Moment::Middle),
        "lifetable_start_discount" => (Correction::LifeTable, Moment::Start),
        _ => panic!("{method}"),
    }
}

/// The total of an outcome under a correction rule, with cycles of `length` years.
fn total(outcome: &str, discounted: bool, method: &str, length: f64) -> f64 {
    let time = TimeGrid {
        cycles: (YEARS as f64 / length).round() as usize,
        cycles_per_year: 1.0 / length,
        moves: Moves::OnceACycle,
    };
    let (correction, at) = rule(method, time.cycles);
    let discount = Discount {
        rates: vec![(0.0, Expr::Number(if discounted { 0.035 } else { 0.0 }))],
        compounding: Compounding::Annual,
        at,
        from: 0.0,
    };
    let own = Outcome {
        name: outcome.into(),
        label: outcome.into(),
        unit: String::new(),
        correction,
        weighted_once: false,
        discount: Some(discount.clone()),
    };
    // Constant rates read no parameters, so an empty model is enough.
    let nothing = Builder::new(time.cycles, time.cycles_per_year, &[]).model;
    let discounting = discount.evaluate(&nothing, &[]);
    let weights = own.weights(&time, Some(&discounting));
    let [a, b] = worth(outcome);
    (0..=time.cycles)
        .map(|k| {
            let [stable, progressed] = alive(time.years(k));
            (weights.start[k] + weights.end[k]) * (a * stable + b * progressed)
        })
        .sum()
}

#[test]
fn every_rule_gives_what_was_computed_independently() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/within_cycle_correction.csv");
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(file).unwrap();
    let mut tried = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let (outcome, discounted, method) = (&row[0], &row[1] == "yes", &row[2]);
        let due: f64 = row[4].parse().unwrap();
        let is = match method {
            "exact" => area(outcome, if discounted { 1.035f64.ln() } else { 0.0 }),
            _ => total(outcome, discounted, method, row[3].parse().unwrap()),
        };
        assert!((is - due).abs() <= 1e-9 * due, "{row:?}: {is}");
        tried += 1;
    }
    assert_eq!(tried, 3 * 2 * (1 + 3 * 8));
}

/// With half the cycle length the error is divided by 4 for the trapezium rule and by 16 for Simpson's rule.
#[test]
fn the_trapezium_is_of_the_second_order_and_simpsons_rule_of_the_fourth() {
    for outcome in ["qaly", "cost", "ly"] {
        for (discounted, force) in [(true, 1.035f64.ln()), (false, 0.0)] {
            let error = |method, length| total(outcome, discounted, method, length) - area(outcome, force);
            let order = |method| (error(method, 0.5) / error(method, 0.25)).log2();
            let (trapezium, simpson) = (order("trapezoid"), order("simpson13"));
            assert!((trapezium - 2.0).abs() < 0.005, "{outcome}: {trapezium}");
            assert!((simpson - 4.0).abs() < 0.015, "{outcome}: {simpson}");
        }
    }
}

/// The trapezium rule is the mean of counting at the start and at the end of cycles. Without discounting it is the same
/// as the life-table method. The three names differ only in when the mean of a cycle is discounted.
#[test]
fn half_cycle_trapezium_and_life_table_are_one_rule() {
    for outcome in ["qaly", "cost", "ly"] {
        for length in [1.0, 0.5, 0.25] {
            let same = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * a, "{outcome}: {a}, {b}");
            for discounted in [true, false] {
                let by = |method| total(outcome, discounted, method, length);
                same(by("trapezoid"), 0.5 * (by("left") + by("right")));
            }
            let by = |method| total(outcome, false, method, length);
            same(by("trapezoid"), by("lifetable_mid_discount"));
        }
    }
}

/// With the inner weights in the wrong order too little time is counted, and the error is about as large as without a
/// correction.
#[test]
fn weights_in_the_wrong_order_correct_nothing() {
    let error = |method| (total("qaly", true, method, 1.0) - area("qaly", 1.035f64.ln())).abs();
    assert!(error("darth_simpson") > 0.26 && error("right") < 0.42);
    assert!(error("trapezoid") < 0.011 && error("simpson13") < 7e-5);
    for (cycles, counted) in [(24, 24.0 - 2.0 / 3.0), (75, 75.0 - 1.0 / 3.0)] {
        let (Correction::Weights(weights), _) = rule("darth_simpson", cycles) else {
            panic!("not custom weights");
        };
        assert!((weights.iter().sum::<f64>() - counted).abs() < 1e-12);
    }
}
