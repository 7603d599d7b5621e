//! Counts the rewards of a strategy for its copies (`like`) too, so that a copied effect has its costs.

use arcosim_core::model::Strategy;
use arcosim_core::words::all_of;

/// A reward that lists its strategies, before its amount is compiled.
pub struct ListedReward {
    /// Name.
    pub name: String,
    /// Index of the outcome; `None` if it is not declared, which has been reported.
    pub outcome: Option<usize>,
    /// Category of the outcome.
    pub category: String,
    /// Strategies that have the reward; `None` for all strategies.
    pub strategies: Option<Vec<usize>>,
}

impl ListedReward {
    fn has_but_not(&self, one: usize, not: usize) -> bool {
        self.strategies.as_ref().is_some_and(|given| given.contains(&one) && !given.contains(&not))
    }
}

/// Adds to every reward of an original its copies. A reward is left out if the copy has a reward of its own with the same outcome
/// and category, which replaces it. `copies` are pairs of a copy and its original, originals of originals first. Returns a line
/// for readers about each copy.
pub fn with_copies(
    rewards: &mut [ListedReward],
    copies: &[(usize, usize)],
    strategies: &[Strategy],
) -> Vec<(String, String)> {
    let is_kin = |mut one: usize, of: usize| loop {
        match copies.iter().find(|(copy, _)| *copy == one) {
            _ if one == of => return true,
            Some((_, original)) => one = *original,
            None => return false,
        }
    };
    let mut readings = Vec::new();
    for &(copy, original) in copies {
        // A reward that the copy shares with an unrelated strategy replaces nothing, because it pays for something else.
        let replaces = |reward: &&ListedReward| {
            reward.has_but_not(copy, original) && reward.strategies.iter().flatten().all(|&s| is_kin(s, copy))
        };
        let replaced: Vec<(Option<usize>, String)> =
            rewards.iter().filter(replaces).map(|reward| (reward.outcome, reward.category.clone())).collect();
        let mut added = Vec::new();
        for reward in rewards.iter_mut() {
            let is_replaced = replaced
                .iter()
                .any(|(outcome, category)| *outcome == reward.outcome && *category == reward.category);
            if !reward.has_but_not(original, copy) || is_replaced {
                continue;
            }
            added.push(reward.name.clone());
            if let Some(given) = &mut reward.strategies {
                given.push(copy);
                given.sort_unstable();
            }
        }
        let names: Vec<&str> = added.iter().map(String::as_str).collect();
        if !names.is_empty() {
            readings.push((
                format!("strategy `{}`", strategies[copy].name),
                format!(
                    "like `{}`, so it also has its rewards and events {}",
                    strategies[original].name,
                    all_of(&names)
                ),
            ));
        }
    }
    readings
}
