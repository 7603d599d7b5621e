//! Planted modelling errors: the lists in `tests/mutations`, and their edits of the shipped scenarios.

use std::fs;
use std::path::Path;

use arcosim::scenario::{Loaded, load_text};
use serde::Deserialize;

use super::shipped;

/// The kinds of error that a list may name.
pub const CLASSES: [&str; 10] = [
    "states and transitions",
    "mortality",
    "probabilities and rates",
    "effects",
    "costs",
    "utilities",
    "discounting and time",
    "uncertainty",
    "population",
    "decision",
];

/// Names and texts of files, by their paths inside `scenarios/`. The first is the scenario.
pub type Texts = Vec<(String, String)>;

/// One error, and the scenario it is planted in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    pub id: String,
    /// What the modeller did, in one sentence.
    pub error: String,
    pub class: String,
    /// The scenario that is checked, by its path inside `scenarios/`.
    pub scenario: String,
    /// Applied in this order.
    pub edits: Vec<Edit>,
    #[serde(default)]
    pub note: String,
}

/// A change of one file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Path inside `scenarios/`.
    pub file: String,
    pub find: String,
    pub replace: String,
    /// Every occurrence, of which there is at least one, and not the only one.
    #[serde(default)]
    pub all: bool,
}

/// A list by its path relative to the crate; fails with what is wrong with it.
pub fn list(path: &str) -> Vec<Mutation> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        mutation: Vec<Mutation>,
    }
    let text =
        fs::read_to_string(Path::new(shipped::ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let list: List = toml::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    list.mutation
}

/// All files below `scenarios/`, as they are.
pub fn shipped_texts() -> Texts {
    let mut files = shipped::files("scenarios", "toml");
    files.extend(shipped::files("scenarios", "csv"));
    files
        .iter()
        .map(|path| {
            let name = shipped::relative(path).replacen("scenarios/", "", 1);
            let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{name}: {e}"));
            (name, text)
        })
        .collect()
}

/// The files of a scenario without any error, in the order of [`load`] and without the numbers it is known to give:
/// a model under review has none.
pub fn original(scenario: &str, shipped: &Texts) -> Texts {
    let mut texts = shipped.clone();
    // The scenario comes first; the others are found by their names.
    texts.sort_by_key(|(name, _)| name != scenario);
    assert_eq!(texts[0].0, scenario, "no such scenario");
    texts[0].1 = without_expected(&texts[0].1);
    texts
}

impl Mutation {
    /// The files with the error in them; fails if an edit does not find its text exactly once (or, with `all`, at all).
    pub fn planted(&self, shipped: &Texts) -> Texts {
        self.try_planted(shipped).unwrap_or_else(|problem| panic!("{}: {problem}", self.id))
    }

    /// As [`Mutation::planted`], with the problem in place of a panic.
    pub fn try_planted(&self, shipped: &Texts) -> Result<Texts, String> {
        let mut texts = original(&self.scenario, shipped);
        for edit in &self.edits {
            let Edit { file, find, .. } = edit;
            let file = texts.iter_mut().find(|(name, _)| name == file);
            let (name, text) = file.ok_or_else(|| format!("no file {}", edit.file))?;
            let found = if find.is_empty() { 0 } else { text.matches(find).count() };
            match (found, edit.all) {
                (0, _) => return Err(format!("{name} has nowhere\n{find}")),
                (2.., false) => return Err(format!("{name} has {found} times\n{find}")),
                _ => *text = text.replace(find, &edit.replace),
            }
        }
        Ok(texts)
    }
}

/// Reads the first of the files as a scenario.
pub fn load(texts: &Texts) -> Loaded {
    let files: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    load_text(&files, &[])
}

/// A scenario without its table `[expected]`. Scenarios that extend another do not inherit that.
fn without_expected(text: &str) -> String {
    let mut inside = false;
    let outside = |line: &&str| {
        if line.starts_with('[') {
            inside = line.trim_end() == "[expected]";
        }
        !inside
    };
    text.split_inclusive('\n').filter(outside).collect()
}
