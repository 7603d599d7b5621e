//! The folder of the comparison of two scenarios, and what it prints.

mod console;
mod figures;
mod tables;

pub use console::console;

use super::amount;
use super::hashes::hash_of_scenario;
use super::record::Record;
use super::report::{EXACT, Report, analysis_manifest, how_to_read};
use crate::analysis::diff::DiffAnswer;
use crate::analysis::sensitivity::NODES;
use figures::waterfalls;
use tables::{changes, method, steps};

/// The folder of `arcosim diff`.
pub fn report<'a>(run: &'a DiffAnswer, record: Record) -> Report<'a> {
    let ([a, b], found, thresholds) = (run.scenarios, &run.found, &run.question.thresholds);
    let settings = settings(run);
    let manifest = analysis_manifest("cohort", &run.scenarios, &record, &settings);
    let footer = format!(
        "{} \u{b7} {} \u{b7} exact \u{b7} {}",
        &hash_of_scenario(a)[..8],
        &hash_of_scenario(b)[..8],
        method(found)
    );
    Report {
        command: "diff",
        title: format!("{} to {}: what changed, and what it did", a.name, b.name),
        scenarios: run.scenarios.to_vec(),
        manifest,
        record,
        overrides: &[],
        settings: [vec![("engine".to_string(), EXACT.to_string())], settings].concat(),
        explanations: how_to_read(REMARKS.map(str::to_string).to_vec()),
        notes: Vec::new(),
        texts: Vec::new(),
        tables: vec![steps(run.scenarios, found, thresholds), changes(run.scenarios, found)],
        figures: waterfalls(run.scenarios, found, thresholds[0], &footer),
        cite: format!("diff of \"{}\" and \"{}\"", a.name, b.name),
    }
}

fn settings(run: &DiffAnswer) -> Vec<(String, String)> {
    let thresholds: Vec<String> = run.question.thresholds.iter().map(|x| amount(*x, 0)).collect();
    let settings = [
        ("reference", run.found.reference.clone()),
        ("thresholds", format!("{}; the first leads", thresholds.join(", "))),
        ("attribution", method(&run.found)),
        (
            "integration",
            format!(
                "both scenarios as in a run; {NODES} Gauss nodes on each continuous attribute in between"
            ),
        ),
    ];
    settings.map(|(name, value)| (name.to_string(), value)).to_vec()
}

const REMARKS: [&str; 2] = [
    "What a change does depends on what was changed before it. Each gets the mean over all orders (the Shapley value): \
     what two changes only do together is halved between them, and all parts add to the whole difference.",
    "Net benefit is threshold x effect - cost. The ICER is divided the same way only where every mix of the two \
     scenarios is dearer and more effective; elsewhere a ratio has no meaning that could be divided.",
];
