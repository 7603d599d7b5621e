use super::costs::NO_COST;
use super::itemised::Itemised;
use super::typed_numbers::types_numbers;
use crate::evidence::Totals;
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_scenario::parameters::Kind;

pub static R05: Check = Check {
    id: "R05",
    title: "Doubling all prices doubles total costs",
    why: "All parameters of kind cost are doubled, as if the currency had lost half its value, and the amount that \
          each reward adds must double. If it does not, a formula mixes prices with numbers of another kind or \
          compares a price with a number, or a strategy replaces a price by a typed number. Costs are then wrong \
          whenever prices change.",
    hint: "Check the amount of the reward, and the values by which strategies replace its prices.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some(cost) = evidence.cost() else {
        return Verdict::skip(NO_COST);
    };
    let model = evidence.model;
    let itemised = Itemised::plain(model, &[cost]);
    let mut evaluator = itemised.evaluator(evidence);
    let base = evaluator.totals(&evidence.base);
    let doubled = evaluator.totals(&evidence.with_kinds(&[Kind::Cost], |x| 2.0 * x));
    let mut comparisons = Comparisons::new("twice the amount from every reward with doubled prices", EXACT);
    for (r, reward) in model.rewards.iter().enumerate() {
        let prices = parameters_in(&reward.amount, None);
        let reads = prices.iter().any(|&p| evidence.kind(p) == Kind::Cost);
        // Amounts from typed numbers are reported by R04.
        if reward.outcome(model) != cost || !reads || types_numbers(&reward.amount) {
            continue;
        }
        for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| reward.given_under(*arm))
        {
            let own = |of: &Totals| itemised.sum(&of[arm], cost, |item| item.reward == Some(r));
            let what = format!(
                "with all prices doubled, the amount of reward `{}` under `{}`",
                reward.name, strategy.name
            );
            let size = 2.0 * itemised.sum(&base[arm], cost, |item| item.reward.is_some()).abs();
            comparisons.same_by(&reward.name, &what, (2.0 * own(&base), own(&doubled)), size);
        }
    }
    comparisons.verdict("no reward of the cost uses a parameter of kind cost")
}
