//! Expected value of perfect parameter information (EVPPI), estimated by regression on the draws of a probabilistic
//! analysis (M. Strong, J. E. Oakley and A. Brennan, Med. Decis. Making 34 (2014) 311–326).

use std::time::Instant;

use crate::psa::answers::groups;
use crate::psa::{self, INTERVAL_DRAWS, PsaAnswer, PsaQuestion};
use crate::{Refusal, Session};
use arcosim_core::economics::{Evppi, evppi};
use arcosim_core::words::grouped;
use arcosim_scenario::Scenario;

/// EVPPI of parameters and groups at one threshold.
pub struct VoiAnswer<'a> {
    /// Probabilistic analysis from which the draws are taken.
    pub psa: PsaAnswer<'a>,
    /// Willingness to pay per unit of effect.
    pub threshold: f64,
    /// EVPPI of each parameter, then of each group.
    pub values: Vec<Evppi>,
    /// Discounted number of people affected by the decision; `None` if the scenario does not state it.
    pub persons: Option<f64>,
}

/// Refuses a number of draws that is too small for EVPI and EVPPI.
pub fn enough_draws(question: &PsaQuestion) -> Result<(), Refusal> {
    if question.draws >= INTERVAL_DRAWS as u64 {
        return Ok(());
    }
    Err(Refusal::Question(format!(
        "{} draws are too few for the value of information: EVPI and EVPPI depend on the rare draws in which another strategy \
        would be the better choice. Few draws may contain none of them, and the value would then wrongly be 0.\n\
        Use --draws {INTERVAL_DRAWS} at the very least; 1,000 or more for results to report",
        grouped(question.draws)
    )))
}

/// Runs the probabilistic analysis of a scenario, and estimates EVPPI of each uncertain parameter and each group.
pub fn ask<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    session: &Session,
) -> Result<VoiAnswer<'a>, Refusal> {
    enough_draws(question)?;
    let psa = psa::ask_for_totals(scenario, question, session)?;
    let began = Instant::now();
    let threshold = psa.answers.thresholds[0];
    let varying = scenario.uncertainty.varying();
    let inputs: Vec<Vec<f64>> = varying.iter().map(|&p| psa.psa.parameter(p)).collect();
    let groups = groups(scenario, &varying);
    let values = evppi(&inputs, &psa.answers.benefits(threshold), &groups)
        .map_err(|why| Refusal::Question(format!("EVPPI could not be estimated: {why}")))?;
    session.observer.say(
        "Finished",
        &format!("EVPPI of {} parameters and groups in {:.2} s", groups.len(), began.elapsed().as_secs_f64()),
    );
    let persons = psa.persons();
    Ok(VoiAnswer { psa, threshold, values, persons })
}
