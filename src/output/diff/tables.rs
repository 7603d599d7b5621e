//! Tables of a comparison of two scenarios: their differences, and the effect of each difference on the results.

use crate::analysis::diff::{Change, Difference, Estimate, Method, STRUCTURE, StrategyDifference};
use crate::output::columns::threshold;
use crate::output::figures::table::{Column, Table, number, text};
use crate::output::strategies::mark;
use crate::scenario::Scenario;

/// Columns for the names of the two scenarios.
fn scenario_columns<'a, R>([from, to]: [&'a Scenario; 2]) -> [Column<'a, R>; 2] {
    [
        text("from", "Name of the first scenario", "", |_| &from.name),
        text("to", "Name of the second scenario", "", |_| &to.name),
    ]
}

/// A row of the table of differences: a parameter or key that differs between the scenarios.
struct ChangeRow<'a> {
    what: &'static str,
    name: &'a str,
    said: [Option<&'a str>; 2],
    values: [Option<f64>; 2],
    unit: &'a str,
    step: &'a str,
}

/// Table of all differences between the two scenarios.
pub fn changes(scenarios: [&Scenario; 2], difference: &Difference) -> Table {
    let [from, to] = scenario_columns(scenarios);
    let columns = [
        from,
        to,
        text(
            "what",
            "A value of a parameter, a parameter that only one has or that is another kind of number, or a key of the scenario",
            "value; parameter; key",
            |r: &ChangeRow| r.what,
        ),
        text("name", "Name of the parameter, or the key", "", |r: &ChangeRow| r.name),
        text(
            "before",
            "Value or text in the first scenario, with its unit; empty if absent",
            "",
            |r: &ChangeRow| r.said[0].unwrap_or(""),
        ),
        text("after", "The same in the second scenario", "", |r: &ChangeRow| r.said[1].unwrap_or("")),
        number(
            "value_before",
            "as `unit`",
            "Value in the first scenario; empty for what is no value",
            |r: &ChangeRow| r.values[0],
        ),
        number("value_after", "as `unit`", "Value in the second", |r: &ChangeRow| r.values[1]),
        text("unit", "Unit of both values: that of the first scenario's table", "", |r: &ChangeRow| r.unit),
        text(
            "step",
            "The row of diff.csv in which its effect is; empty for what changes no total",
            "",
            |r: &ChangeRow| r.step,
        ),
    ];
    let rows = difference.changes.iter().enumerate().map(|(i, change)| {
        let step = difference.steps.iter().find(|step| step.changes.contains(&i));
        let step = step.map_or("", |step| step.name.as_str());
        let none = [None, None];
        match change {
            Change::Value { name, in_table, unit, written, .. } => ChangeRow {
                what: "value",
                name,
                said: written.each_ref().map(|text| Some(text.as_str())),
                values: in_table.map(Some),
                unit,
                step,
            },
            Change::Parameter { name, said } => ChangeRow {
                what: "parameter",
                name,
                said: said.each_ref().map(Option::as_deref),
                values: none,
                unit: "",
                step,
            },
            Change::Key { key, said } => ChangeRow {
                what: "key",
                name: key,
                said: said.each_ref().map(Option::as_deref),
                values: none,
                unit: "",
                step,
            },
        }
    });
    let about = "all differences between the two scenarios, except texts for people";
    Table::of("tables/changes.csv", about, columns, rows)
}

/// Status of a step whose ICER is empty.
const NO_RATIO: &str =
    "not every mix of the two scenarios is dearer and more effective: the ICER cannot be divided";

/// A row of `diff.csv`: a comparison of strategies in one of the scenarios, or the effect of a step on this comparison.
struct StepRow<'a> {
    comparison: &'a StrategyDifference,
    threshold: f64,
    kind: &'static str,
    step: &'a str,
    /// Values before and after, as written, of a step that changes a single parameter; empty for other steps.
    written: [&'a str; 2],
    /// Net benefit, cost and effect, in this order.
    numbers: [Estimate; 3],
    icer: Option<Estimate>,
    status: &'static str,
}

/// Two columns for an estimate and its standard error.
fn estimate_columns<'a>(
    [name, unit, meaning]: [&'static str; 3],
    se_name: &'static str,
    of: impl Fn(&StepRow) -> Option<Estimate> + Copy + 'a,
) -> [Column<'a, StepRow<'a>>; 2] {
    [
        number(name, unit, meaning, move |r: &StepRow| Some(of(r)?.value)),
        number(se_name, unit, "Standard error from sampled orders; empty if exact", move |r: &StepRow| {
            of(r)?.se
        }),
    ]
}

/// Table `diff.csv`: the effect of each step on each comparison at each threshold.
pub fn steps(scenarios: [&Scenario; 2], difference: &Difference, thresholds: &[f64]) -> Table {
    let strategies = &scenarios[0].model.strategies;
    let [from, to] = scenario_columns(scenarios);
    let [benefit, benefit_se] = estimate_columns(
        ["incremental_nmb", "cost", "Incremental net monetary benefit, or what the step did to it"],
        "incremental_nmb_se",
        |r| Some(r.numbers[0]),
    );
    let [cost, cost_se] = estimate_columns(
        ["incremental_cost", "cost", "Incremental cost, or what the step did to it"],
        "incremental_cost_se",
        |r| Some(r.numbers[1]),
    );
    let [effect, effect_se] = estimate_columns(
        ["incremental_effect", "effect", "Incremental effect, or what the step did to it"],
        "incremental_effect_se",
        |r| Some(r.numbers[2]),
    );
    let [icer, icer_se] = estimate_columns(
        ["icer", "cost per unit of effect", "ICER, or what the step did to it"],
        "icer_se",
        |r| r.icer,
    );
    let columns = [
        from,
        to,
        text("strategy", "Strategy, as both scenarios name it", "", |r: &StepRow| {
            r.comparison.strategy.as_str()
        }),
        text("against", "The reference of the first scenario", "", |_: &StepRow| &difference.reference),
        threshold(|r: &StepRow| r.threshold),
        text(
            "row",
            "The first scenario, what a step did, all steps together, or the second scenario",
            "before; step; total; after",
            |r: &StepRow| r.kind,
        ),
        text(
            "step",
            "A changed parameter, a group of them, or `structure`: all that is no value",
            "",
            |r: &StepRow| r.step,
        ),
        text("before", "Value in the first scenario, for a step that is one parameter", "", |r: &StepRow| {
            r.written[0]
        }),
        text("after", "Value in the second", "", |r: &StepRow| r.written[1]),
        benefit,
        benefit_se,
        cost,
        cost_se,
        effect,
        effect_se,
        icer,
        icer_se,
        text("status", "Meaning of the ICER, or why there is none", "", |r: &StepRow| r.status),
        text("warning", "Not empty for a strategy that is hypothetical or a bound", "", |r: &StepRow| {
            let strategy = strategies.iter().position(|s| s.name == r.comparison.strategy);
            strategy.map_or("", |s| mark(&scenarios[0].model, s))
        }),
    ];
    let rows = difference.comparisons.iter().flat_map(|comparison| {
        thresholds.iter().flat_map(move |&threshold| step_rows(difference, comparison, threshold))
    });
    let about =
        "what each change did to cost, effect, net benefit and ICER (Shapley value); steps add to the total";
    Table::of("tables/diff.csv", about, columns, rows)
}

/// The rows of a comparison at a threshold: value before, effect of every step, total effect, value after.
fn step_rows<'a>(
    difference: &'a Difference,
    comparison: &'a StrategyDifference,
    threshold: f64,
) -> Vec<StepRow<'a>> {
    let benefit = comparison.benefit(threshold);
    let plain = |value: f64| Estimate { value, se: None };
    let row = |kind, numbers, icer, status| StepRow {
        comparison,
        threshold,
        kind,
        step: "",
        written: ["", ""],
        numbers,
        icer,
        status,
    };
    let numbers = |i: usize| [benefit[i], comparison.cost[i], comparison.effect[i]].map(plain);
    let end = |kind, i: usize| {
        let ratio = &comparison.ratio[i];
        row(kind, numbers(i), ratio.value().map(plain), ratio.words())
    };
    let divided = |icer: Option<Estimate>| if icer.is_some() { "ok" } else { NO_RATIO };
    let steps = difference.steps.iter().enumerate().map(|(i, step)| {
        let [numbers @ .., icer] = by_step(comparison, threshold, i);
        let numbers = numbers.map(|estimate| estimate.unwrap_or(plain(0.0)));
        let written = written(difference, &step.changes);
        StepRow { step: &step.name, written, ..row("step", numbers, icer, divided(icer)) }
    });
    let total = [0, 1, 2].map(|what| plain(numbers(1)[what].value - numbers(0)[what].value));
    let change = comparison.ratio_by.as_ref().and_then(|_| {
        let [before, after] = [0, 1].map(|i| comparison.ratio[i].value());
        Some(plain(after? - before?))
    });
    let mut rows = vec![end("before", 0)];
    rows.extend(steps);
    rows.push(row("total", total, change, divided(change)));
    rows.push(end("after", 1));
    rows
}

/// The effect of a step on net benefit, cost, effect and ICER, in this order.
pub fn by_step(comparison: &StrategyDifference, threshold: f64, step: usize) -> [Option<Estimate>; 4] {
    let of = |shares: &crate::analysis::diff::Shares| shares.estimates().get(step).copied();
    [
        of(&comparison.benefit_by(threshold)),
        of(&comparison.cost_by),
        of(&comparison.effect_by),
        comparison.ratio_by.as_ref().and_then(of),
    ]
}

/// Values before and after, as written, of a step that changes a single parameter; empty for other steps.
pub fn written<'a>(difference: &'a Difference, changes: &[usize]) -> [&'a str; 2] {
    match changes.iter().map(|&i| &difference.changes[i]).collect::<Vec<_>>()[..] {
        [Change::Value { written, .. }] => written.each_ref().map(String::as_str),
        _ => ["", ""],
    }
}

/// The method of attribution, in words.
pub fn method(difference: &Difference) -> String {
    let structure = match difference.steps.iter().any(|step| step.name == STRUCTURE) {
        true => "; everything that is no value of a parameter is one step, `structure`",
        false => "",
    };
    match difference.method {
        Method::Exact => {
            format!("Shapley value over all sets of {} steps{structure}", difference.steps.len())
        }
        Method::Sampled(pairs) => format!(
            "Shapley value of {} steps over {pairs} sampled orders and their reverses, with standard errors{structure}",
            difference.steps.len()
        ),
    }
}
