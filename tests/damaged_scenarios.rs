//! Robustness against damaged scenario files (by an editor, a merge, a spreadsheet or an interrupted download): the
//! reader never panics, and reports an error whenever it returns no scenario.

use crate::common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arcosim::scenario::diagnostic::render;
use arcosim::scenario::load_text;
use common::damage::damage;
use common::dice::Dice;
use common::readers::checked;
use common::shipped;

const DAMAGES: u64 = 300;

/// Text of all shipped scenario files, with their paths inside `scenarios/`.
fn texts() -> Vec<(String, String)> {
    let mut files = shipped::files("scenarios", "toml");
    files.extend(shipped::files("scenarios", "csv"));
    let name = |path: &PathBuf| shipped::relative(path).replacen("scenarios/", "", 1);
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn damaged_shipped_scenarios_are_reported() {
    let texts = texts();
    let scenarios: Vec<&String> = texts.iter().map(|t| &t.0).filter(|name| name.ends_with(".toml")).collect();
    let (mut tried, mut refused) = (0, 0);
    for (number, scenario) in scenarios.iter().enumerate() {
        // The scenario must be the first file of the list; other files are found by their names.
        let mut whole: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        whole.sort_by_key(|(name, _)| name != scenario);
        let sound = load_text(&whole, &[]).scenario;
        let sound = sound.unwrap_or_else(|| panic!("{scenario} cannot be read from memory"));
        // Only files that the scenario reads are damaged.
        let read = |name: &str| sound.files.iter().any(|file| file.path == Path::new(name));
        let victims: Vec<usize> = (0..whole.len()).filter(|&i| read(whole[i].0)).collect();
        assert!(!victims.is_empty(), "{scenario}");
        for index in 0..DAMAGES.div_ceil(scenarios.len() as u64) {
            let mut dice = Dice::new(number as u64 * 1_000_003 + index);
            let victim = victims[dice.below(victims.len())];
            let (text, what) = damage(whole[victim].1, &mut dice);
            let what = format!("{} for {scenario}, damage {index}: {what}", whole[victim].0);
            let mut damaged = whole.clone();
            damaged[victim].1 = &text;
            let read = catch_unwind(AssertUnwindSafe(|| {
                let loaded = load_text(&damaged, &[]);
                let text = render(&loaded.diagnostics, &loaded.sources, false);
                assert_eq!(text.trim().is_empty(), loaded.diagnostics.list.is_empty(), "{text}");
                checked(loaded)
            }));
            let read = read.unwrap_or_else(|_| panic!("{what}"));
            tried += 1;
            refused += usize::from(read.is_none());
        }
    }
    println!("{refused} of {tried} damaged scenarios refused");
    // At least a third must be refused, because otherwise the damage would not affect what is read.
    assert!(tried >= 300 && refused > tried / 3, "{refused} of {tried}");
}
