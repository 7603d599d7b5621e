//! What changed between two scenarios, and what each change did to cost, effect, net benefit and ICER.
//!
//! The difference between the results of two scenarios is divided among their differences by the Shapley value: the mean
//! over all orders of what a change does when it is made after those before it (Shapley 1953). The parts add to the
//! whole, a change that does nothing gets nothing, and what two changes only do together is halved.

mod answer;
mod changes;
mod shapley;

pub use answer::{DiffAnswer, DiffQuestion, ask};
pub use changes::{Change, Said, changes};
pub use shapley::{Estimate, MOST_EXACT, Method, PAIRS, Shares, shapley};

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::evaluation::{Evaluator, Integration};
use super::sensitivity::worth::Ratio;
use super::sensitivity::{Outcome, Totals, add, difference as less, finite};
use arcosim_core::model::{Decision, Model, impossible};
use arcosim_scenario::Scenario;

/// A change, or several that are made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is called: the parameter, the group, or "structure".
    pub name: String,
    /// Indices into [`Difference::changes`].
    pub changes: Vec<usize>,
}

/// The name of the step that holds every difference that is no value of a parameter.
pub const STRUCTURE: &str = "structure";

/// One strategy against the reference in both scenarios, and what lies between.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Name of the strategy.
    pub strategy: String,
    /// Incremental cost before and after.
    pub cost: [f64; 2],
    /// Incremental effect before and after.
    pub effect: [f64; 2],
    /// Ratio before and after.
    pub ratio: [Ratio; 2],
    /// What each step did to the incremental cost.
    pub cost_by: Shares,
    /// What each step did to the incremental effect.
    pub effect_by: Shares,
    /// What each step did to the ICER; `None` where some mix of both scenarios has none, or it lies in another quadrant.
    pub ratio_by: Option<Shares>,
}

/// Everything that differs, and what it did.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What differs.
    pub changes: Vec<Change>,
    /// The changes as they were attributed.
    pub steps: Vec<Step>,
    /// How.
    pub method: Method,
    /// Name of the reference strategy.
    pub reference: String,
    /// Every strategy that was compared.
    pub comparisons: Vec<Comparison>,
}

impl Comparison {
    /// Incremental net benefit before and after at a threshold.
    pub fn benefit(&self, threshold: f64) -> [f64; 2] {
        [0, 1].map(|i| threshold * self.effect[i] - self.cost[i])
    }

    /// What each step did to the incremental net benefit at a threshold.
    pub fn benefit_by(&self, threshold: f64) -> Shares {
        self.effect_by.combine(&self.cost_by, |effect, cost| threshold * effect - cost)
    }
}

/// Compares two scenarios. `strategies` are names of strategies in both; the reference is that of the first. `None` if
/// it was stopped; an error says what keeps them from being compared.
pub fn difference(
    [a, b]: [&Scenario; 2],
    strategies: &[String],
    integration: Integration,
    stop: &AtomicBool,
) -> Option<Result<Difference, String>> {
    let (Some(decision_a), Some(decision_b)) = (&a.decision, &b.decision) else {
        return Some(Err("both scenarios need a [decision]".into()));
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
    // Whatever no key shows (a table of another content, say) is structure as well.
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
        Comparison {
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

/// The changes that are made together: structure is one, parameters are one each, or one for each group if they are too
/// many to try all mixes.
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
            // What nothing reads does nothing.
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

/// One of the two scenarios made ready.
struct Side<'a> {
    model: &'a Model,
    decision: &'a Decision,
    integration: Integration,
    reference: usize,
    strategies: Vec<usize>,
    /// What few nodes lack of a run at base values.
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

    /// Incremental cost, incremental effect and ratio of every strategy; a ratio that is none is not a number.
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

/// The shift of one side in the places of another: its strategies that are compared, and what is paid and gained. Nothing
/// else is read.
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

/// Mixes of two scenarios: the model of one, with values of either.
struct Mix<'a> {
    sides: &'a [Side<'a>; 2],
    /// Index of the step that is structure.
    structure: Option<usize>,
    /// Per side: base values, and `(parameter, step, value before, value after)` of those that change.
    values: [Vec<f64>; 2],
    changed: [Vec<(usize, usize, [f64; 2])>; 2],
    /// Per side: what few nodes lack in the first and in the second scenario, as totals of that side.
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

    /// Whether the first model with all values of the second gives what the second gives.
    fn reaches_b(&self) -> bool {
        let mut values = self.values[0].clone();
        for &(p, _, [_, after]) in &self.changed[0] {
            values[p] = after;
        }
        let [a, b] = self.sides;
        // On the same nodes: this is about the models.
        let mixed = a.increments(&a.evaluator().totals(&values));
        let there = b.increments(&b.evaluator().totals(&self.values[1]));
        let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1e-9);
        let same = |(x, y): (&[f64; 3], &[f64; 3])| near(x[0], y[0]) && near(x[1], y[1]);
        mixed.iter().zip(&there).all(same)
    }

    /// Increments of every strategy with the steps of `set` made.
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
        // Both ends are those of a run. What few nodes lack of it goes from that of the first scenario to that of the
        // second in equal parts for every step, so that the parts add to the whole.
        let made = set.iter().filter(|made| **made).count();
        let after = if set.is_empty() { 0.0 } else { made as f64 / set.len() as f64 };
        let [first, second] = &self.own_shifts[side];
        add(&mut totals, first, 1.0 - after);
        add(&mut totals, second, after);
        Ok(self.sides[side].increments(&totals))
    }
}
