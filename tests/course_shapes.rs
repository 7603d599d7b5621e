//! Shapes of time courses: a delay, a share of patients who never have the event, hazards from a table, and effects that stretch the
//! time to the event or spare further patients. Expected values are the closed forms
//! S(t) = π + (1 - π) S₀((t - d) / φ), with π' = r π / (1 - π + r π) under an odds ratio r.

use crate::common;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::engine::microsim::{Move, Settings, Watch, histories};
use arcosim::model::Tables;
use arcosim::scenario::Scenario;
use common::{agreement, shipped, solve};

const MODEL: &str = r#"
format     = 1
title      = "Shapes of a course"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "20 years"

[population.attributes]
size = { small = 0.4, large = "rest" }

[population.start]
free = "rest"

[states]
free      = {}
collapsed = {}
gone      = { absorbing = true }

[transitions.collapse]
from  = "free"
to    = "collapsed"
never = "share.never[size]"
HAZARD

[transitions]
leave = { from = "collapsed", to = "gone", rate = 0.2 }
LEAVE

[endpoints.collapse]
enters    = ["collapsed"]
competing = ["gone"]

[strategies.usual]
reference = true
[[strategies.slower.effects]]
on         = "collapse"
time_ratio = "tr"
[[strategies.spared.effects]]
on               = "collapse"
never_odds_ratio = "or.never"
[[strategies.reduced.effects]]
on           = "collapse"
hazard_ratio = "hr"
[[strategies.all.effects]]
on         = "collapse"
time_ratio = "tr"
[[strategies.all.effects]]
on               = "collapse"
never_odds_ratio = "or.never"
[[strategies.all.effects]]
on           = "collapse"
hazard_ratio = "hr"

[outcomes.years]
unit     = "years"
discount = "none"
CORRECTION

[rewards]
free = { outcome = "years", per_year = 1, in = "free" }
"#;

const PARAMETERS: &str = "\
name,kind,unit,base,evidence,source,note
share.never.small,proportion,,0.5,assumption,test,
share.never.large,proportion,,0.1,assumption,test,
tr,number,,1.6,assumption,test,
or.never,or,,2.5,assumption,test,
hr,hr,,0.7,assumption,test,
delay,duration,years,0.75,assumption,test,
";

const HAZARDS: &str = "\
year,size,value
0,small,0.1
1.25,small,0.5
3,small,0.2
0,large,0.3
1.25,large,0
3,large,0.4
";

/// A distribution of time to collapse as in the scenario, with its cumulative hazard for small and large lesions.
struct Shape {
    text: &'static str,
    hazard: fn(f64, bool) -> f64,
}

fn steps(t: f64, steps: &[(f64, f64)]) -> f64 {
    let each = steps.iter().enumerate().map(|(i, (from, rate))| {
        let to = steps.get(i + 1).map_or(t, |next| next.0.min(t));
        rate * (to - from).max(0.0)
    });
    each.sum()
}

const SHAPES: [Shape; 3] = [
    Shape {
        text: "weibull = { shape = 2.14, scale = 4 }\ndelay = \"delay\"",
        hazard: |t, _| ((t - 0.75).max(0.0) / 4.0).powf(2.14),
    },
    Shape {
        text: "lognormal = { time_unit = \"years\", meanlog = 1, sdlog = 0.6 }",
        hazard: |t, _| match t > 0.0 {
            true => -(0.5 * erfc_by_series((t.ln() - 1.0) / 0.6 / 2f64.sqrt())).ln(),
            false => 0.0,
        },
    },
    Shape {
        text: "hazards = \"by_year\"\nclock = \"time\"\ndelay = \"3 months\"",
        hazard: |t, small| {
            let t = (t - 0.25).max(0.0);
            match small {
                true => steps(t, &[(0.0, 0.1), (1.25, 0.5), (3.0, 0.2)]),
                false => steps(t, &[(0.0, 0.3), (1.25, 0.0), (3.0, 0.4)]),
            }
        },
    },
];

/// erfc by its continued fraction and series, apart from the program's functions: that of `statrs` has an error of 2e-12 here, more
/// than the tolerance.
fn erfc_by_series(x: f64) -> f64 {
    if x < 2.0 {
        let mut term = x;
        let mut sum = x;
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        return 1.0 - 2.0 / std::f64::consts::PI.sqrt() * sum;
    }
    let fraction = (1..200).rev().fold(0.0, |f, n| f64::from(n) / 2.0 / (x + f));
    (-x * x).exp() / std::f64::consts::PI.sqrt() / (x + fraction)
}

fn scenario(shape: &Shape, moves: &str, leave: &str) -> Scenario {
    let mut text = MODEL.replace("HAZARD", shape.text).replace("LEAVE", leave);
    text = text.replace("CORRECTION", if moves.is_empty() { "correction = \"half-cycle\"" } else { "" });
    text = text.replace("horizon = \"20 years\"", &format!("horizon = \"20 years\"\n{moves}"));
    if shape.text.contains("by_year") {
        text.push_str("\n[tables]\nby_year = { file = \"hazards.csv\", by = [\"year\", \"size\"], kind = \"rate per year\" }\n");
    }
    let files = [("scenario.toml", text.as_str()), ("parameters.csv", PARAMETERS), ("hazards.csv", HAZARDS)];
    shipped::from_texts(&files, &[])
}

/// Share of patients who are free of collapse after `t` years under each strategy.
fn free(shape: &Shape, t: f64) -> [f64; 5] {
    let strategies = [(1.0, 1.0, 1.0), (1.6, 1.0, 1.0), (1.0, 2.5, 1.0), (1.0, 1.0, 0.7), (1.6, 2.5, 0.7)];
    strategies.map(|(stretch, odds, ratio)| {
        let of = |never: f64, small: bool| {
            let never = odds * never / (1.0 - never + odds * never);
            never + (1.0 - never) * (-ratio * (shape.hazard)(t / stretch, small)).exp()
        };
        0.4 * of(0.5, true) + 0.6 * of(0.1, false)
    })
}

const MOVES: [&str; 2] = ["", "moves = \"continuous\""];

#[test]
fn occupancy_is_the_closed_form() {
    for shape in &SHAPES {
        for moves in MOVES {
            let scenario = scenario(shape, moves, "");
            let exact = solve::exact(&scenario);
            for (s, own) in exact.solution.counts.strategies.iter().enumerate() {
                for (cycle, share) in own.occupancy[0].iter().enumerate() {
                    let due = free(shape, cycle as f64 / 2.0)[s];
                    let name = &scenario.model.strategies[s].name;
                    assert!(
                        (share - due).abs() < 1e-12,
                        "{} {moves} {name} {cycle}: {share}, due {due}",
                        shape.text
                    );
                }
            }
        }
    }
}

/// With deaths that compete, patients who return, and a clock that starts again, so that the order of events matters.
#[test]
fn engines_agree() {
    let others = "\
die_early = { from = \"free\", to = \"gone\", rate = 0.04 }
heal = { from = \"collapsed\", to = \"free\", rate = 0.15 }";
    for (i, shape) in SHAPES.iter().enumerate() {
        for moves in MOVES {
            let scenario = scenario(&Shape { text: shape.text, ..*shape }, moves, others);
            let own = shape.text.contains("clock");
            let seed = agreement::seed("course shapes", i as u64);
            let options = Options::new(Engine::Both, 200_000, seed, vec![1.0, 5.0, 10.0]);
            let results = run(&scenario.model, &options, &Watch::default()).unwrap().agreement.unwrap();
            let (headline, cell) = (results.worst_headline(), results.worst_cell);
            assert!(results.engines_agree(), "{own} {} {moves}: {headline:?} {cell:?}", shape.text);
        }
    }
}

/// Whoever never collapses without treatment never collapses under a treatment that spares more patients, and a longer time to
/// event is the same patient's time.
#[test]
fn the_same_patients_are_spared() {
    let scenario = scenario(&SHAPES[0], MOVES[1], "");
    let model = &scenario.model;
    let tables = Tables::new(model, &solve::values(model));
    let strategies = model.strategies.len();
    let all = histories(&tables, &Settings::new(5_000, 3), 5_000);
    let time = |moves: &[Move]| match moves.get(1) {
        Some(Move::Fired { time, .. }) => time / 2.0,
        _ => f64::INFINITY,
    };
    let mut newly = 0;
    for lives in all.chunks(strategies) {
        let [usual, slower, spared, ..] = &lives.iter().map(|life| time(&life.moves)).collect::<Vec<_>>()[..]
        else {
            unreachable!("five strategies")
        };
        if usual.is_infinite() {
            assert!(slower.is_infinite() && spared.is_infinite());
        } else {
            assert!(
                *slower > 20.0 || (slower - 1.6 * usual).abs() < 1e-9,
                "{slower} is not 1.6 times {usual}"
            );
            assert!(spared.is_infinite() || spared == usual);
            newly += usize::from(spared.is_infinite());
        }
    }
    assert!(newly > 300, "{newly}");
}

/// What the program assumes about a course, it says.
#[test]
fn the_shape_is_said() {
    let said = |shape: &Shape| {
        let all = scenario(shape, MOVES[0], "").readings;
        let own = all.iter().find(|(subject, _)| subject == "transition `collapse`");
        own.expect("a note").1.clone()
    };
    let [weibull, lognormal, table] = [&SHAPES[0], &SHAPES[1], &SHAPES[2]].map(said);
    let never = "10% to 50% of patients, depending on their attributes, never make it, the same patients under every strategy";
    for note in [&weibull, &lognormal, &table] {
        assert!(note.contains(never), "{note}");
    }
    assert!(weibull.contains("impossible before year 0.75 of its clock (base value)"), "{weibull}");
    assert!(
        table.contains(
            "hazards from table `by_year`; those of its last row, at year 3 of the clock, hold for ever"
        ),
        "{table}"
    );
    assert!(table.contains("impossible before year 0.25 of its clock;"), "{table}");
}

/// A clock in the hazard ratio of a growing hazard, and an effect on it: the check of such hazards takes the patient at their first day.
#[test]
fn a_hazard_that_grows_may_read_clocks() {
    let text = "weibull = { shape = 1.5, scale = 8 }\nhazard_ratio = \"if(time_in(free) < 2, 1, 2)\"";
    for moves in MOVES {
        scenario(&Shape { text, ..SHAPES[0] }, moves, "");
    }
}
