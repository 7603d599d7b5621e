//! Calculates the results that the selected checks share, once and before the checks run.

use std::sync::atomic::AtomicBool;

use super::draws::{draw, number_of_draws};
use super::one_at_a_time::{ends, nudged};
use super::shared::{Evidence, Need, NoDraws};
use crate::absent;
use arcosim_analysis::psa::answers::Answers;
use arcosim_core::economics::{Evppi, ParameterGroup, evppi};
use arcosim_scenario::Scenario;

/// Evidence for checks with these needs; `None` if the user stopped the verification.
pub fn gather<'a>(
    scenario: &'a Scenario,
    quick: bool,
    stop: &'a AtomicBool,
    needs: &[Need],
) -> Option<Evidence<'a>> {
    let mut evidence = Evidence::new(scenario, quick, stop);
    let needs = |any: &[Need]| any.iter().any(|need| needs.contains(need));
    if needs(&[Need::Counts]) {
        evidence.results.counts = Some(evidence.solve(evidence.model, &evidence.base));
    }
    if needs(&[Need::Sample]) {
        evidence.results.sample = Some(evidence.sample_of(evidence.seed, evidence.patients())?);
    }
    if needs(&[Need::Draws, Need::Answers, Need::Information]) {
        evidence.results.draws = Some(match evidence.distributions() {
            Ok(_) => draw(&evidence, evidence.seed, number_of_draws(&evidence)).map_err(NoDraws::Ended),
            Err(_) => Err(NoDraws::NothingVaries),
        });
    }
    if needs(&[Need::Answers, Need::Information]) {
        evidence.results.answers = Some(answers(&evidence));
    }
    if needs(&[Need::Information]) {
        evidence.results.information = Some(information(&evidence));
    }
    if needs(&[Need::Nudged]) {
        evidence.results.nudged = Some(nudged(&evidence));
    }
    if needs(&[Need::Ends]) {
        evidence.results.ends = Some(ends(&evidence));
    }
    (!evidence.stopped()).then_some(evidence)
}

/// Acceptability and value of information from the parameter draws, or the reason why they cannot be calculated.
fn answers(evidence: &Evidence) -> Result<Answers, String> {
    let Some(decision) = &evidence.scenario.decision else {
        return Err(absent::DECISION.into());
    };
    let psa = evidence.draws()?;
    Answers::new(evidence.model, decision, psa, None)
        .map_err(|why| format!("strategies cannot be compared in the draws: {why}"))
}

/// EVPPI of every uncertain parameter, or the reason why it is not calculated. A quick verification omits EVPPI,
/// because it takes as long as all draws.
fn information(evidence: &Evidence) -> Result<Vec<Evppi>, String> {
    let (psa, answers) = evidence.answers()?;
    if evidence.quick {
        return Err(absent::QUICK.into());
    }
    if answers.on_offer.len() < 2 {
        return Err(absent::CHOICE.into());
    }
    let varying = evidence.scenario.uncertainty.varying();
    let inputs: Vec<Vec<f64>> = varying.iter().map(|&p| psa.parameter(p)).collect();
    let single = |(i, &p): (usize, &usize)| ParameterGroup::new(evidence.name(p), [i]);
    let groups: Vec<ParameterGroup> = varying.iter().enumerate().map(single).collect();
    evppi(&inputs, &answers.benefits(answers.thresholds[0]), &groups).map_err(|why| why.to_string())
}
