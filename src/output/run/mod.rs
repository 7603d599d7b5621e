//! Output folder and console output of a run.

mod about;
mod checks;
mod console;
mod console_decision;
mod conventions;
mod cost_effectiveness;
mod cycle_length;
mod decision;
mod decision_figures;
mod figures;
mod histories;
mod increments;
mod inputs;
mod landmarks;
mod outcomes;
mod pages;
mod strategies;
mod subgroups;
mod summary;
mod survival;
mod thin;
mod trace;

pub use about::warnings;
pub use checks::quantity;
pub use console::console;
pub use conventions::name as outcome_name;

use rayon::prelude::*;

use super::figures::table::Table;
use super::json_bytes;
use super::record::Record;
use super::report::{Report, Text};
use crate::analysis::curves::Source;
use crate::analysis::run::RunAnswer;

/// The output folder of `arcosim run`.
pub fn report<'a>(run: &'a RunAnswer, record: Record) -> Report<'a> {
    let tables = tables(run);
    let figures = figures::all(run);
    let drawn = figures.iter().map(|figure| &figure.table);
    let paths: Vec<String> = tables.iter().chain(drawn).map(|table| table.path.clone()).collect();
    Report {
        command: "run",
        title: run.model().title.clone(),
        scenarios: vec![run.scenario],
        manifest: about::manifest(run, &record),
        record,
        overrides: run.overrides,
        settings: about::settings(run),
        explanations: about::explanations(run),
        notes: about::notes(run),
        texts: vec![Text {
            path: "summary.json",
            about: "the main results for programs",
            bytes: json_bytes(&summary::summary(run, &paths)),
        }],
        tables,
        figures,
        cite: about::cite(run),
    }
}

fn tables(run: &RunAnswer) -> Vec<Table> {
    type Build = fn(&RunAnswer) -> Option<Table>;
    let build: [Build; 24] = [
        |run| Some(landmarks::landmarks(run)),
        |run| Some(survival::curves(run)),
        |run| Some(survival::at_risk(run)),
        |run| Some(trace::trace(run)),
        |run| Some(trace::events(run)),
        |run| (!run.model().outcomes.is_empty()).then(|| outcomes::outcomes(run)),
        |run| run.breakdown.as_ref().map(|b| outcomes::breakdown(run, b)),
        |run| run.breakdown.as_ref().map(|b| outcomes::over_time(run, b)),
        |run| seen(run).map(|all| cost_effectiveness::incremental(run, &all)),
        |run| {
            let several = run.model().strategies.len() > 1;
            seen(run).filter(|_| several).map(|all| cost_effectiveness::pairs(run, &all))
        },
        |run| seen(run).map(|all| cost_effectiveness::net_benefit(run, &all)),
        |run| (!run.subgroups.is_empty()).then(|| subgroups::subgroups(run)),
        |run| subgroups::decided(run).map(|decision| subgroups::net_benefit(run, decision)),
        |run| subgroups::decided(run).map(|decision| subgroups::policy(run, decision)),
        |run| run.increments().map(|b| increments::by_category(run, b)),
        |run| run.increments().map(|b| increments::states(run, b)),
        |run| run.increments().map(|b| increments::beyond_evidence(run, b)),
        |run| run.results.agreement.as_ref().map(|a| checks::agreement(run, a)),
        |run| run.expected.as_ref().map(|rows| checks::expected(run, rows)),
        |run| cycle_length::known(run).map(|change| cycle_length::table(run, change)),
        |run| Some(strategies::table(run)),
        |run| Some(inputs::parameters(run)),
        inputs::conversions,
        |run| (!run.histories.is_empty()).then(|| histories::histories(run)),
    ];
    build.par_iter().filter_map(|build| build(run)).collect()
}

/// The cost-effectiveness from all perspectives; `None` if there is none.
fn seen<'a>(run: &'a RunAnswer) -> Option<Vec<cost_effectiveness::Seen<'a>>> {
    Some(cost_effectiveness::seen(run)).filter(|all| !all.is_empty())
}

/// Status of a result from the given engine, as written in tables.
pub fn source_status(source: Source) -> &'static str {
    match source {
        Source::Exact => "exact: no sampling error",
        Source::Microsimulation => "ok",
    }
}
