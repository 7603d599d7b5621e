//! Settings and explanations for the output folder of a probabilistic sensitivity analysis (PSA).

use super::threshold_words;
use crate::analysis::evaluation::Integration;
use crate::analysis::psa::{DrawEngine, PsaAnswer, PsaQuestion};
use crate::model::uncertainty::Sampling;
use crate::output::hashes::hash_of_inputs;
use crate::output::report::EXACT;
use crate::output::scenario::endless_horizon;
use crate::output::{error, places};
use arcosim_core::words::grouped;

/// The name of the engine that evaluated the draws, and its description for `README.txt`.
pub fn engine(question: &PsaQuestion) -> (&'static str, String) {
    match question.engine {
        DrawEngine::Cohort(_) => ("cohort", EXACT.to_string()),
        DrawEngine::Microsim { patients, .. } => (
            "microsim",
            format!(
                "microsimulation, {} new patients in every draw and strategy; their Monte Carlo noise is estimated \
                 (noise_share) and removed (sd_without_noise)",
                grouped(patients)
            ),
        ),
    }
}

/// Settings of the analysis for `README.txt`: draws, sampling, seed, thresholds and engine.
pub fn settings(run: &PsaAnswer) -> Vec<(String, String)> {
    let question = run.question;
    let pair = |name: &str, value: String| (name.to_string(), value);
    let thresholds: Vec<String> = run.answers.thresholds.iter().map(|t| threshold_words(run, *t)).collect();
    let mut all = vec![
        pair("draws", question.draws.to_string()),
        pair("sampling", question.sampling.words().to_string()),
        pair("seed", question.seed.to_string()),
        pair("parameters", format!("{} uncertain", run.scenario.uncertainty.varying().len())),
        pair("thresholds", format!("{}; headline results use the first", thresholds.join(", "))),
    ];
    match question.engine {
        DrawEngine::Cohort(Integration::Nodes(n)) => {
            all.push(pair("integration", format!("{n} Gauss nodes on each continuous attribute")))
        }
        DrawEngine::Cohort(Integration::Panels(n)) => {
            all.push(pair("integration", format!("{n} Gauss nodes a panel")))
        }
        DrawEngine::Microsim { patients, .. } => {
            all.push(pair("patients", format!("{patients} in each draw")))
        }
    }
    all.extend(endless_horizon(run.scenario));
    all
}

/// Explanations of how to read the results.
pub fn remarks(run: &PsaAnswer) -> Vec<String> {
    let mut remarks = vec![
        "Every row of psa/draws.csv, psa/results.csv, psa/costs.csv and psa/effects.csv is one draw. The columns of costs.csv \
         and effects.csv are the decision options; bounds are in results.csv only, because other programs would \
         treat them as decision options. psa/decision.R passes the files to BCEA, voi and dampack; SAVI reads costs.csv, effects.csv \
         and draws.csv as they are."
            .to_string(),
        "The probability of being most cost-effective is the share of draws in which a strategy has the highest net benefit of all decision \
         options; bounds are excluded. The frontier follows the highest mean net benefit, which is the better choice when the two differ."
            .to_string(),
        "at_base is the deterministic result; gap is the mean of the draws minus the deterministic result (with the integration of the draws). A gap arises because a lognormal \
         distribution whose base value is the median has a higher mean, and because models are not linear."
            .to_string(),
    ];
    let money = places(run.money(), 1000.0);
    if let Some(off) = run.integration_error.filter(|off| *off > 0.0) {
        remarks.push(format!(
            "Numerical error of incremental net benefit (base case): at most {} {}.",
            error(off, money),
            run.money()
        ));
    }
    if run.question.sampling != Sampling::Random {
        remarks.push(
            "Monte Carlo standard errors assume independent draws; with Latin hypercube or Sobol sampling the true errors are smaller."
                .into(),
        );
    }
    if !run.psa.redrawn.is_empty() {
        let times: u64 = run.psa.redrawn.iter().map(|(_, n)| n).sum();
        remarks.push(format!(
            "{} draws gave transition probabilities that add up to more than 1 and were redrawn ({} attempts in all), as the scenario asks; this \
             truncates the distributions.",
            run.psa.redrawn.len(),
            times
        ));
    }
    remarks
}

/// The footer of the figures: scenario, engine, draws and hash of the inputs.
pub fn footer(run: &PsaAnswer) -> String {
    let (scenario, question) = (run.scenario, run.question);
    let engine = match question.engine {
        DrawEngine::Cohort(_) => "exact".to_string(),
        DrawEngine::Microsim { patients, .. } => format!("{} patients a draw", grouped(patients)),
    };
    format!(
        "{} \u{b7} {} draws ({}) \u{b7} {engine} \u{b7} seed {} \u{b7} {}",
        scenario.name,
        grouped(question.draws),
        question.sampling.words(),
        question.seed,
        &hash_of_inputs(&[scenario], &[])[..8]
    )
}
