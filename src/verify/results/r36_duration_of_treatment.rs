use super::costs::NO_COST;
use crate::prelude::*;

pub static R36: Check = Check {
    id: "R36",
    title: "Treatment costs last as long as the treatment effect",
    why: "If the effects of a strategy end, its own yearly costs should end with them, and an effect that continues \
          after the last payment should be intended. A drug that works for two years but is paid for until death \
          looks too expensive; a drug that is paid for two years but never stops working looks too cheap.",
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
    let mut comparisons = Comparisons::new("yearly payments that end with the effects", 0.0);
    let counts = evidence.counts();
    for (s, strategy) in model.strategies.iter().enumerate() {
        let ends = strategy.effects.iter().map(|e| e.gone_after.or(e.full_until));
        // Cycle in which the last effect ends; `None` if an effect never ends.
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
                            "the effects of `{}` end after {} years, but reward `{}` is paid until year {}",
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
                            "reward `{}` is paid only until year {}, but the effects of `{}` never end",
                            reward.name,
                            years(last as f64),
                            strategy.name
                        )
                    });
                }
            }
        }
    }
    comparisons.verdict("no strategy with an effect has its own yearly cost")
}
