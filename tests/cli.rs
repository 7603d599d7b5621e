//! End-to-end tests of the command line: commands, exit codes, and the contents of output folders.

use crate::common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::program::{Folder, code, contents};

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/three_states");

impl Folder {
    /// Runs the three-state test scenario `scenario`, and writes its results to the folder `out`.
    fn run(&self, scenario: &str, out: &str, more: &[&str]) -> Output {
        let path = format!("{SCENARIOS}/{scenario}");
        self.arcosim(&[&["run", &path, "--out", out], more].concat())
    }
}

fn rows_of(folder: &Path, file: &str, strategy: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let own = |line: &&str| line.split(',').nth(1) == Some(strategy);
    // The first cell of each line is removed, because it is the scenario's name, which may differ.
    let rest = |line: &str| line.split_once(',').unwrap().1.to_string();
    text.lines().filter(own).map(rest).collect()
}

#[test]
fn a_run_writes_a_folder_that_explains_itself() {
    let folder = Folder::new();
    let output = folder.run("scenario.toml", "out", &["--histories", "5"]);
    code(&output, 0);
    assert_eq!(folder.names(), ["out"]);
    let files = contents(&folder.0.join("out"));
    let names: Vec<&str> = files.iter().map(|f| f.0.as_str()).collect();
    for name in [
        "README.txt",
        "agreement.csv",
        "at_risk.csv",
        "conversions.csv",
        "data_dictionary.csv",
        "events.csv",
        "figures/alt_text.md",
        "figures/exact_vs_monte_carlo.svg",
        "figures/stack.svg",
        "figures/survival_illness.csv",
        "figures/survival_illness.svg",
        "figures/trace_surgery.svg",
        "landmarks.csv",
        "manifest.json",
        "parameters_used.csv",
        "patients/event_histories.csv",
        "summary.json",
        "survival.csv",
        "trace.csv",
    ] {
        assert!(names.contains(&name), "{name} is missing of {names:?}");
    }
    // Every column is in the dictionary, no cell is NaN, and no file contains a path of this machine.
    let dictionary = fs::read_to_string(folder.0.join("out/data_dictionary.csv")).unwrap();
    for (name, bytes) in files.iter().filter(|f| !f.0.ends_with(".png")) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(!text.contains(SCENARIOS) && !text.contains("/tmp/"), "{name}");
        if name.ends_with(".csv") && !name.starts_with("inputs/") {
            for column in text.lines().next().unwrap().split(',') {
                assert!(dictionary.contains(&format!("{name},{column},")), "{name} {column}");
            }
            for cell in text.lines().flat_map(|l| l.split(',')) {
                assert!(!["nan", "inf", "-inf"].contains(&cell.to_lowercase().as_str()), "{name}");
            }
        }
    }
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("Exact versus Monte Carlo: largest difference"));
    assert!(stdout.contains("passed this endpoint at the start"), "{stdout}");
    let last = stdout.lines().last().unwrap();
    assert!(last.starts_with("Open ") && last.ends_with("README.txt"), "{last}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("Running") && stderr.contains("Wrote"), "{stderr}");
}

#[test]
fn strategies_that_are_hypothetical_say_so() {
    let folder = Folder::new();
    code(&folder.run("scenario.toml", "out", &["--engine", "cohort", "--quiet"]), 0);
    let read = |name: &str| fs::read_to_string(folder.0.join("out").join(name)).unwrap();
    for name in ["survival.csv", "trace.csv", "landmarks.csv", "at_risk.csv", "events.csv"] {
        for line in read(name).lines().skip(1) {
            let marked = line.contains("hypothetical: rests on animal");
            assert_eq!(marked, line.contains(",surgery,"), "{name}: {line}");
        }
    }
    assert!(read("README.txt").contains("WARNING"));
    assert!(read("figures/trace_surgery.svg").contains("HYPOTHETICAL"));
    assert!(!read("figures/trace_usual.svg").contains("HYPOTHETICAL"));
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::new();
    for threads in ["1", "2", "7"] {
        code(&folder.run("scenario.toml", threads, &["--threads", threads, "--histories", "20"]), 0);
    }
    let one = contents(&folder.0.join("1"));
    assert!(one.len() > 20);
    for threads in ["2", "7"] {
        let other = contents(&folder.0.join(threads));
        for (a, b) in one.iter().zip(&other) {
            assert!(a == b, "{} differs with {threads} threads", a.0);
        }
        assert_eq!(one.len(), other.len());
    }
}

#[test]
fn a_second_run_replaces_the_folder_and_nothing_else() {
    let folder = Folder::new();
    code(&folder.run("scenario.toml", "out", &["--histories", "5", "-q"]), 0);
    assert!(folder.0.join("out/patients").exists());
    fs::create_dir(folder.0.join("out/figures/final")).unwrap();
    let own = folder.0.join("out/figures/final/edited.svg");
    fs::write(&own, "hours of work").unwrap();
    code(&folder.run("scenario.toml", "out", &["--seed", "8", "-q"]), 0);
    assert!(!folder.0.join("out/patients").exists());
    assert_eq!(fs::read_to_string(own).unwrap(), "hours of work");
    let manifest = fs::read_to_string(folder.0.join("out/manifest.json")).unwrap();
    assert!(manifest.contains("\"seed\": 8"));
    assert_eq!(folder.names(), ["out"]);
}

#[test]
fn a_folder_of_somebody_else_is_refused() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("thesis")).unwrap();
    fs::write(folder.0.join("thesis/chapter.txt"), "years of work").unwrap();
    let output = folder.run("scenario.toml", "thesis", &[]);
    code(&output, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("was not written by arcosim"));
    assert_eq!(contents(&folder.0).len(), 1);
}

#[test]
fn mistakes_end_with_their_code_and_write_nothing() {
    let folder = Folder::new();
    let unknown = folder.run("scenario.toml", "out", &["--set", "rate.fal=1"]);
    code(&unknown, 2);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("rate.fall"), "no suggestion");
    code(&folder.run("scenario.toml", "out", &["--engine", "magic"]), 2);
    code(&folder.run("scenario.toml", "out", &["--engine", "cohort", "--histories", "3"]), 2);
    code(&folder.run("scenario.toml", "out", &["--histories", "100001"]), 2);
    code(&folder.run("no_such.toml", "out", &[]), 3);
    code(&folder.arcosim(&[]), 2);
    code(&folder.arcosim(&["explain", "E9999"]), 2);
    assert!(folder.names().is_empty());
}

#[test]
fn an_expectation_that_is_missed_is_a_finding() {
    let folder = Folder::new();
    let output = folder.run("wrong_expectation.toml", "out", &["--engine", "cohort"]);
    code(&output, 1);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("MISS") && stdout.contains("1 of 2 within"), "{stdout}");
    let table = fs::read_to_string(folder.0.join("out/expected.csv")).unwrap();
    assert!(table.contains("miss"));
    let quiet = folder.run("wrong_expectation.toml", "quiet", &["--engine", "cohort", "-q"]);
    code(&quiet, 1);
    let stderr = String::from_utf8(quiet.stderr).unwrap();
    assert!(stderr.contains("1 of 2 expected numbers are outside their tolerance"), "{stderr}");
    // Expected numbers are not compared if a parameter is changed on the command line.
    code(&folder.run("wrong_expectation.toml", "out", &["--engine", "cohort", "--set", "share.ill=0.2"]), 0);
}

#[test]
fn another_strategy_leaves_the_others_untouched() {
    let folder = Folder::new();
    code(&folder.run("scenario.toml", "two", &["-q"]), 0);
    code(&folder.run("diet.toml", "three", &["-q"]), 0);
    for file in ["survival.csv", "trace.csv", "events.csv"] {
        for strategy in ["usual", "surgery"] {
            let before = rows_of(&folder.0.join("two"), file, strategy);
            assert!(before.len() > 20);
            assert!(before == rows_of(&folder.0.join("three"), file, strategy), "{file} {strategy}");
        }
        assert!(!rows_of(&folder.0.join("three"), file, "diet").is_empty());
    }
}

#[test]
fn a_changed_number_changes_the_results() {
    let folder = Folder::new();
    code(&folder.run("scenario.toml", "base", &["--engine", "cohort", "-q"]), 0);
    code(&folder.run("scenario.toml", "more", &["--engine", "cohort", "-q", "--set", "hr.surgery=0.25"]), 0);
    let rows = |out: &str, strategy| rows_of(&folder.0.join(out), "landmarks.csv", strategy);
    assert_eq!(rows("base", "usual"), rows("more", "usual"));
    assert_ne!(rows("base", "surgery"), rows("more", "surgery"));
    let manifest = fs::read_to_string(folder.0.join("more/manifest.json")).unwrap();
    assert!(manifest.contains("\"hr.surgery\": \"0.25\""));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    let folder = Folder::new();
    let scenario = format!("{SCENARIOS}/scenario.toml");
    let patients = ["run", &scenario, "--out", "out", "-n", "2000000000"];
    let child = folder.command(&patients).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    code(&child.wait_with_output().unwrap(), 130);
    assert!(folder.names().is_empty());
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    let mut child = folder.command(&["schema"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_new_scenario_runs_as_it_stands() {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    let check = folder.arcosim(&["check", "study"]);
    code(&check, 0);
    assert!(check.stderr.is_empty(), "{}", String::from_utf8_lossy(&check.stderr));
    assert!(String::from_utf8(check.stdout).unwrap().starts_with("ok: study (3 states"));
    code(&folder.arcosim(&["run", "study"]), 0);
    assert!(folder.0.join("output/study/README.txt").exists());
    code(&folder.arcosim(&["new", "study"]), 3);
}

/// The name of a scenario must not depend on the folder in which the program is started.
#[test]
fn a_scenario_has_one_name_inside_and_outside_its_folder() {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    let named = |inside: &str, args: &[&str]| {
        let output = folder.command(args).current_dir(folder.0.join(inside)).output().unwrap();
        code(&output, 0);
        let text = String::from_utf8(output.stdout).unwrap();
        text.split([' ', '\n']).nth(1).unwrap().to_string()
    };
    for (inside, args) in [
        ("", vec!["check", "study/scenario.toml"]),
        ("", vec!["check", "study"]),
        ("study", vec!["check"]),
        ("study", vec!["check", "scenario.toml"]),
        ("study", vec!["check", "."]),
        ("study", vec!["check", "../study/./scenario.toml"]),
    ] {
        assert_eq!(named(inside, &args), "study", "{args:?} in {inside}");
    }
}

#[test]
fn what_cannot_be_meant_is_said_in_plain_words() {
    let folder = Folder::new();
    let message = |args: &[&str], expected: i32| {
        let output = folder.arcosim(args);
        code(&output, expected);
        // Line breaks are removed from the message, because their position depends on the length of the paths.
        let text = String::from_utf8(output.stderr).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let seed = message(&["run", "x.toml", "--seed", "-1"], 2);
    assert!(seed.contains("write a whole number from 0 to"), "{seed}");
    assert!(!seed.contains("-- -1"), "{seed}");
    // For a folder without scenario.toml, the message must list the .toml files that the folder contains.
    fs::create_dir(folder.0.join("study")).unwrap();
    let nothing = message(&["run", "study"], 3);
    assert!(nothing.contains("this folder contains no .toml file"), "{nothing}");
    fs::write(folder.0.join("study/base.toml"), "").unwrap();
    let one = message(&["run", "study"], 3);
    assert!(one.contains("this folder contains `study/base.toml`"), "{one}");
    fs::write(folder.0.join("study/japan.toml"), "").unwrap();
    let two = message(&["run", "study"], 3);
    assert!(two.contains("contains `study/base.toml`, `study/japan.toml`"), "{two}");
}

#[test]
fn codes_and_parameters_are_explained() {
    let folder = Folder::new();
    let code_text = folder.arcosim(&["explain", "e0103"]);
    code(&code_text, 0);
    assert!(String::from_utf8(code_text.stdout).unwrap().starts_with("error[E0103]"));
    let scenario = format!("{SCENARIOS}/scenario.toml");
    let parameter = folder.arcosim(&["explain", "hr.surgery", "--scenario", &scenario]);
    code(&parameter, 0);
    assert!(String::from_utf8(parameter.stdout).unwrap().contains("animal"));
    code(&folder.arcosim(&["explain", "hr.surgey", "--scenario", &scenario]), 2);
}
