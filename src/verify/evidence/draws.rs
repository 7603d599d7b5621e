//! The model in many draws of its parameters.

use super::shared::Evidence;
use arcosim_analysis::psa::{self, DrawEngine, Draws, Ended, Psa};
use arcosim_core::model::uncertainty::Sampling;

/// Draws that are run through the model.
const DRAWS: u64 = 400;
/// The same for a quick look.
const FEW_DRAWS: u64 = 50;
/// Number of patient types, times states, cycles and strategies, from which a run of the exact engine takes tens of
/// milliseconds.
const LARGE: usize = 100_000;

/// How many draws are run: fewer of large models for which the evaluator has no short cut. It depends on the model alone,
/// so that every machine reports the same.
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

/// So many draws with a seed.
pub fn draw(evidence: &Evidence, seed: u64, count: u64) -> Result<Psa, Ended> {
    let (model, scenario) = (evidence.model, evidence.scenario);
    let all = (seed, count);
    let draws = Draws::new(model, &evidence.base, &scenario.uncertainty, Sampling::Random, all);
    let how = (DrawEngine::Cohort(evidence.integration), scenario.psa.redraw);
    psa::run(model, &draws, how, &|_| (), evidence.stop())
}
