//! From the question of a probabilistic analysis to its answer.

use std::time::Instant;

use super::answers::Answers;
use super::ended::refusal;
use super::{DrawEngine, Draws, Ended, Psa, PsaQuestion, need, run};
use crate::evaluation::{Evaluator, Integration};
use crate::sensitivity::Totals;
use crate::sensitivity::worth::increment;
use crate::{Refusal, Session, named};
use arcosim_core::economics::DecisionPopulation;
use arcosim_core::engine::memory;
use arcosim_core::engine::microsim::{self, Settings, Watch};
use arcosim_core::model::rows::check_stated_rows;
use arcosim_core::model::{Decision, Model, Tables};
use arcosim_core::words::grouped;
use arcosim_scenario::Scenario;

/// Draws from which 2.5 % on either side can be estimated.
pub const INTERVAL_DRAWS: usize = 100;

/// A finished probabilistic analysis.
pub struct PsaAnswer<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its decision.
    pub decision: &'a Decision,
    /// What was asked.
    pub question: &'a PsaQuestion,
    /// How the draws were made.
    pub draws: Draws<'a>,
    /// Values and totals of all draws.
    pub psa: Psa,
    /// What they say about the decision.
    pub answers: Answers,
    /// Totals `[strategy][outcome]` at base values: on the exact engine those of a run.
    pub base: Totals,
    /// The same with the integration of the draws, with which their mean is compared.
    pub base_as_drawn: Totals,
    /// By how much the nodes of the draws put the incremental net benefit at base values off, at the leading threshold;
    /// none on the microsimulation.
    pub integration_error: Option<f64>,
}

/// Runs the draws of a scenario, and works out what they say.
pub fn ask<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    session: &Session,
) -> Result<PsaAnswer<'a>, Refusal> {
    let decision = named::decision(scenario)?;
    let model = &scenario.model;
    affordable(scenario, question, session)?;
    let draws = draws(scenario, question);
    let began = Instant::now();
    session.observer.say("Running", &described(scenario, question, &draws));
    let advance = |n| session.observer.advance(n);
    let psa = run(model, &draws, (question.engine, question.redraw), &advance, session.stop);
    session.observer.finish();
    let psa = psa.map_err(|ended| refusal(ended, scenario))?;
    session.observer.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    let values = model.base_values();
    let exact = |integration| Evaluator::new(model, integration).totals(&values);
    let (base, base_as_drawn) = match question.engine {
        DrawEngine::Cohort(integration) => (exact(Integration::RUN), exact(integration)),
        DrawEngine::Microsim { patients, seed } => {
            let base = simulated(model, &values, &Settings::new(patients, seed), session)?;
            (base.clone(), base)
        }
    };
    let answers = Answers::new(model, decision, &psa, question.wtp).map_err(|why| {
        Refusal::Question(format!("cannot compare strategies in the PSA of `{}`: {why}", scenario.name))
    })?;
    let integration_error = match question.engine {
        DrawEngine::Cohort(_) => Some(error_at_base(model, decision, &answers, [&base_as_drawn, &base])),
        DrawEngine::Microsim { .. } => None,
    };
    Ok(PsaAnswer {
        scenario,
        decision,
        question,
        draws,
        psa,
        answers,
        base,
        base_as_drawn,
        integration_error,
    })
}

fn draws<'a>(scenario: &'a Scenario, question: &PsaQuestion) -> Draws<'a> {
    let model = &scenario.model;
    let base = model.base_values();
    Draws::new(model, &base, &scenario.uncertainty, question.sampling, (question.seed, question.draws))
}

/// Refuses draws that would not fit into the memory.
fn affordable(scenario: &Scenario, question: &PsaQuestion, session: &Session) -> Result<(), Refusal> {
    let model = &scenario.model;
    let tables = Tables::new(model, &model.base_values());
    let threads = rayon::current_num_threads();
    let patients = match question.engine {
        DrawEngine::Cohort(_) => None,
        DrawEngine::Microsim { patients, .. } => Some(patients),
    };
    let mut all = memory::run(&tables, patients.is_none(), patients, threads);
    let varying = scenario.uncertainty.varying().len();
    all.parts.extend(need(model, varying, question.draws, patients.is_some()).parts);
    session.afford(&all)
}

fn described(scenario: &Scenario, question: &PsaQuestion, draws: &Draws) -> String {
    let engine = match question.engine {
        DrawEngine::Cohort(_) => "exact".to_string(),
        DrawEngine::Microsim { patients, .. } => format!("{} patients each", grouped(patients)),
    };
    format!(
        "{}: {} draws of {} uncertain parameters ({} random numbers a draw, {}), {engine}, seed {}",
        scenario.name,
        grouped(question.draws),
        scenario.uncertainty.varying().len(),
        draws.dimension(),
        question.sampling.words(),
        question.seed
    )
}

/// The largest difference in incremental net benefit between totals of few nodes and those of a run.
fn error_at_base(model: &Model, decision: &Decision, answers: &Answers, [few, run]: [&Totals; 2]) -> f64 {
    let (reference, threshold) = (model.reference(), answers.thresholds[0]);
    let gain = |totals: &Totals, s| increment(decision, totals, (s, reference), threshold);
    let gaps = (0..model.strategies.len()).map(|s| (gain(few, s) - gain(run, s)).abs());
    gaps.fold(0.0, f64::max)
}

/// Means of simulated patients at these values.
fn simulated(
    model: &Model,
    values: &[f64],
    settings: &Settings,
    session: &Session,
) -> Result<Totals, Refusal> {
    let watch = Watch { progress: None, stop: Some(session.stop) };
    let tables = Tables::new(model, values);
    let found = microsim::run(&tables, settings, &watch).ok_or(Refusal::Stopped)?;
    let strategies = found.totals.strategies.iter();
    Ok(strategies.map(|s| s.outcomes.iter().map(|t| t.mean).collect()).collect())
}

impl PsaAnswer<'_> {
    /// Whether there are enough draws for a 95 % interval.
    pub fn has_intervals(&self) -> bool {
        self.psa.totals.len() >= INTERVAL_DRAWS
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.scenario.model
    }

    /// Unit of cost.
    pub fn money(&self) -> &str {
        &self.model().outcomes[self.decision.cost].unit
    }

    /// Unit of effect.
    pub fn gain(&self) -> &str {
        &self.model().outcomes[self.decision.effect].unit
    }

    /// Label of a strategy.
    pub fn label(&self, strategy: usize) -> &str {
        &self.model().strategies[strategy].label
    }

    /// Discounted number of people whom the decision concerns, if the scenario says it.
    pub fn persons(&self) -> Option<f64> {
        let people = self.decision.beneficiaries?;
        let population = DecisionPopulation {
            annual: people.per_year,
            years: people.years,
            discount_rate: people.discount,
        };
        population.persons()
    }
}

/// One draw alone.
pub struct OneDraw {
    /// Values of all parameters.
    pub values: Vec<f64>,
    /// Totals `[strategy][outcome]`, or why there are none.
    pub totals: Result<Totals, Refusal>,
}

/// Runs draw `k` of an analysis, from 1.
pub fn one_draw(
    scenario: &Scenario,
    question: &PsaQuestion,
    k: u64,
    session: &Session,
) -> Result<OneDraw, Refusal> {
    question.has_draw(k)?;
    let model = &scenario.model;
    let values = draws(scenario, question).values(k, 0);
    let totals = match question.engine {
        DrawEngine::Cohort(integration) => {
            let mut evaluator = Evaluator::new(model, integration);
            match check_stated_rows(model, evaluator.set(&values)) {
                None => Ok(evaluator.run(&values)),
                Some(problem) => {
                    let ended = Ended::Row { draw: k, problem: Box::new(problem), values: values.clone() };
                    Err(refusal(ended, scenario))
                }
            }
        }
        DrawEngine::Microsim { patients, seed } => {
            let settings = Settings { draw: k, ..Settings::new(patients, seed) };
            Ok(simulated(model, &values, &settings, session)?)
        }
    };
    Ok(OneDraw { values, totals })
}
