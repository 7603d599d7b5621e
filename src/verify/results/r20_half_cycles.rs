use super::itemised::Itemised;
use crate::prelude::*;
use arcosim_analysis::cycle_length::{ByCycle, CycleLength, cycle_length, halved, to_shorter_cycles};
use arcosim_analysis::sensitivity::net_benefit::best;
use arcosim_core::engine::microsim::Watch;
use arcosim_core::model::impossible;

pub static R20: Check = Check {
    id: "R20",
    title: "Halving the cycle length hardly changes results",
    why: "The model is run with cycles of half the length; yearly amounts, rates and clocks stay the same. The change \
          in results shows the error that is due to the cycle length. A change of more than 5% in a total or more \
          than 10% in an increment over the reference, or another best strategy, means that cycles are too long for \
          the rates, or that a formula counts cycles instead of years.",
    hint: "Use a shorter cycle in [time], and check for amounts that depend on the number of cycles.",
    basis: "own",
    quick: false,
    needs: &[Need::Counts],
    run,
};

/// Differences between strategies below this share of the total are not compared, because any change would be large
/// relative to them.
const SMALLEST_DIFFERENCE: f64 = 0.005;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let halved = match halved(model) {
        Ok(halved) => halved,
        Err(reason) => return Verdict::skip(reason),
    };
    if let Some(problem) = impossible(&halved, &evidence.base) {
        return Verdict::skip(format!("with cycles of half the length, {problem}"));
    }
    let (base, totals) = (evidence.totals(), evidence.totals_of(&halved, &evidence.base));
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    let itemised = Itemised::plain(model, &all);
    let parts = itemised.totals(evidence, &evidence.base);
    let mut comparisons =
        Comparisons::new("changes below 5% in totals and below 10% in differences between strategies", 0.0);
    let mut changes = Vec::new();
    for (o, outcome) in model.outcomes.iter().enumerate() {
        let mut most: f64 = 0.0;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            let (old, new) = (base[arm][o], totals[arm][o]);
            // If gains and losses nearly cancel, a small change in either is a large relative change in their sum.
            let own = itemised.items.iter().zip(&parts[arm]);
            let own = own.filter(|(item, _)| item.outcome == o && item.reward.is_some());
            let size: f64 = own.map(|(_, x)| x.abs()).sum();
            if old.abs() <= 0.2 * size || old == 0.0 {
                continue;
            }
            let change = (new - old) / old;
            if change.abs() > most.abs() {
                most = change;
            }
            comparisons.advisable(&outcome.name, change.abs() < 0.05, || {
                format!(
                    "with cycles of half the length, `{}` under `{}` is {} instead of {}",
                    outcome.name,
                    strategy.name,
                    number(new),
                    number(old)
                )
            });
        }
        changes.push(format!("`{}` by {}%", outcome.name, number(100.0 * most)));
    }
    let reference = model.reference();
    let mut differences: (f64, &str) = (0.0, "");
    for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| *arm != reference) {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let difference = |of: &[Vec<f64>]| of[arm][o] - of[reference][o];
            let (old, new) = (difference(&base), difference(&totals));
            if old.abs() <= SMALLEST_DIFFERENCE * base[reference][o].abs() {
                continue;
            }
            let change = (new - old) / old;
            if change.abs() > differences.0.abs() {
                differences = (change, &outcome.name);
            }
            comparisons.advisable(&outcome.name, change.abs() < 0.1, || {
                format!(
                    "with cycles of half the length, `{}` under `{}` differs from `{}` by {} instead of {}",
                    outcome.name,
                    strategy.name,
                    model.strategies[reference].name,
                    number(new),
                    number(old)
                )
            });
        }
    }
    if let Some(decision) = &evidence.scenario.decision {
        let best = |of: &[Vec<f64>]| best(model, decision, of, decision.threshold()).unwrap_or(reference);
        let (old, new) = (best(&base), best(&totals));
        comparisons.advisable("[decision]", old == new, || {
            format!(
                "with cycles of half the length, `{}` is the best strategy instead of `{}`",
                model.strategies[new].name, model.strategies[old].name
            )
        });
        let factor = to_shorter_cycles(model);
        let shorter = |(old, new): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
            old.iter()
                .zip(new)
                .map(|(&value, &halved)| ByCycle { value, halved, factor }.extrapolated())
                .collect()
        };
        let last = best(&base.iter().zip(&totals).map(shorter).collect::<Vec<_>>());
        comparisons.advisable("[decision]", new != old || last == old, || {
            format!(
                "extrapolated to ever shorter cycles, `{}` is the best strategy instead of `{}`",
                model.strategies[last].name, model.strategies[old].name
            )
        });
    }
    if differences.0 != 0.0 {
        let (change, outcome) = differences;
        changes.push(format!("a difference in `{outcome}` by {}%", number(100.0 * change)));
    }
    let landmarks = &evidence.scenario.figures.landmarks;
    if let Some(CycleLength::Known(change)) = cycle_length(model, landmarks, &Watch::default()) {
        let all = change.incidence.iter().flat_map(|own| own.iter().enumerate());
        let each = all.flat_map(|(e, own)| own.iter().flatten().map(move |change| (e, change.abs())));
        if let Some((e, most)) = each.max_by(|a, b| a.1.total_cmp(&b.1)) {
            let name = &model.endpoints[e].name;
            changes.push(format!("the incidence of `{name}` by {} percentage points", number(100.0 * most)));
        }
    }
    comparisons.note(format!("largest changes with cycles of half the length: {}", changes.join(", ")));
    comparisons.verdict("gains and losses cancel in every outcome")
}
