//! The shipped scenarios, found by walking `scenarios/`, so that a new one is tested without being listed.

use std::fs;
use std::path::{Path, PathBuf};

use arcosim::model::memory::MOST_MEMORY;
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::{Scenario, Tree, load_text, load_within};

/// The folder of the crate: tests may be started from anywhere.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All files below `folder` (relative to the crate) that end in `.extension`, sorted.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(ROOT).join(folder)];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every scenario that ships, by its path relative to the crate (with `/` on every system).
pub fn scenarios() -> Vec<(String, Scenario)> {
    loaded(|_| true)
}

/// Loads the scenarios whose path `wanted` accepts.
fn loaded(wanted: impl Fn(&str) -> bool) -> Vec<(String, Scenario)> {
    let paths = files("scenarios", "toml");
    let named = paths.iter().map(|path| (relative(path), path)).filter(|(name, _)| wanted(name));
    let all: Vec<(String, Scenario)> = named.map(|(name, path)| (name, load(path, &[]))).collect();
    assert!(!all.is_empty(), "no scenario ships");
    all
}

/// The scenarios that are not variants of another one.
pub fn models() -> Vec<(String, Scenario)> {
    loaded(|name| !name.contains("/variants/"))
}

/// The scenarios that extend no other one. Long tests of every day run these: overlays have the states and transitions of their base,
/// and mostly differ from it in numbers.
pub fn originals() -> Vec<(String, Scenario)> {
    loaded(|name| !extends(name))
}

/// The scenarios that extend another one, which long tests run before every merge (`.ci/run`).
pub fn overlays() -> Vec<(String, Scenario)> {
    loaded(extends)
}

fn extends(name: &str) -> bool {
    let text = fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    text.lines().any(|line| line.starts_with("extends"))
}

/// A path relative to the crate, with `/` on every system.
pub fn relative(path: &Path) -> String {
    let short = path.strip_prefix(ROOT).unwrap_or(path);
    short.to_string_lossy().replace('\\', "/")
}

/// Loads a scenario (a relative path counts from the crate) with some base values changed; fails with what its
/// author would read. Scenarios of tests extend those that ship.
pub fn load(path: &Path, overrides: &[(String, String)]) -> Scenario {
    let tree = Tree::below(Path::new(ROOT)).expect("the folder of the crate");
    let loaded = load_within(&Path::new(ROOT).join(path), overrides, tree, MOST_MEMORY);
    let message = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("{}\n{message}", path.display()))
}

/// A scenario written in a test, with its parameter table.
pub fn from_text(scenario: &str, parameters: &str) -> Scenario {
    from_texts(&[("scenario.toml", scenario), ("parameters.csv", parameters)], &[])
}

/// A scenario from the names and texts of its files, the scenario itself first, with some base values changed; fails with what
/// its author would read.
pub fn from_texts(files: &[(&str, &str)], overrides: &[(String, String)]) -> Scenario {
    let loaded = load_text(files, overrides);
    let message = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("{message}"))
}
