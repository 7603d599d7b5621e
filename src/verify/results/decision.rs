//! The decision: dominance, ratios and net benefit.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::economics::{Incremental, Status, incremental, nmb};

/// Why checks of the decision are skipped.
const NOTHING: &str = "the scenario has no [decision], or no strategies to choose from";

/// Costs, effects, and the table of the incremental analysis.
fn table(subject: &Subject) -> Option<(Vec<f64>, Vec<f64>, Incremental)> {
    let decision = subject.scenario.decision.as_ref()?;
    let totals = subject.totals();
    let of = |o: usize| -> Vec<f64> { totals.iter().map(|own| own[o]).collect() };
    let (costs, effects) = (of(decision.cost), of(decision.effect));
    let offered: Vec<bool> = subject.model.strategies.iter().map(|s| !s.bound).collect();
    let table = incremental(&costs, &effects, &offered).ok()?;
    (offered.iter().filter(|o| **o).count() > 1).then_some((costs, effects, table))
}

pub static R21: Check = Check {
    id: "R21",
    title: "The frontier holds exactly the strategies that are best at some threshold",
    why: "Net benefit is worked out at thresholds between all ratios of two strategies, and whoever is best anywhere must be on the \
          frontier, and nobody else. Ratios must grow along the frontier: if not, dominance by a mix of two others was missed.",
    hint: "Report it: the incremental analysis does not agree with net benefit.",
    basis: "TECH-VER",
    quick: true,
    run: r21,
};

fn r21(subject: &Subject) -> Verdict {
    let Some((costs, effects, table)) = table(subject) else {
        return Verdict::skip(NOTHING);
    };
    let model = subject.model;
    let mut tally = Tally::new("the frontier is who is best at some threshold, by growing ratios", 0.0);
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
        tally.holds(name, !on || best > 0, || {
            format!("`{name}` is on the frontier and is best at no threshold")
        });
        tally.holds(name, on || alone == 0, || {
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
        tally.holds(name, pair[1].1 >= pair[0].1 * (1.0 - 1e-9), || {
            format!(
                "the ratio of `{name}`, {}, is below the one before it, {}",
                number(pair[1].1),
                number(pair[0].1)
            )
        });
    }
    let names: Vec<String> = frontier.iter().map(|&s| format!("`{}`", model.strategies[s].name)).collect();
    tally.note(format!("on the frontier: {}", names.join(", ")));
    tally.verdict(NOTHING)
}

pub static R22: Check = Check {
    id: "R22",
    title: "At each threshold net benefit and the ratios choose the same strategy",
    why: "At each threshold of the decision, the strategy with the highest net benefit must be the last on the frontier whose \
          ratio does not exceed the threshold.",
    hint: "Report it: the incremental analysis does not agree with net benefit.",
    basis: "own",
    quick: true,
    run: r22,
};

fn r22(subject: &Subject) -> Verdict {
    let (Some(decision), Some((costs, effects, table))) = (&subject.scenario.decision, table(subject)) else {
        return Verdict::skip(NOTHING);
    };
    let model = subject.model;
    let mut tally = Tally::new("the same choice by ratios and by net benefit", 0.0);
    for threshold in decision.thresholds.iter().map(|t| t.value) {
        let mut chain = table.rows.iter().filter(|row| row.status == Status::Frontier);
        let chosen = chain.rfind(|row| row.step.is_none_or(|step| step.icer <= threshold));
        let Some(chosen) = chosen else { continue };
        let worth = |s: usize| nmb(costs[s], effects[s], threshold);
        let offered = (0..costs.len()).filter(|&s| !model.strategies[s].bound);
        let best = offered.fold(chosen.strategy, |best, s| if worth(s) > worth(best) { s } else { best });
        let name = &model.strategies[chosen.strategy].name;
        let size = costs[best].abs() + threshold * effects[best].abs();
        tally.holds(name, worth(best) - worth(chosen.strategy) <= 1e-9 * size, || {
            format!(
                "at {} the ratios choose `{name}` and net benefit `{}`",
                number(threshold),
                model.strategies[best].name
            )
        });
    }
    tally.verdict(NOTHING)
}

pub static R34: Check = Check {
    id: "R34",
    title: "Ratios of costs to effects lie on the scale of the thresholds",
    why: "At least one ratio of two strategies should lie within a factor of 100 of a threshold. Where all are far off, cost, effect \
          and threshold are in different units, such as thousands or days. A cost or effect that is 0 under every strategy \
          decides nothing.",
    hint: "Look at `cost`, `effect` and `thresholds` in [decision], and at the units of the outcomes.",
    basis: "own",
    quick: true,
    run: r34,
};

fn r34(subject: &Subject) -> Verdict {
    let (Some(decision), Some((costs, effects, _))) = (&subject.scenario.decision, table(subject)) else {
        return Verdict::skip(NOTHING);
    };
    let model = subject.model;
    let mut tally = Tally::new("ratios on the scale of the thresholds", 0.0);
    let offered: Vec<usize> = (0..costs.len()).filter(|&s| !model.strategies[s].bound).collect();
    for (o, all) in [(decision.cost, &costs), (decision.effect, &effects)] {
        let name = &model.outcomes[o].name;
        let some = offered.iter().any(|&s| all[s] != 0.0);
        tally.holds(name, some, || format!("`{name}` is 0 under every strategy"));
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
        tally.advisable(effect, ratios.iter().any(near), || {
            format!(
                "no ratio of `{cost}` to `{effect}` is within a factor of 100 of a threshold: the first is {}, and the \
                 threshold {}",
                number(*first),
                number(decision.threshold())
            )
        });
    }
    tally.verdict(NOTHING)
}
