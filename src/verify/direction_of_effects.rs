//! Direction and size of treatment effects on harmful and beneficial transitions.

use crate::prelude::*;
use crate::situations;
use crate::yearly_amounts::mean_worths;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{EffectOn, Model, branch_shares};

/// Effect of a strategy on a transition that is known to be harmful or beneficial.
pub struct Acts {
    /// Index of the strategy.
    pub strategy: usize,
    /// Index of the transition.
    pub transition: usize,
    /// Whether the transition is harmful.
    pub bad: bool,
    /// Quantity that the ratio multiplies.
    pub on: EffectOn,
    /// Smallest ratio over all patients and states.
    pub low: f64,
    /// Largest ratio over all patients and states.
    pub high: f64,
}

impl Acts {
    /// Whether the effect makes a harmful transition more likely, or a beneficial one less likely, for any patient.
    pub fn harms(&self) -> bool {
        match self.bad != self.on.spares() {
            true => self.high > 1.0 + 1e-9,
            false => self.low < 1.0 - 1e-9,
        }
    }

    /// The most harmful ratio, and the quantity that it multiplies, in words.
    pub fn most_harmful(&self) -> (f64, &'static str) {
        let quantity = match self.on {
            EffectOn::Hazard | EffectOn::Probability => "the risk of",
            EffectOn::Time => "the time to",
            EffectOn::NeverOdds => "the odds of never having",
        };
        (if self.bad != self.on.spares() { self.high } else { self.low }, quantity)
    }
}

/// Effects of all strategies on transitions that are known to be harmful or beneficial.
pub fn acts(evidence: &Evidence) -> Vec<Acts> {
    let model = evidence.model;
    let worth = mean_worths(evidence);
    let mut all = Vec::new();
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &evidence.base);
        for effect in &strategy.effects {
            let reads = Reads::of(&effect.ratio);
            for &t in &effect.transitions {
                let Some(bad) = is_bad(evidence, &parameters, t, &worth) else {
                    continue;
                };
                let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
                for &state in &model.transitions[t].from {
                    situations::each(model, &parameters, state, &reads, false, |situation| {
                        let ratio = effect.ratio.value(situation);
                        (low, high) = (low.min(ratio), high.max(ratio));
                    });
                }
                all.push(Acts { strategy: s, transition: t, bad, on: effect.on, low, high });
            }
        }
    }
    all
}

/// Whether a transition is harmful; `None` if this is unknown.
fn is_bad(evidence: &Evidence, parameters: &[f64], t: usize, worth: &[Option<f64>]) -> Option<bool> {
    let model = evidence.model;
    let transition = &model.transitions[t];
    let mut verdicts = transition.from.iter().filter_map(|&from| {
        let to = main_target(model, parameters, t, from)?;
        let place = |s: usize| evidence.scenario.verify.progression.iter().position(|&p| p == s);
        match (place(from), place(to)) {
            _ if evidence.is_dead(to) => Some(true),
            (Some(a), Some(b)) => Some(b > a),
            _ => {
                let (a, b) = (worth[from]?, worth[to]?);
                ((a - b).abs() > 1e-9).then_some(b < a)
            }
        }
    });
    let first = verdicts.next()?;
    verdicts.all(|other| other == first).then_some(first)
}

/// Target state with the largest share of a transition.
fn main_target(model: &Model, parameters: &[f64], t: usize, from: usize) -> Option<usize> {
    let branches = &model.transitions[t].branches;
    if let [only] = branches.as_slice() {
        return only.to;
    }
    let mut reads = Reads::default();
    reads.add_shares(branches);
    let mut best: Option<(f64, Option<usize>)> = None;
    let mut seen = false;
    situations::each(model, parameters, from, &reads, false, |s| {
        if seen {
            return;
        }
        seen = true;
        for (branch, share) in branches.iter().zip(branch_shares(branches, s)) {
            if best.is_none_or(|(most, _)| share > most) {
                best = Some((share, branch.to));
            }
        }
    });
    best.and_then(|(_, to)| to)
}
