//! Writes `README.txt`, the guide to a folder of results.

use std::collections::BTreeSet;

use super::folder::MARK;
use super::record::INPUTS;
use super::report::Report;
use arcosim_core::words::wrapped;

/// Name of the guide file.
pub const README: &str = "README.txt";
/// Column width of the names of settings, in characters.
const NAMES: usize = 12;
/// Column width of the values of settings, in characters.
const TEXTS: usize = 84;
/// Width of paragraphs, in characters.
const PARAGRAPHS: usize = 98;

/// The text of `README.txt`, without a date so that the same analysis writes the same bytes. `characters` are the
/// non-ASCII characters in the figures.
pub fn readme(report: &Report, characters: &BTreeSet<char>) -> String {
    let mut lines = vec![report.title.clone(), "=".repeat(report.title.chars().count()), String::new()];
    let mut strategies = report.scenarios.iter().flat_map(|s| &s.model.strategies);
    if strategies.any(|s| s.hypothetical) {
        lines.push("WARNING: some strategies are hypothetical: their effects rest on animal or promotional evidence.".into());
        lines.push("They are marked in every table and figure, and must not be used for decisions.\n".into());
    }
    settings(report, &mut lines);
    for (heading, paragraphs) in &report.explanations {
        lines.push(format!("\n{heading}"));
        for paragraph in paragraphs {
            lines.extend(wrapped(paragraph, PARAGRAPHS).iter().map(|part| format!("  {part}")));
        }
    }
    files(report, &mut lines);
    let missing = super::figures::missing_glyphs(characters);
    if !missing.is_empty() {
        let missing: String = missing.iter().collect();
        lines.push(format!(
            "\n  The font of the figures lacks these characters, which appear as boxes in the .png files: {missing}\n  \
            The .svg files show them if another font has them."
        ));
    }
    lines.push(
        "\n  An empty cell means that the value is undefined; the column `status` gives the reason.".into(),
    );
    lines.push("  A text that a spreadsheet would mistake for a formula begins with an apostrophe.".into());
    lines.push("  Files that you add to this folder are kept when the command runs again; changes to the files above are lost.".into());
    lines.push("\nHOW TO CITE".into());
    lines.push(format!(
        "  arcosim {}, {}, inputs {}.",
        env!("CARGO_PKG_VERSION"),
        report.cite,
        &report.inputs_hash()[..16]
    ));
    lines.push("  Please cite the sources of the parameters as well; the parameter tables list them.".into());
    let mut text: String = lines.iter().map(|line| line.trim_end().to_string() + "\n").collect();
    if let Some(end) = text.strip_suffix("\n\n") {
        text.truncate(end.len() + 1);
    }
    text
}

/// Adds the command and its settings.
fn settings(report: &Report, lines: &mut Vec<String>) {
    lines.push("WHAT WAS RUN".into());
    let mut put = |name: &str, text: &str| {
        let mut name = name;
        for line in text.lines() {
            for part in wrapped(line, TEXTS) {
                lines.push(format!("  {name:NAMES$}  {part}"));
                name = "";
            }
        }
    };
    put("program", &format!("arcosim {}, arcosim {}", env!("CARGO_PKG_VERSION"), report.command));
    for scenario in &report.scenarios {
        put("scenario", &format!("{} ({})", scenario.name, scenario.model.title));
    }
    for (name, text) in &report.settings {
        put(name, text);
    }
    if !report.overrides.is_empty() {
        let changed: Vec<String> =
            report.overrides.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        lines.push("  changed on the command line:".into());
        lines.extend(changed.iter().map(|line| format!("  {:NAMES$}  {line}", "")));
    }
}

/// Adds the list of files with their descriptions.
fn files(report: &Report, lines: &mut Vec<String>) {
    lines.push("\nFILES".into());
    let inputs = format!("{INPUTS}/");
    let mut files = vec![
        (README, "this text"),
        (MARK, "version, command line and hashes of all files, which `arcosim reproduce` needs"),
    ];
    files.extend(report.texts.iter().map(|text| (text.path, text.about)));
    files.extend(report.tables.iter().map(|table| (table.path.as_str(), table.about.as_str())));
    files.push(("data_dictionary.csv", "every column of every CSV file of results"));
    files.push((
        &inputs,
        "copies of all input files; `arcosim reproduce` runs them again and compares the results",
    ));
    if !report.figures.is_empty() {
        let about =
            "each as .svg (vector) and .png (300 dpi) with a .csv of its data; alt_text.md describes them";
        files.push(("figures/", about));
    }
    let width = files.iter().map(|f| f.0.len()).max().unwrap_or(0);
    lines.extend(files.iter().map(|(name, about)| format!("  {name:width$}  {about}")));
    lines.extend(report.figures.iter().map(|figure| format!("  {:width$}  {}", "", figure.name)));
    lines.extend(report.notes.iter().map(|note| format!("\n  {note}")));
}
