use super::incremental_analysis::{NO_DECISION, table};
use crate::prelude::*;
use arcosim_core::economics::nmb;

pub static R21: Check = Check {
    id: "R21",
    title: "The frontier contains exactly the strategies that are best at some willingness to pay",
    why: "Net benefit is worked out at thresholds between all ratios of two strategies, and every strategy that is best at some threshold must be on the \
          frontier, and no other. Ratios must grow along the frontier: if not, dominance by a mix of two others was missed.",
    hint: "Report it: the incremental analysis does not agree with net benefit.",
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
    let mut comparisons =
        Comparisons::new("the frontier is who is best at some threshold, by growing ratios", 0.0);
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
        // Thresholds at which it is better than all the others, or as good as the best.
        let best = thresholds.iter().filter(|&&t| near(worth(s, t), most(t), t, s)).count();
        let alone = thresholds
            .iter()
            .filter(|&&t| {
                let mut others = offered.iter().filter(|o| **o != s);
                others.all(|&o| worth(o, t) < worth(s, t) && !near(worth(o, t), worth(s, t), t, s))
            })
            .count();
        comparisons.holds(name, !on || best > 0, || {
            format!("`{name}` is on the frontier and is best at no threshold")
        });
        comparisons.holds(name, on || alone == 0, || {
            format!(
                "`{name}` is best at {alone} of {} thresholds and is not on the frontier",
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
                "the ratio of `{name}`, {}, is below the one before it, {}",
                number(pair[1].1),
                number(pair[0].1)
            )
        });
    }
    let names: Vec<String> = frontier.iter().map(|&s| format!("`{}`", model.strategies[s].name)).collect();
    comparisons.note(format!("on the frontier: {}", names.join(", ")));
    comparisons.verdict(NO_DECISION)
}
