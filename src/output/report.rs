//! The folder of an analysis other than a run: its tables and figures, a text that explains them, and what it takes to
//! reproduce them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};

use super::figures::Figure;
use super::folder::{MARK, Partial};
use super::manifest::hash_of;
use super::record::{INPUTS, Record};
use super::run::HYPOTHETICAL;
use super::table::{Table, dictionary};
use super::{WriteError, images, object, without_tags};
use crate::scenario::Scenario;
use arcosim_core::words::wrapped;

/// A finished analysis.
pub struct Report<'a> {
    /// The command that made it, such as `dsa`.
    pub command: &'static str,
    /// Title of the analysis.
    pub title: String,
    /// The scenarios that went in.
    pub scenarios: Vec<&'a Scenario>,
    /// What it takes to make it again.
    pub record: Record,
    /// Base values changed on the command line.
    pub overrides: &'a [(String, String)],
    /// Which engine answered: its name, and what that means for the numbers.
    pub engine: (&'static str, String),
    /// How it was made, as names and texts: thresholds, numbers of values, integration.
    pub settings: Vec<(String, String)>,
    /// What a reader should know about the numbers, a paragraph each.
    pub remarks: Vec<String>,
    /// Texts beside them: path, what it holds in one line, and the text.
    pub texts: Vec<(&'static str, &'static str, String)>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its figures: the name of the file without extension, the figure and its data.
    pub figures: Vec<(String, Figure, Table)>,
}

/// The exact engine, for [`Report::engine`].
pub fn exact_engine() -> (&'static str, String) {
    let words = "exact cohort solution: expectations, no sampling error";
    ("cohort", words.to_string())
}

/// Writes the folder `target`, or nothing. Returns the number of files.
pub fn write_report(report: Report, target: &Path, stop: &AtomicBool) -> Result<usize, WriteError> {
    let check = || match stop.load(Ordering::Relaxed) {
        true => Err(WriteError::Stopped),
        false => Ok(()),
    };
    check()?;
    let folder = Partial::begin(target)?;
    let mut alt_text = String::from("# What the figures show\n");
    let mut characters = BTreeSet::new();
    for (name, figure, _) in &report.figures {
        check()?;
        images(name, figure, &folder)?;
        characters.extend(figure.svg.chars().filter(|c| !c.is_ascii()));
        alt_text.push_str(&format!("\n## {name}\n\n{}\n", without_tags(&figure.alt_text)));
    }
    if !report.figures.is_empty() {
        folder.write("figures/alt_text.md", alt_text.as_bytes())?;
    }
    for (path, _, text) in &report.texts {
        folder.write(path, text.as_bytes())?;
    }
    folder.write("README.txt", readme(&report, &characters).as_bytes())?;
    let about = manifest(&report);
    let mut tables = report.tables;
    tables.extend(report.figures.into_iter().map(|(_, _, table)| table));
    tables.push(dictionary(&tables));
    for table in tables {
        check()?;
        let path = table.path.clone();
        folder.write(&path, &table.bytes())?;
    }
    check()?;
    report.record.write(&folder)?;
    let files = report.record.write_manifest(about, &folder)?;
    folder.finish()?;
    Ok(files)
}

/// What was done.
fn manifest(report: &Report) -> Map<String, Value> {
    let text = |pairs: &[(String, String)]| -> Map<String, Value> {
        let pairs = pairs.iter();
        pairs.map(|(name, value)| (name.clone(), value.as_str().into())).collect()
    };
    let scenarios: Vec<Value> = report
        .scenarios
        .iter()
        .map(|scenario| {
            json!({
                "scenario": scenario.name,
                "title": scenario.model.title,
                "scenario_file": report.record.originals.place(&scenario.files[0].path),
            })
        })
        .collect();
    object(json!({
        "program": "arcosim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": report.command,
        "engine": report.engine.0,
        "scenarios": scenarios,
        "settings": text(&report.settings),
        "overrides": text(report.overrides),
        "inputs_sha256": inputs_hash(report),
    }))
}

fn inputs_hash(report: &Report) -> String {
    let files = report.scenarios.iter().flat_map(|scenario| &scenario.files);
    hash_of(files.map(|file| file.sha256.as_str()), report.overrides)
}

/// The text does not say when it was made: the same analysis writes the same bytes.
fn readme(report: &Report, characters: &BTreeSet<char>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let title = &report.title;
    let mut text = format!("{title}\n{}\n\n", "=".repeat(title.chars().count()));
    let mut line = |s: &str| {
        text.push_str(s.trim_end());
        text.push('\n');
    };
    let mut strategies = report.scenarios.iter().flat_map(|s| &s.model.strategies);
    if strategies.any(|s| s.hypothetical) {
        line(&format!(
            "WARNING: some strategies are {HYPOTHETICAL}.\nThey are marked in every table and are not for decisions.\n"
        ));
    }
    line("WHAT WAS RUN");
    line(&format!("  program       arcosim {version}, arcosim {}", report.command));
    for scenario in &report.scenarios {
        line(&format!("  scenario      {} ({})", scenario.name, scenario.model.title));
    }
    for (i, part) in wrapped(&report.engine.1, 84).iter().enumerate() {
        let name = if i == 0 { "engine" } else { "" };
        line(&format!("  {name:12}  {}", part.trim_start()));
    }
    for (name, value) in &report.settings {
        for (i, part) in wrapped(value, 84).iter().enumerate() {
            let name = if i == 0 { name.as_str() } else { "" };
            line(&format!("  {name:12}  {}", part.trim_start()));
        }
    }
    if !report.overrides.is_empty() {
        line("  changed on the command line:");
        for (name, value) in report.overrides {
            line(&format!("                {name} = {value}"));
        }
    }
    line("\nHOW TO READ IT");
    for remark in &report.remarks {
        for part in wrapped(remark, 98) {
            line(&format!("  {part}"));
        }
    }
    line("\nFILES");
    let inputs = format!("{INPUTS}/");
    let mut files = vec![
        ("README.txt", "this text"),
        (MARK, "version, command line, hashes of all files: what it takes to reproduce it"),
    ];
    files.extend(report.texts.iter().map(|(path, about, _)| (*path, *about)));
    files.extend(report.tables.iter().map(|t| (t.path.as_str(), t.about.as_str())));
    files.push(("data_dictionary.csv", "every column of every CSV file of results"));
    files.push((
        &inputs,
        "every file that was read, as it was; `arcosim reproduce` runs it again and compares",
    ));
    if !report.figures.is_empty() {
        let about = "each as .svg (and .png) with a .csv of its data; alt_text.md describes them";
        files.push(("figures/", about));
    }
    let width = files.iter().map(|f| f.0.len()).max().unwrap_or(0);
    for (name, about) in files {
        line(&format!("  {name:width$}  {about}"));
    }
    for (name, _, _) in &report.figures {
        line(&format!("  {:width$}  {name}", ""));
    }
    let missing = super::figures::missing_glyphs(characters);
    if !missing.is_empty() {
        line(&format!(
            "\n  The font of the figures lacks these characters, so they are boxes in the .png files: {}",
            missing.iter().collect::<String>()
        ));
    }
    line("\n  An empty cell is a number that does not exist; the column `status` says why.");
    line("  A text that a spreadsheet would take for a formula begins with an apostrophe.");
    line("  What you add to this folder stays when it is written anew; changes to the files above do not.");
    line("\nHOW TO CITE");
    let names: Vec<String> = report.scenarios.iter().map(|s| format!("\"{}\"", s.name)).collect();
    line(&format!(
        "  arcosim {version}, {} of {}, inputs {}.",
        report.command,
        names.join(" and "),
        &inputs_hash(report)[..16]
    ));
    text
}
