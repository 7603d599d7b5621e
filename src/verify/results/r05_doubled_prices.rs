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
    why: "All parameters of kind cost are doubled, as if the currency had halved, and what each reward adds must double. Where it \
          does not, a formula mixes prices with numbers of another kind, compares a price with a number, or a strategy replaces \
          a price by a typed number.",
    hint: "Look at the amount of the reward that is named, and at what strategies put in place of the prices it reads.",
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
    let mut comparisons = Comparisons::new("what a reward adds doubles with the prices", EXACT);
    for (r, reward) in model.rewards.iter().enumerate() {
        let prices = parameters_in(&reward.amount, None);
        let reads = prices.iter().any(|&p| evidence.kind(p) == Kind::Cost);
        // What typed numbers add is reported by R04.
        if reward.outcome(model) != cost || !reads || types_numbers(&reward.amount) {
            continue;
        }
        for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| reward.given_under(*arm))
        {
            let own = |of: &Totals| itemised.sum(&of[arm], cost, |item| item.reward == Some(r));
            let what = format!("with all prices doubled, reward `{}` under `{}`", reward.name, strategy.name);
            let size = 2.0 * itemised.sum(&base[arm], cost, |item| item.reward.is_some()).abs();
            comparisons.same_by(&reward.name, &what, (2.0 * own(&base), own(&doubled)), size);
        }
    }
    comparisons.verdict("no reward that adds to the cost reads a parameter of kind cost")
}
