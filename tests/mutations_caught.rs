//! Sensitivity of `check` and `verify`: which of the planted modelling errors are found, and by which check. The
//! results are kept in tests/mutations/caught.csv and shown in tests/mutations/README.md. The daily tests compare
//! `check` and one check of `verify` per error with them; all checks on all errors take minutes and run with `cargo
//! test --release --test integration mutations_caught -- --ignored`. With `UPDATE_TABLE=1` before it, both files are
//! written anew.

use crate::common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Options, Severity, Verification, verify};
use arcosim::scenario::Scenario;
use arcosim::scenario::diagnostic::Severity as Grade;
use common::mutations::{CLASSES, Mutation, Texts, list, load, original, shipped_texts};
use common::shipped::ROOT;

/// Number of the forty core errors that must be found.
const WANTED: usize = 38;

/// Findings on a mutant (a scenario with a planted error) that its original does not have.
#[derive(Clone, Debug, Default, PartialEq)]
struct Caught {
    /// Codes of errors from the reader.
    refused: BTreeSet<String>,
    /// Codes of warnings from the reader.
    warned: BTreeSet<String>,
    /// Checks that fail.
    failed: BTreeSet<String>,
    /// Checks that report a warning.
    doubtful: BTreeSet<String>,
}

impl Caught {
    fn lists(&self) -> [&BTreeSet<String>; 4] {
        [&self.refused, &self.warned, &self.failed, &self.doubtful]
    }

    fn by_anyone(&self) -> bool {
        self.lists().iter().any(|ids| !ids.is_empty())
    }

    fn words(&self) -> String {
        let words = ["`check` refuses it", "`check` warns", "fails", "to look at"];
        let mut parts = Vec::new();
        for (i, (word, ids)) in words.into_iter().zip(self.lists()).enumerate() {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            match (ids.is_empty(), i) {
                (true, _) => {}
                (_, 0 | 1) => parts.push(format!("{word} ({})", ids.join(", "))),
                _ => parts.push(format!("{word}: {}", ids.join(", "))),
            }
        }
        match parts.is_empty() {
            true => "**no one**".into(),
            false => parts.join("; "),
        }
    }

    /// The check of `verify` that the daily test repeats: the fastest kind of check that finds the error.
    fn leading(&self) -> Option<&String> {
        let ids = if self.failed.is_empty() { &self.doubtful } else { &self.failed };
        ids.iter().min_by_key(|id| "SDRFUM".find(&id[..1]))
    }
}

fn verified(scenario: &Scenario, only: &[String]) -> Verification {
    let options = Options { only: only.to_vec(), quick: false };
    let found = verify(scenario, &options, &AtomicBool::new(false), &|_| ());
    found.expect("all names are known").expect("nobody stops it")
}

/// Findings that are not accepted: check and subject, with the highest severity.
fn open(verification: &Verification) -> Findings {
    let mut all = BTreeMap::new();
    for c in &verification.checks {
        for (finding, accepted) in c.verdict.findings.iter().zip(&c.accepted) {
            if !accepted {
                let own = all.entry((c.check.id, finding.subject.clone())).or_insert(finding.severity);
                *own = finding.severity.max(*own);
            }
        }
    }
    all
}

/// Errors and warnings of the reader for a mutant, and the scenario if it can be read.
fn read(mutation: &Mutation, shipped: &Texts) -> (Caught, Option<Scenario>) {
    let loaded = load(&mutation.planted(shipped));
    let mut caught = Caught::default();
    for diagnostic in &loaded.diagnostics.list {
        match diagnostic.severity {
            Grade::Error => caught.refused.insert(diagnostic.code.to_string()),
            _ => caught.warned.insert(diagnostic.code.to_string()),
        };
    }
    (caught, loaded.scenario)
}

type Findings = BTreeMap<(&'static str, String), Severity>;

/// Adds the findings of `verify` on a mutant that are absent or less severe in its original.
fn add_findings(caught: &mut Caught, mutant: Findings, sound: &Findings) {
    for ((id, subject), severity) in mutant {
        if sound.get(&(id, subject)).is_none_or(|before| *before < severity) {
            match severity {
                Severity::Fail => caught.failed.insert(id.into()),
                Severity::Warn => caught.doubtful.insert(id.into()),
            };
        }
    }
    caught.doubtful.retain(|id| !caught.failed.contains(id));
}

fn sound(scenario: &str, shipped: &Texts) -> Scenario {
    load(&original(scenario, shipped)).scenario.expect("a shipped scenario")
}

type Results = Vec<(Mutation, Caught)>;

const LISTS: [&str; 3] = ["classic", "second", "silent"];

fn mutations(name: &str) -> Vec<Mutation> {
    list(&format!("tests/mutations/{name}.toml"))
}

/// Runs all checks on all errors of a list.
fn results(name: &str) -> Results {
    let shipped = shipped_texts();
    let mut known: BTreeMap<String, Findings> = BTreeMap::new();
    let mut all = mutations(name);
    if let Ok(ids) = std::env::var("ONLY") {
        all.retain(|m| ids.split(',').any(|id| m.id == id));
    }
    all.into_iter()
        .map(|mutation| {
            let (mut caught, scenario) = read(&mutation, &shipped);
            if let Some(scenario) = scenario {
                let sound = known
                    .entry(mutation.scenario.clone())
                    .or_insert_with(|| open(&verified(&sound(&mutation.scenario, &shipped), &[])));
                add_findings(&mut caught, open(&verified(&scenario, &[])), sound);
            }
            println!("{:40} {}", mutation.id, caught.words());
            (mutation, caught)
        })
        .collect()
}

fn file(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/mutations").join(name)
}

/// Findings of the last complete run of all checks, by list and id.
fn recorded() -> BTreeMap<(String, String), Caught> {
    let mut reader = csv::Reader::from_path(file("caught.csv")).expect("tests/mutations/caught.csv");
    let row = |record: csv::StringRecord| {
        let ids = |i: usize| record[i].split_whitespace().map(str::to_string).collect();
        let caught = Caught { refused: ids(2), warned: ids(3), failed: ids(4), doubtful: ids(5) };
        ((record[0].to_string(), record[1].to_string()), caught)
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

fn record(all: &[Results; 3]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["list", "id", "refused", "warned", "failed", "to_look_at"];
    writer.write_record(header).expect("writing to memory");
    for (name, results) in LISTS.iter().zip(all) {
        for (mutation, caught) in results {
            let lists = caught.lists().map(|ids| ids.iter().cloned().collect::<Vec<_>>().join(" "));
            let row = [*name, &mutation.id].into_iter().chain(lists.iter().map(String::as_str));
            writer.write_record(row).expect("writing to memory");
        }
    }
    String::from_utf8(writer.into_inner().expect("writing to memory")).expect("text")
}

/// The forty core errors: the first four of each class.
fn core(results: &Results) -> Vec<&(Mutation, Caught)> {
    let of_class = |class: &&str| {
        let class = class.to_string();
        results.iter().filter(move |(m, _)| m.class == class).take(4)
    };
    CLASSES.iter().flat_map(of_class).collect()
}

fn summary<'r>(results: impl Iterator<Item = &'r (Mutation, Caught)> + Clone) -> String {
    let count = |of: &dyn Fn(&Caught) -> bool| results.clone().filter(|(_, c)| of(c)).count();
    let all = count(&|_| true);
    let refused = count(&|c| !c.refused.is_empty());
    let failed = count(&|c| c.refused.is_empty() && !c.failed.is_empty());
    let doubtful = count(&|c| {
        c.refused.is_empty() && c.failed.is_empty() && !(c.warned.is_empty() && c.doubtful.is_empty())
    });
    format!(
        "{} of {all} are caught: {refused} are refused when the scenario is read, {failed} fail a check of `verify`, and {doubtful} are pointed \
         out by a warning of either.",
        refused + failed + doubtful
    )
}

fn rows<'r>(results: impl Iterator<Item = &'r (Mutation, Caught)>, text: &mut String) {
    text.push_str("\n| What the modeller did | Planted in | Caught by |\n|---|---|---|\n");
    for (mutation, caught) in results {
        let scenario = mutation.scenario.trim_end_matches(".toml");
        writeln!(text, "| {} | {scenario} | {} |", mutation.error, caught.words()).unwrap();
    }
}

fn table([classic, second, silent]: &[Results; 3]) -> String {
    let core = core(classic);
    let mut text = String::from(
        "# What `check` and `verify` find\n\n\
         Classic modelling errors, planted in the scenarios that ship without the numbers they are known to give, and who finds them: `check`, when the\n\
         scenario is read; `verify`, by a finding that the sound scenario does not have; or no one. `arcosim explain CODE` and `arcosim verify --explain ID`\n\
         say what each does. A test (`tests/mutations_caught.rs`) makes this table and fails where it is no longer true.\n\n\
         `classic.toml` was written before the checks, by somebody who did not know what they would look for; that the first four of each class are the forty\n\
         that count was fixed before any check was run on it. `second.toml` was written later by somebody who had read neither the checks nor the first list.\n\
         `silent.toml` holds errors that once gave a wrong number without a word: in units, periods, columns of tables, and copies. The checks were written with it.\n\n",
    );
    let parts = [
        ("The forty", summary(core.iter().copied())),
        ("All of the first list", summary(classic.iter())),
        ("The second list", summary(second.iter())),
        ("The silent ones", summary(silent.iter())),
    ];
    for (title, words) in parts {
        writeln!(text, "- {title}: {words}").unwrap();
    }
    text.push_str("\n## What is not caught\n");
    let missed: Vec<_> = classic.iter().chain(second).chain(silent).filter(|(_, c)| !c.by_anyone()).collect();
    match missed.is_empty() {
        true => text.push_str("\nNothing on these lists.\n"),
        false => {
            text.push('\n');
            for (mutation, _) in &missed {
                let note = match mutation.note.is_empty() {
                    true => String::new(),
                    false => format!(" {}", mutation.note),
                };
                writeln!(text, "- `{}`: {}{note}", mutation.id, mutation.error).unwrap();
            }
        }
    }
    for class in CLASSES {
        let mut capital = class.to_string();
        capital[..1].make_ascii_uppercase();
        writeln!(text, "\n## {capital}").unwrap();
        rows(classic.iter().filter(|(m, _)| m.class == class), &mut text);
    }
    text.push_str("\n## The second list\n");
    rows(second.iter(), &mut text);
    text.push_str("\n## Errors that were silent\n");
    rows(silent.iter(), &mut text);
    text
}

/// Recorded findings for each error of the current lists.
fn recorded_results() -> [Results; 3] {
    let mut recorded = recorded();
    let all = LISTS.map(|name| {
        let of_list = mutations(name).into_iter().map(|mutation| {
            let caught = recorded.remove(&(name.to_string(), mutation.id.clone()));
            let caught = caught.unwrap_or_else(|| panic!("{} is not in caught.csv", mutation.id));
            (mutation, caught)
        });
        of_list.collect()
    });
    assert!(recorded.is_empty(), "no longer on a list: {recorded:?}");
    all
}

#[test]
fn the_table_says_what_was_found() {
    let all = recorded_results();
    let [classic, ..] = &all;
    let found = core(classic).iter().filter(|(_, c)| c.by_anyone()).count();
    assert_eq!(core(classic).len(), 40);
    assert!(found >= WANTED, "{found} of the forty are found");
    let said = std::fs::read_to_string(file("README.md")).unwrap_or_default();
    assert!(said == table(&all), "tests/mutations/README.md is not made from caught.csv");
}

/// Every error that was found is still found: by the same messages of `check`, and by one check of `verify`.
#[test]
fn what_was_found_is_still_found() {
    let shipped = shipped_texts();
    let results: Results = recorded_results().into_iter().flatten().collect();
    let mut asked: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (mutation, caught) in &results {
        asked.entry(&mutation.scenario).or_default().extend(caught.leading().cloned());
    }
    let sound: BTreeMap<&str, Findings> = asked
        .iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(name, ids)| {
            let ids: Vec<String> = ids.iter().cloned().collect();
            (*name, open(&verified(&sound(name, &shipped), &ids)))
        })
        .collect();
    for (mutation, before) in &results {
        let (mut now, scenario) = read(mutation, &shipped);
        assert_eq!([&now.refused, &now.warned], [&before.refused, &before.warned], "{}", mutation.id);
        if let (Some(id), Some(scenario)) = (before.leading(), scenario) {
            let found = open(&verified(&scenario, std::slice::from_ref(id)));
            add_findings(&mut now, found, &sound[mutation.scenario.as_str()]);
            let fails = before.failed.contains(id);
            let still = if fails { &now.failed } else { &now.doubtful };
            assert!(still.contains(id), "{id} no longer finds {}", mutation.id);
        }
    }
}

#[test]
#[ignore = "all checks on a hundred models: minutes"]
fn all_checks_find_what_was_recorded() {
    let all = LISTS.map(results);
    if std::env::var_os("ONLY").is_some() {
        return;
    }
    if std::env::var_os("UPDATE_TABLE").is_some() {
        std::fs::write(file("caught.csv"), record(&all)).unwrap();
        std::fs::write(file("README.md"), table(&all)).unwrap();
    }
    for ((mutation, now), (_, before)) in all.iter().flatten().zip(recorded_results().iter().flatten()) {
        assert_eq!(now, before, "{}", mutation.id);
    }
}
