use super::costs::NO_COST;
use super::costs_of_strategies::own_costs;
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_scenario::parameters::Kind;

pub static R33: Check = Check {
    id: "R33",
    title: "Costs named after a strategy are incurred under that strategy",
    why: "A cost that is named after a strategy, or uses a price named after it, but is limited to other strategies \
          was probably assigned to the wrong strategy. The comparator then pays for the intervention, and the \
          incremental cost has the wrong sign.",
    hint: "Check `strategies` of the reward in the finding, or rename the reward or price.",
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
    let mut comparisons = Comparisons::new("costs incurred under the strategies in their names", 0.0);
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase().split(['.', '_', '-', ' ']).map(str::to_string).collect()
    };
    // Strategies with the name of a group, transition or category are ignored, because a price with that name may refer
    // to either.
    let categories = model.attributes.iter().flat_map(|a| a.categories());
    let others = model.groups.iter().map(|g| &g.name);
    let others: Vec<&String> =
        others.chain(model.transitions.iter().map(|t| &t.name)).chain(categories).collect();
    let of_its_own = |s: &usize| !others.contains(&&model.strategies[*s].name);
    // Whether all words of a name follow each other in another name.
    let within = |name: &str, of: &str| {
        let (name, of) = (words(name), words(of));
        of.windows(name.len().max(1)).any(|part| part == name)
    };
    for (reward, own) in own_costs(model, cost) {
        let prices = parameters_in(&reward.amount, None);
        let prices = prices.into_iter().filter(|&p| evidence.kind(p) == Kind::Cost);
        let mut names: Vec<&str> = prices.map(|p| &model.parameters[p].name[..]).collect();
        names.push(&reward.name);
        let named: Vec<usize> = (0..model.strategies.len())
            .filter(of_its_own)
            .filter(|&s| names.iter().any(|name| within(&model.strategies[s].name, name)))
            .collect();
        // A cost named after `x_and_y` also matches strategy `x`, so one matching strategy is enough.
        let own_name = named.iter().any(|s| own.contains(s));
        if named.is_empty() {
            continue;
        }
        comparisons.advisable(&reward.name, own_name, || {
            format!(
                "reward `{}` ({}) is named after {}, but is incurred under {}",
                reward.name,
                names[..names.len() - 1].join(", "),
                arms(model, &named),
                arms(model, own)
            )
        });
    }
    let all = model.rewards.iter().filter(|r| r.outcome(model) == cost && r.strategies.is_none());
    for reward in all.filter(|r| r.when.accrues() || r.when.only_at_start() && r.when.procedures().is_none())
    {
        let prices = parameters_in(&reward.amount, None);
        for p in prices.into_iter().filter(|&p| evidence.kind(p) == Kind::Cost) {
            let price = &model.parameters[p].name;
            let bears = |s: &usize| within(&model.strategies[*s].name, price);
            let named: Vec<usize> = (0..model.strategies.len()).filter(of_its_own).filter(bears).collect();
            if !named.is_empty() {
                comparisons.advisable(&reward.name, named.len() == model.strategies.len(), || {
                    format!(
                        "reward `{}` uses `{price}`, which is named after {}, but is incurred under every strategy",
                        reward.name,
                        arms(model, &named)
                    )
                });
            }
        }
    }
    comparisons.verdict("no cost is named after a strategy")
}
