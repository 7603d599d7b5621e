use super::costs::NO_COST;
use super::costs_of_strategies::own_costs;
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_scenario::parameters::Kind;

pub static R33: Check = Check {
    id: "R33",
    title: "Costs named after a strategy are incurred under that strategy",
    why: "A reward of the cost, or the price it reads, that carries the name of a strategy and is limited to others was probably \
          given to the wrong one: the comparator pays for the intervention.",
    hint: "Look at `strategies` of the reward that is named.",
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
    let mut comparisons = Comparisons::new("strategies pay what bears their name", 0.0);
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase().split(['.', '_', '-', ' ']).map(str::to_string).collect()
    };
    // A strategy that has the name of a state, group, category or transition: a price with that name may be of either.
    let categories = model.attributes.iter().flat_map(|a| a.categories());
    let others = model.groups.iter().map(|g| &g.name);
    let others: Vec<&String> =
        others.chain(model.transitions.iter().map(|t| &t.name)).chain(categories).collect();
    let of_its_own = |s: &usize| !others.contains(&&model.strategies[*s].name);
    // A name of several words stands in another if all of them follow each other there.
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
        // A name within a longer one, such as `x` in `x_and_y`, belongs to the longer one as well.
        let own_name = named.iter().any(|s| own.contains(s));
        if named.is_empty() {
            continue;
        }
        comparisons.advisable(&reward.name, own_name, || {
            format!(
                "reward `{}` ({}) is named after {} and is paid under {}",
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
                        "reward `{}` reads `{price}`, named after {}, and is paid under every strategy",
                        reward.name,
                        arms(model, &named)
                    )
                });
            }
        }
    }
    comparisons.verdict("no reward of the cost is named after a strategy")
}
