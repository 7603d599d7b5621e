//! A model that counts every reward separately in each state, so that a check can identify the place of an error.

use crate::evidence::Totals;
use crate::prelude::*;
use arcosim_analysis::evaluation::Evaluator;
use arcosim_core::model::reward_lines::RewardLine;
use arcosim_core::model::{Component, Expr, Model, Reward, Structure, When};

/// Model with one outcome per item, weighted and discounted as the outcome to which the item adds.
pub struct Itemised {
    model: Model,
    /// Counted items, in the order of the totals.
    pub items: Vec<Item>,
}

/// One item: a reward in a state, a one-off reward, or the years in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Index of the reward; `None` for the years in a state, which count 1 per year.
    pub reward: Option<usize>,
    /// State of a yearly amount; `None` for one-off amounts.
    pub state: Option<usize>,
    /// Index of the outcome to which the item adds.
    pub outcome: usize,
}

impl Itemised {
    /// Itemises some outcomes, with `change` applied to every part of the amounts.
    pub fn new(model: &Model, outcomes: &[usize], change: &dyn Fn(Expr) -> Expr) -> Itemised {
        let mut items = Vec::new();
        let mut rewards = Vec::new();
        let mut add = |item: Item, reward: Reward| {
            items.push(item);
            rewards.push(reward);
        };
        for (r, reward) in model.rewards.iter().enumerate() {
            let outcome = reward.outcome(model);
            if !outcomes.contains(&outcome) {
                continue;
            }
            let amount = reward.amount.rewritten(change);
            let mut place = |state, when| {
                let item = Item { reward: Some(r), state, outcome };
                let amount = amount.clone();
                add(item, Reward { amount, when, ..reward.clone() });
            };
            match reward.when.accrues() {
                true => reward.when.states().iter().for_each(|&s| place(Some(s), When::In(vec![s]))),
                false => place(None, reward.when.clone()),
            }
        }
        for &outcome in outcomes {
            for (s, state) in model.states.iter().enumerate() {
                let item = Item { reward: None, state: Some(s), outcome };
                let years = Reward {
                    name: state.name.clone(),
                    label: state.label.clone(),
                    component: 0,
                    strategies: None,
                    amount: Expr::Number(1.0),
                    when: When::In(vec![s]),
                };
                add(item, years);
            }
        }
        for (i, reward) in rewards.iter_mut().enumerate() {
            reward.component = i;
        }
        let part = |(i, reward): (usize, &Reward)| Component { outcome: i, category: reward.label.clone() };
        let model = Model::new(Structure {
            endpoints: Vec::new(),
            outcomes: items.iter().map(|item| model.outcomes[item.outcome].clone()).collect(),
            components: rewards.iter().enumerate().map(part).collect(),
            rewards,
            ..Structure::clone(model)
        });
        Itemised { model, items }
    }

    /// Itemises some outcomes with unchanged amounts.
    pub fn plain(model: &Model, outcomes: &[usize]) -> Itemised {
        Itemised::new(model, outcomes, &|part| part)
    }

    /// Totals `[strategy][item]` per patient at these parameter values.
    pub fn totals(&self, evidence: &Evidence, values: &[f64]) -> Totals {
        self.evaluator(evidence).totals(values)
    }

    /// Evaluator of the itemised model for a series of parameter values.
    pub fn evaluator(&self, evidence: &Evidence) -> Evaluator<'_> {
        Evaluator::new(&self.model, evidence.integration)
    }

    /// Sum of the chosen items of an outcome.
    pub fn sum(&self, own: &[f64], outcome: usize, chosen: impl Fn(&Item) -> bool) -> f64 {
        let items = self.items.iter().zip(own);
        let of = items.filter(|(item, _)| item.outcome == outcome && chosen(item));
        of.map(|(_, x)| x).sum()
    }
}

/// Whether the chosen lines of a strategy include both gains and losses, so that their total may decrease as amounts
/// increase.
pub fn mixed(evidence: &Evidence, arm: usize, chosen: impl Fn(&RewardLine) -> bool) -> bool {
    let lines = evidence.paths.lines.iter().zip(&evidence.counts().strategies[arm].lines);
    let own = lines.filter(|(line, _)| chosen(line));
    let (mut gains, mut losses) = (false, false);
    for x in own.flat_map(|(_, amounts)| amounts) {
        gains |= *x > 0.0;
        losses |= *x < 0.0;
    }
    gains && losses
}
