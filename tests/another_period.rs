//! Conversion of probabilities published for a period other than the cycle length: all probabilities of a row together,
//! or a whole transition matrix by its logarithm or its root.

use crate::common;

use arcosim::engine::microsim::Settings;
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::{Loaded, Scenario, load_text};
use common::solve;

const PARAMETERS: &str = "name,kind,base,unit,source
p.ab,probability,0.31,per 4 years,A
p.ac,probability,0.16,per 4 years,A
p.ad,probability,0.09,per 4 years,A
p.ba,probability,0.07,per 4 years,A
p.bc,probability,0.29,per 4 years,A
p.bd,probability,0.21,per 4 years,A
p.ca,probability,0.006,per 4 years,A
p.cb,probability,0.08,per 4 years,A
p.cd,probability,0.44,per 4 years,A
hr.new,hr,0.6,,A
";

/// Four-year transition matrix of the parameters above, one row per state.
const MATRIX: [[f64; 4]; 4] =
    [[0.44, 0.31, 0.16, 0.09], [0.07, 0.43, 0.29, 0.21], [0.006, 0.08, 0.474, 0.44], [0.0, 0.0, 0.0, 1.0]];

const STATES: &str = "a = {}\nb = {}\nc = {}\nd = { absorbing = true }";

/// Loads a scenario with the given states and transitions. By default deaths are resolved before other transitions,
/// except deaths that were converted together with the rest of their row.
fn loaded(cycle: &str, states: &str, more: &str, transitions: &str) -> Loaded {
    let text = format!(
        r#"format = 1
title = "Another period"
parameters = "parameters.csv"
[time]
cycle = "{cycle}"
horizon = "12 years"
[population.start]
a = "rest"
[states]
{states}
{more}
{transitions}
[strategies.none]
reference = true
"#
    );
    load_text(&[("scenario.toml", &text), ("parameters.csv", PARAMETERS)], &[])
}

fn read(cycle: &str, states: &str, more: &str, transitions: &str) -> Scenario {
    let loaded = loaded(cycle, states, more, transitions);
    let said = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("{said}"))
}

const PANEL: &str = r#"[matrices.panel]
period = "4 years"
[matrices.panel.rows]
a = { b = "p.ab", c = "p.ac", d = "p.ad" }
b = { a = "p.ba", c = "p.bc", d = "p.bd" }
c = { a = "p.ca", b = "p.cb", d = "p.cd" }
"#;

fn moves(how: impl Fn(&str, &str) -> String) -> String {
    let mut text = String::new();
    for (from, to) in [
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
        ("b", "a"),
        ("b", "c"),
        ("b", "d"),
        ("c", "a"),
        ("c", "b"),
        ("c", "d"),
    ] {
        text += &format!("[transitions.{from}{to}]\nfrom = \"{from}\"\nto = \"{to}\"\n{}\n", how(from, to));
    }
    text
}

/// First row of the matrix raised to the power `k`: occupancy after `k` periods.
fn after(k: usize) -> [f64; 4] {
    (0..k).fold([1.0, 0.0, 0.0, 0.0], |now, _| {
        std::array::from_fn(|j| (0..4).map(|i| now[i] * MATRIX[i][j]).sum())
    })
}

/// With the root of a matrix, occupancy after whole periods must equal the powers of the matrix, in both engines.
#[test]
fn the_root_of_a_matrix_multiplies_up_to_it() {
    for (cycle, cycles) in [("1 year", 4), ("2 years", 2), ("4 years", 1)] {
        let by_root = moves(|from, to| format!("probability = \"matrix_prob(panel, {from}, {to})\""));
        let scenario = read(cycle, STATES, PANEL, &by_root);
        let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
        let patients = 40_000;
        let simulated = solve::simulated(&scenario.model, &Settings::new(patients, 11));
        for k in 1..=3 {
            for (state, wanted) in after(k).into_iter().enumerate() {
                let found = counts.strategies[0].occupancy[state][k * cycles];
                assert!((found - wanted).abs() < 1e-12, "{cycle}: {found}, wanted {wanted}");
                let share = simulated.strategies[0].occupancy[state][k * cycles] / patients as f64;
                let error = (wanted * (1.0 - wanted) / patients as f64).sqrt();
                assert!((share - wanted).abs() < 4.5 * error, "{cycle}: {share}, wanted {wanted}");
            }
        }
    }
}

/// A matrix whose logarithm has a negative rate (from c to a) is refused with a message, although its yearly root is
/// valid.
#[test]
fn rates_that_would_be_negative_are_refused() {
    let by_rate = moves(|from, to| format!("rate = \"matrix_rate(panel, {from}, {to})\""));
    let loaded = loaded("1 year", STATES, PANEL, &by_rate);
    let said = render(&loaded.diagnostics, &loaded.sources, false);
    assert!(said.contains("E0454") && said.contains("from `c` to `a`"), "{said}");
}

/// Matrix rates in short cycles: occupancy approximates the published matrix, although only one transition per cycle is
/// possible, and a hazard ratio acts on a rate.
#[test]
fn the_logarithm_of_a_matrix_gives_it_back_in_short_cycles() {
    let panel = "[matrices.panel]\nperiod = \"4 years\"\n[matrices.panel.rows]\na = { b = \"p.ab\", d = \"p.ad\" }\nb = { d = \"p.bd\" }\n";
    let transitions = |ratio: &str| {
        format!(
            "[transitions.ab]\nfrom = \"a\"\nto = \"b\"\nrate = \"matrix_rate(panel, a, b){ratio}\"\n\
             [transitions.ad]\nfrom = \"a\"\nto = \"d\"\nrate = \"matrix_rate(panel, a, d)\"\n\
             [transitions.bd]\nfrom = \"b\"\nto = \"d\"\nrate = \"matrix_rate(panel, b, d)\"\n"
        )
    };
    let at_four_years = |ratio: &str| {
        let scenario =
            read("1 months", "a = {}\nb = {}\nd = { absorbing = true }", panel, &transitions(ratio));
        let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
        [0, 1].map(|s| counts.strategies[0].occupancy[s][48])
    };
    // Closed form: patients leave `a` at the annual rate -ln 0.6 / 4 and `b` at -ln 0.79 / 4.
    let [out, b_out] = [0.6f64, 0.79].map(|stay| -stay.ln() / 4.0);
    // Occupancy of `b` after four years is ab / (out - b_out) (exp(-4 b_out) - exp(-4 out)), which is solved for the
    // rate ab.
    let ab = 0.31 * (out - b_out) / (0.79 - 0.6);
    let [a, b] = at_four_years("");
    assert!((a - 0.6).abs() < 1e-12, "{a}");
    // The tolerance is wide, because one transition per cycle has an error that is proportional to the cycle length.
    assert!((b - 0.31).abs() < 0.002, "{b}");
    let [slowed, _] = at_four_years(" * hr.new");
    let due = (-4.0 * (out - 0.4 * ab)).exp();
    assert!((slowed - due).abs() < 1e-12, "{slowed} {due}");
}

/// One state with several exits and no return: converted together, the competing rates reproduce the published row for
/// any cycle length.
#[test]
fn a_row_is_converted_together() {
    let all = "p.ab + p.ac + p.ad";
    // All states other than `a` are absorbing, so patients never return.
    let states = "a = {}\nb = { absorbing = true }\nc = { absorbing = true }\nd = { absorbing = true }";
    for one in [
        format!("rate_among(p.ab, {all})"),
        // The same formula written out, with its factors in different orders.
        format!("p.ab / ({all}) * rate({all})"),
        format!("rate({all}) * (p.ab / ({all}))"),
        format!("rate({all}) * p.ab / ({all})"),
        format!("rate({all}) / ({all}) * p.ab"),
        format!("p.ab * (rate({all}) / ({all}))"),
    ] {
        let transitions = [
            ("b", one),
            ("c", format!("rate_among(p.ac, {all})")),
            ("d", format!("rate_among(p.ad, {all})")),
        ]
        .map(|(to, rate)| format!("[transitions.a{to}]\nfrom = \"a\"\nto = \"{to}\"\nrate = \"{rate}\"\n"))
        .concat();
        for (cycle, cycles) in [("1 year", 4), ("1 months", 48)] {
            let scenario = read(cycle, states, "", &transitions);
            let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
            for (state, wanted) in [0.44, 0.31, 0.16, 0.09].into_iter().enumerate() {
                let found = counts.strategies[0].occupancy[state][cycles];
                assert!((found - wanted).abs() < 1e-12, "{transitions} {found} {wanted}");
            }
        }
    }
    // Probabilities converted one by one do not reproduce the row. The help of E0314 once gave this wrong advice.
    let apart = ["b", "c", "d"]
        .map(|to| format!("[transitions.a{to}]\nfrom = \"a\"\nto = \"{to}\"\nrate = \"rate(p.a{to})\"\n"))
        .concat();
    let scenario = read("1 year", states, "", &apart);
    let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
    assert!((counts.strategies[0].occupancy[0][4] - 0.44).abs() > 0.05);
}

/// The second argument of `rate_among` must be a sum that includes the first argument, in any order and with any
/// parentheses; a sum without it is refused.
#[test]
fn a_probability_is_looked_for_in_the_sum_as_it_is_written() {
    let states = "a = {}\nb = {}\nd = { absorbing = true }";
    let parameters = "name,kind,base,unit,source
p.stay.a,probability,0.2,per 4 years,A
p.stay.b,probability,0.1,per 4 years,A
p.die.a,probability,0.3,per 4 years,A
p.die.b,probability,0.25,per 4 years,A
";
    for (sum, accepted) in [
        ("p.stay[state] + p.die[state]", true),
        ("(p.die[state] + p.stay[state])", true),
        ("p.die[state] + (p.stay[state] + 0)", true),
        ("p.die[state] + p.die[state]", false),
    ] {
        let text = format!(
            r#"format = 1
title = "Sums by state"
parameters = "parameters.csv"
[time]
cycle = "1 year"
horizon = "12 years"
[population.start]
a = "rest"
[states]
{states}
[transitions.over]
from = "a"
to = "b"
rate = "rate_among(p.stay[state], {sum})"
[transitions.back]
from = "b"
to = "a"
rate = "rate_among(p.stay[state], {sum})"
[transitions.die]
from = ["a", "b"]
to = "d"
rate = "rate_among(p.die[state], p.stay[state] + p.die[state])"
[strategies.none]
reference = true
"#
        );
        let loaded = load_text(&[("scenario.toml", &text), ("parameters.csv", parameters)], &[]);
        let said = render(&loaded.diagnostics, &loaded.sources, false);
        assert_eq!(loaded.scenario.is_some(), accepted, "{sum}\n{said}");
        assert_eq!(said.contains("E0449"), !accepted, "{sum}\n{said}");
    }
}
