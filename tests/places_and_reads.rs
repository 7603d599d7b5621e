//! Formulas in a scenario: every place for a formula combined with every variable that it may read, versus a recursion
//! over the scenario's own formulas that does not use the tables of the model. A second test checks that a very narrow
//! range of ages has the results of a single age.
//!
//! Both engines read the same tables, so their agreement cannot reveal a wrong table.

use crate::common;

use arcosim::engine::microsim::Settings;
use arcosim::scenario::{Scenario, load_text};
use common::solve;

const AGE: f64 = 53.59;
const WEIGHT: f64 = 0.8;
const CYCLES: usize = 20;
const PER_YEAR: f64 = 2.0;

/// Values that a formula may read.
#[derive(Clone, Copy)]
struct At {
    time: f64,
    /// Years since the patient entered state `a`.
    stay: f64,
}

impl At {
    fn age(self) -> f64 {
        AGE + self.time
    }
}

/// A formula as text in a scenario and as a Rust function.
type Formula = (&'static str, fn(At) -> f64);

/// The rate of the life table at an age, constant within each year of age.
fn mortality(age: f64) -> f64 {
    0.02 * 1.1f64.powi((age + 1e-9).floor() as i32 - 40)
}

/// Formulas that read an attribute, a clock, or both.
const FORMULAS: [Formula; 13] = [
    ("exp(0.044 * (age - 60))", |at| (0.044 * (at.age() - 60.0)).exp()),
    ("if(age < 57.2, 0.5, 1.5)", |at| if at.time < 3.75 { 0.5 } else { 1.5 }),
    ("age_at_start / 50", |_| AGE / 50.0),
    ("exp(0.3 * weight)", |_| (0.3 * WEIGHT).exp()),
    ("weight * age / 40", |at| WEIGHT * at.age() / 40.0),
    ("1 + 0.01 * (age - 50) * weight", |at| 1.0 + 0.01 * (at.age() - 50.0) * WEIGHT),
    ("max(0.9, age / 60)", |at| (at.age() / 60.0).max(0.9)),
    ("if(time < 2, 0.5, 1) * exp(0.02 * (age - 60))", |at| {
        (if at.time < 2.0 { 0.5 } else { 1.0 }) * (0.02 * (at.age() - 60.0)).exp()
    }),
    ("exp(0.02 * (age - 60)) + 0.3", |at| (0.02 * (at.age() - 60.0)).exp() + 0.3),
    ("lookup(factor, age) * 20", |at| mortality(at.age()) * 20.0),
    ("0.4 + 0.1 * time_in(a)", |at| 0.4 + 0.1 * at.stay),
    ("exp(-0.3 * time_in(a)) * age / 50", |at| (-0.3 * at.stay).exp() * at.age() / 50.0),
    ("if(cycle <= 7, 1.25, 0.5)", |at| if at.time * PER_YEAR < 6.5 { 1.25 } else { 0.5 }),
];

/// Place of a formula in the scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Ratio,
    Effect,
    EffectOnRatio,
    Share,
    PerYear,
    Once,
}

/// Hazard of a transition out of state `a`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hazard {
    LifeTable,
    Rate,
    WeibullOfTime,
    WeibullOfStay,
    Stated,
}

impl Hazard {
    const ALL: [Hazard; 5] =
        [Hazard::LifeTable, Hazard::Rate, Hazard::WeibullOfTime, Hazard::WeibullOfStay, Hazard::Stated];

    fn text(self) -> &'static str {
        match self {
            Hazard::LifeTable => "table = \"mortality\"",
            Hazard::Rate => "rate = \"0.05 * (RATIO)\"",
            Hazard::WeibullOfTime => "weibull = { shape = 1.5, scale = 10 }\nclock = \"time\"",
            Hazard::WeibullOfStay => "weibull = { shape = 1.5, scale = 10 }\nclock = \"time_in(a)\"",
            Hazard::Stated => "rate = \"0.05 * (RATIO)\"\nstated = true",
        }
    }

    /// The cumulative hazard over the cycle that begins at `at`.
    fn over_a_cycle(self, at: At) -> f64 {
        let year = 1.0 / PER_YEAR;
        let weibull = |t: f64| (t / 10.0).powf(1.5);
        match self {
            Hazard::LifeTable => {
                let (from, to) = (at.age(), at.age() + year);
                let birthday = (from + 1e-9).floor() + 1.0;
                let before = birthday.min(to) - from;
                mortality(from) * before + mortality(birthday) * (to - from - before)
            }
            Hazard::Rate | Hazard::Stated => 0.05 * year,
            Hazard::WeibullOfTime => weibull(at.time + year) - weibull(at.time),
            Hazard::WeibullOfStay => weibull(at.stay + year) - weibull(at.stay),
        }
    }
}

fn scenario(place: Place, hazard: Hazard, formula: &str, age: &str) -> Scenario {
    let (mut ratio, mut target, mut effect) = ("1".to_string(), "to = \"d\"".to_string(), String::new());
    let (mut per_year, mut once) = ("1", "1");
    match place {
        Place::Ratio => ratio = formula.into(),
        Place::Effect | Place::EffectOnRatio => {
            effect = format!("[[strategies.t.effects]]\non = [\"fall\"]\nhazard_ratio = \"{formula}\"\n");
            if place == Place::EffectOnRatio {
                ratio = "exp(0.02 * (age - 60))".into();
            }
        }
        Place::Share => target = format!("to = {{ d = \"min(0.9, 0.3 * ({formula}))\", b = \"rest\" }}"),
        Place::PerYear => per_year = formula,
        Place::Once => once = formula,
    }
    let hazard = match hazard {
        // A rate is an expression, so its factors are written inside the expression.
        Hazard::Rate | Hazard::Stated => hazard.text().replace("RATIO", &ratio),
        _ => format!("{}\nhazard_ratio = \"{ratio}\"", hazard.text()),
    };
    let text = format!(
        r#"format = 1
title = "Places and reads"
[time]
cycle = "6 months"
horizon = "10 years"
first = "none"
[population.attributes]
age = {age}
weight = {{ fixed = {{ value = {WEIGHT} }} }}
[population.start]
a = "rest"
[states]
a = {{}}
b = {{}}
d = {{ absorbing = true }}
[tables.mortality]
file = "mortality.csv"
by = ["age"]
kind = "rate per year"
source = "assumption"
[tables.factor]
file = "mortality.csv"
by = ["age"]
kind = "number"
source = "assumption"
[transitions.fall]
from = "a"
{target}
{hazard}
[transitions.ill]
from = "a"
to = "b"
{ill}
[transitions.back]
from = "b"
to = "a"
rate = 0.4
[outcomes.years]
unit = "years"
correction = "start"
discount = "none"
[outcomes.amount]
unit = "units"
correction = "start"
discount = "none"
[rewards.years]
outcome = "years"
per_year = 1
in = ["a", "b"]
[rewards.stay]
outcome = "amount"
per_year = "{per_year}"
in = "a"
[rewards.move]
outcome = "amount"
once = "{once}"
on = ["ill"]
[strategies.s]
reference = true
[strategies.t]
{effect}"#,
        ill = if hazard.contains("stated") { "rate = 0.1\nstated = true" } else { "rate = 0.1" },
    );
    let mut table = String::from("age,value\n");
    for year in 40..=80 {
        table += &format!("{year},{:?}\n", mortality(f64::from(year)));
    }
    let loaded = load_text(&[("scenario.toml", &text), ("mortality.csv", &table)], &[]);
    let said = arcosim::scenario::diagnostic::render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("{place:?} {hazard} {formula}\n{said}"))
}

/// Expected years lived and amounts under the second strategy, by a recursion over cells of (state, cycles since
/// entry).
fn recursion(place: Place, hazard: Hazard, formula: fn(At) -> f64) -> [f64; 2] {
    let year = 1.0 / PER_YEAR;
    let mut a = vec![1.0];
    let mut b = 0.0;
    let (mut years, mut amount) = (0.0, 0.0);
    for cycle in 0..CYCLES {
        let mut staying = vec![0.0];
        let mut next_b = b * (-0.4 * year).exp();
        staying[0] += b - next_b;
        years += b * year;
        for (stay, mass) in a.iter().enumerate() {
            let at = At { time: cycle as f64 * year, stay: stay as f64 * year };
            let mut w = hazard.over_a_cycle(at);
            let old = (0.02 * (at.age() - 60.0)).exp();
            match place {
                Place::Ratio | Place::Effect => w *= formula(at),
                Place::EffectOnRatio => w *= old * formula(at),
                _ => {}
            }
            let ill = 0.1 * year;
            let (falls, sickens) = match hazard {
                Hazard::Stated => (1.0 - (-w).exp(), 1.0 - (-ill).exp()),
                _ => {
                    let any = 1.0 - (-(w + ill)).exp();
                    (any * w / (w + ill), any * ill / (w + ill))
                }
            };
            let dies = match place {
                Place::Share => (0.3 * formula(at)).min(0.9),
                _ => 1.0,
            };
            years += mass * year;
            amount += mass * year * if place == Place::PerYear { formula(at) } else { 1.0 };
            amount += mass * sickens * if place == Place::Once { formula(at) } else { 1.0 };
            next_b += mass * (sickens + falls * (1.0 - dies));
            staying.push(mass * (1.0 - falls - sickens));
        }
        a = staying;
        b = next_b;
    }
    [years, amount]
}

/// Whether a formula is allowed in a place: effects of strategies read no clock because they are constant for a whole
/// life.
fn may_stand(place: Place, formula: &str) -> bool {
    let reads_clock = |word: &str| formula.replace("age_at_start", "").contains(word);
    let clock = ["age", "time", "cycle"].into_iter().any(reads_clock);
    match place {
        Place::Effect | Place::EffectOnRatio => !clock,
        Place::Once => !formula.contains("cycle"),
        _ => true,
    }
}

const PLACES: [Place; 6] =
    [Place::Ratio, Place::Effect, Place::EffectOnRatio, Place::Share, Place::PerYear, Place::Once];

fn exact(scenario: &Scenario) -> [f64; 2] {
    let nodes = solve::nodes(&scenario.model, 8);
    let totals = solve::totals_at_nodes(&scenario.model, &nodes);
    [0, 1].map(|o| totals.strategies[1].outcomes[o].mean)
}

const FIXED: &str = "{ fixed = { value = 53.59 } }";
const NARROW: &str = "{ uniform = { low = 53.589999, high = 53.590001 } }";

#[test]
fn every_place_reads_what_the_formula_says() {
    let mut tried = 0;
    for place in PLACES {
        for hazard in Hazard::ALL {
            for (text, formula) in FORMULAS {
                if !may_stand(place, text) {
                    continue;
                }
                let wanted = recursion(place, hazard, formula);
                let fixed = exact(&scenario(place, hazard, text, FIXED));
                let narrow = exact(&scenario(place, hazard, text, NARROW));
                for o in 0..2 {
                    let told =
                        format!("{place:?} {hazard:?} {text}: {fixed:?} {narrow:?}, wanted {wanted:?}");
                    assert!((fixed[o] - wanted[o]).abs() < 1e-10 * wanted[o].max(1.0), "{told}");
                    // Ages differ by a millionth of a year, so results may differ slightly if a formula has a step at
                    // some age.
                    assert!((narrow[o] - wanted[o]).abs() < 1e-5 * wanted[o].max(1.0), "{told}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

/// The microsimulation reads the same formulas separately, when a transition fires and when it walks cycle by cycle.
#[test]
fn simulated_patients_read_what_the_formula_says() {
    let patients = 20_000;
    for (i, place) in PLACES.into_iter().enumerate() {
        for (j, hazard) in Hazard::ALL.into_iter().enumerate() {
            for (k, (text, formula)) in FORMULAS.into_iter().enumerate() {
                // Run a third of the combinations, which includes every place and every formula.
                if !may_stand(place, text) || (i + j + k) % 3 != 0 {
                    continue;
                }
                let wanted = recursion(place, hazard, formula);
                for age in [FIXED, NARROW] {
                    let scenario = scenario(place, hazard, text, age);
                    let settings = Settings::new(patients, 7);
                    let simulated = solve::simulation(&scenario.model, &settings);
                    let nodes = solve::nodes(&scenario.model, 1);
                    let totals = solve::totals_at_nodes(&scenario.model, &nodes);
                    for (o, wanted) in wanted.into_iter().enumerate() {
                        let sd = totals.strategies[1].outcomes[o].sd.expect("a small model");
                        let error = sd / f64::from(patients as u32).sqrt();
                        let mean = simulated.totals.strategies[1].outcomes[o].mean;
                        assert!(
                            (mean - wanted).abs() < 5.0 * error,
                            "{place:?} {hazard:?} {text}: {mean}, wanted {wanted} +- {error}"
                        );
                    }
                }
            }
        }
    }
}
