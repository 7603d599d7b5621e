//! `incremental.csv`, `pairwise.csv` and `net_benefit.csv`: what the base case says about the decision, and the words
//! for it that the console and README.txt share.

use serde_json::{Value, json};

use super::amounts::{amount, places, singular};
use super::run::{Run, mark};
use super::survival::{EVIDENCE, SCENARIO, SOURCE, STRATEGY};
use super::table::{Cell, Column, Table, number, text};
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::curves::Source;
use crate::economics::{Comparison, Row, Status};
use crate::model::{Decision, Model, Threshold};
use arcosim_core::words::wrapped;

pub(super) const AGAINST: Column = text("against", "Reference strategy, with which it is compared", "");
const COST_UNIT: Column = text("cost_unit", "Unit of costs and net monetary benefit", "");
const EFFECT_UNIT: Column = text("effect_unit", "Unit of effects and net health benefit", "");

const INCREMENTAL: &[Column] = &[
    SCENARIO,
    SOURCE,
    STRATEGY,
    text("label", "Strategy as figures and tables print it", ""),
    COST_UNIT,
    EFFECT_UNIT,
    number(
        "cost",
        "as `cost_unit`",
        "Mean cost per patient by the horizon, discounted; rows are sorted by it, bounds last",
    ),
    number("effect", "as `effect_unit`", "Mean effect per patient by the horizon, discounted"),
    text(
        "compared_with",
        "Strategy with which the increments compare: on the frontier the one before it; of a dominated strategy the one \
         that dominates it; of an extendedly dominated one the cheaper of the two",
        "",
    ),
    number("incremental_cost", "as `cost_unit`", "Cost above that of `compared_with`"),
    number("incremental_effect", "as `effect_unit`", "Effect above that of `compared_with`"),
    number(
        "icer",
        "cost_unit per effect_unit",
        "Incremental cost-effectiveness ratio of a step along the frontier",
    ),
    text(
        "icer_status",
        "Why there is no ratio",
        "ok; no ratio: the cheapest on the frontier; no ratio: dominated; no ratio: does not differ; no ratio: not on offer",
    ),
    text(
        "status",
        "What became of the strategy",
        "frontier; dominated by X; extendedly dominated by X and Y; equal to X; bound: not on offer",
    ),
    EVIDENCE,
];

/// All strategies at once, sorted by cost.
pub fn incremental(run: &Run, found: &CostEffectiveness, decision: &Decision) -> Table {
    let mut table = Table::new(
        "incremental.csv",
        "fully incremental analysis: all strategies by cost, who is dominated by whom, ICERs along the frontier",
        INCREMENTAL,
    );
    let model = run.model();
    let [cost_unit, effect_unit] = units(model, decision);
    for row in &found.table.rows {
        let against = compared_with(row);
        let increment = |of: fn(&Row) -> f64| {
            let other = found.table.rows.iter().find(|r| Some(r.strategy) == against);
            other.map(|other| of(row) - of(other))
        };
        let strategy = &model.strategies[row.strategy];
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(found.source.name()),
            Cell::Text(&strategy.name),
            Cell::Text(&strategy.label),
            Cell::Text(cost_unit),
            Cell::Text(effect_unit),
            Cell::Number(row.cost),
            Cell::Number(row.effect),
            Cell::Text(against.map_or("", |s| &model.strategies[s].name)),
            Cell::Maybe(increment(|row| row.cost)),
            Cell::Maybe(increment(|row| row.effect)),
            Cell::Maybe(row.step.map(|step| step.icer)),
            Cell::Text(match (row.status, row.step) {
                (Status::Frontier, Some(_)) => "ok",
                (Status::Frontier, None) => "no ratio: the cheapest on the frontier",
                (Status::Equal { .. }, _) => "no ratio: does not differ",
                (Status::NotOnOffer, _) => "no ratio: not on offer",
                _ => "no ratio: dominated",
            }),
            Cell::Text(&status(row.status, |s| &model.strategies[s].name)),
            Cell::Text(mark(model, row.strategy)),
        ]);
    }
    table
}

fn compared_with(row: &Row) -> Option<usize> {
    match row.status {
        Status::Frontier => row.step.map(|step| step.against),
        Status::Dominated { by } => Some(by),
        Status::ExtendedlyDominated { between } => Some(between.0),
        Status::Equal { to } => Some(to),
        Status::NotOnOffer => None,
    }
}

/// What became of a strategy, in words.
pub fn status<'a>(status: Status, name: impl Fn(usize) -> &'a str) -> String {
    match status {
        Status::Frontier => "frontier".into(),
        Status::Dominated { by } => format!("dominated by {}", name(by)),
        Status::ExtendedlyDominated { between } => {
            format!("extendedly dominated by {} and {}", name(between.0), name(between.1))
        }
        Status::Equal { to } => format!("equal to {}", name(to)),
        Status::NotOnOffer => "bound: not on offer".into(),
    }
}

const PAIRWISE: &[Column] = &[
    SCENARIO,
    SOURCE,
    STRATEGY,
    AGAINST,
    COST_UNIT,
    EFFECT_UNIT,
    number(
        "incremental_cost",
        "as `cost_unit`",
        "Cost above that of `against`; 0 if the difference is rounding",
    ),
    number("se_incremental_cost", "as `cost_unit`", "Monte Carlo standard error; empty for an expectation"),
    number(
        "incremental_effect",
        "as `effect_unit`",
        "Effect above that of `against`; 0 if the difference is rounding",
    ),
    number(
        "se_incremental_effect",
        "as `effect_unit`",
        "Monte Carlo standard error; empty for an expectation",
    ),
    number(
        "ratio",
        "cost_unit per effect_unit",
        "Cost per unit gained, or saving per unit lost, as `comparison` says; the larger, the worse for a gain and the \
         better for a loss",
    ),
    text(
        "comparison",
        "What the two increments amount to, and what the ratio is",
        "costs more and gains more: cost per unit gained; costs less and loses effect: saving per unit lost; \
         dominant: costs less and gains more; dominated: costs more and loses effect; no difference in cost or effect; \
         same effect, costs more; same effect, costs less; same cost, gains more; same cost, loses effect",
    ),
    text(
        "quadrant",
        "Quadrant of the cost-effectiveness plane around `against`",
        "north-east: costs more, gains more; north-west: costs more, loses effect; south-east: costs less, gains more; \
         south-west: costs less, loses effect; on an axis: cost or effect does not differ",
    ),
    EVIDENCE,
];

/// Every strategy against the reference alone.
pub fn pairs(run: &Run, found: &CostEffectiveness, decision: &Decision) -> Table {
    let mut table = Table::new(
        "pairwise.csv",
        "every strategy against the reference alone: increments, ratio where there is one, quadrant in words",
        PAIRWISE,
    );
    let model = run.model();
    let [cost_unit, effect_unit] = units(model, decision);
    for (s, (pair, errors)) in found.pairs.iter().zip(&found.errors).enumerate() {
        if s == found.reference {
            continue;
        }
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(found.source.name()),
            Cell::Text(&model.strategies[s].name),
            Cell::Text(&model.strategies[found.reference].name),
            Cell::Text(cost_unit),
            Cell::Text(effect_unit),
            Cell::Number(pair.cost),
            Cell::Maybe(errors[0]),
            Cell::Number(pair.effect),
            Cell::Maybe(errors[1]),
            Cell::Maybe(ratio(pair.comparison)),
            Cell::Text(&pair.comparison.to_string()),
            Cell::Text(&pair.quadrant.to_string()),
            Cell::Text(mark(model, s)),
        ]);
    }
    table
}

/// The ratio of a comparison, where there is one.
fn ratio(comparison: Comparison) -> Option<f64> {
    match comparison {
        Comparison::CostsMoreGainsMore { icer } => Some(icer),
        Comparison::CostsLessLosesEffect { saving_per_unit_lost } => Some(saving_per_unit_lost),
        _ => None,
    }
}

const NET_BENEFIT: &[Column] = &[
    SCENARIO,
    SOURCE,
    STRATEGY,
    AGAINST,
    COST_UNIT,
    EFFECT_UNIT,
    number("threshold", "cost_unit per effect_unit", "What a unit of effect may cost"),
    text("threshold_date", "Since when the threshold holds", ""),
    text("threshold_source", "Who set it", ""),
    number("nmb", "as `cost_unit`", "Net monetary benefit: threshold x effect - cost"),
    number("nhb", "as `effect_unit`", "Net health benefit: effect - cost / threshold"),
    number(
        "incremental_nmb",
        "as `cost_unit`",
        "Net monetary benefit above that of `against`; 0 if the difference is rounding",
    ),
    number(
        "incremental_nhb",
        "as `effect_unit`",
        "Net health benefit above that of `against`; 0 if the difference is rounding",
    ),
    text(
        "best_on_offer",
        "Whether no other strategy on offer has a higher net benefit; of strategies that do not differ all are best",
        "yes; no; no: not on offer",
    ),
    EVIDENCE,
];

/// What every strategy is worth at every threshold.
pub fn net_benefit(run: &Run, found: &CostEffectiveness, decision: &Decision) -> Table {
    let mut table = Table::new(
        "net_benefit.csv",
        "net monetary and net health benefit of every strategy at every threshold, and which is best",
        NET_BENEFIT,
    );
    let model = run.model();
    let [cost_unit, effect_unit] = units(model, decision);
    for (t, threshold) in decision.thresholds.iter().enumerate() {
        for (s, strategy) in model.strategies.iter().enumerate() {
            let benefit = found.benefits[s][t];
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Text(found.source.name()),
                Cell::Text(&strategy.name),
                Cell::Text(&model.strategies[found.reference].name),
                Cell::Text(cost_unit),
                Cell::Text(effect_unit),
                Cell::Number(threshold.value),
                Cell::Text(&threshold.date),
                Cell::Text(&threshold.source),
                Cell::Number(benefit.nmb),
                Cell::Maybe(benefit.nhb),
                Cell::Number(benefit.incremental_nmb),
                Cell::Maybe(benefit.incremental_nhb),
                Cell::Text(match (strategy.bound, found.best[t].contains(&s)) {
                    (true, _) => "no: not on offer",
                    (false, true) => "yes",
                    (false, false) => "no",
                }),
                Cell::Text(mark(model, s)),
            ]);
        }
    }
    table
}

/// Units of cost and of effect.
pub fn units<'a>(model: &'a Model, decision: &Decision) -> [&'a str; 2] {
    [decision.cost, decision.effect].map(|o| model.outcomes[o].unit.as_str())
}

/// Money per unit of effect: `GBP 25,000 per QALY`.
pub fn price(model: &Model, decision: &Decision, value: f64) -> String {
    let [cost, effect] = units(model, decision);
    format!("{cost} {} per {}", amount(value, places(cost, value)).trim_end_matches(".00"), singular(effect))
}

/// A threshold with who set it: `GBP 25,000 per QALY (2026-04, NICE)`.
pub fn threshold_words(model: &Model, decision: &Decision, threshold: &Threshold) -> String {
    let known = [threshold.date.as_str(), threshold.source.as_str()];
    let known: Vec<&str> = known.into_iter().filter(|word| !word.is_empty()).collect();
    format!("{} ({})", price(model, decision, threshold.value), known.join(", "))
}

/// One sentence for every threshold: who has the highest net benefit there.
pub fn best_sentences(model: &Model, decision: &Decision, found: &CostEffectiveness) -> Vec<String> {
    let thresholds = decision.thresholds.iter().zip(&found.best);
    thresholds
        .map(|(threshold, best)| {
            let names: Vec<&str> = best.iter().map(|&s| model.strategies[s].label.as_str()).collect();
            let equal = if names.len() > 1 { ", which do not differ" } else { "" };
            format!("At {}: {}{equal}.", threshold_words(model, decision, threshold), names.join(" and "))
        })
        .collect()
}

/// Where the best choice changes, in one sentence.
pub fn switch_sentence(model: &Model, decision: &Decision, found: &CostEffectiveness) -> String {
    let label = |s: usize| model.strategies[s].label.as_str();
    let changes: Vec<String> = (found.switches.iter())
        .map(|point| {
            format!(
                "from {} to {} at {}",
                label(point.from),
                label(point.to),
                price(model, decision, point.threshold)
            )
        })
        .collect();
    match changes.is_empty() {
        false => format!("The best choice changes {}.", changes.join(", and ")),
        true => match found.table.frontier().first() {
            Some(&only) => format!("{} is best at every threshold.", label(only)),
            None => "No strategy is on offer.".into(),
        },
    }
}

/// Why the numbers are not expectations, where they are not.
pub fn source_remark(found: &CostEffectiveness) -> Option<&'static str> {
    (found.source == Source::Microsimulation).then_some(
        "These are means of simulated patients: strategies that differ by little more than the standard errors of their \
         increments may change places with another seed. The exact engine has no such error.",
    )
}

/// The section of README.txt, in lines.
pub fn reading(run: &Run) -> Vec<String> {
    const WIDTH: usize = 98;
    let (Some(decision), Some(found)) = (&run.scenario.decision, &run.economics) else {
        return Vec::new();
    };
    let model = run.model();
    let found = match found {
        Ok(found) => found,
        Err(why) => return wrapped(&format!("There is none: {why}."), WIDTH),
    };
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o]);
    let mut sentences = vec![
        format!(
            "Paid is {}, gained is {}. incremental.csv sorts all strategies on offer by cost and compares each \
             with the one before it on the frontier; the ICER is what one more {} costs by that step.",
            super::conventions::name(cost),
            super::conventions::name(effect),
            singular(&effect.unit)
        ),
        "Dominated: another strategy gains no less and costs no more, and is better in one of both. Extendedly \
         dominated: some mix of two other strategies gains more at the same cost. Neither has an ICER: nobody who can \
         choose would choose it at any threshold, and a ratio would invite to."
            .to_string(),
        "pairwise.csv compares with the reference alone. A ratio where a strategy costs less and loses effect is a \
         saving per unit lost: there a larger number speaks for the strategy."
            .to_string(),
        "Net benefit is threshold x effect - cost (in health: effect - cost / threshold). It can be compared between \
         any strategies, which ratios cannot; the highest is the best choice."
            .to_string(),
    ];
    let bounds: Vec<&str> = (model.strategies.iter().filter(|s| s.bound)).map(|s| s.label.as_str()).collect();
    if !bounds.is_empty() {
        sentences.push(format!(
            "Bounds are limits and not on offer; they take no part in the comparison and can be best at no threshold: \
             {}.",
            bounds.join(", ")
        ));
    }
    sentences.extend(source_remark(found).map(String::from));
    if run.breakdown.is_some() && model.strategies.len() > 1 {
        sentences.push(
            "Why: increment_breakdown.csv has every increment by category and place; its rows add to the increment. \
             increment_by_state.csv says how many years are spent in each state and what a year there is worth, and \
             splits the increment into years won or lost and years of another value: where a treatment only puts off a \
             state, years move from one row to another, and what counts is the difference of their values. \
             increment_beyond_evidence.csv says how much of it no data have seen."
                .to_string(),
        );
    }
    sentences.push("The strategy on offer with the highest net benefit:".into());
    sentences.extend(best_sentences(model, decision, found).iter().map(|s| format!("- {s}")));
    sentences.push(switch_sentence(model, decision, found));
    sentences.iter().flat_map(|s| wrapped(s, WIDTH)).collect()
}

/// The block of summary.json.
pub fn summary(run: &Run) -> Option<Value> {
    let (decision, found) = (run.scenario.decision.as_ref()?, run.economics.as_ref()?);
    let model = run.model();
    let found = match found {
        Ok(found) => found,
        Err(why) => return Some(json!({ "status": why })),
    };
    let name = |s: usize| model.strategies[s].name.as_str();
    let names = |all: &[usize]| all.iter().map(|&s| name(s)).collect::<Vec<_>>();
    let strategies: Vec<Value> = (found.table.rows.iter())
        .map(|row| {
            let s = row.strategy;
            let pair = &found.pairs[s];
            let benefits = found.benefits[s].iter().zip(&decision.thresholds);
            let benefits: Vec<Value> = benefits
                .map(|(benefit, threshold)| {
                    json!({
                        "threshold": threshold.value,
                        "nmb": benefit.nmb,
                        "nhb": benefit.nhb,
                        "incremental_nmb": benefit.incremental_nmb,
                    })
                })
                .collect();
            json!({
                "name": name(s),
                "cost": row.cost,
                "effect": row.effect,
                "status": status(row.status, name),
                "compared_with": row.step.map(|step| name(step.against)),
                "incremental_cost": row.step.map(|step| step.cost),
                "incremental_effect": row.step.map(|step| step.effect),
                "icer": row.step.map(|step| step.icer),
                "against_reference": (s != found.reference).then(|| json!({
                    "incremental_cost": pair.cost,
                    "incremental_effect": pair.effect,
                    "ratio": ratio(pair.comparison),
                    "comparison": pair.comparison.to_string(),
                    "quadrant": pair.quadrant.to_string(),
                })),
                "net_benefit": benefits,
            })
        })
        .collect();
    let thresholds: Vec<Value> = (decision.thresholds.iter().zip(&found.best))
        .map(|(threshold, best)| {
            json!({
                "value": threshold.value,
                "date": threshold.date,
                "source": threshold.source,
                "note": threshold.note,
                "best_on_offer": names(best),
            })
        })
        .collect();
    let switches: Vec<Value> = (found.switches.iter())
        .map(|point| json!({ "threshold": point.threshold, "from": name(point.from), "to": name(point.to) }))
        .collect();
    Some(json!({
        "status": "ok",
        "source": found.source.name(),
        "cost": model.outcomes[decision.cost].name,
        "effect": model.outcomes[decision.effect].name,
        "reference": name(found.reference),
        "frontier": names(&found.table.frontier()),
        "switch_points": switches,
        "thresholds": thresholds,
        "strategies": strategies,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_a_singular() {
        assert_eq!(singular("QALYs"), "QALY");
        assert_eq!(singular("life years"), "life year");
        assert_eq!(singular("LYG"), "LYG");
        assert_eq!(singular("QALY"), "QALY");
        assert_eq!(singular("illness"), "illness");
    }

    #[test]
    fn every_status_says_who() {
        let name = |s: usize| ["a", "b", "c"][s];
        assert_eq!(status(Status::Dominated { by: 1 }, name), "dominated by b");
        let between = (0, 2);
        assert_eq!(status(Status::ExtendedlyDominated { between }, name), "extendedly dominated by a and c");
        assert_eq!(status(Status::Equal { to: 0 }, name), "equal to a");
    }
}
