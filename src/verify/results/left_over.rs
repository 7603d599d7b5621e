//! What is left of an outcome when the parameters that should explain it are 0.

use super::super::check::Verdict;
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::apart::Apart;
use arcosim_core::model::{Binary, Expr, Function};
use arcosim_scenario::parameters::Kind;

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
            reward.amount.walk(&mut |e| found |= matches!(e, Expr::Lookup(..)));
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
                format!("{}, from parameters of other kinds and numbers typed into the formula", text())
            }),
            // A typed number may be right; what cannot be right is what a formula of such parameters alone adds without them.
            false => match types_numbers(&reward.amount) {
                true => tally.advisable(&reward.name, fine, || {
                    format!("{}, by numbers typed into the formula", text())
                }),
                false => tally.holds(&reward.name, fine, text),
            },
        };
    }
    tally.verdict("no reward adds to the outcome")
}

/// Whether an amount, or one of the cases that it chooses from, has a typed number as one of its addends. A reviewer may ask for its
/// source (S25 does); it need not be wrong.
pub fn types_numbers(amount: &Expr) -> bool {
    match amount {
        Expr::Number(x) => x.is_finite() && *x != 0.0,
        Expr::If(parts) => parts[1..].iter().any(types_numbers),
        Expr::Select(_, cases) => cases.iter().any(types_numbers),
        Expr::Binary(Binary::Add | Binary::Subtract, parts) => parts.iter().any(types_numbers),
        Expr::Binary(Binary::Multiply | Binary::Divide, parts) => parts.iter().all(types_numbers),
        Expr::Call(Function::Negate, parts) => parts.iter().any(types_numbers),
        _ => false,
    }
}

/// Numbers that are typed into an amount as one of its cases.
pub fn typed_numbers(amount: &Expr, into: &mut Vec<f64>) {
    match amount {
        Expr::Number(x) => into.push(*x),
        Expr::If(parts) => parts[1..].iter().for_each(|part| typed_numbers(part, into)),
        Expr::Select(_, cases) => cases.iter().for_each(|case| typed_numbers(case, into)),
        _ => {}
    }
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

/// Whether those in a state are dead beyond doubt. Unless the scenario says who is, every absorbing state is taken for one of the
/// dead; it surely is one if nothing accrues there by the year, or if everybody can come there from wherever they live.
pub fn surely_dead(subject: &Subject, state: usize) -> bool {
    let model = subject.model;
    let accrues = model.rewards.iter().any(|reward| reward.when.in_state(state));
    let leads_here = |s: &usize| {
        let mut exits = model.transitions.iter().filter(|t| t.from.contains(s));
        exits.any(|t| t.branches.iter().any(|b| b.to == Some(state)))
    };
    subject.is_dead(state)
        && (subject.scenario.verify.dead_is_said || !accrues || subject.living().iter().all(leads_here))
}
