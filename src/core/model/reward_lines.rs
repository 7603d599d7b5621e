//! Where rewards fall, numbered once for both engines: one line for each reward in each state, on each edge, and at
//! the start.

use super::paths::Paths;
use super::rewards::{Correction, Reward, Weights, When};
use super::structure::Structure;

/// One reward at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Index into `Model::rewards`.
    pub reward: usize,
    /// Where it falls.
    pub falls: Falls,
}

/// Where a reward falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Falls {
    /// For as long as a patient is in this state.
    In(usize, Reading),
    /// With a move along this edge.
    Edge(usize),
    /// At time zero.
    Start,
}

/// With which clocks the reward of a state is read at a point of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It reads no model time, so that it makes no difference.
    Any,
    /// Those of the cycle that begins there (or of the point itself, where the outcome is counted by points).
    Begins,
    /// Those of the cycle that ends there.
    Ends,
}

impl Line {
    /// What one unit of this line at each point of the grid adds to its outcome. (Of what falls at the start, only the
    /// first counts.)
    pub fn weights<'w>(&self, of_outcome: &'w Weights) -> &'w [f64] {
        match self.falls {
            Falls::In(_, Reading::Any) => &of_outcome.both,
            Falls::In(_, Reading::Begins) => &of_outcome.start,
            Falls::In(_, Reading::Ends) => &of_outcome.end,
            Falls::Edge(_) | Falls::Start => &of_outcome.once,
        }
    }

    /// The sum of `amounts`, one for each point of the grid, times their weights.
    pub fn total(&self, of_outcome: &Weights, amounts: &[f64]) -> f64 {
        dot(self.weights(of_outcome), amounts)
    }

    /// Cycles completed, as this line reads them at grid point `k`; `None` where it never falls.
    pub fn cycle_read(&self, model: &Structure, k: usize) -> Option<usize> {
        match self.falls {
            Falls::In(_, Reading::Any) => Some(0),
            Falls::In(_, Reading::Begins) => {
                let outcome = &model.outcomes[self.outcome(model)];
                (k < model.time.cycles || outcome.correction.by_points()).then_some(k)
            }
            Falls::In(_, Reading::Ends) | Falls::Edge(_) => k.checked_sub(1),
            Falls::Start => (k == 0).then_some(0),
        }
    }

    /// The outcome that it adds to.
    pub fn outcome(&self, model: &Structure) -> usize {
        model.rewards[self.reward].outcome(model)
    }
}

/// All lines of a model, in the order of its rewards.
pub fn lines(model: &Structure, paths: &Paths) -> Vec<Line> {
    let mut lines = Vec::new();
    for (r, reward) in model.rewards.iter().enumerate() {
        let mut add = |falls| lines.push(Line { reward: r, falls });
        match &reward.when {
            When::In(states) => {
                for &state in states {
                    for &reading in readings(model, reward) {
                        add(Falls::In(state, reading));
                    }
                }
            }
            When::Starting(_) => add(Falls::Start),
            // A procedure at the start may enter or leave a state too.
            when => {
                if model.strategies.iter().any(|s| !s.at_start.is_empty()) && !matches!(when, When::Firing(_))
                {
                    add(Falls::Start);
                }
                for (e, edge) in paths.edges.iter().enumerate() {
                    let fires = match when {
                        When::Firing(all) => all.contains(&(edge.transition, edge.branch)),
                        _ => false,
                    };
                    if fires || when.on_move(edge.from, edge.to) {
                        add(Falls::Edge(e));
                    }
                }
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

/// Whether a patient who presents in `from`, follows `arm` and leaves its procedure at the start in `to` by `branch`
/// gets `reward` at time zero.
pub fn falls_at_start(reward: &Reward, arm: usize, branch: Option<usize>, from: usize, to: usize) -> bool {
    reward.given_under(arm)
        && match &reward.when {
            When::Starting(None) => true,
            When::Starting(Some(branches)) => branch.is_some_and(|b| branches.contains(&(arm, b))),
            when => when.on_move(from, to),
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
