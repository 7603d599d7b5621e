//! Settings of a probabilistic analysis: number of draws, sampling and engine.

use super::DrawEngine;
use super::draws::MOST_SOBOL;
use crate::Refusal;
use crate::base_case::Engine;
use crate::evaluation::Integration;
use arcosim_core::model::uncertainty::Sampling;
use arcosim_core::words::grouped;
use arcosim_scenario::Scenario;

/// Options of a probabilistic analysis given by the user; options that are `None` are taken from the scenario.
#[derive(Clone, Debug, Default)]
pub struct PsaOptions {
    /// Number of draws.
    pub draws: Option<u64>,
    /// Sampling method.
    pub sampling: Option<Sampling>,
    /// Engine that evaluates the draws.
    pub engine: Option<Engine>,
    /// Patients per draw and strategy.
    pub patients: Option<u64>,
    /// Seed of the random numbers for draws and simulated patients.
    pub seed: Option<u64>,
    /// Willingness-to-pay threshold for the headline results.
    pub wtp: Option<f64>,
}

/// Settings of a probabilistic analysis, with all options resolved.
#[derive(Clone, Debug)]
pub struct PsaQuestion {
    /// Number of draws.
    pub draws: u64,
    /// Sampling method.
    pub sampling: Sampling,
    /// Seed of the random numbers for draws and simulated patients.
    pub seed: u64,
    /// Engine that evaluates the draws.
    pub engine: DrawEngine,
    /// Whether a draw with probabilities that add to more than 1 is drawn again.
    pub redraw: bool,
    /// Willingness-to-pay threshold for the headline results; if `None`, the first threshold of the decision.
    pub wtp: Option<f64>,
}

impl PsaQuestion {
    /// Resolves the options for a scenario. Returns an error if no parameter is uncertain, or the options are
    /// incompatible.
    pub fn new(scenario: &Scenario, options: &PsaOptions) -> Result<PsaQuestion, Refusal> {
        let defaults = &scenario.psa;
        if scenario.uncertainty.varying().is_empty() {
            return Err(Refusal::Question(format!(
                "no parameter of scenario `{}` has a distribution, so every draw would be the base case.\n\
                Fill in the column `distribution` of its parameter table, and the uncertainty of each number: a standard error (se), \
                a 95 % interval (low, high), counts (events, total) or the distribution's own parameters (p1, p2)",
                scenario.name
            )));
        }
        let seed = options.seed.unwrap_or(scenario.run.seed);
        let question = PsaQuestion {
            draws: options.draws.unwrap_or(defaults.draws),
            sampling: options.sampling.unwrap_or(defaults.sampling),
            seed,
            engine: engine(scenario, options, seed)?,
            redraw: defaults.redraw,
            wtp: options.wtp,
        };
        let dimension = scenario.uncertainty.varying().len() + scenario.uncertainty.joint.len();
        if question.sampling == Sampling::Sobol && dimension > MOST_SOBOL {
            return Err(Refusal::Question(format!(
                "Sobol sampling allows at most {MOST_SOBOL} dimensions, and this scenario draws {dimension} numbers: use --sampling \"latin hypercube\""
            )));
        }
        Ok(question)
    }

    /// Returns an error if the analysis has fewer than `k` draws.
    pub fn has_draw(&self, k: u64) -> Result<(), Refusal> {
        match k <= self.draws {
            true => Ok(()),
            false => Err(Refusal::Question(format!(
                "there is no draw {k}: the analysis has {} draws",
                grouped(self.draws)
            ))),
        }
    }
}

/// Engine requested by the user; otherwise the microsimulation if the scenario requests it, or the exact engine.
fn engine(scenario: &Scenario, options: &PsaOptions, seed: u64) -> Result<DrawEngine, Refusal> {
    let named = Engine::named(&scenario.run.engine).filter(|engine| *engine == Engine::Microsim);
    let engine = options.engine.or(named);
    if options.patients.is_some() && engine != Some(Engine::Microsim) {
        return Err(Refusal::question(
            "--patients needs --engine microsim: the exact engine simulates no patients",
        ));
    }
    let patients = options.patients.unwrap_or(scenario.psa.patients);
    match engine {
        None | Some(Engine::Cohort) => Ok(DrawEngine::Cohort(Integration::Nodes(scenario.psa.nodes))),
        Some(Engine::Microsim) => Ok(DrawEngine::Microsim { patients, seed }),
        Some(Engine::Both) => Err(Refusal::question(
            "a probabilistic analysis runs on one engine: --engine cohort (default) or microsim",
        )),
    }
}
