//! Byte-for-byte reproducibility of every file of a run, on the shipped scenarios: with any number of threads, and for
//! existing strategies when another strategy is added.

use crate::common;

use std::fs;
use std::path::Path;

use arcosim::scenario::Scenario;
use common::program::{Folder, code, contents};
use common::shipped;

/// Enough patients for a few blocks on seven threads; the last block is not full.
const PATIENTS: &str = "20000";

/// Arguments of a run that writes every possible file.
fn with_histories<'a>(scenario: &'a Path, out: &'a str) -> [&'a str; 8] {
    let scenario = scenario.to_str().unwrap();
    ["run", scenario, "-n", PATIENTS, "--histories", "50", "--out", out]
}

#[test]
fn no_byte_depends_on_the_number_of_threads() {
    one_and_seven_threads(shipped::originals());
}

#[test]
#[ignore = "all overlays"]
fn no_byte_of_an_overlay_depends_on_the_number_of_threads() {
    one_and_seven_threads(shipped::overlays());
}

/// Runs scenarios with one and with seven threads. Exit code 0 also means that the run reproduces the expected numbers of the model.
fn one_and_seven_threads(scenarios: Vec<(String, Scenario)>) {
    for (name, _) in scenarios {
        let folder = Folder::new();
        let path = Path::new(shipped::ROOT).join(&name);
        let run = |threads: &str| {
            let run = with_histories(&path, "out");
            let output = folder.arcosim(&[&run[..], &["--threads", threads]].concat());
            code(&output, 0);
            (output.stdout, contents(&folder.0.join("out")))
        };
        let (stdout, files) = run("1");
        assert!(files.iter().any(|f| f.0 == "manifest.json") && files.len() > 20, "{name}");
        let (other_stdout, other_files) = run("7");
        let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
        assert_eq!(names(&files), names(&other_files), "{name}");
        for (one, other) in files.iter().zip(&other_files) {
            assert!(one == other, "{name}: {} depends on the number of threads", one.0);
        }
        assert_eq!(stdout, other_stdout, "{name}: what is printed depends on the number of threads");
    }
}

/// The manifest contains everything that reproduces a run, but neither the time of day nor the machine.
#[test]
fn a_later_run_writes_the_same_manifest() {
    let folder = Folder::new();
    let path = Path::new(shipped::ROOT).join("scenarios/published/sick_sicker.toml");
    let manifest = || {
        let run = ["run", path.to_str().unwrap(), "--engine", "cohort", "--out", "out", "-q"];
        code(&folder.arcosim(&run), 0);
        fs::read_to_string(folder.0.join("out/manifest.json")).unwrap()
    };
    let first = manifest();
    // Wait longer than a second, so that a time stamp in a file would differ.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(first, manifest());
}

/// The rows of a table without the rows of `strategy` and without the first cell, which is the scenario's name.
fn rows_of_others(path: &Path, strategy: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let columns: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let own = columns.iter().position(|c| c == "strategy");
    reader
        .records()
        .map(|record| record.unwrap())
        .filter(|record| own.is_none_or(|i| &record[i] != strategy))
        .map(|record| record.iter().skip(1).map(String::from).collect())
        .collect()
}

/// `tests/scenarios/another_strategy` adds one strategy to a shipped scenario. In every table by strategy, the rows of
/// all other strategies must stay the same.
#[test]
fn another_strategy_leaves_every_row_of_the_others() {
    let overlays = shipped::files("tests/scenarios/another_strategy", "toml");
    assert!(!overlays.is_empty());
    for overlay in overlays {
        let text = fs::read_to_string(&overlay).unwrap();
        let base = text.lines().find_map(|line| line.strip_prefix("extends = ")).unwrap();
        let base = overlay.parent().unwrap().join(base.trim_matches('"'));
        let strategies = |path: &Path| -> Vec<String> {
            let scenario = shipped::load(path, &[]);
            scenario.model.strategies.iter().map(|s| s.name.clone()).collect()
        };
        let (before, after) = (strategies(&base), strategies(&overlay));
        let added: Vec<&String> = after.iter().filter(|s| !before.contains(s)).collect();
        let &[added] = &added[..] else { panic!("{added:?} are not one strategy more") };
        assert_eq!(after.len(), before.len() + 1);

        let folder = Folder::new();
        for (path, out) in [(&base, "before"), (&overlay, "after")] {
            // The overlay extends a file in another folder, so `--root` must allow access.
            let run = [&with_histories(path, out)[..], &["-q", "--root", shipped::ROOT]].concat();
            code(&folder.arcosim(&run), 0);
        }
        let tables = [
            "trace.csv",
            "survival.csv",
            "landmarks.csv",
            "events.csv",
            "at_risk.csv",
            "patients/event_histories.csv",
        ];
        let of_outcomes = ["outcomes.csv", "outcome_breakdown.csv", "outcomes_over_time.csv"];
        for table in of_outcomes {
            let [before, after] = ["before", "after"].map(|out| folder.0.join(out).join(table));
            assert_eq!(before.exists(), !shipped::load(&base, &[]).model.outcomes.is_empty());
            if before.exists() {
                let [before, after] = [before, after].map(|path| rows_of_others(&path, added));
                assert!(!before.is_empty() && before == after, "{}: {table}", overlay.display());
            }
        }
        for table in tables {
            let before = rows_of_others(&folder.0.join("before").join(table), added);
            let after_all = rows_of_others(&folder.0.join("after").join(table), "");
            let after = rows_of_others(&folder.0.join("after").join(table), added);
            assert!(before.len() > 50 && after_all.len() > after.len(), "{table}");
            assert!(before == after, "{}: {table} changed for the others", overlay.display());
        }
        // The exact numbers of the other strategies stay identical to the last digit, and so do their rows in
        // agreement.csv, except for the deviation: it allows for an integration error, the largest of all strategies.
        let compared = |out: &str| {
            let rows = rows_of_others(&folder.0.join(out).join("agreement.csv"), added);
            let headlines = rows.into_iter().filter(|row| row[0] == "headline");
            headlines.map(|row| [&row[..8], &row[9..]].concat()).collect::<Vec<_>>()
        };
        assert!(compared("before") == compared("after"), "agreement.csv changed for the others");
    }
}
