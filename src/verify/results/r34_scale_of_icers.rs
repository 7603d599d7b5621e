use super::incremental_analysis::{NO_DECISION, table};
use crate::prelude::*;

pub static R34: Check = Check {
    id: "R34",
    title: "Cost-effectiveness ratios are on the scale of the thresholds",
    why: "At least one ratio between two strategies should be within a factor of 100 of a threshold. If all ratios \
          are outside, cost, effect and threshold are probably in different units, such as thousands or days, and the \
          decision is wrong. A cost or effect that is 0 under every strategy cannot inform the decision.",
    hint: "Check `cost`, `effect` and `thresholds` in [decision], and the units of the outcomes.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (Some(decision), Some((costs, effects, _))) = (&evidence.scenario.decision, table(evidence)) else {
        return Verdict::skip(NO_DECISION);
    };
    let model = evidence.model;
    let mut comparisons = Comparisons::new("ratios on the scale of the thresholds", 0.0);
    let offered: Vec<usize> = (0..costs.len()).filter(|&s| !model.strategies[s].bound).collect();
    for (o, all) in [(decision.cost, &costs), (decision.effect, &effects)] {
        let name = &model.outcomes[o].name;
        let some = offered.iter().any(|&s| all[s] != 0.0);
        comparisons.holds(name, some, || format!("`{name}` is 0 under every strategy"));
    }
    let mut ratios = Vec::new();
    for (i, &a) in offered.iter().enumerate() {
        for &b in &offered[..i] {
            let (dc, de) = ((costs[a] - costs[b]).abs(), (effects[a] - effects[b]).abs());
            if dc > 1e-9 * costs[a].abs() && de > 1e-9 * effects[a].abs() {
                ratios.push(dc / de);
            }
        }
    }
    let thresholds = || decision.thresholds.iter().map(|t| t.value);
    let near = |ratio: &f64| thresholds().any(|t| (t / 100.0..=100.0 * t).contains(ratio));
    if let Some(first) = ratios.first() {
        let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o].name);
        comparisons.advisable(effect, ratios.iter().any(near), || {
            format!(
                "no ratio of `{cost}` to `{effect}` is within a factor of 100 of a threshold; for example, the ratio \
                 of two strategies is {}, but the threshold is {}",
                number(*first),
                number(decision.threshold())
            )
        });
    }
    comparisons.verdict(NO_DECISION)
}
