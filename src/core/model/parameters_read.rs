//! Search for the parameters that a model reads, and for the parameters that affect patient histories.

use super::hazard::insert;
use super::{Branch, Expr, Model, Share};

/// Per parameter: whether the model reads the parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParametersRead {
    /// Whether any part of the model reads the parameter.
    pub anywhere: Vec<bool>,
    /// Whether the parameter affects patient histories: attributes, starting states, procedures or transitions.
    /// Amounts and discount rates do not count, because they only assign a value to the histories.
    pub by_lives: Vec<bool>,
}

impl ParametersRead {
    /// Searches the whole model for the parameters that it reads.
    pub fn of(model: &Model) -> ParametersRead {
        let mut lives = vec![false; model.parameters.len()];
        let mut worth = lives.clone();
        let shares = |shares: &mut dyn Iterator<Item = &Share>, read: &mut Vec<bool>| {
            for share in shares {
                if let Share::Stated(expr) = share {
                    mark(expr, read);
                }
            }
        };
        let branches = |all: &[Branch], read: &mut Vec<bool>| shares(&mut all.iter().map(|b| &b.share), read);
        for attribute in &model.attributes {
            attribute.expressions().into_iter().for_each(|expr| mark(expr, &mut lives));
        }
        shares(&mut model.start.iter().map(|(_, share)| share), &mut lives);
        for transition in &model.transitions {
            transition.expressions(&mut |expr| mark(expr, &mut lives));
        }
        for strategy in &model.strategies {
            mark(&strategy.eligible, &mut lives);
            branches(&strategy.at_start, &mut lives);
            strategy.effects.iter().for_each(|e| mark(&e.ratio, &mut lives));
        }
        for reward in &model.rewards {
            mark(&reward.amount, &mut worth);
        }
        let discounts = model.outcomes.iter().filter_map(|o| o.discount.as_ref());
        for (_, rate) in discounts.flat_map(|discount| &discount.rates) {
            mark(rate, &mut worth);
        }
        // An expression that replaces a parameter is read wherever the parameter is read.
        let (by_lives, by_worth) = (lives.clone(), worth.clone());
        for (parameter, expr) in model.strategies.iter().flat_map(|s| &s.substitutions) {
            if by_lives[*parameter] {
                mark(expr, &mut lives);
            }
            if by_worth[*parameter] {
                mark(expr, &mut worth);
            }
        }
        ParametersRead {
            anywhere: lives.iter().zip(&worth).map(|(a, b)| *a || *b).collect(),
            by_lives: lives,
        }
    }
}

/// Indices of the parameters that expressions read, in ascending order.
pub fn parameters_of<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> Vec<usize> {
    let mut parameters = Vec::new();
    for expr in expressions {
        expr.walk(&mut |e| {
            if let Expr::Parameter(p) = e {
                insert(&mut parameters, *p);
            }
        });
    }
    parameters
}

fn mark(expr: &Expr, read: &mut [bool]) {
    expr.walk(&mut |e| {
        if let Expr::Parameter(p) = e {
            read[*p] = true;
        }
    });
}
