//! Evidence follows use: a strategy whose effects rest on animals, laboratories or promotion is marked as hypothetical.
//!
//! Effects are ratios of effects, replaced parameters, and own amounts in outcomes other than costs. A price does not make a strategy
//! hypothetical, and a comparator is not marked because of what it is compared with.

use crate::parameters::ParameterRow;
use arcosim_core::model::{Component, Expr, Reward, Strategy, parameters_of};
use arcosim_core::words::all_of;

/// Marks the strategies. Returns the parameters with weak evidence that mark one, and notes for readers. `costs` are the outcomes in
/// money of the decision.
pub fn mark(
    strategies: &mut [Strategy],
    (rewards, components): (&[Reward], &[Component]),
    costs: &[usize],
    rows: &[ParameterRow],
) -> (Vec<usize>, Vec<(String, String)>) {
    let (mut marking, mut readings) = (Vec::new(), Vec::new());
    for (s, strategy) in strategies.iter_mut().enumerate() {
        let own = |reward: &&Reward| {
            let of_some = reward.strategies.as_ref().is_some_and(|listed| listed.contains(&s));
            of_some && !costs.contains(&components[reward.component].outcome)
        };
        let effects = strategy.effects.iter().map(|effect| &effect.ratio);
        let replaced = strategy.substitutions.iter().map(|(_, expr)| expr);
        let amounts = rewards.iter().filter(own).map(|reward| &reward.amount);
        let expressions: Vec<&Expr> = effects.chain(replaced).chain(amounts).collect();
        let mut weak = parameters_of(expressions);
        weak.retain(|&p| rows[p].evidence.is_weak());
        if weak.is_empty() {
            continue;
        }
        strategy.hypothetical = true;
        let names: Vec<&str> = weak.iter().map(|&p| rows[p].name.as_str()).collect();
        let note = format!(
            "marked as hypothetical, because its effects use {}, with evidence from animals, laboratories or promotion",
            all_of(&names)
        );
        readings.push((format!("strategy `{}`", strategy.name), note));
        marking.extend(weak);
    }
    (marking, readings)
}
