//! Reward lines: every reward at every place where it is paid (a state, an edge, or the start), numbered once for both
//! engines.

use super::paths::Paths;
use super::rewards::{Correction, Reward, Weights};
use super::structure::Structure;

/// Reward line: one reward at one place where the reward is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardLine {
    /// Index into `Model::rewards`.
    pub reward: usize,
    /// Place at which the reward is paid.
    pub at: RewardAt,
}

/// Place at which a reward is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardAt {
    /// In the state with this index, for as long as the patient is in the state.
    In(usize, Reading),
    /// On a move along the edge with this index.
    Edge(usize),
    /// At time zero.
    Start,
}

/// Clocks with which a state reward is evaluated at a grid point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Any clocks, because the reward reads neither model time nor age.
    Any,
    /// Clocks of the cycle that begins at the grid point (or of the grid point itself, for a correction by
    /// points).
    Begins,
    /// Clocks of the cycle that ends at the grid point.
    Ends,
}

impl RewardLine {
    /// Weight of each grid point in the total of the outcome; a reward at the start uses only the first weight.
    pub fn weights<'w>(&self, of_outcome: &'w Weights) -> &'w [f64] {
        match self.at {
            RewardAt::In(_, Reading::Any) => &of_outcome.both,
            RewardAt::In(_, Reading::Begins) => &of_outcome.start,
            RewardAt::In(_, Reading::Ends) => &of_outcome.end,
            RewardAt::Edge(_) | RewardAt::Start => &of_outcome.once,
        }
    }

    /// Weighted sum of `amounts`, which contains one amount per grid point.
    pub fn total(&self, of_outcome: &Weights, amounts: &[f64]) -> f64 {
        dot(self.weights(of_outcome), amounts)
    }

    /// Number of completed cycles at which this line is evaluated for grid point `k`; `None` if the line pays
    /// nothing at this point.
    pub fn cycle_read(&self, model: &Structure, k: usize) -> Option<usize> {
        match self.at {
            RewardAt::In(_, Reading::Any) => Some(0),
            RewardAt::In(_, Reading::Begins) => {
                let outcome = &model.outcomes[self.outcome(model)];
                (k < model.time.cycles || outcome.correction.by_points()).then_some(k)
            }
            RewardAt::In(_, Reading::Ends) | RewardAt::Edge(_) => k.checked_sub(1),
            RewardAt::Start => (k == 0).then_some(0),
        }
    }

    /// Index of the outcome to which the reward contributes.
    pub fn outcome(&self, model: &Structure) -> usize {
        model.rewards[self.reward].outcome(model)
    }
}

/// All reward lines of a model, in the order of its rewards.
pub fn lines(model: &Structure, paths: &Paths) -> Vec<RewardLine> {
    let mut lines = Vec::new();
    for (r, reward) in model.rewards.iter().enumerate() {
        let mut add = |at| lines.push(RewardLine { reward: r, at });
        for &state in reward.when.states() {
            readings(model, reward).iter().for_each(|&reading| add(RewardAt::In(state, reading)));
        }
        if reward.when.may_be_at_start(&model.strategies) {
            add(RewardAt::Start);
        }
        for (e, edge) in paths.edges.iter().enumerate() {
            if reward.when.on_edge(edge) {
                add(RewardAt::Edge(e));
            }
        }
    }
    lines
}

fn readings(model: &Structure, reward: &Reward) -> &'static [Reading] {
    let reads = reward.reads();
    match model.outcomes[reward.outcome(model)].correction {
        _ if !(reads.time || reads.age) => &[Reading::Any],
        // Amounts are evaluated in the middle of each cycle, and no within-cycle correction is used.
        _ if model.time.continuous() => &[Reading::Begins],
        Correction::End => &[Reading::Ends],
        Correction::LifeTable => &[Reading::Begins, Reading::Ends],
        _ => &[Reading::Begins],
    }
}

/// Sum of products in four interleaved parts, which a processor can add in parallel. The order of addition is
/// always the same, so that results are reproducible.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (x, y) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(x, y)| x * y).sum();
    let mut parts = [0.0; 4];
    for (x, y) in x.zip(y) {
        for i in 0..4 {
            parts[i] += x[i] * y[i];
        }
    }
    rest + parts.iter().sum::<f64>()
}
