//! Output folder and console output of a deterministic sensitivity analysis.

mod ablation;
mod console;
mod evidence_grades;
mod figures;
mod tables;

pub use console::console;

use super::figures::Figure;
use super::hashes::hash_of_inputs;
use super::record::Record;
use super::report::{EXACT, Report};
use super::scenario::endless_horizon;
use super::{amount, error, outcome_name, places, singular};
use crate::analysis::evaluation::Integration;
use crate::analysis::sensitivity::threshold::GRID;
use crate::analysis::sensitivity::two_way::STEPS;
use crate::analysis::sensitivity::{DsaAnswer, NODES};
use crate::scenario::Scenario;
use figures::{Frame, lines, map, tornados};

/// The output folder of `arcosim dsa`.
pub fn report<'a>(run: &'a DsaAnswer, overrides: &'a [(String, String)], record: Record) -> Report<'a> {
    let others = run.variants.iter().skip(1).map(|variant| variant.scenario);
    let scenarios: Vec<&Scenario> = std::iter::once(run.scenario).chain(others).collect();
    Report {
        overrides,
        tables: all_tables(run),
        figures: all_figures(run),
        ..Report::of_analysis(
            "dsa",
            format!("{}: deterministic sensitivity analysis", run.model().title),
            scenarios,
            record,
            ("cohort", EXACT),
            settings(run),
            remarks(run),
        )
    }
}

fn all_tables(run: &DsaAnswer) -> Vec<super::Table> {
    let (scenario, setting, strategies) = (run.scenario, &run.setting, &run.question.strategies);
    let mut all = vec![tables::one_way(scenario, setting, &run.one_way, strategies)];
    all.extend(run.two_way.as_ref().map(|grid| tables::two_way(scenario, setting, grid, strategies)));
    if !run.switching.is_empty() {
        all.push(tables::thresholds(scenario, setting, &run.switching));
    }
    if !run.variants.is_empty() {
        all.push(tables::scenarios(&run.variants));
    }
    all.extend(run.ablation.as_ref().map(|found| ablation::table(run, found)));
    all.extend(run.grades.as_ref().map(|found| evidence_grades::table(run, found)));
    all
}

/// All figures: tornado diagrams, net benefit over the most influential parameters, and the two-way map.
fn all_figures(run: &DsaAnswer) -> Vec<Figure> {
    let frame = Frame {
        setting: &run.setting,
        footer: format!(
            "{} \u{b7} exact \u{b7} {}",
            run.scenario.name,
            &hash_of_inputs(&[run.scenario], &[])[..8]
        ),
    };
    let mut all = tornados(&frame, &run.one_way, &run.question.strategies);
    all.extend(lines(&frame, &run.swept));
    all.extend(run.two_way.as_ref().and_then(|grid| map(&frame, grid)));
    all.extend(run.ablation.as_ref().map(|found| ablation::figure(&frame, run, found)));
    all
}

/// Settings of the analysis for `README.txt`.
fn settings(run: &DsaAnswer) -> Vec<(String, String)> {
    let thresholds = run.setting.thresholds.iter().map(|x| amount(*x, 0)).collect::<Vec<_>>();
    let mut settings = vec![
        (
            "decision".to_string(),
            format!(
                "costs: {}; effects: {}",
                outcome_name(&run.model().outcomes[run.setting.decision.cost]),
                outcome_name(&run.model().outcomes[run.setting.decision.effect])
            ),
        ),
        (
            "thresholds".to_string(),
            format!(
                "{} {} per {}; headline results use the first",
                thresholds.join(", "),
                run.money(),
                singular(run.gain())
            ),
        ),
        ("reference".to_string(), run.model().strategies[run.model().reference()].name.clone()),
        (
            "integration".to_string(),
            match run.setting.integration {
                Integration::Nodes(nodes) => format!(
                    "base values and scenario tables as in `arcosim run`; {nodes} Gauss nodes for each continuous attribute when parameters change"
                ),
                Integration::Panels(_) => format!(
                    "as in `arcosim run` for all values, because {NODES} Gauss nodes for each continuous attribute are not accurate enough here"
                ),
            },
        ),
    ];
    if let Some(grid) = &run.two_way {
        let [a, b] = grid.parameters.map(|p| run.setting.rows[p].name.as_str());
        settings.push(("two-way".into(), format!("{a} by {b}, {STEPS} values each")));
        let pair =
            |(s, against): (usize, usize)| [s, against].map(|s| run.model().strategies[s].name.as_str());
        settings.extend(
            grid.pair.map(pair).map(|[s, against]| ("two-way of".into(), format!("{s} against {against}"))),
        );
    }
    settings.extend(endless_horizon(run.scenario));
    settings
}

/// Explanations of how to read the results.
fn remarks(run: &DsaAnswer) -> Vec<String> {
    let mut remarks = vec![
        "All results are incremental net monetary benefits (threshold x effect - cost) versus the reference, not ratios. \
         The best strategy is the decision option with the highest net benefit; bounds are not decision options."
            .to_string(),
        "Each parameter is varied over the range in its table; range_basis describes the range. \
         Bars are comparable only between ranges with the same basis. If a share changes, the remaining share of its whole changes with it; \
         a value that would make the remainder negative is reported as impossible."
            .to_string(),
    ];
    if !run.switching.is_empty() {
        remarks.push(format!(
            "Switching values are searched on a grid of {GRID} values over the range that the kind of the parameter allows \
             (searched_from, searched_to) and refined by Brent's method; two switching values between \
             neighbouring grid values would be missed. All other parameters stay at base."
        ));
    }
    remarks.extend(run.ablation.as_ref().map(ablation::remark));
    if run.integration_error > 0.0 {
        let places = places(run.money(), 0.0);
        remarks.push(format!(
            "Results at base values equal those of `arcosim run`. Other values are integrated with fewer nodes; their numerical error \
             at base values (incremental net benefit: at most {} {}) is subtracted, so that only its change with the \
             parameter remains.",
            error(run.integration_error, places),
            run.money()
        ));
    }
    remarks
}
