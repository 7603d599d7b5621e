//! What the folder of a probabilistic analysis says of how its numbers came about.

use super::threshold_words;
use crate::analysis::evaluation::Integration;
use crate::analysis::psa::{DrawEngine, PsaAnswer, PsaQuestion};
use crate::model::uncertainty::Sampling;
use crate::output::hashes::hash_of_scenario;
use crate::output::report::EXACT;
use crate::output::{error, places};
use arcosim_core::words::grouped;

/// Which engine ran the draws, and what that means for the numbers.
pub fn engine(question: &PsaQuestion) -> (&'static str, String) {
    match question.engine {
        DrawEngine::Cohort(_) => ("cohort", EXACT.to_string()),
        DrawEngine::Microsim { patients, .. } => (
            "microsim",
            format!(
                "microsimulation, {} fresh patients in every draw and strategy; the noise that they add is estimated \
                 (noise_share) and taken out (sd_without_noise)",
                grouped(patients)
            ),
        ),
    }
}

/// How the draws were made.
pub fn settings(run: &PsaAnswer) -> Vec<(String, String)> {
    let question = run.question;
    let pair = |name: &str, value: String| (name.to_string(), value);
    let thresholds: Vec<String> = run.answers.thresholds.iter().map(|t| threshold_words(run, *t)).collect();
    let mut all = vec![
        pair("draws", question.draws.to_string()),
        pair("sampling", question.sampling.words().to_string()),
        pair("seed", question.seed.to_string()),
        pair("parameters", format!("{} uncertain", run.scenario.uncertainty.varying().len())),
        pair("thresholds", format!("{}; the first leads", thresholds.join(", "))),
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
    all
}

/// What a reader should know about the numbers.
pub fn remarks(run: &PsaAnswer) -> Vec<String> {
    let mut remarks = vec![
        "Every row of psa/draws.csv, psa/results.csv, psa/costs.csv and psa/effects.csv is one draw. The columns of costs.csv \
         and effects.csv are the strategies on offer; bounds are in results.csv only, because a program that reads them would \
         take them for choices. psa/decision.R reads them in R and asks BCEA, voi and dampack; SAVI takes costs.csv, effects.csv \
         and draws.csv as they are."
            .to_string(),
        "Probability most cost-effective is the share of draws in which a strategy has the highest net benefit of those on \
         offer; bounds are not on offer. The frontier follows the highest mean, which is the better choice when the two differ."
            .to_string(),
        "at_base is the deterministic answer; gap is how far the mean of the draws is from it, both integrated as the draws are: lognormals whose base is the median \
         have a higher mean, and models are curved."
            .to_string(),
    ];
    let money = places(run.money(), 1000.0);
    if let Some(off) = run.integration_error.filter(|off| *off > 0.0) {
        remarks.push(format!(
            "Integrating with few nodes puts incremental net benefit at base values off by at most {} {}.",
            error(off, money),
            run.money()
        ));
    }
    if run.question.sampling != Sampling::Random {
        remarks.push(
            "Monte Carlo standard errors hold for independent draws; with Latin hypercube or Sobol sampling the true errors are smaller."
                .into(),
        );
    }
    if !run.psa.redrawn.is_empty() {
        let times: u64 = run.psa.redrawn.iter().map(|(_, n)| n).sum();
        remarks.push(format!(
            "{} draws pushed a row of probabilities over 1 and were drawn again ({} attempts in all), as the scenario says; the \
             distributions are cut by that.",
            run.psa.redrawn.len(),
            times
        ));
    }
    remarks
}

/// Provenance in the figures.
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
        &hash_of_scenario(scenario)[..8]
    )
}
