use super::exits::exits;
use crate::prelude::*;
use crate::situations;
use arcosim_core::model::hazard::{Reads, stated};
use arcosim_core::model::{Model, Situation, branch_shares, hazard};

pub static S03: Check = Check {
    id: "S03",
    title: "The ways out of every state add to one",
    why: "For every strategy, state, kind of patient and cycle the hazards and probabilities are worked out as both engines read \
          them, set against one another, split over their branches and added to the share that stays. The sum must be 1, and \
          no part may be negative or no number: otherwise patients are made or lost on the way.",
    hint: "The finding names strategy, state and cycle, and the transitions with their probabilities there.",
    basis: "TECH-VER, assertHE",
    quick: true,
    needs: &[],
    run,
};

/// Probabilities may differ from 1 by this much.
const ROUNDING: f64 = 1e-12;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the probabilities of leaving and of staying add to 1", ROUNDING);
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &evidence.base);
        for (state, own) in model.states.iter().enumerate() {
            let exits: Vec<usize> = exits(model, state);
            if exits.is_empty() {
                continue;
            }
            let mut reads = Reads::default();
            for &t in &exits {
                reads.merge(&hazard::reads(model, s, t));
                reads.add_shares(&model.transitions[t].branches);
            }
            // The worst row: how far off, the sum, and how it is made up.
            let mut worst = (-1.0, 1.0, String::new());
            situations::each(model, &parameters, state, &reads, !evidence.quick, |situation| {
                let row = row(model, s, &exits, situation);
                let off = row.off();
                if off > worst.0 {
                    worst = (off, row.sum, described(model, &exits, &row, situation));
                }
            });
            let what = format!("the sum in state `{}` under `{}` ({})", own.name, strategy.name, worst.2);
            let sum = if worst.0.is_finite() { worst.1 } else { f64::NAN };
            comparisons.same(&own.name, &what, 1.0, sum);
        }
    }
    comparisons.verdict("no transition leads out of any state")
}

/// A row of probabilities.
struct Probabilities {
    /// Per exit.
    exits: Vec<f64>,
    /// Of all ways out and of staying.
    sum: f64,
    /// Whether a part is negative or no number.
    broken: bool,
}

impl Probabilities {
    fn off(&self) -> f64 {
        match self.broken || self.sum.is_nan() {
            true => f64::INFINITY,
            false => (self.sum - 1.0).abs(),
        }
    }
}

/// What happens in one cycle to those in a state: first what is decided first, then the rest among those who are left;
/// what competes shares by its hazards.
fn row(model: &Model, strategy: usize, exits: &[usize], s: &Situation) -> Probabilities {
    let mut row = Probabilities { exits: vec![0.0; exits.len()], sum: 0.0, broken: false };
    let mut left = 1.0;
    for first in [true, false] {
        let part: Vec<usize> =
            (0..exits.len()).filter(|&i| model.transitions[exits[i]].first == first).collect();
        let spent: Vec<f64> = part.iter().map(|&i| hazard::spend(model, strategy, exits[i], s)).collect();
        row.broken |= spent.iter().any(|w| w.is_nan() || *w < 0.0);
        let sum: f64 = spent.iter().sum();
        let as_stated = part.iter().any(|&i| model.transitions[exits[i]].stated);
        let leaves = if as_stated { sum } else { stated(sum) };
        for (&i, w) in part.iter().zip(&spent) {
            row.exits[i] = match sum > 0.0 {
                true => left * leaves * (w / sum),
                false => 0.0,
            };
        }
        row.broken |= leaves > 1.0 + ROUNDING;
        left *= 1.0 - leaves;
    }
    row.sum = left;
    for (&t, &p) in exits.iter().zip(&row.exits) {
        let split = branch_shares(&model.transitions[t].branches, s);
        row.broken |= split.iter().any(|share| share.is_nan() || *share < -ROUNDING);
        row.sum += p * split.iter().sum::<f64>();
    }
    row
}

fn described(model: &Model, exits: &[usize], row: &Probabilities, s: &Situation) -> String {
    let parts: Vec<String> = exits
        .iter()
        .zip(&row.exits)
        .map(|(&t, p)| format!("{} {}", model.transitions[t].name, number(*p)))
        .collect();
    format!("cycle {}: {}", s.cycle + 1, parts.join(", "))
}
