//! Output folders and console output of the probabilistic sensitivity analysis and of the value of information.

mod about;
mod console;
mod figures;
mod followed;
mod policy;
mod script;
mod tables;

pub use console::{console, one_draw, value_console};

use super::prices::price;
use super::record::Record;
use super::report::{Report, Text};
use crate::analysis::policy::PolicyAnswer;
use crate::analysis::psa::PsaAnswer;
use crate::analysis::voi::VoiAnswer;
use about::footer;

/// The output folder of `arcosim psa`.
pub fn report<'a>(run: &'a PsaAnswer, overrides: &'a [(String, String)], record: Record) -> Report<'a> {
    let tables = tables::all(run).into_iter().chain(followed::tables(run)).collect();
    let figures = figures::all(run).into_iter().chain(followed::figures(run)).collect();
    Report { tables, figures, ..about_draws(run, "psa", "probabilistic analysis", overrides, record) }
}

/// The output folder of `arcosim voi`.
pub fn value_report<'a>(
    information: &'a VoiAnswer,
    overrides: &'a [(String, String)],
    record: Record,
) -> Report<'a> {
    let run = &information.psa;
    let mut report = about_draws(run, "voi", "value of information", overrides, record);
    report.explanations[0].1.push(
        "EVPPI is estimated by regression of net benefit on the draws of the parameters (Strong, Oakley and Brennan 2014); \
         the column smoother names the method. Small values are biased upwards: the estimate for a parameter without influence is \
         about as large as its standard error. EVPPI is an upper limit of the value of a study, because no study provides perfect information."
            .into(),
    );
    report.tables = tables::of_information(information);
    report.figures = figures::of_information(information);
    report
}

/// The output folder of `arcosim policy`.
pub fn policy_report<'a>(
    answer: &'a PolicyAnswer,
    overrides: &'a [(String, String)],
    record: Record,
) -> Report<'a> {
    let run = &answer.psa;
    let mut report = about_draws(run, "policy", "treatment by subgroup", overrides, record);
    let (tables, figures) = (tables::all(run), figures::all(run));
    report.explanations[0].1.splice(0..0, policy::sentences(answer));
    report.tables = policy::tables(answer).into_iter().chain(tables).collect();
    report.figures = policy::figures(answer).into_iter().chain(figures).collect();
    report
}

/// Text for the console on treatment by subgroup.
pub fn policy_console(answer: &PolicyAnswer) -> String {
    policy::console(answer)
}

/// The parts of the report that `arcosim psa`, `arcosim voi` and `arcosim policy` share.
fn about_draws<'a>(
    run: &'a PsaAnswer,
    command: &'static str,
    title: &str,
    overrides: &'a [(String, String)],
    record: Record,
) -> Report<'a> {
    let (engine, about_engine) = about::engine(run.question);
    Report {
        overrides,
        texts: vec![Text {
            path: "psa/decision.R",
            about: "R script that passes costs, effects and parameters to BCEA, voi and dampack",
            bytes: script::script(run).into_bytes(),
        }],
        ..Report::of_analysis(
            command,
            format!("{}: {title}", run.model().title),
            vec![run.scenario],
            record,
            (engine, &about_engine),
            about::settings(run),
            about::remarks(run),
        )
    }
}

/// A threshold with its unit, such as `GBP 25,000 per QALY`.
fn threshold_words(run: &PsaAnswer, value: f64) -> String {
    price(run.model(), run.decision, value)
}
