//! Deterministic sensitivity analysis: the effect of changed parameter values on the decision. Results are net monetary
//! benefit (NMB) rather than ratios, because ratios have no order across the quadrants of the cost-effectiveness plane.

mod answer;
pub mod net_benefit;
pub mod one_way;
pub mod scenarios;
pub mod threshold;
pub mod two_way;

pub use answer::{DsaAnswer, DsaOptions, DsaQuestion, Swept, ask};

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::evaluation::{Evaluator, Integration};
use arcosim_core::model::{Decision, Model, ParametersRead, impossible, impossible_amounts};
use arcosim_scenario::Scenario;
use arcosim_scenario::parameters::ParameterRow;

/// Expected totals `[strategy][outcome]` per patient over the horizon.
pub type Totals = Vec<Vec<f64>>;

/// Totals at one set of parameter values, or the reason why the model cannot be run.
pub type Outcome = Result<Totals, String>;

/// Number of Gauss nodes for each continuous attribute when parameters are varied.
pub const NODES: usize = 8;

/// A scenario with its decision, prepared for runs with changed parameter values.
pub struct Setting<'a> {
    /// Model of the scenario.
    pub model: &'a Model,
    /// Rows of the parameter table, in the order of the model's parameters.
    pub rows: &'a [ParameterRow],
    /// Decision of the scenario: cost outcome, effect outcome and thresholds.
    pub decision: &'a Decision,
    /// Willingness-to-pay thresholds, the leading threshold first.
    pub thresholds: Vec<f64>,
    /// Numerical integration over continuous attributes.
    pub integration: Integration,
    /// Parameters that the model reads.
    pub read: ParametersRead,
    /// Base values of all parameters.
    pub base: Vec<f64>,
    /// Correction added to all totals, and the totals of `arcosim run` at base values; `None` without a correction.
    anchor: Option<(Totals, Totals)>,
    stop: &'a AtomicBool,
}

impl<'a> Setting<'a> {
    /// Prepares a scenario that has a decision; if given, `lead` replaces its first willingness-to-pay threshold.
    pub fn new(
        scenario: &'a Scenario,
        decision: &'a Decision,
        lead: Option<f64>,
        integration: Integration,
        stop: &'a AtomicBool,
    ) -> Setting<'a> {
        let model = &scenario.model;
        Setting {
            model,
            rows: &scenario.parameters,
            decision,
            thresholds: net_benefit::thresholds(decision, lead),
            integration,
            read: ParametersRead::of(model),
            base: model.base_values(),
            anchor: None,
            stop,
        }
    }

    /// Corrects all results by the integration error at base values, so that results with few nodes agree with the
    /// totals `run` of the base case, where those with few nodes are `few`.
    pub fn anchored(mut self, run: &Totals, few: &Totals) -> Setting<'a> {
        self.anchor = Some((difference(run, few), run.clone()));
        self
    }

    /// Adds the correction for integration error to totals computed with few nodes.
    fn anchor(&self, mut totals: Totals) -> Totals {
        if let Some((shift, _)) = &self.anchor {
            add(&mut totals, shift, 1.0);
        }
        totals
    }

    /// Totals for each list of changes to base values, `(parameter, value)`, in the given order; `None` if interrupted.
    /// Each point is evaluated independently, so results do not depend on threads or order.
    pub fn sweep(&self, points: &[Vec<(usize, f64)>]) -> Option<Vec<Outcome>> {
        let together = points.len().div_ceil(4 * rayon::current_num_threads()).max(1);
        points
            .par_iter()
            .with_min_len(together)
            .map_init(
                || self.evaluator(),
                |evaluator, point| {
                    let stopped = self.stop.load(Ordering::Relaxed);
                    (!stopped).then(|| self.at(evaluator, point))
                },
            )
            .collect()
    }

    /// Totals at base values.
    pub fn at_base(&self) -> Outcome {
        self.at(&mut self.evaluator(), &[])
    }

    /// Creates an evaluator for a series of points.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.model, self.integration)
    }

    /// Totals at base values with these parameters changed.
    pub fn at(&self, evaluator: &mut Evaluator, changes: &[(usize, f64)]) -> Outcome {
        let mut values = self.base.clone();
        changes.iter().for_each(|&(p, value)| values[p] = value);
        // Probabilities are checked only if the change can affect them, because the check takes as long as a run. Costs
        // and utilities cannot make probabilities invalid.
        let problem = match changes.iter().any(|&(p, _)| self.read.by_lives[p]) {
            true => impossible(self.model, &values),
            false => impossible_amounts(self.model, &values),
        };
        if let Some(why) = problem {
            return Err(why);
        }
        match &self.anchor {
            // Without changes, the totals equal the totals of `arcosim run` to the last digit.
            Some((_, run)) if changes.is_empty() => Ok(run.clone()),
            _ => finite(self.anchor(evaluator.totals(&values))),
        }
    }

    /// Whether the analysis was interrupted.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Difference of totals, `[strategy][outcome]`: `one` minus `other`.
pub fn difference(one: &Totals, other: &Totals) -> Totals {
    let mut all = one.clone();
    add(&mut all, other, -1.0);
    all
}

/// Adds `times` × `more` to totals.
pub fn add(totals: &mut Totals, more: &Totals, times: f64) {
    for (own, more) in totals.iter_mut().flatten().zip(more.iter().flatten()) {
        *own += times * more;
    }
}

/// Returns the totals, or an error if any total is not finite.
pub fn finite(totals: Totals) -> Outcome {
    match totals.iter().flatten().all(|x| x.is_finite()) {
        true => Ok(totals),
        false => Err("the totals are not finite numbers".into()),
    }
}
