//! Output folder and console output of a verification.

mod console;
mod documents;

pub use console::{console, hanging};
pub use documents::json;

use super::record::Record;
use super::report::{Report, Text};
use crate::analysis::verify::{Options, Verification};
use crate::scenario::Scenario;
use documents::{checks, counted, findings, report as report_for_people};

/// Path of the report for readers, within the output folder.
pub const REPORT: &str = "verify/report.md";

/// The output folder of `arcosim verify`.
pub fn report<'a>(
    scenario: &'a Scenario,
    options: &Options,
    found: &Verification,
    overrides: &'a [(String, String)],
    record: Record,
) -> Report<'a> {
    Report {
        overrides,
        texts: vec![
            Text {
                path: REPORT,
                about: "all checks and findings, for people",
                bytes: report_for_people(scenario, found).into_bytes(),
            },
            Text {
                path: "verify/checks.json",
                about: "all checks and findings, for programs",
                bytes: json(scenario, found),
            },
        ],
        tables: vec![checks(scenario, found), findings(scenario, found)],
        ..Report::of_analysis(
            "verify",
            format!("{}: verification", scenario.name),
            vec![scenario],
            record,
            ("both", "exact cohort solution; checks in group M and some in group F also simulate patients"),
            settings(scenario, options, found),
            REMARKS.map(str::to_string).to_vec(),
        )
    }
}

fn settings(scenario: &Scenario, options: &Options, found: &Verification) -> Vec<(String, String)> {
    let only = match options.only.is_empty() {
        true => "all".to_string(),
        false => options.only.join(", "),
    };
    let extent = match options.quick {
        true => "quick: the fast checks, with fewer patients and draws",
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
    "Start with verify/report.md: it lists failures, warnings, accepted findings, checks that passed and checks that do not apply.",
    "A failed check is an error in any model. A warning may be justified; you should be able to explain why.",
    "A check that does not apply to a scenario is skipped, with the reason; it is never counted as passed.",
    "A finding is accepted in the scenario itself, in [verify.waive.ID], with a name, a reason and a date.",
];
