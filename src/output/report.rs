//! Writes the output folder of every command: tables, figures, README.txt, and the manifest for reproduction. Each command
//! builds a [`Report`], which only this module writes to disk.

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
    /// Manifest fields specific to the command.
    pub manifest: Map<String, Value>,
    /// Settings as names and texts: engine, time, thresholds, integration. A line break in a text is kept in `README.txt`.
    pub settings: Vec<(String, String)>,
    /// Explanations of how to read the results: headings with their paragraphs.
    pub explanations: Vec<(&'static str, Vec<String>)>,
    /// Notes printed below the list of files.
    pub notes: Vec<String>,
    /// Text files of the folder.
    pub texts: Vec<Text>,
    /// Tables of the folder.
    pub tables: Vec<Table>,
    /// Figures of the folder.
    pub figures: Vec<Figure>,
    /// Identification of the results in a citation, in addition to the program's version and the hash of the inputs.
    pub cite: String,
}

/// A text file of a folder.
pub struct Text {
    /// Path of the file within the folder, with `/` as separator.
    pub path: &'static str,
    /// Description of the file in one line.
    pub about: &'static str,
    /// Contents of the file.
    pub bytes: Vec<u8>,
}

/// Reason why the report was not written.
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

/// Description of the cohort engine in `README.txt`.
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
    /// Starts the report of an analysis other than a run, without texts, tables and figures. `engine` is the engine's name for
    /// the manifest and its description for `README.txt`.
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

    /// SHA-256 over all inputs and the changed base values.
    pub fn inputs_hash(&self) -> String {
        hash_of_inputs(&self.scenarios, self.overrides)
    }

    /// The fields of the manifest, except inputs and hashes.
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

/// Writes the report to the folder `target`, completely or not at all. Returns the number of files.
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

/// Writes the SVG and PNG files of one figure.
fn images(figure: &Figure, folder: &Partial) -> Result<(), WriteError> {
    let name = &figure.name;
    folder.write(&format!("figures/{name}.svg"), figure.svg.as_bytes())?;
    let failed = |error| WriteError::Figure(format!("figure {name}: {error}"));
    folder.write(&format!("figures/{name}.png"), &figure.png().map_err(failed)?)?;
    Ok(())
}
