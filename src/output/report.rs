//! Writes the folder of any command: tables, figures, README.txt, and the manifest for reproduction. Every command
//! builds a [`Report`], and this file is the only writer.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::dictionary::dictionary;
use super::figures::Figure;
use super::figures::table::Table;
use super::folder::{FileError, Partial};
use super::hashes::hash_of_inputs;
use super::readme::{README, readme};
use super::record::Record;
use super::{object, without_tags};
use crate::scenario::Scenario;

/// A finished analysis, ready to be written.
pub struct Report<'a> {
    /// Name of the command, such as `dsa`.
    pub command: &'static str,
    /// Title of the analysis.
    pub title: String,
    /// The scenarios analysed.
    pub scenarios: Vec<&'a Scenario>,
    /// Command line and inputs for `arcosim reproduce`.
    pub record: Record,
    /// Base values changed on the command line.
    pub overrides: &'a [(String, String)],
    /// Additional manifest fields of this command.
    pub manifest: Map<String, Value>,
    /// Settings as names and texts: engine, time, thresholds, integration. A line end starts a new line.
    pub settings: Vec<(String, String)>,
    /// Notes on how to read the results: headings and their paragraphs.
    pub explanations: Vec<(&'static str, Vec<String>)>,
    /// Remarks below the list of files.
    pub notes: Vec<String>,
    /// Text files.
    pub texts: Vec<Text>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Identification of the results for citation, in addition to version and inputs.
    pub cite: String,
}

/// A text file of a folder.
pub struct Text {
    /// Path inside the folder, with `/`.
    pub path: &'static str,
    /// Description in one line.
    pub about: &'static str,
    /// The text.
    pub bytes: Vec<u8>,
}

/// Reason why nothing was written.
#[derive(Debug)]
pub enum WriteError {
    /// A file or folder could not be written.
    File(FileError),
    /// The command was interrupted.
    Stopped,
    /// A figure could not be rendered, which is a defect of this program.
    Figure(String),
}

impl From<FileError> for WriteError {
    fn from(error: FileError) -> WriteError {
        WriteError::File(error)
    }
}

/// Description of the exact engine in `README.txt`.
pub const EXACT: &str = "exact cohort solution: expectations, no sampling error";

/// Manifest fields of all analyses except a run: engine, scenarios and settings.
fn analysis_manifest(
    engine: &str,
    scenarios: &[&Scenario],
    record: &Record,
    settings: &[(String, String)],
) -> Map<String, Value> {
    let scenarios: Vec<Value> = scenarios
        .iter()
        .map(|scenario| {
            json!({
                "scenario": scenario.name,
                "title": scenario.model.title,
                "scenario_file": record.originals.place(&scenario.files[0].path),
            })
        })
        .collect();
    object(json!({
        "engine": engine,
        "scenarios": scenarios,
        "settings": texts(settings),
    }))
}

fn texts(pairs: &[(String, String)]) -> Map<String, Value> {
    let pairs = pairs.iter();
    pairs.map(|(name, value)| (name.clone(), value.as_str().into())).collect()
}

impl<'a> Report<'a> {
    /// The report of any analysis except a run, still without texts, tables and figures. `engine` is its name in the
    /// manifest and its description in `README.txt`.
    pub fn of_analysis(
        command: &'static str,
        title: String,
        scenarios: Vec<&'a Scenario>,
        record: Record,
        engine: (&str, &str),
        settings: Vec<(String, String)>,
        remarks: Vec<String>,
    ) -> Report<'a> {
        let names: Vec<String> = scenarios.iter().map(|s| format!("\"{}\"", s.name)).collect();
        Report {
            command,
            title,
            manifest: analysis_manifest(engine.0, &scenarios, &record, &settings),
            scenarios,
            record,
            overrides: &[],
            settings: [vec![("engine".to_string(), engine.1.to_string())], settings].concat(),
            explanations: vec![("HOW TO READ IT", remarks)],
            notes: Vec::new(),
            texts: Vec::new(),
            tables: Vec::new(),
            figures: Vec::new(),
            cite: format!("{command} of {}", names.join(" and ")),
        }
    }

    /// SHA-256 over all inputs and changed base values.
    pub fn inputs_hash(&self) -> String {
        hash_of_inputs(&self.scenarios, self.overrides)
    }

    /// The manifest, without inputs and hashes.
    fn manifest(&self) -> Map<String, Value> {
        let mut all = object(json!({
            "program": "arcosim",
            "version": env!("CARGO_PKG_VERSION"),
            "command": self.command,
        }));
        all.extend(self.manifest.clone());
        all.insert("overrides".into(), Value::Object(texts(self.overrides)));
        all.insert("inputs_sha256".into(), self.inputs_hash().into());
        all
    }
}

/// Writes the folder `target` completely or not at all. Returns the number of files.
pub fn write_report(report: Report, target: &Path, stop: &AtomicBool) -> Result<usize, WriteError> {
    let check = || match stop.load(Ordering::Relaxed) {
        true => Err(WriteError::Stopped),
        false => Ok(()),
    };
    check()?;
    let folder = Partial::begin(target)?;
    report.figures.par_iter().try_for_each(|figure| {
        check()?;
        images(figure, &folder)
    })?;
    let mut alt_text = String::from("# Descriptions of the figures\n");
    let mut characters = BTreeSet::new();
    for figure in &report.figures {
        characters.extend(figure.svg.chars().filter(|c| !c.is_ascii()));
        alt_text.push_str(&format!("\n## {}\n\n{}\n", figure.name, without_tags(&figure.alt_text)));
    }
    if !report.figures.is_empty() {
        folder.write("figures/alt_text.md", alt_text.as_bytes())?;
    }
    for text in &report.texts {
        folder.write(text.path, &text.bytes)?;
    }
    folder.write(README, readme(&report, &characters).as_bytes())?;
    let manifest = report.manifest();
    let mut tables = report.tables;
    tables.extend(report.figures.into_iter().map(|figure| figure.table));
    tables.push(dictionary(tables.iter()));
    for table in tables {
        check()?;
        folder.write(&table.path, &table.bytes)?;
    }
    check()?;
    report.record.write(&folder)?;
    let files = report.record.write_manifest(manifest, &folder)?;
    folder.finish()?;
    Ok(files)
}

/// Writes the images of one figure.
fn images(figure: &Figure, folder: &Partial) -> Result<(), WriteError> {
    let name = &figure.name;
    folder.write(&format!("figures/{name}.svg"), figure.svg.as_bytes())?;
    let failed = |error| WriteError::Figure(format!("figure {name}: {error}"));
    folder.write(&format!("figures/{name}.png"), &figure.png().map_err(failed)?)?;
    Ok(())
}
