//! Difference between two scenarios: the contribution of each change to cost, effect, net benefit and ICER.
//!
//! The difference in results is divided among the changes by the Shapley value: the mean contribution of a change over
//! all orders in which the changes can be made (Shapley 1953). The contributions add up to the whole difference, a
//! change without effect contributes nothing, and an interaction of two changes is shared equally between them.

mod answer;
mod changes;

use crate::shapley::shapley;
pub use crate::shapley::{Estimate, MOST_EXACT, Method, PAIRS, Shares};
pub use answer::{DiffAnswer, DiffQuestion, ask};
pub use changes::{Change, Said, changes};

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::evaluation::{Evaluator, Integration};
use super::sensitivity::net_benefit::Ratio;
use super::sensitivity::{Outcome, Totals, add, difference as less, finite};
use arcosim_core::model::{Decision, Model, impossible};
use arcosim_scenario::Scenario;

/// A change, or several changes that are made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Name of the step: the parameter, the group, or "structure".
    pub name: String,
    /// Changes that belong to the step, as indices into [`Difference::changes`].
    pub changes: Vec<usize>,
}

/// Name of the step that contains every difference other than a parameter value.
pub const STRUCTURE: &str = "structure";

/// One strategy versus the reference in both scenarios, and the contributions of all steps.
#[derive(Clone, Debug)]
pub struct StrategyDifference {
    /// Name of the strategy.
    pub strategy: String,
    /// Incremental cost in both scenarios.
    pub cost: [f64; 2],
    /// Incremental effect in both scenarios.
    pub effect: [f64; 2],
    /// ICER in both scenarios.
    pub ratio: [Ratio; 2],
    /// Contribution of each step to the incremental cost.
    pub cost_by: Shares,
    /// Contribution of each step to the incremental effect.
    pub effect_by: Shares,
    /// Contribution of each step to the ICER; `None` if the ICER of any mix of both scenarios is undefined or in
    /// another quadrant.
    pub ratio_by: Option<Shares>,
}

/// All differences between two scenarios, and the contribution of each step.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Differences in parameter values, parameters and keys.
    pub changes: Vec<Change>,
    /// Steps to which the difference in results is attributed.
    pub steps: Vec<Step>,
    /// Method of attribution.
    pub method: Method,
    /// Name of the reference strategy.
    pub reference: String,
    /// Results for every compared strategy.
    pub comparisons: Vec<StrategyDifference>,
}

impl StrategyDifference {
    /// Incremental net benefit in both scenarios at a threshold.
    pub fn benefit(&self, threshold: f64) -> [f64; 2] {
        [0, 1].map(|i| threshold * self.effect[i] - self.cost[i])
    }

    /// Contribution of each step to the incremental net benefit at a threshold.
    pub fn benefit_by(&self, threshold: f64) -> Shares {
        self.effect_by.combine(&self.cost_by, |effect, cost| threshold * effect - cost)
    }
}

/// Compares two scenarios. `strategies` are names of strategies that exist in both; the reference is taken from the
/// first scenario. Returns `None` if interrupted, and an error if the scenarios cannot be compared.
pub fn difference(
    [a, b]: [&Scenario; 2],
    strategies: &[String],
    integration: Integration,
    stop: &AtomicBool,
) -> Option<Result<Difference, String>> {
    let (Some(decision_a), Some(decision_b)) = (&a.decision, &b.decision) else {
        return Some(Err(
            "both scenarios need a [decision]: without one there is no net benefit to compare".into()
        ));
    };
    let reference = a.model.strategies[a.model.reference()].name.clone();
    let changes = changes(a, b);
    let sides = [
        Side::new(a, decision_a, &reference, strategies, integration),
        Side::new(b, decision_b, &reference, strategies, integration),
    ];
    let sides = match sides {
        [Ok(a), Ok(b)] => [a, b],
        [Err(why), _] | [_, Err(why)] => return Some(Err(why)),
    };
    let mut steps = steps(&changes, [a, b]);
    let mut mix = Mix::new(&sides, &changes, &steps);
    // A difference in results that no changed key or parameter value explains (for example, a table with other content)
    // also counts as structure.
    if !mix.structural() && !mix.reaches_b() {
        steps.insert(0, Step { name: STRUCTURE.into(), changes: Vec::new() });
        mix = Mix::new(&sides, &changes, &steps);
    }
    let found = shapley(steps.len(), |sets| {
        let outcomes: Option<Vec<Result<Vec<[f64; 3]>, String>>> = sets
            .par_iter()
            .with_min_len(sets.len().div_ceil(4 * rayon::current_num_threads()).max(1))
            .map_init(
                || sides.each_ref().map(Side::evaluator),
                |evaluators, set| (!stop.load(Ordering::Relaxed)).then(|| mix.at(evaluators, set)),
            )
            .collect();
        outcomes.map(|all| all.into_iter().collect::<Result<Vec<_>, String>>())
    })?;
    let (method, samples) = match found {
        Ok(found) => found,
        Err(why) => return Some(Err(format!("a mix of the two scenarios cannot be run: {why}"))),
    };
    let ends = [false, true].map(|with| vec![with; steps.len()]);
    let mut evaluators = sides.each_ref().map(Side::evaluator);
    let ends = ends.map(|set| mix.at(&mut evaluators, &set));
    let [Ok(before), Ok(after)] = ends else {
        return Some(Err("one of the scenarios cannot be run".into()));
    };
    let comparisons = strategies.iter().enumerate().map(|(i, strategy)| {
        let pick = |what: usize| samples.pick(|value| value[i][what]);
        let numbers = |what: usize| [before[i][what], after[i][what]];
        let (cost, effect) = (numbers(0), numbers(1));
        let size = |what: usize| numbers(what).iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let tiny = (1e-10 * size(0), 1e-10 * size(1));
        StrategyDifference {
            strategy: strategy.clone(),
            cost,
            effect,
            ratio: [0, 1].map(|end| Ratio::of(cost[end], effect[end], tiny)),
            cost_by: pick(0),
            effect_by: pick(1),
            ratio_by: samples.all(|value| value[i][2].is_finite()).then(|| pick(2)),
        }
    });
    Some(Ok(Difference { comparisons: comparisons.collect(), changes, steps, method, reference }))
}

/// Groups the changes into steps: one step for structure, and one for each parameter or, if the parameters are too many
/// to evaluate all mixes, for each group.
fn steps(changes: &[Change], [a, b]: [&Scenario; 2]) -> Vec<Step> {
    let read = [a, b].map(|s| arcosim_core::model::ParametersRead::of(&s.model).anywhere);
    let is_read = |name: &str| {
        [a, b].iter().zip(&read).any(|(scenario, read)| {
            let at = scenario.parameters.iter().position(|row| row.name == name);
            at.is_some_and(|p| read[p])
        })
    };
    let mut structure = Vec::new();
    let mut parameters: Vec<(usize, &str, &str)> = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        match change {
            Change::Value { name, group, .. } if is_read(name) => parameters.push((i, name, group)),
            // A parameter that neither model uses has no effect.
            Change::Value { .. } => {}
            Change::Key { key, .. } if key.starts_with("decision.") => {}
            Change::Key { .. } | Change::Parameter { .. } => structure.push(i),
        }
    }
    let mut steps = Vec::new();
    if !structure.is_empty() {
        steps.push(Step { name: STRUCTURE.into(), changes: structure });
    }
    let many = steps.len() + parameters.len() > MOST_EXACT;
    for (i, name, group) in parameters {
        let together = many && !group.is_empty();
        let name = match together {
            true => format!("group {group}"),
            false => name.to_string(),
        };
        match steps.iter_mut().find(|step| together && step.name == name) {
            Some(step) => step.changes.push(i),
            None => steps.push(Step { name, changes: vec![i] }),
        }
    }
    steps
}

/// One of the two scenarios, prepared for evaluation.
struct Side<'a> {
    model: &'a Model,
    decision: &'a Decision,
    integration: Integration,
    reference: usize,
    strategies: Vec<usize>,
    /// Integration error at base values: totals of `arcosim run` minus totals with few nodes.
    shift: Totals,
}

impl<'a> Side<'a> {
    fn new(
        scenario: &'a Scenario,
        decision: &'a Decision,
        reference: &str,
        strategies: &[String],
        integration: Integration,
    ) -> Result<Side<'a>, String> {
        let model = &scenario.model;
        let find = |name: &str| {
            let found = model.strategies.iter().position(|s| s.name == name);
            found.ok_or_else(|| format!("scenario `{}` has no strategy `{name}`", scenario.name))
        };
        let base = |integration| Evaluator::new(model, integration).totals(&model.base_values());
        let shift = less(&base(Integration::RUN), &base(integration));
        Ok(Side {
            model,
            decision,
            shift,
            integration,
            reference: find(reference)?,
            strategies: strategies.iter().map(|s| find(s)).collect::<Result<_, _>>()?,
        })
    }

    fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.model, self.integration)
    }

    /// Incremental cost, incremental effect and ICER of every strategy; the ICER is NaN if undefined or in another
    /// quadrant.
    fn increments(&self, totals: &Totals) -> Vec<[f64; 3]> {
        let other = &totals[self.reference];
        let one = |&s: &usize| {
            let own = &totals[s];
            let cost = own[self.decision.cost] - other[self.decision.cost];
            let effect = own[self.decision.effect] - other[self.decision.effect];
            let ratio = match Ratio::between(self.decision, own, other) {
                Ratio::Gained(ratio) => ratio,
                _ => f64::NAN,
            };
            [cost, effect, ratio]
        };
        self.strategies.iter().map(one).collect()
    }
}

/// Integration error of scenario `of`, in the layout of scenario `place`; only for compared strategies, and only for
/// cost and effect.
fn shift_as(of: &Side, place: &Side) -> Totals {
    let mut totals = vec![vec![0.0; place.model.outcomes.len()]; place.model.strategies.len()];
    let own = of.strategies.iter().chain([&of.reference]);
    let there = place.strategies.iter().chain([&place.reference]);
    for (&s, &t) in own.zip(there) {
        for (o, p) in [(of.decision.cost, place.decision.cost), (of.decision.effect, place.decision.effect)] {
            totals[t][p] = of.shift[s][o];
        }
    }
    totals
}

/// Mixes of two scenarios: the model of one scenario, with parameter values from either.
struct Mix<'a> {
    sides: &'a [Side<'a>; 2],
    /// Index of the step "structure"; `None` if the structure is the same.
    structure: Option<usize>,
    /// Base values of all parameters in both scenarios.
    values: [Vec<f64>; 2],
    /// Parameters that change, for the model of each scenario: `(parameter, step, [first value, second value])`.
    changed: [Vec<(usize, usize, [f64; 2])>; 2],
    /// `own_shifts[side][of]`: integration error of scenario `of`, in the layout of scenario `side`.
    own_shifts: [[Totals; 2]; 2],
}

impl<'a> Mix<'a> {
    fn new(sides: &'a [Side<'a>; 2], changes: &[Change], steps: &[Step]) -> Mix<'a> {
        let mut changed = [Vec::new(), Vec::new()];
        for (step, own) in steps.iter().enumerate() {
            for &i in &own.changes {
                let Change::Value { name, values, .. } = &changes[i] else {
                    continue;
                };
                for (side, changed) in sides.iter().zip(&mut changed) {
                    let parameters = &side.model.parameters;
                    if let Some(p) = parameters.iter().position(|parameter| parameter.name == *name) {
                        changed.push((p, step, *values));
                    }
                }
            }
        }
        Mix {
            sides,
            structure: steps.iter().position(|step| step.name == STRUCTURE),
            values: sides.each_ref().map(|side| side.model.base_values()),
            changed,
            own_shifts: [0, 1].map(|side| [0, 1].map(|of| shift_as(&sides[of], &sides[side]))),
        }
    }

    fn structural(&self) -> bool {
        self.structure.is_some()
    }

    /// Whether the first model, with all parameter values of the second scenario, has the results of the second
    /// scenario.
    fn reaches_b(&self) -> bool {
        let mut values = self.values[0].clone();
        for &(p, _, [_, after]) in &self.changed[0] {
            values[p] = after;
        }
        let [a, b] = self.sides;
        // Both models use the same number of quadrature nodes, because the models are compared and not the integration.
        let mixed = a.increments(&a.evaluator().totals(&values));
        let there = b.increments(&b.evaluator().totals(&self.values[1]));
        let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1e-9);
        let same = |(x, y): (&[f64; 3], &[f64; 3])| near(x[0], y[0]) && near(x[1], y[1]);
        mixed.iter().zip(&there).all(same)
    }

    /// Increments and ICER of every strategy after the steps in `set` are made.
    fn at(&self, evaluators: &mut [Evaluator; 2], set: &[bool]) -> Result<Vec<[f64; 3]>, String> {
        let side = usize::from(self.structure.is_some_and(|step| set[step]));
        let mut values = self.values[side].clone();
        for &(p, step, ends) in &self.changed[side] {
            values[p] = ends[usize::from(set[step])];
        }
        let model = self.sides[side].model;
        if let Some(why) = impossible(model, &values) {
            return Err(why);
        }
        let totals: Outcome = finite(evaluators[side].totals(&values));
        let mut totals = totals?;
        // The correction for integration error changes in equal parts per step, from the error of the first scenario to
        // the error of the second. Both ends therefore equal the results of `arcosim run`, and the contributions add up
        // to the whole.
        let made = set.iter().filter(|made| **made).count();
        let after = if set.is_empty() { 0.0 } else { made as f64 / set.len() as f64 };
        let [first, second] = &self.own_shifts[side];
        add(&mut totals, first, 1.0 - after);
        add(&mut totals, second, after);
        Ok(self.sides[side].increments(&totals))
    }
}
