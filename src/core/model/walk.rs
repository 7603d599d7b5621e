//! Walk over every situation in which an expression is evaluated up to the time horizon, for checks of its values.

use std::ops::ControlFlow;

use super::hazard::Reads;
use super::patients::decode;
use super::{Correction, Expr, Model, Reward, Situation};

/// Strategies, states and cycles in which an expression is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk<'m> {
    /// The expression.
    pub expr: &'m Expr,
    /// Strategies under which the expression is evaluated.
    pub strategies: Vec<usize>,
    /// States in which the expression is evaluated.
    pub states: Vec<usize>,
    /// Number of completed cycles at the last evaluation.
    pub last: usize,
    /// Whether time in a state may also be evaluated at the end of a cycle, one cycle later than at its start.
    pub at_end: bool,
}

/// Approximate limit of the number of pairs of two clocks; above this limit, pairs are thinned.
const SITUATIONS: usize = 20_000;

impl<'m> Walk<'m> {
    /// Walk over the situations in which the amount of a reward is evaluated.
    pub fn of_reward(model: &'m Model, reward: &'m Reward) -> Walk<'m> {
        let arms = 0..model.strategies.len();
        let correction = &model.outcomes[reward.outcome(model)].correction;
        Walk {
            expr: &reward.amount,
            strategies: arms.filter(|&arm| reward.given_under(arm)).collect(),
            states: model.read_in(&reward.when),
            last: match () {
                () if reward.when.only_at_start() => 0,
                () if reward.when.accrues() && correction.by_points() => model.time.cycles,
                () => model.time.cycles - 1,
            },
            at_end: reward.when.accrues() && matches!(correction, Correction::End | Correction::LifeTable),
        }
    }

    /// Walk over the situations in which an expression of transition `t` is evaluated.
    pub fn of_transition(model: &'m Model, t: usize, expr: &'m Expr) -> Walk<'m> {
        Walk {
            expr,
            strategies: (0..model.strategies.len()).collect(),
            states: model.transitions[t].from.clone(),
            last: model.time.cycles - 1,
            at_end: false,
        }
    }

    /// Calls `visit` with the strategy and with each situation that the expression distinguishes, until `visit`
    /// breaks. Continuous attributes take the ends and the middle of their range.
    pub fn each(
        &self,
        model: &Model,
        base: &[f64],
        mut visit: impl FnMut(usize, &Situation) -> ControlFlow<()>,
    ) {
        let reads = Reads::of(self.expr);
        let patients = patients(model, base, &reads.attributes());
        let last = if reads.time || reads.age { self.last } else { 0 };
        let longest = |cycle: usize| match (reads.residence.is_empty(), last) {
            (true, _) => 0,
            // If the expression reads no other clock, the stay can have any length up to the horizon.
            (false, 0) => self.last + usize::from(self.at_end),
            _ => cycle + usize::from(self.at_end),
        };
        let both = (last + 1) * (longest(last) + 1) / 2;
        let thin = crate::math::sqrt(both as f64 / SITUATIONS as f64).ceil().max(1.0) as usize;
        // Thinning keeps every cycle and every length of stay at least once, however long the time horizon.
        let step = |cycle: usize| match cycle {
            cycle if cycle == last => 1,
            cycle if cycle.is_multiple_of(thin) => thin,
            _ => longest(cycle).max(1),
        };
        let states = match reads.state {
            true => &self.states[..],
            false => &self.states[..self.states.len().min(1)],
        };
        let mut parameters = Vec::new();
        let mut seen: Vec<Vec<u64>> = Vec::new();
        for &strategy in &self.strategies {
            match model.strategies.get(strategy) {
                Some(own) => own.parameters_into(model, base, &mut parameters),
                None => parameters = base.to_vec(),
            }
            let own = self.values_read(&parameters);
            if seen.contains(&own) {
                continue;
            }
            seen.push(own);
            for attributes in &patients {
                for &state in states {
                    for cycle in 0..=last {
                        for spent in (0..=longest(cycle)).step_by(step(cycle)) {
                            let visited = visit(
                                strategy,
                                &Situation {
                                    parameters: &parameters,
                                    attributes,
                                    state,
                                    cycle,
                                    residence: &model
                                        .groups
                                        .iter()
                                        .map(|g| g.at_most(spent))
                                        .collect::<Vec<_>>(),
                                    cycles_per_year: model.time.cycles_per_year,
                                    part: model.time.part(),
                                },
                            );
                            if visited.is_break() {
                                return;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Values (as bits) of the parameters that the expression reads.
    fn values_read(&self, parameters: &[f64]) -> Vec<u64> {
        let mut values = Vec::new();
        self.expr.walk(&mut |e| {
            if let Expr::Parameter(p) = e {
                values.push(parameters[*p].to_bits());
            }
        });
        values
    }
}

/// Patients who differ in the `relevant` attributes: every combination of categories, and the ends and the middle
/// of the range of continuous attributes.
pub fn patients(model: &Model, parameters: &[f64], relevant: &[usize]) -> Vec<Vec<f64>> {
    let sizes: Vec<usize> = relevant.iter().map(|&a| model.attributes[a].most_probes()).collect();
    let probes: Vec<Vec<f64>> =
        relevant.iter().map(|&a| model.attributes[a].probes(model, parameters)).collect();
    let count = sizes.iter().product::<usize>().min(MOST);
    (0..count)
        .map(|class| {
            let mut values = vec![0.0; model.attributes.len()];
            decode(class, relevant, &sizes, &mut values);
            for (&a, probes) in relevant.iter().zip(&probes) {
                values[a] = probes[values[a] as usize];
            }
            values
        })
        .collect()
}

/// Largest number of patients that are evaluated for one expression.
const MOST: usize = 20_000;

/// The `relevant` attributes of a patient, as `name = value`.
pub fn described(model: &Model, relevant: &[usize], patient: &[f64]) -> Vec<String> {
    let one = |&a: &usize| {
        let attribute = &model.attributes[a];
        format!("{} = {}", attribute.name, attribute.in_words(patient[a], |x| format!("{x}")))
    };
    relevant.iter().map(one).collect()
}
