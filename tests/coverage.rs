//! `scenarios/onfh/COVERAGE.md` says where each item of the source documents is modelled. Every scenario that it names must exist,
//! have no errors, run with its expected numbers met, and pass its verification.

use crate::common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::program::{Folder, code};
use common::shipped;

const FOLDER: &str = "scenarios/onfh";

/// Subjects of coming work for which an item may wait.
const WAITING: [&str; 6] = [
    "continuous time",
    "scores, visits and courses of treatment",
    "first hour",
    "committee report",
    "beyond one machine",
    "calendar time",
];

/// The cells of all rows of the tables, without headers.
fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string(Path::new(FOLDER).join("COVERAGE.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect();
    let rows: Vec<Vec<String>> = text.lines().filter(|line| line.starts_with('|')).map(cells).collect();
    // The table that explains the columns has two cells in a row.
    rows.into_iter().filter(|row| row.len() > 2 && row[0] != "item" && !row[0].starts_with("---")).collect()
}

/// Scenarios that the rows name, relative to the folder.
fn scenarios() -> BTreeSet<String> {
    let places = rows().into_iter().map(|row| row[2].clone());
    let of = |place: String| place.split('`').skip(1).step_by(2).map(String::from).collect::<Vec<_>>();
    places.filter(|place| place.starts_with('`')).flat_map(of).collect()
}

#[test]
fn every_item_has_a_scenario_or_says_why_not() {
    let rows = rows();
    assert!(rows.len() > 150, "{}", rows.len());
    let items: BTreeSet<&String> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(items.len(), rows.len(), "an item has two rows");
    for row in &rows {
        assert!(row.len() >= 3 && !row[1].is_empty(), "{row:?}");
        let place = row[2].as_str();
        match (place.strip_prefix("waits for: "), place.strip_prefix("not modelled: ")) {
            (Some(subject), _) => assert!(WAITING.contains(&subject), "{row:?}"),
            (None, Some(reason)) => assert!(reason.len() > 3, "{row:?}"),
            (None, None) => assert!(place.starts_with('`'), "{row:?}"),
        }
    }
    let named = scenarios();
    assert!(named.len() >= 6, "{named:?}");
    for name in named {
        shipped::load(&Path::new(FOLDER).join(&name), &[]);
    }
}

#[test]
#[ignore = "runs and verifies eight scenarios: minutes"]
fn every_scenario_that_is_named_runs_and_passes_its_verification() {
    for name in scenarios() {
        let path = Path::new(shipped::ROOT).join(FOLDER).join(&name);
        let path = path.to_str().unwrap();
        let folder = Folder::new();
        code(&folder.arcosim(&["run", path, "--engine", "cohort", "--out", "run", "-q"]), 0);
        code(&folder.arcosim(&["verify", path, "--out", "verify", "-q"]), 0);
    }
}
