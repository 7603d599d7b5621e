use crate::prelude::*;
use crate::yearly_amounts::{counting, each_worth, yearly_quality};
use arcosim_scenario::parameters::Kind;

pub static S15: Check = Check {
    id: "S15",
    title: "Every state in which people live has its quality of life and its costs, and the dead have none",
    why: "Every state in which patients spend time is looked for among the rewards that count by the year, strategy by strategy. \
          A living state without quality of life makes those in it worth as much as the dead; one without costs, where all its \
          neighbours have some, has probably been forgotten; and the dead neither cost nor enjoy anything year by year.",
    hint: "Add the state to the `in` of the reward, or give it an amount of its own; take the states of the dead out.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let counts = evidence.counts();
    let mut comparisons =
        Comparisons::new("quality of life and costs in every living state, none in the dead", 0.0);
    let qualities = yearly_quality(evidence);
    let costs = counting(evidence, &[Kind::Cost]);
    for outcome in 0..model.outcomes.len() {
        let (quality, cost) = (qualities.contains(&outcome), costs.contains(&outcome));
        let name = &model.outcomes[outcome].name;
        let mut told: Vec<usize> = Vec::new();
        for (s, strategy) in model.strategies.iter().enumerate() {
            // Those who get the strategy are counted under it, whatever the states of the others.
            let lived = |state: usize| {
                let years = evidence.years(counts, &[state], outcome, &evidence.base);
                years[s] > 1e-12
            };
            let living: Vec<usize> = evidence.living().into_iter().filter(|&state| lived(state)).collect();
            let something = |state: usize| {
                let mut any = false;
                each_worth(evidence, (outcome, s, state), |worth, _| any |= worth != 0.0);
                any
            };
            let without: Vec<usize> = living.iter().copied().filter(|&state| !something(state)).collect();
            for (state, own) in model.states.iter().enumerate() {
                if told.contains(&state) {
                    continue;
                }
                if evidence.is_dead(state) {
                    let fine = !something(state);
                    let text = || {
                        format!(
                            "the dead in `{}` add to `{name}` year by year under `{}`",
                            own.name, strategy.name
                        )
                    };
                    let here = |r: &usize| {
                        let reward = &model.rewards[*r];
                        let there = reward.when.in_state(state);
                        there && reward.outcome(model) == outcome && reward.given_under(s)
                    };
                    let mut rewards = (0..model.rewards.len()).filter(here);
                    // The dead have no quality of life; those whom they leave behind may lose some.
                    let mut gains = false;
                    each_worth(evidence, (outcome, s, state), |worth, _| gains |= worth > 0.0);
                    match rewards.all(|r| evidence.only_of_the_dead(r)) && !(quality && gains) {
                        true => comparisons.advisable(&own.name, fine, text),
                        false => comparisons.holds(&own.name, fine, text),
                    };
                    if !fine {
                        told.push(state);
                    }
                } else if without.contains(&state) {
                    let text = format!(
                        "a year in `{}` adds nothing to `{name}` under `{}`, as if it were not lived",
                        own.name, strategy.name
                    );
                    let others = living.len() - without.len();
                    if quality {
                        comparisons.holds(&own.name, false, || text);
                        told.push(state);
                    } else if cost && others >= 2 && without.len() == 1 {
                        comparisons
                            .advisable(&own.name, false, || format!("{text}, and {others} other states do"));
                        told.push(state);
                    }
                } else if quality || cost {
                    comparisons.holds(&own.name, true, String::new);
                }
            }
        }
    }
    comparisons.verdict("nothing is counted by the year")
}
