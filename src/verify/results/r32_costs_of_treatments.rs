use super::costs::NO_COST;
use super::costs_of_strategies::{own_costs, replaces_price};
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::reward_lines::RewardAt;
use arcosim_core::model::{Reward, Strategy};
use arcosim_scenario::parameters::Kind;

pub static R32: Check = Check {
    id: "R32",
    title: "Every active strategy has a treatment cost, and vice versa",
    why: "A strategy that changes hazards or quality of life needs its own cost, unless it only changes how often an \
          event with a price occurs. A strategy with its own cost must change something. Otherwise, a cost is missing \
          or assigned to the wrong strategy, and the ICER is wrong.",
    hint: "Check `strategies` of the rewards that add to the cost.",
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
    let reference = model.reference();
    let mut comparisons = Comparisons::new("effects and costs in the same strategies", 0.0);
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| *s != reference) {
        let own_price = |(_, own): (&Reward, &[usize])| own.contains(&s) && !own.contains(&reference);
        let pays = own_costs(model, cost).any(own_price);
        let priced = pays || replaces_price(evidence, strategy);
        let gains = model
            .rewards
            .iter()
            .any(|r| r.outcome(model) != cost && r.given_under(s) != r.given_under(reference));
        let substitutes = strategy.substitutions.iter().any(|(p, _)| evidence.kind(*p) != Kind::Cost);
        let acts = !strategy.effects.is_empty() || substitutes || !strategy.at_start.is_empty() || gains;
        let name = &strategy.name;
        if acts && !strategy.bound {
            comparisons.advisable(name, priced || consumes(evidence, strategy, cost), || {
                format!("`{name}` has effects on patients, but no cost of its own")
            });
        }
        if pays {
            comparisons.advisable(name, acts || strategy.otherwise.is_some(), || {
                format!("`{name}` has its own cost, but changes neither hazards nor quality of life")
            });
        }
    }
    // A reference strategy with effects or costs is probably not the comparator if all other strategies have none.
    let plain = |s: usize| {
        let one = &model.strategies[s];
        let pays = own_costs(model, cost).any(|(_, own)| own.contains(&s));
        !pays && one.effects.is_empty() && one.substitutions.is_empty() && one.at_start.is_empty()
    };
    let others: Vec<usize> = (0..model.strategies.len()).filter(|&s| s != reference).collect();
    if !others.is_empty() {
        let name = &model.strategies[reference].name;
        let fine = plain(reference) || !others.iter().all(|&s| plain(s));
        comparisons.advisable(name, fine, || {
            format!(
                "the reference `{name}` is the only strategy with its own effects or costs: should the reference be \
                 {} instead?",
                arms(model, &others)
            )
        });
    }
    comparisons.verdict("the model has only the reference strategy")
}

/// Whether a strategy changes how often an event with a price occurs: it replaces a parameter of a transition with a
/// price, or its procedure moves patients at a price.
fn consumes(evidence: &Evidence, strategy: &Strategy, cost: usize) -> bool {
    let model = evidence.model;
    let priced = |t: usize| {
        evidence.paths.lines.iter().any(|line| match line.at {
            RewardAt::Edge(e) => line.outcome(model) == cost && evidence.paths.edges[e].transition == t,
            _ => false,
        })
    };
    let reads = |t: usize| {
        let mut found = false;
        model.transitions[t].expressions(&mut |e| {
            let own = parameters_in(e, None);
            found |= strategy.substitutions.iter().any(|(p, _)| own.contains(p));
        });
        found
    };
    let moves = |r: &Reward| r.outcome(model) == cost && r.when.may_pay_for_moves_of(&strategy.at_start);
    (0..model.transitions.len()).any(|t| reads(t) && priced(t)) || model.rewards.iter().any(moves)
}
