//! What is left of an outcome when the parameters that should explain it are 0.

use super::super::check::Verdict;
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::apart::Apart;
use crate::model::Expr;
use crate::scenario::parameters::Kind;

/// Sets all parameters of some kinds to 0. What rewards still add to the outcomes is an error where it comes from typed
/// numbers alone, and to be looked at where it comes from parameters of other kinds.
pub fn verdict(subject: &Subject, outcomes: &[usize], kinds: &[Kind], expected: &str) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new(expected, EXACT);
    let apart = Apart::plain(model, outcomes);
    let mut evaluator = apart.evaluator(subject);
    let base = evaluator.totals(&subject.base);
    let left = evaluator.totals(&subject.with_kinds(kinds, |_| 0.0));
    for (r, reward) in model.rewards.iter().enumerate() {
        let outcome = reward.outcome(model);
        if !outcomes.contains(&outcome) {
            continue;
        }
        let reads_table = {
            let mut found = false;
            reward
                .amount
                .walk(&mut |e| found |= matches!(e, Expr::Lookup(..)));
            found
        };
        let mut most: (f64, usize) = (0.0, 0);
        let mut size: f64 = 0.0;
        for arm in 0..model.strategies.len() {
            let own = |of: &[f64]| apart.sum(of, outcome, |item| item.reward == Some(r));
            let here = own(&left[arm]);
            if here.is_nan() || here.abs() > most.0.abs() {
                most = (here, arm);
            }
            size = size.max(own(&base[arm]).abs());
        }
        let fine = most.0.abs() <= EXACT * size;
        let text = || {
            format!(
                "reward `{}` still adds {} under `{}`",
                reward.name,
                number(most.0),
                model.strategies[most.1].name
            )
        };
        match reads_table || reads_others(subject, &reward.amount, kinds) {
            true => tally.advisable(&reward.name, fine || reads_table, || {
                format!(
                    "{}, from parameters of other kinds and numbers typed into the formula",
                    text()
                )
            }),
            false => tally.holds(&reward.name, fine, || {
                format!("{}, by numbers typed into the formula", text())
            }),
        };
    }
    tally.verdict("no reward adds to the outcome")
}

/// Whether an amount reads a parameter of another kind than these (lengths of time do not count: they say when, and not
/// how much).
pub fn reads_others(subject: &Subject, amount: &Expr, kinds: &[Kind]) -> bool {
    let mut found = false;
    amount.walk(&mut |e| {
        if let Expr::Parameter(p) = e {
            let kind = subject.kind(*p);
            found |= kind != Kind::Duration && !kinds.contains(&kind);
        }
    });
    found
}

/// Whether those in a state are dead beyond doubt: the scenario takes every absorbing state for one of the dead unless
/// it says who is, so that the name decides.
pub fn surely_dead(subject: &Subject, state: usize) -> bool {
    let own = &subject.model.states[state];
    let says = |text: &str| {
        let text = text.to_lowercase();
        ["dead", "death", "died", "deceased", "dying", "死"]
            .iter()
            .any(|word| text.contains(word))
    };
    subject.is_dead(state) && (says(&own.name) || says(&own.label))
}
