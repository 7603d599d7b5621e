//! Reward lines: every reward at every place where it is paid (a state, an edge, or the start), numbered once for both
//! engines.

use super::paths::Paths;
use super::rewards::{Correction, Reward, Weights};
use super::structure::Structure;

/// One reward at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardLine {
    /// Index into `Model::rewards`.
    pub reward: usize,
    /// Place.
    pub at: RewardAt,
}

/// Where a reward is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardAt {
    /// For as long as a patient is in this state.
    In(usize, Reading),
    /// With a move along this edge.
    Edge(usize),
    /// At time zero.
    Start,
}

/// The clocks at which the reward of a state is read at a point of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Any, because the reward does not read model time.
    Any,
    /// Those of the cycle that begins there (or of the point itself, where the outcome is counted by points).
    Begins,
    /// Those of the cycle that ends there.
    Ends,
}

impl RewardLine {
    /// The weight of each point of the grid in the total of the outcome (for the start, only the first is used).
    pub fn weights<'w>(&self, of_outcome: &'w Weights) -> &'w [f64] {
        match self.at {
            RewardAt::In(_, Reading::Any) => &of_outcome.both,
            RewardAt::In(_, Reading::Begins) => &of_outcome.start,
            RewardAt::In(_, Reading::Ends) => &of_outcome.end,
            RewardAt::Edge(_) | RewardAt::Start => &of_outcome.once,
        }
    }

    /// The sum of `amounts`, one for each point of the grid, times their weights.
    pub fn total(&self, of_outcome: &Weights, amounts: &[f64]) -> f64 {
        dot(self.weights(of_outcome), amounts)
    }

    /// Cycles completed, as this line reads them at grid point `k`; `None` where it pays nothing.
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

    /// The outcome that it adds to.
    pub fn outcome(&self, model: &Structure) -> usize {
        model.rewards[self.reward].outcome(model)
    }
}

/// All lines of a model, in the order of its rewards.
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
        Correction::End => &[Reading::Ends],
        Correction::LifeTable => &[Reading::Begins, Reading::Ends],
        _ => &[Reading::Begins],
    }
}

/// Sum of products in four interleaved parts, which a processor adds at once; always in the same order.
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
