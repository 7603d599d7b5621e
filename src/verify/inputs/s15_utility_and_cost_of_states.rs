use crate::prelude::*;
use crate::yearly_amounts::{counting, each_worth, yearly_quality};
use arcosim_scenario::parameters::Kind;

pub static S15: Check = Check {
    id: "S15",
    title: "Every living state has a utility and costs, and the dead have neither",
    why: "For every strategy, the yearly rewards of each state in which patients spend time are examined. A living \
          state without a utility is valued as if its patients were dead. A state without costs, when all other \
          living states have costs, has probably been forgotten. Death states should accrue neither costs nor \
          quality of life.",
    hint: "Add the state to the `in` of the reward or give it its own amount; remove death states from `in`.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let counts = evidence.counts();
    let mut comparisons =
        Comparisons::new("quality of life and costs in every living state, and none in death states", 0.0);
    let qualities = yearly_quality(evidence);
    let costs = counting(evidence, &[Kind::Cost]);
    for outcome in 0..model.outcomes.len() {
        let (quality, cost) = (qualities.contains(&outcome), costs.contains(&outcome));
        let name = &model.outcomes[outcome].name;
        let mut told: Vec<usize> = Vec::new();
        for (s, strategy) in model.strategies.iter().enumerate() {
            // Time is counted under the strategy that a patient receives.
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
                            "the dead in `{}` accrue `{name}` every year under `{}`",
                            own.name, strategy.name
                        )
                    };
                    let here = |r: &usize| {
                        let reward = &model.rewards[*r];
                        let there = reward.when.in_state(state);
                        there && reward.outcome(model) == outcome && reward.given_under(s)
                    };
                    let mut rewards = (0..model.rewards.len()).filter(here);
                    // The dead have no quality of life, but bereaved carers may lose some, so only gains are an error.
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
                        comparisons.advisable(&own.name, false, || {
                            format!("{text}, although years in {others} other states add to it")
                        });
                        told.push(state);
                    }
                } else if quality || cost {
                    comparisons.holds(&own.name, true, String::new);
                }
            }
        }
    }
    comparisons.verdict("the model has no yearly rewards")
}
