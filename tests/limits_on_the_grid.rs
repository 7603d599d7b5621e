//! Clocks and limits exactly at grid points: `time < 364 days` ends after 13 cycles of 28 days, despite the
//! rounding error of 13 / (365.25 / 28).

use crate::common;

use arcosim::engine::microsim::Settings;
use arcosim::model::{Clock, Expr, Listing, Situation};
use arcosim::scenario::Scenario;
use common::{shipped, solve};

/// Cycle lengths: text in the scenario, unit, and number of units.
fn lengths() -> Vec<(String, &'static str, f64)> {
    let mut all: Vec<(String, &str, f64)> =
        (1..=365).map(|n| (format!("{n} days"), "days", f64::from(n))).collect();
    all.extend((1..=52).map(|n| (format!("{n} weeks"), "weeks", f64::from(n))));
    all.extend((1..=12).map(|n| (format!("{n} months"), "months", f64::from(n))));
    all.push(("1 year".into(), "years", 1.0));
    all
}

fn read(text: &str, files: &[(&str, String)]) -> Scenario {
    let mut all = vec![("scenario.toml", text)];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_str())));
    shipped::from_texts(&all, &[])
}

/// A scenario of two states with `count` cycles and one outcome for each formula. The formula is an amount per
/// year while ill, evaluated at the start of each cycle.
fn with_amounts(
    length: &str,
    unit: &str,
    size: f64,
    count: usize,
    formulas: &[String],
    more: &str,
) -> String {
    let mut text = format!(
        r#"format = 1
title = "Limits on the grid"
[time]
cycle = "{length}"
horizon = "{} {unit}"
first = "none"
[population.attributes]
age = {{ fixed = {{ value = 61.37 }} }}
[population.start]
ill = "rest"
[states]
ill = {{}}
dead = {{ absorbing = true }}
[transitions.die]
from = "ill"
to = "dead"
rate = 0.05
[endpoints.death]
enters = ["dead"]
[strategies.none]
reference = true
{more}"#,
        size * count as f64,
    );
    for (i, formula) in formulas.iter().enumerate() {
        text += &format!(
            "[outcomes.o{i}]\nunit = \"units\"\ncorrection = \"start\"\ndiscount = \"none\"\n\
             [rewards.r{i}]\noutcome = \"o{i}\"\nper_year = \"{formula}\"\nin = \"ill\"\n"
        );
    }
    text
}

/// An operator as written in a formula, and its meaning for whole numbers of cycles.
type Operator = (&'static str, fn(usize, usize) -> bool);

const OPERATORS: [Operator; 6] = [
    ("<", |k, limit| k < limit),
    ("<=", |k, limit| k <= limit),
    (">", |k, limit| k > limit),
    (">=", |k, limit| k >= limit),
    ("==", |k, limit| k == limit),
    ("!=", |k, limit| k != limit),
];

/// Largest limit in cycles; the scenario states each limit in the unit of the cycle length.
const LIMITS: usize = 60;

/// Clocks as written in a formula, each with its value in cycles at the start of cycle `k`, less `k`.
const CLOCKS: [(&str, usize); 4] =
    [("time", 0), ("time_in(ill)", 0), ("age - age_at_start", 0), ("time + cycle_length", 1)];

/// Every third cycle length; the next test evaluates all of them.
#[test]
fn comparisons_hold_at_grid_points_as_written() {
    compare_at_grid_points(3);
}

#[test]
#[ignore = "slow: run before every merge"]
fn every_comparison_holds_at_grid_points_as_written() {
    compare_at_grid_points(1);
}

/// Evaluates the compiled formula in every cycle, for every `step`-th cycle length and every limit, operator and clock.
fn compare_at_grid_points(step: usize) {
    // One formula for all operators, each with a power of two of its own: the value says which of them are true.
    let formula = |clock: &str, limit: &str| {
        let term =
            |(i, (operator, _)): (usize, &Operator)| format!("if({clock} {operator} {limit}, {}, 0)", 1 << i);
        OPERATORS.iter().enumerate().map(term).collect::<Vec<_>>().join(" + ")
    };
    let mut tried = 0;
    for (length, unit, size) in lengths().into_iter().step_by(step) {
        let limits = || (1..=LIMITS).flat_map(|limit| CLOCKS.map(|clock| (limit, clock)));
        let formulas: Vec<String> = limits()
            .map(|(limit, (clock, _))| formula(clock, &format!("{} {unit}", size * limit as f64)))
            .collect();
        let scenario = read(&with_amounts(&length, unit, size, LIMITS + 2, &formulas, ""), &[]);
        let model = &scenario.model;
        assert_eq!(model.rewards.len(), formulas.len());
        for (reward, (limit, (clock, later))) in model.rewards.iter().zip(limits()) {
            for cycle in 0..LIMITS + 2 {
                let s = Situation {
                    parameters: &[],
                    attributes: &[61.37],
                    state: 0,
                    cycle,
                    residence: &vec![cycle; model.groups.len()],
                    cycles_per_year: model.time.cycles_per_year,
                    part: 0.0,
                };
                let found = reward.amount.value(&s);
                let bits = (0..OPERATORS.len()).filter(|&i| (OPERATORS[i].1)(cycle + later, limit));
                let wanted = bits.map(|i| 1 << i).sum::<i32>();
                assert_eq!(
                    found,
                    f64::from(wanted),
                    "cycle of {length}, limit {limit}, {clock}, cycle {cycle}"
                );
                tried += OPERATORS.len();
            }
        }
    }
    assert!(tried > 10_000_000 / step, "{tried}");
}

/// Both engines stop amounts, effects, landmarks and table rows after the stated number of cycles, even if the
/// limit has only eight digits.
#[test]
fn both_engines_stop_where_the_scenario_says() {
    for (length, unit, size) in [
        ("7 days", "days", 7.0),
        ("21 days", "days", 21.0),
        ("28 days", "days", 28.0),
        ("30 days", "days", 30.0),
        ("90 days", "days", 90.0),
        ("1 weeks", "weeks", 1.0),
        ("1 months", "months", 1.0),
        ("3 months", "months", 3.0),
    ] {
        for limit in [1, 3, 6, 7, 11, 13, 17, 21, 22, 26, 33, 34, 39, 41] {
            let (count, written) = (44, size * limit as f64);
            let formulas = [
                format!("if(time < {written} {unit}, 1, 0)"),
                format!("if(cycle <= {limit}, 1, 0)"),
                format!("if(time_in(ill) <= {written} {unit}, 1, 0)"),
                "lookup(steps, time)".to_string(),
                format!("floor(time / {written} {unit})"),
            ];
            let more = format!(
                r#"[strategies.drug]
[[strategies.drug.effects]]
on = ["die"]
hazard_ratio = 0.5
full_until = "{rounded:.8} years"
[tables.steps]
file = "steps.csv"
by = ["time"]
kind = "number"
source = "assumption"
[figures]
landmarks = [{landmark}]
"#,
                landmark = years(written, unit),
                rounded = years(written, unit),
            );
            // The table has fifteen digits, as a spreadsheet writes numbers.
            let mut steps = String::from("time,value\n");
            for k in 0..count {
                steps += &format!("{:.15},{k}\n", years(size, unit) * k as f64);
            }
            let text = with_amounts(length, unit, size, count, &formulas, &more);
            let scenario = read(&text, &[("steps.csv", steps)]);
            let per_cycle = years(size, unit);
            let alive: Vec<f64> = (0..=count).map(|k| (-0.05 * per_cycle * k as f64).exp()).collect();
            let sum =
                |of: &dyn Fn(usize) -> f64| -> f64 { (0..count).map(|k| alive[k] * per_cycle * of(k)).sum() };
            let one = |holds: bool| if holds { 1.0 } else { 0.0 };
            let wanted = [
                sum(&|k| one(k < limit)),
                sum(&|k| one(k < limit)),
                sum(&|k| one(k <= limit)),
                sum(&|k| k as f64),
                sum(&|k| (k / limit) as f64),
            ];
            let totals = solve::totals_at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
            for (o, wanted) in wanted.iter().enumerate() {
                let mean = totals.strategies[0].outcomes[o].mean;
                assert!(
                    (mean - wanted).abs() < 1e-9 * wanted.max(1.0),
                    "{length}, {limit} cycles, outcome {o}: {mean}, wanted {wanted}"
                );
            }
            // A limit on time and the same limit on the cycle number have identical results, to the last bit.
            assert_eq!(
                totals.strategies[0].outcomes[0].mean.to_bits(),
                totals.strategies[0].outcomes[1].mean.to_bits()
            );
            // The effect lasts for `limit` cycles.
            let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
            let drug = &counts.strategies[1].occupancy[0];
            let slowed = (-0.05 * per_cycle * (0.5 * limit as f64 + (count - limit) as f64)).exp();
            assert!(
                (drug[count] - slowed).abs() < 1e-12,
                "{length}, {limit} cycles: {}, wanted {slowed}",
                drug[count]
            );
            assert_eq!(solve::landmarks(&scenario), [limit]);
            // Simulated patients accrue the same amount, whether the limit is on time or on the cycle number.
            let simulated = solve::simulation(&scenario.model, &Settings::new(500, 3)).totals;
            let own = |o: usize| simulated.strategies[0].outcomes[o].mean;
            assert!((own(0) - own(1)).abs() < 1e-12, "{length}, {limit} cycles: {} {}", own(0), own(1));
            let error = totals.strategies[0].outcomes[3].sd.expect("a small model") / 500f64.sqrt();
            assert!((own(3) - wanted[3]).abs() < 5.0 * error, "{length}: {} {}", own(3), wanted[3]);
        }
    }
}

/// Hazards that change at a limit on any clock, effects that start, wane and end at a limit, and discounting that
/// starts, changes or steps at a limit. Exact results are compared with a sum over the cycles; simulated results
/// with those of the same limit on the cycle number.
#[test]
fn hazards_effects_and_discounting_change_where_the_scenario_says() {
    for (length, unit, size) in [
        ("10 days", "days", 10.0),
        ("14 days", "days", 14.0),
        ("28 days", "days", 28.0),
        ("56 days", "days", 56.0),
        ("84 days", "days", 84.0),
        ("91 days", "days", 91.0),
        ("1 weeks", "weeks", 1.0),
        ("1 months", "months", 1.0),
        ("6 months", "months", 6.0),
    ] {
        for limit in [1, 3, 7, 11, 13, 22, 26, 34, 41] {
            let (count, written) = (44, size * limit as f64);
            let per_cycle = years(size, unit);
            let after = 61.37 + years(written, unit);
            let clocks = [
                format!("cycle <= {limit}"),
                format!("time < {written} {unit}"),
                format!("not (time >= {:.12})", years(written, unit)),
                format!("time_in(ill) < {written} {unit}"),
                format!("age < age_at_start + {written} {unit}"),
                format!("age < {after:.12}"),
                format!("age - {written} {unit} < age_at_start"),
                format!("time * 12 < {:.12}", 12.0 * years(written, unit)),
            ];
            let mut all = Vec::new();
            for clock in &clocks {
                let text = with_amounts(length, unit, size, count, &["1".into()], "")
                    .replace("rate = 0.05", &format!("rate = \"if({clock}, 0.4, 0.1)\""));
                let scenario = read(&text, &[]);
                let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
                let hazard = per_cycle * (0.4 * limit as f64 + 0.1 * (count - limit) as f64);
                let alive = counts.strategies[0].occupancy[0][count];
                assert!(
                    (alive - (-hazard).exp()).abs() < 1e-12,
                    "{length}, {limit} cycles, {clock}: {alive}, wanted {}",
                    (-hazard).exp()
                );
                all.push(solve::simulation(&scenario.model, &Settings::new(400, 5)).counts);
            }
            for (counts, clock) in all.iter().zip(&clocks) {
                assert_eq!(
                    counts.strategies[0].occupancy, all[0].strategies[0].occupancy,
                    "{length}, {limit} cycles, {clock}"
                );
            }
            effects_and_discounts((length, unit, size), limit, count);
        }
    }
}

fn effects_and_discounts((length, unit, size): (&str, &str, f64), limit: usize, count: usize) {
    let (per_cycle, written) = (years(size, unit), size * limit as f64);
    let more = format!(
        r#"[strategies.builds]
[[strategies.builds.effects]]
on = ["die"]
hazard_ratio = 0.5
onset = "{written} {unit}"
[strategies.fades]
[[strategies.fades.effects]]
on = ["die"]
hazard_ratio = 0.5
full_until = "{written} {unit}"
gone_after = "{twice} {unit}"
[outcomes.later]
unit = "units"
correction = "start"
discount = {{ rate = "3 %", at = "start", later = [{{ after = "{written} {unit}", rate = "1 %" }}] }}
[outcomes.from]
unit = "units"
correction = "start"
discount = {{ rate = "3 %", at = "start", compounding = "whole years", from = "{written} {unit}" }}
[rewards.later]
outcome = "later"
per_year = "1"
in = "ill"
[rewards.from]
outcome = "from"
per_year = "1"
in = "ill"
"#,
        twice = 2.0 * written
    );
    let text = with_amounts(length, unit, size, count, &["1".into()], &more);
    let scenario = read(&text, &[]);
    let nodes = solve::nodes(&scenario.model, 1);
    let counts = solve::at_nodes(&scenario.model, &nodes);
    let strength =
        |k: usize, from: usize, to: usize| ((k as f64 - from as f64) / (to - from) as f64).clamp(0.0, 1.0);
    for (arm, full) in [(1, true), (2, false)] {
        let ratio = |k: usize| match full {
            true => 0.5f64.powf(strength(k, 0, limit)),
            false => 0.5f64.powf(1.0 - strength(k, limit, 2 * limit)),
        };
        let hazard: f64 = (0..count).map(|k| 0.05 * per_cycle * ratio(k)).sum();
        let alive = counts.strategies[arm].occupancy[0][count];
        assert!(
            (alive - (-hazard).exp()).abs() < 1e-12,
            "{length}, {limit} cycles, strategy {arm}: {alive}, wanted {}",
            (-hazard).exp()
        );
    }
    let totals = solve::totals_at_nodes(&scenario.model, &nodes);
    let of = |name: &str| {
        let o = scenario.model.outcomes.iter().position(|one| one.name == name);
        totals.strategies[0].outcomes[o.expect("an outcome")].mean
    };
    let alive = |k: usize| (-0.05 * per_cycle * k as f64).exp() * per_cycle;
    let whole = |cycles: usize| (cycles as f64 * per_cycle + 1e-9).floor() as i32;
    let later: f64 = (0..count)
        .map(|k| {
            let (first, then) = (k.min(limit) as f64 * per_cycle, k.saturating_sub(limit) as f64 * per_cycle);
            alive(k) * 1.03f64.powf(-first) * 1.01f64.powf(-then)
        })
        .sum();
    let from: f64 = (0..count).map(|k| alive(k) * 1.03f64.powi(-whole(k.saturating_sub(limit)))).sum();
    for (name, wanted) in [("later", later), ("from", from)] {
        let mean = of(name);
        assert!(
            (mean - wanted).abs() < 1e-9 * wanted,
            "{length}, {limit} cycles, {name}: {mean}, wanted {wanted}"
        );
    }
}

/// Number of years in `size` units.
fn years(size: f64, unit: &str) -> f64 {
    match unit {
        "days" => size / 365.25,
        "weeks" => size / 52.0,
        "months" => size / 12.0,
        _ => size,
    }
}

/// Expressions that read no clock are compared exactly, however small the difference.
#[test]
fn numbers_that_are_no_clocks_are_compared_exactly() {
    let s = Situation {
        parameters: &[1e-13],
        attributes: &[0.8 + 1e-12],
        state: 0,
        cycle: 3,
        residence: &[],
        cycles_per_year: 4.0,
        part: 0.0,
    };
    let compare = |a: Expr, b: f64| {
        let sides = Box::new([a, Expr::Number(b)]);
        Expr::Binary(arcosim::model::Binary::Greater, sides).value(&s)
    };
    assert_eq!(compare(Expr::Parameter(0), 0.0), 1.0);
    assert_eq!(compare(Expr::Attribute(0), 0.8), 1.0);
    // A clock at its limit is not above the limit; one cycle later, it is.
    assert_eq!(compare(Expr::Clock(Clock::Time), 0.75 - 1e-12), 0.0);
    assert_eq!(compare(Expr::Clock(Clock::Time), 0.5), 1.0);
    // For a formula with small values, the tolerance depends on the clock, not on the size of the difference.
    let fading = Expr::Call(
        arcosim::model::Function::Exp,
        vec![Expr::Binary(
            arcosim::model::Binary::Multiply,
            Box::new([Expr::Number(-40.0), Expr::Clock(Clock::Time)]),
        )],
    );
    assert_eq!(compare(fading, 1e-14), 1.0);
}

/// A look-up by time finds the intended row of a table, with fifteen digits and for any cycle length.
#[test]
fn a_table_by_time_is_read_at_its_rows() {
    for per_year in [12.0, 4.0, 52.0, 365.25, 365.25 / 7.0, 365.25 / 21.0, 365.25 / 28.0] {
        let bounds: Vec<f64> =
            (0..200).map(|k| format!("{:.15}", f64::from(k) / per_year).parse().expect("a number")).collect();
        let table = Listing {
            name: "steps".into(),
            by: Vec::new(),
            values: vec![(0..200).map(f64::from).collect()],
            bounds,
        };
        let lookup = Expr::Lookup(table.into(), Box::new([Expr::Clock(Clock::Time)]));
        for cycle in 0..200 {
            let s = Situation {
                parameters: &[],
                attributes: &[],
                state: 0,
                cycle,
                residence: &[],
                cycles_per_year: per_year,
                part: 0.0,
            };
            assert_eq!(lookup.value(&s), cycle as f64, "{per_year} cycles a year");
        }
    }
}
