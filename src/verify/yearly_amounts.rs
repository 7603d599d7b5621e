//! Yearly amounts that a state adds to an outcome.

use crate::prelude::*;
use crate::reading::parameters_in;
use crate::situations;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Binary, Expr, Model, Situation};
use arcosim_scenario::parameters::Kind;

/// Amount that a year in a state adds to an outcome under a strategy, net of losses; `None` without rewards.
pub fn per_year(model: &Model, outcome: usize, strategy: usize, state: usize) -> Option<Expr> {
    let own = model.rewards.iter().filter(|r| {
        let here = r.when.in_state(state);
        here && r.outcome(model) == outcome && r.given_under(strategy)
    });
    own.map(|r| r.amount.clone()).reduce(|a, b| Expr::Binary(Binary::Add, Box::new([a, b])))
}

/// Calls `visit` with the yearly amount of a state in every situation, or never if the state has no rewards.
pub fn each_worth(
    evidence: &Evidence,
    (outcome, strategy, state): (usize, usize, usize),
    mut visit: impl FnMut(f64, &Situation),
) {
    let model = evidence.model;
    if let Some(amount) = per_year(model, outcome, strategy, state) {
        let parameters = model.strategies[strategy].parameters(model, &evidence.base);
        situations::each(model, &parameters, state, &Reads::of(&amount), false, |s| {
            visit(amount.value(s), s);
        });
    }
}

/// Mean utility per state under the reference strategy, as an unweighted mean over the same situations in every state.
/// This is sufficient to rank states. It is 0 for the dead, and `None` for states without a utility.
pub fn mean_worths(evidence: &Evidence) -> Vec<Option<f64>> {
    let model = evidence.model;
    let states = 0..model.states.len();
    let Some(&outcome) = yearly_quality(evidence).first() else {
        return vec![None; model.states.len()];
    };
    let strategy = model.reference();
    let amounts: Vec<Option<Expr>> = states.map(|s| per_year(model, outcome, strategy, s)).collect();
    let mut reads = Reads::default();
    amounts.iter().flatten().for_each(|amount| reads.add(amount));
    let parameters = model.strategies[strategy].parameters(model, &evidence.base);
    let mean = |(state, amount): (usize, &Option<Expr>)| {
        if evidence.is_dead(state) {
            return Some(0.0);
        }
        let amount = amount.as_ref()?;
        let (mut sum, mut n) = (0.0, 0.0);
        situations::each(model, &parameters, state, &reads, false, |s| {
            sum += amount.value(s);
            n += 1.0;
        });
        (n > 0.0).then(|| sum / n)
    };
    amounts.iter().enumerate().map(mean).collect()
}

/// Outcomes in which quality of life accrues by the year.
pub fn yearly_quality(evidence: &Evidence) -> Vec<usize> {
    counting(evidence, &[Kind::Utility, Kind::Disutility])
}

/// Outcomes whose yearly amounts use parameters of these kinds.
pub fn counting(evidence: &Evidence, kinds: &[Kind]) -> Vec<usize> {
    let model = evidence.model;
    let counts = |o: &usize| {
        model.rewards.iter().any(|r| {
            let read = || parameters_in(&r.amount, None);
            r.outcome(model) == *o
                && r.when.accrues()
                && read().into_iter().any(|p| kinds.contains(&evidence.kind(p)))
        })
    };
    (0..model.outcomes.len()).filter(counts).collect()
}
