//! Outcomes that count health, and utilities that are added to other utilities.

use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_scenario::parameters::Kind;

/// Outcomes that patients gain: QALYs and the effect of the decision.
pub fn gained_outcomes(evidence: &Evidence) -> Vec<usize> {
    let mut all = qaly_outcomes(evidence);
    if let Some(effect) = evidence.effect().filter(|e| !all.contains(e)) {
        all.push(effect);
    }
    all
}

/// Reason for skipping checks of utilities.
pub const NO_QALYS: &str =
    "no outcome counts QALYs: utilities add to no outcome, or only to outcomes that include costs";

/// Utilities below this absolute value may be gains that are added to another utility.
const GAIN: f64 = 0.2;

/// Utilities that are added to another utility in every place in which they are used.
pub fn added_utilities(evidence: &Evidence, outcomes: &[usize]) -> Vec<usize> {
    let model = evidence.model;
    let read = |reward: usize, s: usize| {
        let mut all = parameters_in(&model.rewards[reward].amount, Some(s));
        all.retain(|&p| evidence.kind(p) == Kind::Utility);
        all
    };
    let places: Vec<(usize, usize, usize)> = (0..model.rewards.len())
        .filter(|&r| outcomes.contains(&model.rewards[r].outcome(model)))
        .flat_map(|r| {
            let states = model.rewards[r].when.states().to_vec();
            states.into_iter().map(move |s| (r, s, model.rewards[r].outcome(model)))
        })
        .collect();
    let together = |a: usize, b: usize| {
        (0..model.strategies.len())
            .all(|arm| !model.rewards[a].given_under(arm) || model.rewards[b].given_under(arm))
    };
    let small = |p: &usize| evidence.base[*p].abs() < GAIN;
    let on_top = |p: &usize| {
        let mut own = places.iter().filter(|(r, s, _)| read(*r, *s).contains(p)).peekable();
        own.peek().is_some()
            && own.all(|(r, s, o)| {
                let mut beside = places.iter().filter(|(b, t, q)| t == s && q == o && together(*r, *b));
                beside.any(|(b, t, _)| read(*b, *t).iter().any(|q| q != p && !small(q)))
            })
    };
    evidence.of_kind(Kind::Utility).into_iter().filter(small).filter(on_top).collect()
}

/// Outcomes that count QALYs: at least one utility and no costs add to the outcome.
pub fn qaly_outcomes(evidence: &Evidence) -> Vec<usize> {
    let all = 0..evidence.model.outcomes.len();
    all.filter(|&o| evidence.outcome_reads(o, &[Kind::Utility]) && !evidence.outcome_reads(o, &[Kind::Cost]))
        .collect()
}
