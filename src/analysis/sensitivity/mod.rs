//! Deterministic sensitivity analysis: the effect of other parameter values on the decision. Results are net monetary
//! benefit (NMB) rather than ratios, because ratios have no order across the quadrants of the plane.

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
use arcosim_core::model::{Decision, Model, ParametersRead, impossible, no_discount};
use arcosim_scenario::Scenario;
use arcosim_scenario::parameters::ParameterRow;

/// Expected totals `[strategy][outcome]` per patient over the horizon.
pub type Totals = Vec<Vec<f64>>;

/// The totals at some parameter values, or the reason why there are none.
pub type Outcome = Result<Totals, String>;

/// Gauss nodes for each continuous attribute in sweeps.
pub const NODES: usize = 8;

/// A scenario with its decision, prepared for changes of parameters.
pub struct Setting<'a> {
    /// The model.
    pub model: &'a Model,
    /// The parameter table, in the order of the model's parameters.
    pub rows: &'a [ParameterRow],
    /// The outcomes that are cost and effect, and the thresholds.
    pub decision: &'a Decision,
    /// Willingness-to-pay thresholds; the leading one is first.
    pub thresholds: Vec<f64>,
    /// Integration over continuous attributes.
    pub integration: Integration,
    /// Which parameters the model reads.
    pub read: ParametersRead,
    /// Base values of all parameters.
    pub base: Vec<f64>,
    /// Correction added to all totals, and the totals of a run at base values.
    anchor: Option<(Totals, Totals)>,
    stop: &'a AtomicBool,
}

impl<'a> Setting<'a> {
    /// Prepares a scenario with a decision; `lead` replaces the leading threshold.
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

    /// Corrects all results by the integration error at base values, so that sweeps with few nodes agree with `run`,
    /// the base case of `arcosim run`. An error if the base case cannot be run.
    pub fn anchored(mut self, run: &Totals) -> Result<Setting<'a>, String> {
        let few = self.at_base()?;
        self.anchor = Some((difference(run, &few), run.clone()));
        Ok(self)
    }

    /// Adds the correction to totals computed with few nodes.
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

    /// The totals at base values.
    pub fn at_base(&self) -> Outcome {
        self.at(&mut self.evaluator(), &[])
    }

    /// An evaluator for a series of points.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.model, self.integration)
    }

    /// The totals at base values with these changes.
    pub fn at(&self, evaluator: &mut Evaluator, changes: &[(usize, f64)]) -> Outcome {
        let mut values = self.base.clone();
        changes.iter().for_each(|&(p, value)| values[p] = value);
        if let Some(why) = no_discount(self.model, &values) {
            return Err(why);
        }
        // Costs and utilities cannot make probabilities invalid, and checking all probabilities takes as long as a run.
        if changes.iter().any(|&(p, _)| self.read.by_lives[p])
            && let Some(why) = impossible(self.model, &values)
        {
            return Err(why);
        }
        match &self.anchor {
            // Without changes the totals are those of a run, to the last digit.
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

/// The totals, or an error if any is not finite.
pub fn finite(totals: Totals) -> Outcome {
    match totals.iter().flatten().all(|x| x.is_finite()) {
        true => Ok(totals),
        false => Err("the totals are not finite numbers".into()),
    }
}
