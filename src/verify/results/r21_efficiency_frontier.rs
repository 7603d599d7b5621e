use super::incremental_analysis::{NO_DECISION, table};
use crate::prelude::*;
use arcosim_core::economics::nmb;

pub static R21: Check = Check {
    id: "R21",
    title: "The frontier contains exactly the strategies that are best at some willingness to pay",
    why: "Net benefit is calculated at thresholds between all ratios of two strategies. Every strategy with the \
          highest net benefit at some threshold must be on the efficiency frontier, and no other strategy. ICERs must \
          increase along the frontier; otherwise, extended dominance was missed and a strategy that is never optimal \
          would appear to be efficient.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some((costs, effects, table)) = table(evidence) else {
        return Verdict::skip(NO_DECISION);
    };
    let model = evidence.model;
    let mut comparisons = Comparisons::new(
        "a frontier of the strategies that are best at some threshold, with increasing ICERs",
        0.0,
    );
    let offered: Vec<usize> = (0..costs.len()).filter(|&s| !model.strategies[s].bound).collect();
    let mut ratios: Vec<f64> = Vec::new();
    for &a in &offered {
        for &b in &offered {
            let ratio = (costs[a] - costs[b]) / (effects[a] - effects[b]);
            if ratio.is_finite() && ratio > 0.0 && effects[a] > effects[b] {
                ratios.push(ratio);
            }
        }
    }
    ratios.sort_by(f64::total_cmp);
    let mut thresholds: Vec<f64> = ratios.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
    thresholds.extend(ratios.first().map(|least| 0.5 * least));
    thresholds.push(ratios.last().map_or(1.0, |most| 2.0 * most));
    let frontier = table.frontier();
    let worth = |s: usize, threshold: f64| nmb(costs[s], effects[s], threshold);
    let near = |a: f64, b: f64, threshold: f64, s: usize| {
        (a - b).abs() <= 1e-9 * (costs[s].abs() + threshold * effects[s].abs())
    };
    let most =
        |threshold: f64| offered.iter().map(|&s| worth(s, threshold)).fold(f64::NEG_INFINITY, f64::max);
    for &s in &offered {
        let name = &model.strategies[s].name;
        let on = frontier.contains(&s);
        // Number of thresholds at which the strategy is the best or equal to the best, and at which it alone is the
        // best.
        let best = thresholds.iter().filter(|&&t| near(worth(s, t), most(t), t, s)).count();
        let alone = thresholds
            .iter()
            .filter(|&&t| {
                let mut others = offered.iter().filter(|o| **o != s);
                others.all(|&o| worth(o, t) < worth(s, t) && !near(worth(o, t), worth(s, t), t, s))
            })
            .count();
        comparisons.holds(name, !on || best > 0, || {
            format!("`{name}` is on the frontier, but is not the best strategy at any threshold")
        });
        comparisons.holds(name, on || alone == 0, || {
            format!(
                "`{name}` is the best strategy at {alone} of {} thresholds, but is not on the frontier",
                thresholds.len()
            )
        });
    }
    let steps: Vec<(usize, f64)> =
        table.rows.iter().filter_map(|r| Some((r.strategy, r.step?.icer))).collect();
    for pair in steps.windows(2) {
        let name = &model.strategies[pair[1].0].name;
        comparisons.holds(name, pair[1].1 >= pair[0].1 * (1.0 - 1e-9), || {
            format!(
                "along the frontier, the ICER of `{name}` is {}, below the preceding ICER of {}",
                number(pair[1].1),
                number(pair[0].1)
            )
        });
    }
    let names: Vec<String> = frontier.iter().map(|&s| format!("`{}`", model.strategies[s].name)).collect();
    comparisons.note(format!("on the frontier: {}", names.join(", ")));
    comparisons.verdict(NO_DECISION)
}
