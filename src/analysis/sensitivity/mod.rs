//! Deterministic sensitivity analysis: what other values of the parameters would do to the decision. Everything is
//! measured as net monetary benefit (NMB) and never as a ratio, which has no order across the quadrants of the plane.

mod answer;
pub mod one_way;
pub mod scenarios;
pub mod threshold;
pub mod two_way;
pub mod worth;

pub use answer::{DsaAnswer, DsaOptions, DsaQuestion, Swept, ask};

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::evaluation::{Evaluator, Integration};
use arcosim_core::model::{Decision, Model, ParametersRead, impossible, no_discount};
use arcosim_scenario::Scenario;
use arcosim_scenario::parameters::ParameterRow;

/// Expected totals `[strategy][outcome]` per patient by the horizon.
pub type Totals = Vec<Vec<f64>>;

/// The totals at some values, or why there are none.
pub type Outcome = Result<Totals, String>;

/// Gauss nodes on each continuous attribute in sweeps.
pub const NODES: usize = 8;

/// What is asked of a scenario whose parameters move.
pub struct Setting<'a> {
    /// The model.
    pub model: &'a Model,
    /// The parameter table, in the order of the model's parameters.
    pub rows: &'a [ParameterRow],
    /// What is paid and what is gained.
    pub decision: &'a Decision,
    /// What a unit of effect may cost; the first leads.
    pub thresholds: Vec<f64>,
    /// How continuous attributes are integrated.
    pub integration: Integration,
    /// Which parameters the model reads.
    pub read: ParametersRead,
    /// Base values of all parameters.
    pub base: Vec<f64>,
    /// What is added to the totals of few nodes, and the totals of a run that they give at base values.
    anchor: Option<(Totals, Totals)>,
    stop: &'a AtomicBool,
}

impl<'a> Setting<'a> {
    /// The setting of a scenario with a decision; `lead` is a threshold to lead with instead of the decision's first.
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
            thresholds: worth::thresholds(decision, lead),
            integration,
            read: ParametersRead::of(model),
            base: model.base_values(),
            anchor: None,
            stop,
        }
    }

    /// Anchors all answers to the base case of a run, `run`: what few nodes put the totals off at base values is taken
    /// off wherever the parameters go, so that a sweep costs few nodes and its base is that of `arcosim run`. An error
    /// if the base cannot be run.
    pub fn anchored(mut self, run: &Totals) -> Result<Setting<'a>, String> {
        let few = self.at_base()?;
        self.anchor = Some((difference(run, &few), run.clone()));
        Ok(self)
    }

    /// Totals of few nodes, anchored.
    fn anchor(&self, mut totals: Totals) -> Totals {
        if let Some((shift, _)) = &self.anchor {
            add(&mut totals, shift, 1.0);
        }
        totals
    }

    /// The totals at each of these changes of base values, `(parameter, value)`, in their order; `None` if it was
    /// stopped. Each is evaluated alone, so that neither threads nor order show in the numbers.
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

    /// Something that evaluates one point after another.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.model, self.integration)
    }

    /// The totals at base values with these changed.
    pub fn at(&self, evaluator: &mut Evaluator, changes: &[(usize, f64)]) -> Outcome {
        let mut values = self.base.clone();
        changes.iter().for_each(|&(p, value)| values[p] = value);
        if let Some(why) = no_discount(self.model, &values) {
            return Err(why);
        }
        // Amounts cannot make a model impossible, and looking at all rows takes as long as running it.
        if changes.iter().any(|&(p, _)| self.read.by_lives[p])
            && let Some(why) = impossible(self.model, &values)
        {
            return Err(why);
        }
        match &self.anchor {
            // The same question has the same answer to the last digit.
            Some((_, run)) if changes.is_empty() => Ok(run.clone()),
            _ => finite(self.anchor(evaluator.totals(&values))),
        }
    }

    /// Whether somebody wants it to end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// `[strategy][outcome]`: one less the other.
pub fn difference(one: &Totals, other: &Totals) -> Totals {
    let mut all = one.clone();
    add(&mut all, other, -1.0);
    all
}

/// Adds so many times `more` to totals.
pub fn add(totals: &mut Totals, more: &Totals, times: f64) {
    for (own, more) in totals.iter_mut().flatten().zip(more.iter().flatten()) {
        *own += times * more;
    }
}

/// Totals that are numbers.
pub fn finite(totals: Totals) -> Outcome {
    match totals.iter().flatten().all(|x| x.is_finite()) {
        true => Ok(totals),
        false => Err("the totals are not finite numbers".into()),
    }
}
