//! Which of the planted modelling errors are found, and by what: by `check` when the scenario is read, by `verify`, or by
//! no one. The table is tests/mutations/README.md; it is compared with what is found now, and written anew by
//! `UPDATE_TABLE=1 cargo test --test mutations_caught -- --ignored`.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Options, Severity, Verification, verify};
use arcosim::scenario::Scenario;
use arcosim::scenario::diagnostic::Severity as Grade;
use common::mutations::{CLASSES, Mutation, list, load, original, shipped_texts};
use common::shipped::ROOT;

/// So many of the first forty must be found.
const WANTED: usize = 38;

/// What somebody has against a mutant that nobody has against its original.
#[derive(Default)]
struct Caught {
    /// Codes of the reader's errors.
    refused: BTreeSet<String>,
    /// Codes of its warnings.
    warned: BTreeSet<String>,
    /// Checks that fail.
    failed: BTreeSet<&'static str>,
    /// Checks that have something to look at.
    doubtful: BTreeSet<&'static str>,
}

impl Caught {
    fn by_anyone(&self) -> bool {
        let Caught {
            refused,
            warned,
            failed,
            doubtful,
        } = self;
        !(refused.is_empty() && warned.is_empty() && failed.is_empty() && doubtful.is_empty())
    }

    fn words(&self) -> String {
        let list = |ids: Vec<&str>| ids.join(", ");
        let mut parts = Vec::new();
        if !self.refused.is_empty() {
            parts.push(format!(
                "`check` refuses it ({})",
                list(self.refused.iter().map(String::as_str).collect())
            ));
        }
        if !self.warned.is_empty() {
            parts.push(format!(
                "`check` warns ({})",
                list(self.warned.iter().map(String::as_str).collect())
            ));
        }
        if !self.failed.is_empty() {
            parts.push(format!(
                "**fails** {}",
                list(self.failed.iter().copied().collect())
            ));
        }
        if !self.doubtful.is_empty() {
            parts.push(format!(
                "to look at: {}",
                list(self.doubtful.iter().copied().collect())
            ));
        }
        match parts.is_empty() {
            true => "**no one**".into(),
            false => parts.join("; "),
        }
    }
}

fn verified(scenario: &Scenario) -> Verification {
    let found = verify(scenario, &Options::default(), &AtomicBool::new(false), &|_| ());
    found.expect("all names are known").expect("nobody stops it")
}

/// Findings that are not accepted: check and subject, with the gravest severity.
fn open(verification: &Verification) -> BTreeMap<(&'static str, String), Severity> {
    let mut all = BTreeMap::new();
    for c in &verification.checks {
        for (finding, accepted) in c.verdict.findings.iter().zip(&c.accepted) {
            if !accepted {
                let own = all
                    .entry((c.check.id, finding.subject.clone()))
                    .or_insert(finding.severity);
                *own = finding.severity.max(*own);
            }
        }
    }
    all
}

/// What is said of a mutant and not of its original.
fn caught(mutation: &Mutation, sound: &BTreeMap<(&'static str, String), Severity>) -> Caught {
    let loaded = load(&mutation.planted(&shipped_texts()));
    let mut caught = Caught::default();
    for diagnostic in &loaded.diagnostics.list {
        match diagnostic.severity {
            Grade::Error => caught.refused.insert(diagnostic.code.to_string()),
            _ => caught.warned.insert(diagnostic.code.to_string()),
        };
    }
    if let Some(scenario) = &loaded.scenario {
        for ((id, subject), severity) in open(&verified(scenario)) {
            if sound.get(&(id, subject)).is_none_or(|before| *before < severity) {
                match severity {
                    Severity::Fail => caught.failed.insert(id),
                    Severity::Warn => caught.doubtful.insert(id),
                };
            }
        }
    }
    caught
}

type Results = Vec<(Mutation, Caught)>;

fn results(path: &str) -> Results {
    let shipped = shipped_texts();
    let mut sound: BTreeMap<String, _> = BTreeMap::new();
    let only = std::env::var("ONLY").ok();
    let mut mutations = list(path);
    mutations.retain(|m| {
        only.as_ref()
            .is_none_or(|ids| ids.split(',').any(|id| m.id == id))
    });
    mutations
        .into_iter()
        .map(|mutation| {
            let sound = sound.entry(mutation.scenario.clone()).or_insert_with(|| {
                let loaded = load(&original(&mutation.scenario, &shipped));
                open(&verified(&loaded.scenario.expect("a shipped scenario")))
            });
            let caught = caught(&mutation, sound);
            println!("{:32} {}", mutation.id, caught.words());
            (mutation, caught)
        })
        .collect()
}

/// The forty that count: the first four of each class.
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

fn table(classic: &Results, second: &Results) -> String {
    let core = core(classic);
    let mut text = String::from(
        "# What `check` and `verify` find\n\n\
         Classic modelling errors, planted in the scenarios that ship without the numbers they are known to give, and who finds them: `check`, when the\n\
         scenario is read; `verify`, by a finding that the sound scenario does not have; or no one. `arcosim explain CODE` and `arcosim verify --explain ID`\n\
         say what each does. A test makes this table (`tests/mutations_caught.rs`) and fails where it is no longer true.\n\n\
         `classic.toml` was written before the checks, by somebody who did not know what they would look for; that the first four of each class are the forty\n\
         that count was fixed before any check was run on it. `second.toml` was written later by somebody who had read neither the checks nor the first list.\n\n",
    );
    let parts = [
        ("The forty", summary(core.iter().copied())),
        ("All of the first list", summary(classic.iter())),
        ("The second list", summary(second.iter())),
    ];
    for (title, words) in parts {
        writeln!(text, "- {title}: {words}").unwrap();
    }
    text.push_str("\n## What is not caught\n");
    let missed: Vec<_> = classic
        .iter()
        .chain(second)
        .filter(|(_, c)| !c.by_anyone())
        .collect();
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
    text
}

#[test]
#[ignore = "verifies a hundred models: minutes; .ci/run runs it"]
fn the_table_of_planted_errors_is_true() {
    let [classic, second] =
        ["classic", "second"].map(|name| results(&format!("tests/mutations/{name}.toml")));
    if std::env::var_os("ONLY").is_some() {
        return;
    }
    let found = core(&classic).iter().filter(|(_, c)| c.by_anyone()).count();
    assert!(found >= WANTED, "{found} of the forty are found");
    let path = Path::new(ROOT).join("tests/mutations/README.md");
    let now = table(&classic, &second);
    if std::env::var_os("UPDATE_TABLE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let said = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        said == now,
        "{} is no longer true; it would now say\n{now}",
        path.display()
    );
}
