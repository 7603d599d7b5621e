//! Amounts that rewards still add after the parameters that should explain them are set to 0.

use super::itemised::Itemised;
use super::typed_numbers::{reads_others, types_numbers};
use crate::prelude::*;
use arcosim_core::model::Expr;
use arcosim_scenario::parameters::Kind;

/// Sets all parameters of some kinds to 0. An amount that a reward still adds is a warning if its formula contains
/// typed numbers, tables or parameters of other kinds, and an error otherwise.
pub fn verdict(evidence: &Evidence, outcomes: &[usize], kinds: &[Kind], expected: &str) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new(expected, EXACT);
    let itemised = Itemised::plain(model, outcomes);
    let mut evaluator = itemised.evaluator(evidence);
    let base = evaluator.totals(&evidence.base);
    let left = evaluator.totals(&evidence.with_kinds(kinds, |_| 0.0));
    for (r, reward) in model.rewards.iter().enumerate() {
        let outcome = reward.outcome(model);
        if !outcomes.contains(&outcome) {
            continue;
        }
        let reads_table = {
            let mut found = false;
            reward.amount.walk(&mut |e| found |= matches!(e, Expr::Lookup(..)));
            found
        };
        let mut most: (f64, usize) = (0.0, 0);
        let mut size: f64 = 0.0;
        for arm in 0..model.strategies.len() {
            let own = |of: &[f64]| itemised.sum(of, outcome, |item| item.reward == Some(r));
            let here = own(&left[arm]);
            if here.is_nan() || here.abs() > most.0.abs() {
                most = (here, arm);
            }
            size = size.max(own(&base[arm]).abs());
        }
        let fine = most.0.abs() <= EXACT * size;
        let text = || {
            format!(
                "with these parameters at 0, reward `{}` still adds {} under `{}`",
                reward.name,
                number(most.0),
                model.strategies[most.1].name
            )
        };
        match reads_table || reads_others(evidence, &reward.amount, kinds) {
            true => comparisons.advisable(&reward.name, fine || reads_table, || {
                format!("{}, from parameters of other kinds and numbers typed into the formula", text())
            }),
            // A typed number may be correct, but a formula of these parameters alone must add nothing when all of them
            // are 0.
            false => match types_numbers(&reward.amount) {
                true => comparisons.advisable(&reward.name, fine, || {
                    format!("{}, from numbers typed into the formula", text())
                }),
                false => comparisons.holds(&reward.name, fine, text),
            },
        };
    }
    comparisons.verdict("no reward adds to the outcome")
}
