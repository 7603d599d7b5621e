use super::exits::exits;
use crate::prelude::*;
use crate::situations;
use arcosim_core::model::hazard::{Reads, stated};
use arcosim_core::model::{Model, Situation, branch_shares, hazard};

pub static S03: Check = Check {
    id: "S03",
    title: "The probabilities of leaving and staying add up to one in every state",
    why: "For every strategy, state, patient group and cycle, hazards and probabilities are evaluated as the engines \
          do: combined as competing risks, split over their branches and added to the probability of staying. The \
          sum must be 1, and no part may be negative or undefined; otherwise the model creates or loses patients.",
    hint: "Correct the hazard or probability that is negative, undefined or too large; the finding lists the \
           strategy, state and cycle, and the transitions with their probabilities.",
    basis: "TECH-VER, assertHE",
    quick: true,
    needs: &[],
    run,
};

/// Tolerated rounding error of a sum of probabilities.
const ROUNDING: f64 = 1e-12;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("probabilities of leaving and staying that add up to 1", ROUNDING);
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
            // Error, sum and description of the row with the largest error.
            let mut worst = (-1.0, 1.0, String::new());
            situations::each(model, &parameters, state, &reads, !evidence.quick, |situation| {
                let row = row(model, s, &exits, situation);
                let off = row.off();
                if off > worst.0 {
                    worst = (off, row.sum, described(model, &exits, &row, situation));
                }
            });
            let what = format!(
                "the sum of probabilities in state `{}` under `{}` ({})",
                own.name, strategy.name, worst.2
            );
            let sum = if worst.0.is_finite() { worst.1 } else { f64::NAN };
            comparisons.same(&own.name, &what, 1.0, sum);
        }
    }
    comparisons.verdict("the model has no transitions")
}

/// One row of the transition matrix.
struct Probabilities {
    /// Probability of each exit.
    exits: Vec<f64>,
    /// Sum of the probabilities of all exits and of staying.
    sum: f64,
    /// Whether a probability is negative or not a number.
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

/// Probabilities of one cycle in a state: transitions marked `first` are applied first, and all others to the patients
/// who remain. Competing transitions share the total in proportion to their hazards.
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
