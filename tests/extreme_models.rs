//! Extreme but valid models: they run correctly in reasonable time, or are refused with a clear message.

use crate::common;

use std::fmt::Write;
use std::fs;
use std::time::Instant;

use common::program::{Folder, code};

/// Runs a scenario, prints the elapsed time, and returns the console output.
fn ran(folder: &Folder, name: &str, text: &str, args: &[&str]) -> String {
    fs::write(folder.0.join(format!("{name}.toml")), text).unwrap();
    let file = format!("{name}.toml");
    let began = Instant::now();
    let output = folder.arcosim(&[&["run", &file, "--out", name], args].concat());
    println!("{name}: {:.2} s", began.elapsed().as_secs_f64());
    assert!(began.elapsed().as_secs() < 120, "{name}");
    code(&output, 0);
    String::from_utf8(output.stdout).unwrap()
}

/// Share of patients in a state at the end of the horizon, from the exact engine.
fn at_end(folder: &Folder, name: &str, strategy: &str, state: &str) -> f64 {
    let mut reader = csv::Reader::from_path(folder.0.join(name).join("trace.csv")).unwrap();
    let rows = reader.records().map(Result::unwrap);
    let own = rows.filter(|r| &r[1] == strategy && &r[2] == "exact" && &r[4] == state);
    own.last().expect("a row")[5].parse().unwrap()
}

const HEAD: &str =
    "format = 1\n[time]\ncycle = \"1 year\"\nhorizon = \"HORIZON\"\n[population.start]\na = \"rest\"\n";

fn two_states(horizon: &str, rate: &str) -> String {
    format!(
        "{}[states]\na = {{}}\nb = {{ absorbing = true }}\n[transitions.go]\nfrom = \"a\"\nto = \"b\"\n{rate}\n\
         [endpoints.gone]\nenters = \"b\"\n[strategies.one]\n[outcomes.years]\nunit = \"years\"\ncorrection = \"life-table\"\n\
         discount = \"none\"\n[rewards.life]\noutcome = \"years\"\nper_year = 1\nin = \"a\"\n",
        HEAD.replace("HORIZON", horizon)
    )
}

/// A model with a single state is refused with the reason, because no patient can change state.
#[test]
fn one_state_is_refused_with_the_reason() {
    let folder = Folder::new();
    let stays = "[transitions.stay]\nfrom = \"a\"\nto = { again = { share = \"rest\", to = \"same state\" } }\nrate = 0.5\n";
    for (state, transition, reason) in [
        ("{}", stays, "E0412"),
        ("{}", "", "E0417"),
        ("{ absorbing = true }", stays, "E0421"),
        ("{ absorbing = true }", "", "E0417"),
    ] {
        let head = HEAD.replace("HORIZON", "5 years");
        let text = format!("{head}[states]\na = {state}\n{transition}[strategies.one]\n");
        fs::write(folder.0.join("one.toml"), text).unwrap();
        let output = folder.arcosim(&["run", "one.toml"]);
        code(&output, 2);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(reason), "{state} {transition}: {said}");
    }
}

#[test]
fn hazards_of_nothing_and_of_a_million_a_year() {
    let folder = Folder::new();
    for (name, rate, stay) in [
        ("zero", "rate = \"0 * time\"", 1.0),
        ("million", "rate = 1e6", 0.0),
        ("certain", "probability = 1", 0.0),
        ("never", "probability = \"0 * time\"", 1.0),
        ("steep", "weibull = { shape = 40, scale = 0.001 }", 0.0),
    ] {
        ran(&folder, name, &two_states("3 years", rate), &["-n", "5000"]);
        assert_eq!(at_end(&folder, name, "one", "a"), stay, "{name}");
    }
}

#[test]
fn a_horizon_of_one_cycle() {
    let folder = Folder::new();
    ran(&folder, "cycle", &two_states("1 year", "rate = 0.5"), &["-n", "5000"]);
    let left = at_end(&folder, "cycle", "one", "a");
    assert!((left - (-0.5f64).exp()).abs() < 1e-12, "{left}");
}

#[test]
#[ignore = "slow: run before every merge"]
fn three_hundred_states() {
    let folder = Folder::new();
    let mut text = format!("{}[states]\na = {{}}\n", HEAD.replace("HORIZON", "40 years"));
    for s in 1..300 {
        writeln!(text, "s{s} = {{ {} }}", if s == 299 { "absorbing = true" } else { "" }).unwrap();
    }
    for s in 1..300 {
        let from = if s == 1 { "a".to_string() } else { format!("s{}", s - 1) };
        writeln!(text, "[transitions.t{s}]\nfrom = \"{from}\"\nto = \"s{s}\"\nrate = 20").unwrap();
        if s > 1 && s < 299 {
            writeln!(text, "[transitions.back{s}]\nfrom = \"s{s}\"\nto = \"a\"\nrate = 0.1").unwrap();
        }
    }
    text.push_str("[endpoints.end]\nenters = \"s299\"\n[strategies.one]\n[strategies.two]\n[[strategies.two.effects]]\non = \"t7\"\nhazard_ratio = 0.5\n");
    ran(&folder, "states", &text, &["-n", "2000"]);
    let sum: f64 = (1..300).map(|s| at_end(&folder, "states", "two", &format!("s{s}"))).sum();
    assert!((sum + at_end(&folder, "states", "two", "a") - 1.0).abs() < 1e-9);
}

#[test]
#[ignore = "slow: run before every merge"]
fn ten_thousand_strategies_of_one_patient() {
    let folder = Folder::new();
    let n = 10_000;
    let mut text = two_states("3 years", "rate = 0.5");
    for s in 0..n {
        let ratio = 1.0 - s as f64 / 1e5;
        writeln!(text, "[strategies.s{s}]\n[[strategies.s{s}.effects]]\non = \"go\"\nhazard_ratio = {ratio}")
            .unwrap();
    }
    ran(&folder, "many", &text, &["-n", "1", "-q"]);
    let left = at_end(&folder, "many", &format!("s{}", n - 1), "a");
    let due = (-1.5 * (1.0 - (n - 1) as f64 / 1e5)).exp();
    assert!((left - due).abs() < 1e-12, "{left} {due}");
    // Figures show only the first 100 strategies, and the README must state this.
    let readme = fs::read_to_string(folder.0.join("many/README.txt")).unwrap();
    assert!(
        readme.contains("Figures show 100 of the 10,001 strategies"),
        "{}",
        &readme[readme.len() - 2000..]
    );
}
