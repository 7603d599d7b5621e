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
    why: "A strategy that changes hazards or quality of life has a cost of its own, unless what it changes is how often something \
          that has a price is done; and a strategy with a cost of its own changes something. Otherwise a price is \
          missing, or is assigned to the wrong strategy.",
    hint: "Look at `strategies` of the rewards that add to the cost.",
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
    let mut comparisons = Comparisons::new("effects and costs of their own go together", 0.0);
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
                format!("`{name}` changes what happens to patients, and has no cost of its own")
            });
        }
        if pays {
            comparisons.advisable(name, acts || strategy.otherwise.is_some(), || {
                format!("`{name}` has a cost of its own, and changes neither hazards nor quality of life")
            });
        }
    }
    // A reference that does something, among others that do nothing, is hardly the comparator.
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
                "the reference `{name}` is the only strategy that does or costs anything of its own: is it the comparator, and not {}?",
                arms(model, &others)
            )
        });
    }
    comparisons.verdict("there is nothing but the reference")
}

/// Whether what a strategy replaces is read by a transition that has a price, or its procedure moves patients with one: it
/// changes how often something is paid for that everybody can get.
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
