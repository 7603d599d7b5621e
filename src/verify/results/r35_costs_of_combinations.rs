use super::costs::NO_COST;
use super::costs_of_strategies::{own_costs, replaces_price};
use crate::prelude::*;
use arcosim_core::model::{Share, Strategy};

pub static R35: Check = Check {
    id: "R35",
    title: "A combination incurs the costs of all its treatments",
    why: "If a strategy has all effects and replaced parameters of another strategy, it should also incur the costs \
          of the other strategy: a combination with the effect of a drug but without its price looks too cheap. A \
          complication with a price under one strategy should have the price under every strategy with the same \
          complication.",
    hint: "Check `strategies` of the reward in the finding; if the combination has its own price, waive the finding.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(cost) = evidence.cost() else {
        return Verdict::skip(NO_COST);
    };
    let mut comparisons = Comparisons::new("the costs of a treatment wherever its effects apply", 0.0);
    let inside = |a: &Strategy, b: &Strategy| {
        let effects = a.effects.iter().all(|own| {
            b.effects
                .iter()
                .any(|other| other.ratio.same_formula(&own.ratio) && other.transitions == own.transitions)
        });
        let replaced = a
            .substitutions
            .iter()
            .all(|(p, own)| b.substitutions.iter().any(|(q, other)| p == q && own.same_formula(other)));
        effects && replaced && !(a.effects.is_empty() && a.substitutions.is_empty())
    };
    for (a, part) in model.strategies.iter().enumerate() {
        for (b, whole) in model.strategies.iter().enumerate() {
            if a == b || !inside(part, whole) || replaces_price(evidence, whole) {
                continue;
            }
            // If two strategies have the same effects, the second may have its own price instead of the price of the
            // first.
            let instead = inside(whole, part) && own_costs(model, cost).any(|(_, own)| own == [b]);
            for (reward, own) in own_costs(model, cost).filter(|(_, own)| own.contains(&a)) {
                comparisons.advisable(&reward.name, instead || own.contains(&b), || {
                    format!(
                        "`{}` has all effects of `{}`, but does not incur its cost `{}`",
                        whole.name, part.name, reward.name
                    )
                });
            }
        }
    }
    for (reward, own) in own_costs(model, cost) {
        let Some(branches) = reward.when.procedures() else {
            continue;
        };
        let all = branches.iter().map(|(s, b)| &model.strategies[*s].at_start[*b]);
        let complications: Vec<_> = all.filter(|branch| branch.to.is_none()).collect();
        for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| !own.contains(s)) {
            let shared = strategy.at_start.iter().find(|b| {
                complications.iter().any(|c| c.name == b.name && c.share == b.share && c.share != Share::Rest)
            });
            let paid = shared.is_none_or(|branch| {
                own_costs(model, cost).any(|(other, arms)| {
                    let taken =
                        |(arm, b): &(usize, usize)| *arm == s && strategy.at_start[*b].name == branch.name;
                    arms.contains(&s) && other.when.procedures().is_some_and(|all| all.iter().any(taken))
                })
            });
            if shared.is_some() {
                comparisons.advisable(&reward.name, paid, || {
                    format!(
                        "`{}` has the same complication as other strategies, but does not incur its cost `{}`",
                        strategy.name, reward.name
                    )
                });
            }
        }
    }
    comparisons.verdict("no strategy has all effects of another")
}
