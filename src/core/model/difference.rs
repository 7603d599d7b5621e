//! The difference between the rewards of two strategies whose patients live the same lives.

use super::expression::Binary;
use super::rewards::Reward;
use super::{Expr, Model, Structure, Tables};

/// A model in which patients under `strategy` receive their own rewards minus those under `reference`: their totals are the increments of
/// the same patients. `None` if the patients of the two strategies live different lives (see [`Tables::same_lives`]).
pub fn of_rewards(tables: &Tables, strategy: usize, reference: usize) -> Option<Model> {
    if !tables.same_lives(strategy, reference) {
        return None;
    }
    let mut own: Structure = (**tables.model).clone();
    let only =
        |reward: &Reward, amount: Expr| Reward { strategies: Some(vec![strategy]), amount, ..reward.clone() };
    let parameters = [strategy, reference].map(|s| &tables.parameters[s]);
    // Amounts are evaluated under `strategy`, so parameters that have another value under the reference are replaced by it.
    let under_reference = |part: Expr| match part {
        Expr::Parameter(p) if parameters[0][p] != parameters[1][p] => Expr::Number(parameters[1][p]),
        same => same,
    };
    own.rewards = (tables.model.rewards.iter())
        .flat_map(|reward| {
            let there = reward.amount.rewritten(&under_reference);
            let given = [strategy, reference].map(|s| reward.given_under(s));
            // What both receive alike cancels out.
            if given == [true; 2] && there == reward.amount {
                return Vec::new();
            }
            let mine = given[0].then(|| only(reward, reward.amount.clone()));
            let negative = || Expr::Binary(Binary::Subtract, Box::new([Expr::Number(0.0), there.clone()]));
            let theirs = given[1].then(|| only(reward, negative()));
            mine.into_iter().chain(theirs).collect()
        })
        .collect();
    Some(Model::new(own))
}
