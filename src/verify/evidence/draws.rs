//! Runs the model with many random draws of the uncertain parameters.

use super::shared::Evidence;
use arcosim_analysis::psa::{self, DrawEngine, Draws, Ended, Psa};
use arcosim_core::model::uncertainty::Sampling;

/// Number of parameter draws in a full verification.
const DRAWS: u64 = 400;
/// Number of parameter draws in a quick verification.
const FEW_DRAWS: u64 = 50;
/// Model size (patient types × states × cycles × strategies) from which one run of the exact engine takes tens of
/// milliseconds.
const LARGE: usize = 100_000;

/// Number of parameter draws: fewer for large models for which the evaluator has no fast path. The number depends only
/// on the model and not on measured run times, because every machine must report the same results.
pub fn number_of_draws(evidence: &Evidence) -> u64 {
    let model = evidence.model;
    let mut evaluator = evidence.evaluator();
    let patients: usize = evidence.integration.nodes(model, &evidence.base).iter().map(Vec::len).product();
    let size = patients * model.states.len() * model.time.cycles * model.strategies.len();
    let is_quick = size < LARGE || {
        evaluator.totals(&evidence.base);
        evaluator.takes_short_cuts()
    };
    match evidence.quick || !is_quick {
        true => FEW_DRAWS,
        false => DRAWS,
    }
}

/// Runs the model with `count` parameter draws from a seed.
pub fn draw(evidence: &Evidence, seed: u64, count: u64) -> Result<Psa, Ended> {
    let (model, scenario) = (evidence.model, evidence.scenario);
    let all = (seed, count);
    let draws = Draws::new(model, &evidence.base, &scenario.uncertainty, Sampling::Random, all);
    let how = (DrawEngine::Cohort(evidence.integration), scenario.psa.redraw);
    psa::run(model, &draws, how, &|_| (), evidence.stop())
}
