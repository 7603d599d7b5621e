//! `arcosim verify` end to end: exit codes, report, waivers and descriptions of checks.

use crate::common;

use std::fs;

use common::mutations::{list, shipped_texts};
use common::program::{Folder, code};
use serde_json::Value;

const SOUND: &str = "scenarios/published/heart_valve.toml";

/// All shipped scenarios in a temporary folder, with one of the planted errors if `error` is given.
fn scenarios(error: Option<&str>) -> Folder {
    let folder = Folder::new();
    let shipped = shipped_texts();
    let texts = match error {
        None => shipped,
        Some(id) => {
            let all = list("tests/mutations/classic.toml");
            all.iter().find(|m| m.id == id).expect("a planted error").planted(&shipped)
        }
    };
    for (name, text) in texts {
        let path = folder.0.join("scenarios").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn report(folder: &Folder) -> String {
    fs::read_to_string(folder.0.join("out/verify/report.md")).unwrap()
}

#[test]
fn a_sound_scenario_passes_and_the_report_says_what_was_done() {
    let folder = scenarios(None);
    let output = folder.arcosim(&["verify", SOUND, "--out", "out"]);
    code(&output, 0);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("none failed") && said.ends_with("Open out/verify/report.md\n"), "{said}");
    let report = report(&folder);
    for part in ["## Passed", "## Not applicable", "## Questions for a person", "TECH-VER"] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    // The bytes are the same with another number of threads.
    let before = common::program::contents(&folder.0.join("out"));
    code(&folder.arcosim(&["verify", SOUND, "--out", "out", "--threads", "1", "-q"]), 0);
    assert!(before == common::program::contents(&folder.0.join("out")));
}

#[test]
fn an_error_fails_and_is_named_and_can_be_accepted_by_name() {
    let folder = scenarios(Some("dead-have-utility"));
    let output = folder.arcosim(&["verify", SOUND, "--out", "out", "--format", "json"]);
    code(&output, 1);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["passes"], false);
    let failed: Vec<&str> = json["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["status"] == "fail")
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert!(failed.contains(&"R31"), "{failed:?}");
    let text = report(&folder);
    assert!(text.contains("## Failures") && text.contains("where to look"), "{text}");
    let findings = fs::read_to_string(folder.0.join("out/verify/findings.csv")).unwrap();
    assert!(findings.lines().any(|line| line.contains(",R31,fail,dead,")), "{findings}");

    // A finding that is accepted by name, with a reason and a date, is still reported.
    let path = folder.0.join(SOUND);
    let mut scenario = fs::read_to_string(&path).unwrap();
    for id in &failed {
        scenario.push_str(&format!(
            "\n[verify.waive.{id}]\nby = \"A. Modeller\"\nwhy = \"a test of waivers\"\ndate = \"2026-11-21\"\n"
        ));
    }
    fs::write(&path, &scenario).unwrap();
    code(&folder.arcosim(&["verify", SOUND, "--out", "out", "-q"]), 0);
    let text = report(&folder);
    assert!(!text.contains("## Failures"), "{text}");
    assert!(text.contains("accepted by: A. Modeller, 2026-11-21: a test of waivers"), "{text}");

    // A waiver for another subject has no effect on the finding.
    let narrow = scenario.replace("[verify.waive.R31]\n", "[verify.waive.R31]\nof = \"well\"\n");
    fs::write(&path, &narrow).unwrap();
    code(&folder.arcosim(&["verify", SOUND, "--out", "out", "--only", "R31", "-q"]), 1);
    fs::write(&path, scenario.replace("waive.R31]", "waive.R99]")).unwrap();
    let output = folder.arcosim(&["verify", SOUND, "--out", "out", "-q"]);
    code(&output, 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("R99"));
}

#[test]
fn checks_are_listed_and_explained() {
    let folder = Folder::new();
    let output = folder.arcosim(&["verify", "--list"]);
    code(&output, 0);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.lines().count() > 100 && said.contains("  R01 "), "{said}");
    for command in [["verify", "--explain", "r01"], ["explain", "R01", "-V"]] {
        let command = if command[0] == "explain" { &command[..2] } else { &command[..] };
        let output = folder.arcosim(command);
        code(&output, 0);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.starts_with("R01: ") && said.contains("If it fails"), "{said}");
    }
    let output = folder.arcosim(&["verify", "--explain", "R99"]);
    code(&output, 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no check `R99`"));
    assert!(folder.names().is_empty());
}

#[test]
fn only_some_checks_are_run_on_request() {
    let folder = scenarios(None);
    let output = folder.arcosim(&["verify", SOUND, "--out", "out", "--only", "R01,F", "--format", "json"]);
    code(&output, 0);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids = json["checks"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap());
    assert!(ids.clone().all(|id| id == "R01" || id.starts_with('F')) && ids.count() > 10);
    let output = folder.arcosim(&["verify", SOUND, "--only", "Q"]);
    code(&output, 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no such check"));
}
