use super::itemised::Itemised;
use crate::prelude::*;
use arcosim_core::words::listed;

pub static R31: Check = Check {
    id: "R31",
    title: "Dead patients accrue neither costs nor effects",
    why: "Yearly amounts must not accrue in death states. A reward that is counted `in` all states continues after \
          death until the time horizon, so that costs or effects no longer depend on how long patients live.",
    hint: "Remove the death states from `in`, for example with a group such as alive = { except = [\"dead\"] }. Count \
           costs of dying once, with `on_entering`. If patients in an absorbing state are alive, list the death \
           states under [verify] (`dead`).",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    if all.is_empty() || evidence.scenario.verify.dead.is_empty() {
        return Verdict::skip("the model has no death states or no outcomes");
    }
    let itemised = Itemised::plain(model, &all);
    let totals = itemised.totals(evidence, &evidence.base);
    let mut comparisons = Comparisons::new("no yearly amounts in death states", EXACT);
    for &s in &evidence.scenario.verify.dead {
        let state = &model.states[s];
        for &o in &all {
            let amount = |arm: usize| {
                itemised.sum(&totals[arm], o, |item| item.state == Some(s) && item.reward.is_some())
            };
            let paid: Vec<usize> = (0..model.strategies.len()).filter(|&arm| amount(arm) != 0.0).collect();
            let text = || {
                let rewards = itemised.items.iter().filter(|item| item.state == Some(s) && item.outcome == o);
                let names = rewards.filter_map(|item| Some(&model.rewards[item.reward?].name[..]));
                format!(
                    "time in death state `{}` adds {} to `{}` under `{}`, from reward {}",
                    state.name,
                    number(amount(paid[0])),
                    model.outcomes[o].name,
                    model.strategies[paid[0]].name,
                    listed(names)
                )
            };
            let meant = itemised
                .items
                .iter()
                .filter(|item| item.state == Some(s) && item.outcome == o)
                .filter_map(|item| item.reward)
                .all(|reward| evidence.only_of_the_dead(reward));
            match evidence.is_surely_dead(s) && !meant {
                true => comparisons.holds(&state.name, paid.is_empty(), text),
                false => comparisons.advisable(&state.name, paid.is_empty(), text),
            };
        }
    }
    comparisons.verdict("the model has no outcomes")
}
