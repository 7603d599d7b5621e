//! Runs a probabilistic sensitivity analysis and collects its results.

use std::time::Instant;

use super::answers::Answers;
use super::ended::refusal;
use super::followed::{FollowedAnswer, Plan};
use super::{DrawEngine, Draws, Psa, PsaQuestion, invalid, need, need_of_subgroups, run_with_subgroups};
use crate::evaluation::{Evaluator, Integration};
use crate::sensitivity::Totals;
use crate::sensitivity::net_benefit::largest_difference;
use crate::session::need_of_run;
use crate::{Refusal, Session, named};
use arcosim_core::economics::DecisionPopulation;
use arcosim_core::engine::microsim::{self, Settings, Watch};
use arcosim_core::model::{Decision, Model, Tables};
use arcosim_core::words::grouped;
use arcosim_scenario::Scenario;

/// Minimum number of draws for 95 % intervals, because fewer draws cannot estimate the 2.5th and 97.5th percentiles.
pub const INTERVAL_DRAWS: usize = 100;

/// A finished probabilistic analysis.
pub struct PsaAnswer<'a> {
    /// Scenario that was analysed.
    pub scenario: &'a Scenario,
    /// Decision of the scenario.
    pub decision: &'a Decision,
    /// Settings of the analysis.
    pub question: &'a PsaQuestion,
    /// Sampler that generated the draws of the parameters.
    pub draws: Draws<'a>,
    /// Parameter values and outcome totals of all draws.
    pub psa: Psa,
    /// Clinical results of all draws; `None` if the scenario follows none.
    pub followed: Option<FollowedAnswer>,
    /// Acceptability curves, expected loss, EVPI and the other results for the decision.
    pub answers: Answers,
    /// Totals `[strategy][outcome]` at base values; with the exact engine, the totals of `arcosim run`.
    pub base: Totals,
    /// Totals `[strategy][outcome]` at base values with the numerical integration of the draws, for comparison with the
    /// mean of the draws.
    pub base_as_drawn: Totals,
    /// Integration error of the incremental net benefit at base values, at the leading threshold; `None` with the
    /// microsimulation.
    pub integration_error: Option<f64>,
}

/// Runs the probabilistic analysis of a scenario, and computes the results for its decision.
pub fn ask<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    session: &Session,
) -> Result<PsaAnswer<'a>, Refusal> {
    answered(scenario, question, (&[], Plan::new(scenario)?), session)
}

/// Runs the probabilistic analysis like [`ask`], without the clinical results that the scenario follows.
pub fn ask_for_totals<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    session: &Session,
) -> Result<PsaAnswer<'a>, Refusal> {
    ask_with_subgroups(scenario, question, &[], session)
}

/// Runs the probabilistic analysis like [`ask_for_totals`], with the totals of the subgroups of these sets of divisions.
pub fn ask_with_subgroups<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    sets: &[Vec<usize>],
    session: &Session,
) -> Result<PsaAnswer<'a>, Refusal> {
    answered(scenario, question, (sets, Plan::default()), session)
}

fn answered<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    (sets, plan): (&[Vec<usize>], Plan),
    session: &Session,
) -> Result<PsaAnswer<'a>, Refusal> {
    let decision = named::decision(scenario)?;
    let model = &scenario.model;
    affordable(scenario, question, (sets, &plan), session)?;
    let draws = draws(scenario, question);
    let began = Instant::now();
    session.observer.say("Running", &described(scenario, question, &draws));
    let advance = |n| session.observer.advance(n);
    let how = (question.engine, question.redraw);
    let psa = run_with_subgroups(model, &draws, how, (sets, &plan), &advance, session.stop);
    session.observer.finish();
    let mut psa = psa.map_err(|ended| refusal(ended, scenario))?;
    session.observer.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    let values = model.base_values();
    let exact = |integration| Evaluator::new(model, integration).totals(&values);
    let (base, base_as_drawn, counts) = match question.engine {
        DrawEngine::Cohort(integration) => {
            let base = exact(Integration::RUN);
            let as_drawn = if integration == Integration::RUN { base.clone() } else { exact(integration) };
            // With the integration of `arcosim run`, so that curves at base values are those of a run.
            let mut evaluator = Evaluator::new(model, Integration::RUN);
            let counts = (!plan.is_empty()).then(|| {
                evaluator.set(&values);
                evaluator.counts(&values)
            });
            (base, as_drawn, counts)
        }
        DrawEngine::Microsim { patients, seed } => {
            let found = simulation(model, &values, &Settings::new(patients, seed), session)?;
            let base = means(&found);
            (base.clone(), base, Some(found.counts))
        }
    };
    let followed = counts
        .filter(|_| !plan.is_empty())
        .map(|counts| FollowedAnswer::new(model, plan, counts, std::mem::take(&mut psa.followed)));
    let answers = Answers::new(model, decision, &psa, question.wtp).map_err(|why| {
        Refusal::Question(format!("cannot compare strategies in the PSA of `{}`: {why}", scenario.name))
    })?;
    let integration_error = match question.engine {
        DrawEngine::Cohort(_) => {
            let strategies: Vec<usize> = (0..model.strategies.len()).collect();
            let totals = [&base_as_drawn[..], &base[..]];
            let lead = answers.thresholds[0];
            Some(largest_difference(decision, totals, &strategies, model.reference(), lead))
        }
        DrawEngine::Microsim { .. } => None,
    };
    Ok(PsaAnswer {
        followed,
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

/// Refuses an analysis that exceeds the memory limit.
fn affordable(
    scenario: &Scenario,
    question: &PsaQuestion,
    (sets, plan): (&[Vec<usize>], &Plan),
    session: &Session,
) -> Result<(), Refusal> {
    let model = &scenario.model;
    let patients = match question.engine {
        DrawEngine::Cohort(_) => None,
        DrawEngine::Microsim { patients, .. } => Some(patients),
    };
    let mut all = need_of_run(model, patients.is_none(), patients);
    let varying = scenario.uncertainty.varying().len();
    all.parts.extend(need(model, varying, question.draws, patients.is_some()).parts);
    all.parts.extend(need_of_subgroups(model, sets, question.draws).parts);
    all.parts.extend(plan.need(question.draws).parts);
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

/// Simulated patients at these parameter values.
fn simulation(
    model: &Model,
    values: &[f64],
    settings: &Settings,
    session: &Session,
) -> Result<microsim::Simulated, Refusal> {
    let watch = Watch { stop: Some(session.stop), ..Watch::default() };
    microsim::run(&Tables::new(model, values), settings, &watch).ok_or(Refusal::Stopped)
}

/// Mean totals `[strategy][outcome]` of simulated patients.
fn means(simulated: &microsim::Simulated) -> Totals {
    let strategies = simulated.totals.strategies.iter();
    strategies.map(|s| s.outcomes.iter().map(|t| t.mean).collect()).collect()
}

impl PsaAnswer<'_> {
    /// Whether the analysis has enough draws for 95 % intervals.
    pub fn has_intervals(&self) -> bool {
        self.psa.totals.len() >= INTERVAL_DRAWS
    }

    /// Model of the scenario.
    pub fn model(&self) -> &Model {
        &self.scenario.model
    }

    /// Unit of the cost outcome, for example a currency.
    pub fn money(&self) -> &str {
        &self.model().outcomes[self.decision.cost].unit
    }

    /// Unit of the effect outcome, for example QALYs.
    pub fn gain(&self) -> &str {
        &self.model().outcomes[self.decision.effect].unit
    }

    /// Label of a strategy.
    pub fn label(&self, strategy: usize) -> &str {
        &self.model().strategies[strategy].label
    }

    /// Discounted number of people affected by the decision; `None` if the scenario does not state it.
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

/// Parameter values and totals of a single draw.
pub struct OneDraw {
    /// Values of all parameters.
    pub values: Vec<f64>,
    /// Totals `[strategy][outcome]`, or the reason why the draw cannot be run.
    pub totals: Result<Totals, Refusal>,
}

/// Runs a single draw of a probabilistic analysis; `k` is the number of the draw, from 1.
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
            match invalid(model, k, &values, evaluator.set(&values)) {
                None => Ok(evaluator.run(&values)),
                Some(ended) => Err(refusal(ended, scenario)),
            }
        }
        DrawEngine::Microsim { patients, seed } => {
            let settings = Settings { draw: k, ..Settings::new(patients, seed) };
            Ok(means(&simulation(model, &values, &settings, session)?))
        }
    };
    Ok(OneDraw { values, totals })
}
