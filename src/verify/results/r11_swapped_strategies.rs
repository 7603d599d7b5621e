use super::same_as_reference::ONE_STRATEGY;
use crate::prelude::*;

pub static R11: Check = Check {
    id: "R11",
    title: "If two strategies swap their inputs, their results swap as well",
    why: "The first and the last strategy of the scenario swap all their inputs: effects, procedures, eligibility, \
          costs and other rewards. Their results must be swapped as well, and the results of all other strategies \
          must stay the same. Otherwise, results depend on the position of a strategy in the scenario.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let (a, b) = (0, model.strategies.len().saturating_sub(1));
    if a == b {
        return Verdict::skip(ONE_STRATEGY);
    }
    let other = |s: usize| match s {
        _ if s == a => b,
        _ if s == b => a,
        s => s,
    };
    let mut swapped = model.clone();
    swapped.strategies.swap(a, b);
    for s in [a, b] {
        // Only inputs are swapped, not the names and the choice of the reference strategy.
        swapped.strategies[s].name = model.strategies[s].name.clone();
        swapped.strategies[s].reference = model.strategies[s].reference;
    }
    for otherwise in swapped.strategies.iter_mut().filter_map(|s| s.otherwise.as_mut()) {
        *otherwise = other(*otherwise);
    }
    for reward in &mut swapped.rewards {
        if let Some(strategies) = &mut reward.strategies {
            strategies.iter_mut().for_each(|s| *s = other(*s));
            strategies.sort_unstable();
        }
        if let Some(branches) = reward.when.procedures_mut() {
            branches.iter_mut().for_each(|(s, _)| *s = other(*s));
            branches.sort_unstable();
        }
    }
    let mut comparisons =
        Comparisons::new("swapped results of the two strategies, and unchanged results of all others", EXACT);
    let base = evidence.totals();
    let totals = evidence.totals_of(&swapped, &evidence.base);
    for (s, strategy) in model.strategies.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what = format!("after swapping the inputs, `{}` under `{}`", outcome.name, strategy.name);
            comparisons.same(&strategy.name, &what, base[other(s)][o], totals[s][o]);
        }
    }
    comparisons.verdict("the model has no outcomes")
}
