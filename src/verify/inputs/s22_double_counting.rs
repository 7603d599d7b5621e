use crate::prelude::*;
use crate::reading::{COUNTED, parameters_in};
use arcosim_core::model::reward_lines::RewardAt;
use arcosim_core::model::{Model, Reward};
use arcosim_core::words::listed;

pub static S22: Check = Check {
    id: "S22",
    title: "No cost, utility or treatment effect is counted twice",
    why: "Two rewards of one outcome that use the same cost, utility or loss in the same state, on the same \
          transition or at the start, for patients of the same strategy, count it twice. This happens when a cost is \
          attached both to a transition and to entry into its target state, or when a reward is copied for one \
          strategy and the original still applies to all. Identical formulas are an error; otherwise one amount may \
          be intended as part of the other. A strategy may also apply the same ratio twice to one transition.",
    hint: "Remove one of the two, or limit each to its own states, transitions or strategies.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("every cost, utility, loss and ratio counted once", 0.0);
    rewards_twice(evidence, &mut comparisons);
    effects_twice(evidence, &mut comparisons);
    comparisons
        .verdict("the model has no rewards, and no two effects of a strategy act on the same transition")
}

/// Reports two rewards of one outcome that use the same parameter at the same place.
fn rewards_twice(evidence: &Evidence, comparisons: &mut Comparisons) {
    let model = evidence.model;
    let paths = evidence.paths;
    let place = |falls: &RewardAt| match *falls {
        RewardAt::In(state, _) => (0, state),
        RewardAt::Edge(edge) => (1, edge),
        RewardAt::Start => (2, 0),
    };
    let mut told: Vec<(usize, usize)> = Vec::new();
    for (i, line) in paths.lines.iter().enumerate() {
        for other in &paths.lines[..i] {
            let (a, b) = (&model.rewards[other.reward], &model.rewards[line.reward]);
            if other.reward == line.reward
                || place(&other.at) != place(&line.at)
                || a.outcome(model) != b.outcome(model)
            {
                continue;
            }
            let both: Vec<usize> = (0..model.strategies.len())
                .filter(|&arm| a.given_under(arm) && b.given_under(arm))
                .filter(|&arm| !matches!(line.at, RewardAt::Start) || start_together(model, a, b, arm))
                .collect();
            if both.is_empty() {
                continue;
            }
            let (state, words) = match line.at {
                RewardAt::In(state, _) => (Some(state), format!("in `{}`", model.states[state].name)),
                RewardAt::Edge(edge) => {
                    let edge = &paths.edges[edge];
                    (Some(edge.from), format!("with `{}`", model.transitions[edge.transition].name))
                }
                RewardAt::Start => (None, "at the start".into()),
            };
            let own = parameters_in(&a.amount, state);
            let shared: Vec<usize> = parameters_in(&b.amount, state)
                .into_iter()
                .filter(|p| own.contains(p) && COUNTED.contains(&evidence.kind(*p)))
                .collect();
            let pair = (other.reward, line.reward);
            if shared.is_empty() || told.contains(&pair) {
                continue;
            }
            told.push(pair);
            let text = || {
                format!(
                    "rewards `{}` and `{}` both count {} {words} under {}",
                    a.name,
                    b.name,
                    listed(shared.iter().map(|&p| &model.parameters[p].name[..])),
                    arms(model, &both)
                )
            };
            match a.amount.same_formula(&b.amount) {
                true => comparisons.holds(&b.name, false, text),
                false => comparisons.advisable(&b.name, false, text),
            };
        }
    }
    for (r, reward) in model.rewards.iter().enumerate() {
        if !told.iter().any(|(_, later)| *later == r) {
            comparisons.holds(&reward.name, true, String::new);
        }
    }
}

/// Whether one patient of a strategy can incur both rewards at time zero.
fn start_together(model: &Model, a: &Reward, b: &Reward, arm: usize) -> bool {
    let branches = |reward: &Reward| -> Vec<usize> {
        let own = &model.strategies[arm].at_start;
        let all = 0..own.len().max(1);
        let to = |b: &usize| own.get(*b).and_then(|branch| branch.to);
        let paid = |b: &usize| {
            let branch = (!own.is_empty()).then_some(*b);
            let mut starts = model.start.iter();
            starts.any(|&(from, _)| reward.when.at_start(arm, branch, from, to(b).unwrap_or(from)))
        };
        all.filter(paid).collect()
    };
    let own = branches(a);
    branches(b).iter().any(|branch| own.contains(branch))
}

/// Reports two effects of one strategy on one transition that use the same ratio.
fn effects_twice(evidence: &Evidence, comparisons: &mut Comparisons) {
    let model = evidence.model;
    for strategy in &model.strategies {
        for (i, a) in strategy.effects.iter().enumerate() {
            for b in &strategy.effects[i + 1..] {
                let Some(&t) = a.transitions.iter().find(|t| b.transitions.contains(t)) else {
                    continue;
                };
                let read = parameters_in(&a.ratio, None);
                let both = parameters_in(&b.ratio, None).into_iter().find(|p| read.contains(p));
                comparisons.advisable(&strategy.name, both.is_none(), || {
                    format!(
                        "two effects of strategy `{}` multiply `{}` by `{}`",
                        strategy.name,
                        model.transitions[t].name,
                        model.parameters[both.unwrap_or(0)].name
                    )
                });
            }
        }
    }
}
