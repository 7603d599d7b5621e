//! Dependencies obey `deny.toml`: a single registry, no crate in two versions except the listed ones, and licences
//! compatible with the program's licence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use toml::{Table, Value};

/// The packages of this repository.
const OURS: [&str; 6] =
    ["arcosim", "arcosim-analysis", "arcosim-core", "arcosim-figures", "arcosim-scenario", "arcosim-verify"];

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn table(name: &str) -> Table {
    let text = fs::read_to_string(format!("{ROOT}/{name}")).unwrap_or_else(|e| panic!("{name}: {e}"));
    text.parse().unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The entries of a list in `deny.toml`.
fn listed<'t>(rules: &'t Table, section: &str, key: &str) -> BTreeSet<&'t str> {
    let list = rules[section][key].as_array().expect("a list");
    let texts = list.iter().map(|item| match item {
        Value::Table(entry) => entry["crate"].as_str(),
        item => item.as_str(),
    });
    texts.map(|text| text.expect("a text")).collect()
}

fn packages(lock: &Table) -> Vec<[Option<&str>; 4]> {
    let packages = lock["package"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            ["name", "version", "source", "checksum"].map(|key| package.get(key).and_then(Value::as_str))
        })
        .collect()
}

#[test]
fn everything_comes_from_one_registry_with_its_checksum() {
    let (lock, rules) = (table("Cargo.lock"), table("deny.toml"));
    let allowed = listed(&rules, "sources", "allow-registry");
    let mut own = BTreeSet::new();
    for [name, _, source, checksum] in packages(&lock) {
        let Some(source) = source else {
            own.extend(name);
            continue;
        };
        let registry = source.strip_prefix("registry+").unwrap_or(source);
        assert!(allowed.contains(registry), "{name:?} comes from {source}");
        assert_eq!(checksum.map(str::len), Some(64), "{name:?} has no checksum");
    }
    assert_eq!(own, OURS.into(), "packages from a folder");
}

#[test]
fn no_crate_comes_in_two_versions_but_those_that_are_listed() {
    let (lock, rules) = (table("Cargo.lock"), table("deny.toml"));
    let mut skipped = listed(&rules, "bans", "skip");
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for [name, version, ..] in packages(&lock) {
        let (name, version) = name.zip(version).expect("a name and a version");
        versions.entry(name).or_default().push(version);
    }
    for (name, mut versions) in versions {
        let before = versions.len();
        versions.retain(|version| !skipped.remove(format!("{name}@{version}").as_str()));
        assert_eq!(versions.len(), 1, "{before} versions of {name}");
    }
    assert!(skipped.is_empty(), "no longer there: {skipped:?}");
}

/// Packages built on this machine have only allowed licences, as the packages state them.
#[test]
fn licences_are_those_that_are_allowed() {
    let rules = table("deny.toml");
    let allowed = listed(&rules, "licenses", "allow");
    let host = output(Command::new("rustc").arg("-vV"));
    let host = host.lines().find_map(|line| line.strip_prefix("host: "));
    let metadata = output(Command::new(env!("CARGO")).current_dir(ROOT).args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--all-features",
        "--filter-platform",
        host.expect("a platform"),
    ]));
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 50);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("");
        assert!(permits(licence, &allowed), "{} has {licence:?}", package["name"]);
    }
}

fn output(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let problem = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {problem}");
    String::from_utf8(done.stdout).expect("text")
}

/// Whether the allowed licences satisfy an SPDX expression with `OR`, `AND` and brackets. Old packages write `/` for
/// `OR`. A licence with an exception counts as a separate licence.
fn permits(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = either(&words, allowed);
    met && rest.is_empty()
}

fn either<'w>(words: &'w [&'w str], allowed: &BTreeSet<&str>) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = both(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (other, behind) = both(after, allowed);
        (met, rest) = (met | other, behind);
    }
    (met, rest)
}

fn both<'w>(words: &'w [&'w str], allowed: &BTreeSet<&str>) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (other, behind) = one(after, allowed);
        (met, rest) = (met & other, behind);
    }
    (met, rest)
}

fn one<'w>(words: &'w [&'w str], allowed: &BTreeSet<&str>) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inside @ ..] => match either(inside, allowed) {
            (met, [")", rest @ ..]) => (met, rest),
            (_, rest) => (false, rest),
        },
        [name, "WITH", exception, rest @ ..] => {
            (allowed.contains(format!("{name} WITH {exception}").as_str()), rest)
        }
        [name, rest @ ..] => (allowed.contains(name), rest),
        [] => (false, words),
    }
}

#[test]
fn licence_expressions_are_read() {
    let allowed = BTreeSet::from(["MIT", "Zlib"]);
    for licence in
        ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "(GPL-3.0 OR MIT) AND Zlib", "MIT AND Zlib OR GPL-3.0"]
    {
        assert!(permits(licence, &allowed), "{licence}");
    }
    for licence in
        ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT WITH something", "(MIT", "GPL-3.0 AND (MIT OR Zlib)"]
    {
        assert!(!permits(licence, &allowed), "{licence}");
    }
}
