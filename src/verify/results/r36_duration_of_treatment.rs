use super::costs::NO_COST;
use crate::prelude::*;

pub static R36: Check = Check {
    id: "R36",
    title: "Treatment costs last as long as the treatment effect",
    why: "Where the effects of a strategy end, what is paid per year for that strategy alone should end with them, and an effect that \
          goes on after the last payment should be meant. A drug that works for two years and is paid for until death is too \
          dear, one that is paid for two years and works for ever too cheap.",
    hint: "Compare `full_until` and `gone_after` of the effects with the time condition in the amount of the reward.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(cost) = evidence.cost() else {
        return Verdict::skip(NO_COST);
    };
    let mut comparisons = Comparisons::new("payments per year end with the effects", 0.0);
    let counts = evidence.counts();
    for (s, strategy) in model.strategies.iter().enumerate() {
        let ends = strategy.effects.iter().map(|e| e.gone_after.or(e.full_until));
        // The cycle in which the last effect is gone; none if one lasts for ever.
        let end = ends.collect::<Option<Vec<f64>>>().map(|all| all.into_iter().fold(0.0, f64::max));
        if strategy.effects.is_empty() {
            continue;
        }
        for (r, reward) in model.rewards.iter().enumerate() {
            let own = reward
                .strategies
                .as_ref()
                .is_some_and(|all| all.contains(&s) && all.len() < model.strategies.len());
            let states = reward.when.states();
            if !own || !reward.when.accrues() || reward.outcome(model) != cost {
                continue;
            }
            let lines = evidence.paths.lines.iter().zip(&counts.strategies[s].lines);
            let lines: Vec<&Vec<f64>> =
                lines.filter(|(line, _)| line.reward == r).map(|(_, own)| own).collect();
            let paid = |k: usize| lines.iter().any(|own| own[k] != 0.0);
            let there = |k: usize| {
                states.iter().map(|&state| counts.strategies[s].occupancy[state][k]).sum::<f64>() > 1e-6
            };
            let last = (0..=model.time.cycles).rev().find(|&k| paid(k));
            let Some(last) = last else { continue };
            let years = |k: f64| number(k / model.time.cycles_per_year);
            match end {
                Some(end) if end < model.time.cycles as f64 => {
                    comparisons.advisable(&reward.name, last as f64 <= end + 1.0, || {
                        format!(
                            "the effects of `{}` end after {} years, and reward `{}` is paid up to year {}",
                            strategy.name,
                            years(end),
                            reward.name,
                            years(last as f64)
                        )
                    });
                }
                _ => {
                    let stops = last + 1 < model.time.cycles && there(last + 2);
                    comparisons.advisable(&reward.name, !stops, || {
                        format!(
                            "reward `{}` is paid up to year {}, and the effects of `{}` last for ever",
                            reward.name,
                            years(last as f64),
                            strategy.name
                        )
                    });
                }
            }
        }
    }
    comparisons.verdict("no strategy with an effect has a cost per year of its own")
}
