//! `incremental.csv`, `pairwise.csv` and `net_benefit.csv`: cost-effectiveness results of the base case.

use super::decision::status;
use crate::analysis::cost_effectiveness::{Benefit, CostEffectiveness};
use crate::analysis::run::RunAnswer;
use crate::economics::{Comparison, IncrementalRow, Pairwise, Status};
use crate::model::{Decision, Threshold};
use crate::output::columns::{against, scenario, source, strategy, warning};
use crate::output::figures::table::{Column, Table, number, text};
use crate::output::prices::units;

/// The cost-effectiveness of a decision from one perspective.
pub struct Seen<'a> {
    /// Name of the perspective; `all` for the whole cost.
    perspective: String,
    decision: &'a Decision,
    found: &'a CostEffectiveness,
}

/// The cost-effectiveness from all perspectives: that of the decision first.
pub fn seen<'a>(run: &'a RunAnswer) -> Vec<Seen<'a>> {
    let all = run.decided_from_all().into_iter();
    let seen = all.map(|(one, decision, found)| Seen { perspective: one, decision, found });
    seen.collect()
}

/// A table with the column of the perspective, if the scenario has perspectives.
fn with_perspective<'a, R: 'a>(
    run: &'a RunAnswer,
    mut columns: Vec<Column<'a, R>>,
    of: fn(&R) -> &str,
) -> Vec<Column<'a, R>> {
    if !run.scenario.perspectives.list.is_empty() {
        let about = "Who pays the costs that are counted; `all`: the whole cost";
        columns.insert(2, text("perspective", about, "", move |row: &R| of(row).to_string()));
    }
    columns
}

/// Columns for the units of cost and of effect.
fn unit_columns<'a, R>(run: &'a RunAnswer, decision: &Decision) -> [Column<'a, R>; 2] {
    let [cost, effect] = units(run.model(), decision);
    [
        text("cost_unit", "Unit of costs and net monetary benefit", "", move |_| cost),
        text("effect_unit", "Unit of effects and net health benefit", "", move |_| effect),
    ]
}

/// A row of the full incremental analysis: one strategy.
struct Incremental<'a> {
    seen: &'a Seen<'a>,
    row: &'a IncrementalRow,
    /// The comparator of the increments: the previous strategy on the frontier, or the dominating strategy.
    against: Option<&'a IncrementalRow>,
}

impl Incremental<'_> {
    fn increment(&self, of: fn(&IncrementalRow) -> f64) -> Option<f64> {
        Some(of(self.row) - of(self.against?))
    }
}

/// Table of the full incremental analysis: all strategies, sorted by cost.
pub fn incremental(run: &RunAnswer, all: &[Seen]) -> Table {
    let model = run.model();
    let name = |s: usize| model.strategies[s].name.as_str();
    let [cost_unit, effect_unit] = unit_columns(run, all[0].decision);
    let columns = vec![
        scenario(run.scenario),
        source(|r: &Incremental| r.seen.found.source),
        strategy(model, |r: &Incremental| r.row.strategy),
        text("label", "Strategy as figures and tables print it", "", |r: &Incremental| {
            &model.strategies[r.row.strategy].label
        }),
        cost_unit,
        effect_unit,
        number(
            "cost",
            "as `cost_unit`",
            "Mean cost per patient by the horizon, discounted; rows are sorted by it, bounds last",
            |r: &Incremental| r.row.cost,
        ),
        number(
            "effect",
            "as `effect_unit`",
            "Mean effect per patient by the horizon, discounted",
            |r: &Incremental| r.row.effect,
        ),
        text(
            "compared_with",
            "Strategy with which the increments compare: on the frontier the one before it; of a dominated strategy the one \
             that dominates it; of an extendedly dominated one the cheaper of the two",
            "",
            |r: &Incremental| r.against.map_or("", |against| name(against.strategy)),
        ),
        number(
            "incremental_cost",
            "as `cost_unit`",
            "Cost above that of `compared_with`",
            |r: &Incremental| r.increment(|row| row.cost),
        ),
        number(
            "incremental_effect",
            "as `effect_unit`",
            "Effect above that of `compared_with`",
            |r: &Incremental| r.increment(|row| row.effect),
        ),
        number(
            "icer",
            "cost_unit per effect_unit",
            "Incremental cost-effectiveness ratio of a step along the frontier",
            |r: &Incremental| r.row.step.map(|step| step.icer),
        ),
        text(
            "icer_status",
            "Why there is no ratio",
            "ok; no ratio: the cheapest on the frontier; no ratio: dominated; no ratio: does not differ; no ratio: not on offer",
            |r: &Incremental| match (r.row.status, r.row.step) {
                (Status::Frontier, Some(_)) => "ok",
                (Status::Frontier, None) => "no ratio: the cheapest on the frontier",
                (Status::Equal { .. }, _) => "no ratio: does not differ",
                (Status::NotOnOffer, _) => "no ratio: not on offer",
                _ => "no ratio: dominated",
            },
        ),
        text(
            "status",
            "Status of the strategy",
            "frontier; dominated by X; extendedly dominated by X and Y; equal to X; bound: not on offer",
            |r: &Incremental| status(r.row.status, name),
        ),
        warning(model, |r: &Incremental| r.row.strategy),
    ];
    let columns = with_perspective(run, columns, |r| &r.seen.perspective);
    let rows = all.iter().flat_map(|seen| {
        let table = &seen.found.table.rows;
        table.iter().map(move |row| {
            let against = compared_with(row);
            let against = against.and_then(|s| table.iter().find(|other| other.strategy == s));
            Incremental { seen, row, against }
        })
    });
    let about = "fully incremental analysis: all strategies by cost, who is dominated by whom, ICERs along the frontier";
    Table::of("incremental.csv", about, columns, rows)
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

/// A row of the pairwise comparison: a strategy versus the reference.
struct PairRow<'a> {
    seen: &'a Seen<'a>,
    strategy: usize,
    pair: &'a Pairwise,
    errors: [Option<f64>; 2],
}

/// Table of pairwise comparisons: every strategy versus the reference.
pub fn pairs(run: &RunAnswer, all: &[Seen]) -> Table {
    let model = run.model();
    let [cost_unit, effect_unit] = unit_columns(run, all[0].decision);
    let columns = vec![
        scenario(run.scenario),
        source(|r: &PairRow| r.seen.found.source),
        strategy(model, |r: &PairRow| r.strategy),
        against(model),
        cost_unit,
        effect_unit,
        number(
            "incremental_cost",
            "as `cost_unit`",
            "Cost above that of `against`; 0 if the difference is rounding",
            |r: &PairRow| r.pair.cost,
        ),
        number(
            "se_incremental_cost",
            "as `cost_unit`",
            "Monte Carlo standard error; empty for an expectation",
            |r: &PairRow| r.errors[0],
        ),
        number(
            "incremental_effect",
            "as `effect_unit`",
            "Effect above that of `against`; 0 if the difference is rounding",
            |r: &PairRow| r.pair.effect,
        ),
        number(
            "se_incremental_effect",
            "as `effect_unit`",
            "Monte Carlo standard error; empty for an expectation",
            |r: &PairRow| r.errors[1],
        ),
        number(
            "ratio",
            "cost_unit per effect_unit",
            "Cost per unit gained, or saving per unit lost, as `comparison` says; the larger, the worse for a gain and the \
             better for a loss",
            |r: &PairRow| ratio(r.pair.comparison),
        ),
        text(
            "comparison",
            "Meaning of the two increments and of their ratio",
            "costs more and gains more: cost per unit gained; costs less and loses effect: saving per unit lost; \
             dominant: costs less and gains more; dominated: costs more and loses effect; no difference in cost or effect; \
             same effect, costs more; same effect, costs less; same cost, gains more; same cost, loses effect",
            |r: &PairRow| r.pair.comparison.to_string(),
        ),
        text(
            "quadrant",
            "Quadrant of the cost-effectiveness plane around `against`",
            "north-east: costs more, gains more; north-west: costs more, loses effect; south-east: costs less, gains more; \
             south-west: costs less, loses effect; on an axis: cost or effect does not differ",
            |r: &PairRow| r.pair.quadrant.to_string(),
        ),
        warning(model, |r: &PairRow| r.strategy),
    ];
    let columns = with_perspective(run, columns, |r| &r.seen.perspective);
    let rows = all.iter().flat_map(|seen| {
        let rows = seen.found.pairs.iter().zip(&seen.found.errors).enumerate();
        let rows = rows.filter(|(s, _)| *s != seen.found.reference);
        rows.map(|(strategy, (pair, &errors))| PairRow { seen, strategy, pair, errors })
    });
    let about =
        "every strategy against the reference alone: increments, ratio where there is one, quadrant in words";
    Table::of("pairwise.csv", about, columns, rows)
}

/// The cost-effectiveness ratio of a comparison, if the increments have the same sign; none otherwise.
pub fn ratio(comparison: Comparison) -> Option<f64> {
    match comparison {
        Comparison::CostsMoreGainsMore { icer } => Some(icer),
        Comparison::CostsLessLosesEffect { saving_per_unit_lost } => Some(saving_per_unit_lost),
        _ => None,
    }
}

/// A row of the table of net benefit: a strategy at one threshold.
struct BenefitRow<'a> {
    seen: &'a Seen<'a>,
    strategy: usize,
    threshold: &'a Threshold,
    benefit: &'a Benefit,
    best: bool,
}

/// Table of net benefit of every strategy at every threshold.
pub fn net_benefit(run: &RunAnswer, all: &[Seen]) -> Table {
    let model = run.model();
    let [cost_unit, effect_unit] = unit_columns(run, all[0].decision);
    let columns = vec![
        scenario(run.scenario),
        source(|r: &BenefitRow| r.seen.found.source),
        strategy(model, |r: &BenefitRow| r.strategy),
        against(model),
        cost_unit,
        effect_unit,
        number(
            "threshold",
            "cost_unit per effect_unit",
            "Willingness to pay per unit of effect",
            |r: &BenefitRow| r.threshold.value,
        ),
        text("threshold_date", "Since when the threshold holds", "", |r: &BenefitRow| &r.threshold.date),
        text("threshold_source", "Source of the threshold", "", |r: &BenefitRow| &r.threshold.source),
        number(
            "nmb",
            "as `cost_unit`",
            "Net monetary benefit: threshold x effect - cost",
            |r: &BenefitRow| r.benefit.nmb,
        ),
        number(
            "nhb",
            "as `effect_unit`",
            "Net health benefit: effect - cost / threshold",
            |r: &BenefitRow| r.benefit.nhb,
        ),
        number(
            "incremental_nmb",
            "as `cost_unit`",
            "Net monetary benefit above that of `against`; 0 if the difference is rounding",
            |r: &BenefitRow| r.benefit.incremental_nmb,
        ),
        number(
            "se_incremental_nmb",
            "as `cost_unit`",
            "Monte Carlo standard error of `incremental_nmb`; empty for expected values",
            |r: &BenefitRow| r.benefit.se_incremental_nmb,
        ),
        number(
            "incremental_nhb",
            "as `effect_unit`",
            "Net health benefit above that of `against`; 0 if the difference is rounding",
            |r: &BenefitRow| r.benefit.incremental_nhb,
        ),
        text(
            "best_on_offer",
            "Whether no other decision option has a higher net benefit; strategies without a difference are all best",
            "yes; no; no: not on offer",
            |r: &BenefitRow| match (model.strategies[r.strategy].bound, r.best) {
                (true, _) => "no: not on offer",
                (false, true) => "yes",
                (false, false) => "no",
            },
        ),
        warning(model, |r: &BenefitRow| r.strategy),
    ];
    let columns = with_perspective(run, columns, |r| &r.seen.perspective);
    let rows = all.iter().flat_map(|seen| {
        seen.decision.thresholds.iter().enumerate().flat_map(move |(t, threshold)| {
            (0..model.strategies.len()).map(move |strategy| BenefitRow {
                seen,
                strategy,
                threshold,
                benefit: &seen.found.benefits[strategy][t],
                best: seen.found.best[t].contains(&strategy),
            })
        })
    });
    let about = "net monetary and net health benefit of every strategy at every threshold, and which is best";
    Table::of("net_benefit.csv", about, columns, rows)
}
