//! The folder of a verification, and what it prints.

mod console;
mod documents;

pub use console::{console, hanging};
pub use documents::json;

use super::record::Record;
use super::report::{Report, Text, analysis_manifest, how_to_read};
use crate::analysis::verify::{Options, Verification};
use crate::scenario::Scenario;
use documents::{checks, counted, findings, report as report_for_people};

/// The folder of `arcosim verify`.
pub fn report<'a>(
    scenario: &'a Scenario,
    options: &Options,
    found: &Verification,
    overrides: &'a [(String, String)],
    record: Record,
) -> Report<'a> {
    let settings = settings(scenario, options, found);
    let manifest = analysis_manifest("both", &[scenario], &record, &settings);
    let engine = "exact cohort solution; checks of group M and some of group F also simulate patients";
    Report {
        command: "verify",
        title: format!("{}: verification", scenario.name),
        scenarios: vec![scenario],
        manifest,
        record,
        overrides,
        settings: [vec![("engine".to_string(), engine.to_string())], settings].concat(),
        explanations: how_to_read(REMARKS.map(str::to_string).to_vec()),
        notes: Vec::new(),
        texts: vec![
            Text {
                path: "verify/report.md",
                about: "what was checked and what was found, for people",
                bytes: report_for_people(scenario, found).into_bytes(),
            },
            Text { path: "verify/checks.json", about: "the same for programs", bytes: json(scenario, found) },
        ],
        tables: vec![checks(scenario, found), findings(scenario, found)],
        figures: Vec::new(),
        cite: format!("verify of \"{}\"", scenario.name),
    }
}

fn settings(scenario: &Scenario, options: &Options, found: &Verification) -> Vec<(String, String)> {
    let only = match options.only.is_empty() {
        true => "all".to_string(),
        false => options.only.join(", "),
    };
    let extent = match options.quick {
        true => "a quick look: what is cheap, with fewer patients and draws",
        false => "in full",
    };
    let settings = [
        ("checks", only),
        ("extent", extent.to_string()),
        ("seed", scenario.run.seed.to_string()),
        ("outcome", counted(found)),
    ];
    settings.map(|(name, value)| (name.to_string(), value)).to_vec()
}

const REMARKS: [&str; 4] = [
    "Begin with verify/report.md: it says what is wrong, what is to be looked at, what was accepted and by whom, what passed, and what does not apply.",
    "A check that fails is wrong whatever the model is about. A warning may be right, and whoever defends the model should be able to say why.",
    "A check that a scenario cannot have is skipped, and says why; it is never counted as passed.",
    "A finding is accepted in the scenario itself, in [verify.waive.ID], with a name, a reason and a date.",
];
