//! What a strategy has of its own: the formulas by which it differs from a model without it.

use super::{Expr, Reward, Share, Strategy};

/// What a formula of a strategy's own does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPart {
    /// The share of the branch at the start with this index.
    AtStart(usize),
    /// The ratio of the effect with this index.
    Effect(usize),
    /// The changed value of a parameter, by its position in the list of the strategy.
    Replaced(usize),
    /// The amount of the reward with this index, which only some strategies have.
    Amount(usize),
}

/// The formulas of strategy `strategy`, whose index is `s`, with the parameters that it replaces written out.
pub fn own_parts(strategy: &Strategy, s: usize, rewards: &[Reward]) -> Vec<(OwnPart, Expr)> {
    let branches = strategy.at_start.iter().enumerate().filter_map(|(i, branch)| match &branch.share {
        Share::Stated(share) => Some((OwnPart::AtStart(i), share)),
        Share::Rest => None,
    });
    let effects = strategy.effects.iter().enumerate().map(|(i, own)| (OwnPart::Effect(i), &own.ratio));
    let replaced = strategy.substitutions.iter().enumerate().map(|(i, (_, own))| (OwnPart::Replaced(i), own));
    let given = |reward: &Reward| reward.strategies.as_ref().is_some_and(|listed| listed.contains(&s));
    let amounts = rewards.iter().enumerate().filter(|(_, reward)| given(reward));
    let amounts = amounts.map(|(r, reward)| (OwnPart::Amount(r), &reward.amount));
    let all = branches.chain(effects).chain(replaced).chain(amounts);
    all.map(|(part, expr)| (part, strategy.written_out(expr))).collect()
}
