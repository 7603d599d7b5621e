//! `incremental.csv`, `pairwise.csv` and `net_benefit.csv`: what the base case says about the decision.

use super::decision::status;
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::run::RunAnswer;
use crate::economics::{Comparison, IncrementalRow, Status};
use crate::model::Decision;
use crate::output::columns::{AGAINST, EVIDENCE, SCENARIO, SOURCE, STRATEGY};
use crate::output::prices::units;
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};

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
pub fn incremental(run: &RunAnswer, found: &CostEffectiveness, decision: &Decision) -> Table {
    let mut table = Table::new(
        "incremental.csv",
        "fully incremental analysis: all strategies by cost, who is dominated by whom, ICERs along the frontier",
        INCREMENTAL,
    );
    let model = run.model();
    let [cost_unit, effect_unit] = units(model, decision);
    for row in &found.table.rows {
        let against = compared_with(row);
        let increment = |of: fn(&IncrementalRow) -> f64| {
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

fn compared_with(row: &IncrementalRow) -> Option<usize> {
    match row.status {
        Status::Frontier => row.step.map(|step| step.against),
        Status::Dominated { by } => Some(by),
        Status::ExtendedlyDominated { between } => Some(between.0),
        Status::Equal { to } => Some(to),
        Status::NotOnOffer => None,
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
pub fn pairs(run: &RunAnswer, found: &CostEffectiveness, decision: &Decision) -> Table {
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
pub fn ratio(comparison: Comparison) -> Option<f64> {
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
pub fn net_benefit(run: &RunAnswer, found: &CostEffectiveness, decision: &Decision) -> Table {
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
