//! What a run writes for its readers: one folder that explains itself, whole or not at all, the same bytes for
//! the same run on any machine.

mod amounts;
pub mod bundle;
mod checks;
pub mod compared;
mod conventions;
mod cost_effectiveness;
mod decision_figures;
pub mod difference;
pub mod difference_figures;
mod drawings;
mod folder;
mod histories;
mod increments;
mod inputs;
mod landmarks;
mod manifest;
mod outcomes;
pub mod psa;
mod readme;
mod record;
pub mod recorded;
mod report;
mod run;
pub mod sensitivity;
pub mod sensitivity_figures;
mod survival;
mod table;
mod thin;
mod trace;
pub mod verification;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

pub use amounts::{amount, decimals_for, error, places, singular, years};
pub use checks::quantity;
pub use conventions::{lines as conventions, name as outcome_name};
pub use cost_effectiveness::{
    best_sentences, price, source_remark, status as status_words, switch_sentence, units,
};
pub use folder::{FileError, MARK, Partial, contents, gone, refuse_foreign, resolved, sweep};
pub use manifest::hash_of_scenario as hash;
pub use outcomes::sampled;
pub use record::{INPUTS, Originals, Record, formats, of_another};
pub use report::{Report, exact_engine, write_report};
pub use run::{HYPOTHETICAL, Run, relative};
pub use table::Table;

pub use arcosim_figures as figures;
use drawings::Drawing;
use figures::Figure;

/// A text for Markdown, in which no label becomes a tag of HTML, a link, an image or code.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let opens = |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        if matches!(c, '\\' | '[' | ']' | '`') || c == '<' && rest.peek().is_some_and(opens) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

/// Why nothing was written.
#[derive(Debug)]
pub enum WriteError {
    /// A file or folder stood in the way.
    File(FileError),
    /// It was stopped from outside.
    Stopped,
    /// A figure could not be rendered, which is our mistake.
    Figure(String),
}

impl From<FileError> for WriteError {
    fn from(error: FileError) -> WriteError {
        WriteError::File(error)
    }
}

/// Writes the folder `target`, or nothing. Returns the number of files.
pub fn write(run: &Run, target: &Path, stop: &AtomicBool) -> Result<usize, WriteError> {
    let check = || match stop.load(Ordering::Relaxed) {
        true => Err(WriteError::Stopped),
        false => Ok(()),
    };
    let folder = Partial::begin(target)?;
    let mut tables = tables(run);
    check()?;
    let drawings = drawings::drawings(run);
    let drawn: Vec<Result<Drawn, WriteError>> = drawings
        .par_iter()
        .map(|drawing| {
            check()?;
            draw(run, drawing, &folder)
        })
        .collect();
    let mut characters = BTreeSet::new();
    let mut alt_text = String::from("# What the figures show\n");
    for (drawing, drawn) in drawings.iter().zip(drawn) {
        let drawn = drawn?;
        alt_text.push_str(&format!("\n## {}\n\n{}\n", drawing.name, without_tags(&drawn.alt_text)));
        tables.push(drawn.table);
        characters.extend(drawn.characters);
    }
    folder.write("figures/alt_text.md", alt_text.as_bytes())?;

    let names: Vec<String> = drawings.iter().map(|d| d.name.clone()).collect();
    let missing = figures::missing_glyphs(&characters);
    let readme = readme::readme(run, &tables, &names, &missing);
    folder.write("README.txt", readme.as_bytes())?;
    folder.write("summary.json", &json_bytes(&manifest::summary(run, &tables)))?;
    let dictionary = table::dictionary(&tables);
    tables.push(dictionary);
    for table in tables {
        check()?;
        let path = table.path.clone();
        folder.write(&path, &table.bytes())?;
    }
    check()?;
    run.record.write(&folder)?;
    let files = run.record.write_manifest(manifest::manifest(run), &folder)?;
    folder.finish()?;
    Ok(files)
}

fn tables(run: &Run) -> Vec<Table> {
    type Build = fn(&Run) -> Option<Table>;
    let build: [Build; 19] = [
        |run| Some(landmarks::landmarks(run)),
        |run| Some(survival::curves(run)),
        |run| Some(survival::at_risk(run)),
        |run| Some(trace::trace(run)),
        |run| Some(trace::events(run)),
        |run| (!run.model().outcomes.is_empty()).then(|| outcomes::outcomes(run)),
        |run| run.breakdown.as_ref().map(|b| outcomes::breakdown(run, b)),
        |run| run.breakdown.as_ref().map(|b| outcomes::over_time(run, b)),
        |run| (run.decided()).map(|(decision, found)| cost_effectiveness::incremental(run, found, decision)),
        |run| {
            (run.decided().filter(|(_, found)| found.pairs.len() > 1))
                .map(|(decision, found)| cost_effectiveness::pairs(run, found, decision))
        },
        |run| (run.decided()).map(|(decision, found)| cost_effectiveness::net_benefit(run, found, decision)),
        |run| run.increments().map(|b| increments::by_category(run, b)),
        |run| run.increments().map(|b| increments::states(run, b)),
        |run| run.increments().map(|b| increments::beyond_evidence(run, b)),
        |run| run.results.agreement.as_ref().map(|a| checks::agreement(run, a)),
        |run| run.expected.map(|rows| checks::expected(run, rows)),
        |run| Some(inputs::parameters(run)),
        inputs::conversions,
        |run| (!run.histories.is_empty()).then(|| histories::histories(run)),
    ];
    build.par_iter().filter_map(|build| build(run)).collect()
}

/// What the other files tell of a figure.
struct Drawn {
    alt_text: String,
    table: Table,
    /// Characters that its font may lack.
    characters: BTreeSet<char>,
}

/// Draws one figure and writes its images.
fn draw(run: &Run, drawing: &Drawing, folder: &Partial) -> Result<Drawn, WriteError> {
    let (figure, table) = drawing.draw(run);
    images(&drawing.name, &figure, folder)?;
    Ok(Drawn {
        alt_text: figure.alt_text,
        table,
        characters: figure.svg.chars().filter(|c| !c.is_ascii()).collect(),
    })
}

/// Writes the images of one figure.
fn images(name: &str, figure: &Figure, folder: &Partial) -> Result<(), WriteError> {
    folder.write(&format!("figures/{name}.svg"), figure.svg.as_bytes())?;
    let failed = |error| WriteError::Figure(format!("figure {name}: {error}"));
    folder.write(&format!("figures/{name}.png"), &figure.png().map_err(failed)?)?;
    Ok(())
}

/// The fields of a JSON object.
fn object(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match value {
        serde_json::Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

fn json_bytes(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("JSON without exotic keys");
    bytes.push(b'\n');
    bytes
}
