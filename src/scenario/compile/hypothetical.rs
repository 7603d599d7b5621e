//! Evidence follows use: a strategy whose effects rest on animals, laboratories or promotion is marked as hypothetical.
//!
//! Effects are ratios of effects, shares of branches at the start, replaced parameters, and own amounts in outcomes other than costs. A
//! price does not make a strategy hypothetical, and a comparator is not marked because of what it is compared with. A strategy whose
//! ineligible patients follow a marked strategy is marked too.

use crate::parameters::ParameterRow;
use arcosim_core::model::{Component, Expr, OwnPart, Reward, Strategy, Transition, own_parts, parameters_of};
use arcosim_core::words::all_of;

/// Marks the strategies. Returns the parameters with weak evidence that mark one, and notes for readers. `costs` are the outcomes in
/// money of the decision.
pub fn mark(
    strategies: &mut [Strategy],
    transitions: &[Transition],
    (rewards, components): (&[Reward], &[Component]),
    costs: &[usize],
    rows: &[ParameterRow],
) -> (Vec<usize>, Vec<(String, String)>) {
    let is_cost = |reward: &Reward| costs.contains(&components[reward.component].outcome);
    // What replaced parameters can change: the course, and amounts other than costs.
    let mut formulas: Vec<&Expr> = Vec::new();
    transitions.iter().for_each(|transition| transition.expressions(&mut |expr| formulas.push(expr)));
    formulas.extend(rewards.iter().filter(|reward| !is_cost(reward)).map(|reward| &reward.amount));
    let course = parameters_of(formulas);
    let (mut marking, mut readings) = (Vec::new(), Vec::new());
    for (s, strategy) in strategies.iter_mut().enumerate() {
        let acts = |part: OwnPart| match part {
            OwnPart::AtStart(_) | OwnPart::Effect(_) => true,
            OwnPart::Replaced(i) => course.contains(&strategy.substitutions[i].0),
            OwnPart::Amount(r) => !is_cost(&rewards[r]),
        };
        let mut own = own_parts(strategy, s, rewards);
        own.retain(|(part, _)| acts(*part));
        let mut weak = parameters_of(own.iter().map(|(_, expr)| expr));
        weak.retain(|&p| rows[p].evidence.is_weak());
        if weak.is_empty() {
            continue;
        }
        strategy.hypothetical = true;
        let names: Vec<&str> = weak.iter().map(|&p| rows[p].name.as_str()).collect();
        let note = format!(
            "marked as hypothetical, because what it does rests on {}, with evidence from animals, laboratories or promotion",
            all_of(&names)
        );
        readings.push((format!("strategy `{}`", strategy.name), note));
        marking.extend(weak);
    }
    readings.extend(mark_followers(strategies));
    (marking, readings)
}

/// Marks the strategies whose ineligible patients follow a hypothetical strategy.
fn mark_followers(strategies: &mut [Strategy]) -> Vec<(String, String)> {
    let mut readings = Vec::new();
    // One step in each round: the followed strategy may itself refer to another one.
    for _ in 0..strategies.len() {
        for s in 0..strategies.len() {
            let Some(other) = strategies[s].otherwise else { continue };
            if strategies[other].hypothetical && !strategies[s].hypothetical {
                strategies[s].hypothetical = true;
                let note = format!(
                    "marked as hypothetical, because patients who are not eligible follow `{}`, which is",
                    strategies[other].name
                );
                readings.push((format!("strategy `{}`", strategies[s].name), note));
            }
        }
    }
    readings
}
