//! Output folder and console output of the comparison of two scenarios.

mod console;
mod figures;
mod tables;

pub use console::console;

use super::amount;
use super::hashes::hash_of_inputs;
use super::record::Record;
use super::report::{EXACT, Report};
use crate::analysis::diff::DiffAnswer;
use crate::analysis::evaluation::Integration;
use figures::waterfalls;
use tables::{changes, method, steps};

/// The output folder of `arcosim diff`.
pub fn report<'a>(run: &'a DiffAnswer, record: Record) -> Report<'a> {
    let ([a, b], found, thresholds) = (run.scenarios, &run.found, &run.question.thresholds);
    let footer = format!(
        "{} \u{b7} {} \u{b7} exact \u{b7} {}",
        &hash_of_inputs(&[a], &[])[..8],
        &hash_of_inputs(&[b], &[])[..8],
        method(found)
    );
    Report {
        tables: vec![steps(run.scenarios, found, thresholds), changes(run.scenarios, found)],
        figures: waterfalls(run.scenarios, found, thresholds[0], &footer),
        ..Report::of_analysis(
            "diff",
            format!("{} to {}: changes and their effects", a.name, b.name),
            run.scenarios.to_vec(),
            record,
            ("cohort", EXACT),
            settings(run),
            REMARKS.map(str::to_string).to_vec(),
        )
    }
}

fn settings(run: &DiffAnswer) -> Vec<(String, String)> {
    let thresholds: Vec<String> = run.question.thresholds.iter().map(|x| amount(*x, 0)).collect();
    let settings = [
        ("reference", run.found.reference.clone()),
        ("thresholds", format!("{}; headline results use the first", thresholds.join(", "))),
        ("attribution", method(&run.found)),
        (
            "integration",
            match run.integration {
                Integration::Nodes(nodes) => format!(
                    "both scenarios as in `arcosim run`; {nodes} Gauss nodes for each continuous attribute in between"
                ),
                Integration::Panels(_) => "as in `arcosim run`, also between the two scenarios".to_string(),
            },
        ),
    ];
    settings.map(|(name, value)| (name.to_string(), value)).to_vec()
}

const REMARKS: [&str; 2] = [
    "The effect of a change depends on the changes made before it. Each change is assigned its mean effect over all orders (the Shapley value): \
     interactions of two changes are divided equally between them, and all effects add up to the total difference.",
    "Net benefit is threshold x effect - cost. The change in the ICER is divided in the same way only if every combination of the two \
     scenarios is more costly and more effective; otherwise a ratio cannot be divided meaningfully.",
];
