//! The tables of a comparison of two scenarios.

use crate::analysis::diff::{Change, Comparison, Difference, Estimate, Method, STRUCTURE};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};
use crate::scenario::Scenario;

const FROM: Column = text("from", "Name of the first scenario", "");
const TO: Column = text("to", "Name of the second scenario", "");

const CHANGES: &[Column] = &[
    FROM,
    TO,
    text(
        "what",
        "A value of a parameter, a parameter that only one has or that is another kind of number, or a key of the scenario",
        "value; parameter; key",
    ),
    text("name", "Name of the parameter, or the key", ""),
    text("before", "What the first scenario says, with its unit; empty if nothing", ""),
    text("after", "What the second says", ""),
    number("value_before", "as `unit`", "Value in the first scenario; empty for what is no value"),
    number("value_after", "as `unit`", "Value in the second"),
    text("unit", "Unit of both values: that of the first scenario's table", ""),
    text("step", "The row of diff.csv in which its effect is; empty for what changes no total", ""),
];

/// Everything that differs.
pub fn changes([a, b]: [&Scenario; 2], difference: &Difference) -> Table {
    let mut table = Table::new(
        "tables/changes.csv",
        "everything that the two scenarios say differently, apart from texts for people",
        CHANGES,
    );
    for (i, change) in difference.changes.iter().enumerate() {
        let (what, name, before, after, values) = match change {
            Change::Value { name, in_table, unit, written, .. } => {
                let [before, after] = written.each_ref().map(|text| Some(text.as_str()));
                ("value", name, before, after, Some((in_table, unit)))
            }
            Change::Parameter { name, said } => {
                ("parameter", name, said[0].as_deref(), said[1].as_deref(), None)
            }
            Change::Key { key, said } => ("key", key, said[0].as_deref(), said[1].as_deref(), None),
        };
        let step = difference.steps.iter().find(|step| step.changes.contains(&i));
        table.row(&[
            Cell::Text(&a.name),
            Cell::Text(&b.name),
            Cell::Text(what),
            Cell::Text(name),
            Cell::Text(before.unwrap_or("")),
            Cell::Text(after.unwrap_or("")),
            Cell::Maybe(values.map(|(v, _)| v[0])),
            Cell::Maybe(values.map(|(v, _)| v[1])),
            Cell::Text(values.map_or("", |(_, unit)| unit)),
            Cell::Text(step.map_or("", |step| &step.name)),
        ]);
    }
    table
}

const DIFF: &[Column] = &[
    FROM,
    TO,
    text("strategy", "Strategy, as both scenarios name it", ""),
    text("against", "The reference of the first scenario", ""),
    number("threshold", "cost per unit of effect", "What a unit of effect may cost"),
    text(
        "row",
        "The first scenario, what a step did, all steps together, or the second scenario",
        "before; step; total; after",
    ),
    text("step", "A changed parameter, a group of them, or `structure`: all that is no value", ""),
    text("before", "Value in the first scenario, for a step that is one parameter", ""),
    text("after", "Value in the second", ""),
    number("incremental_nmb", "cost", "Incremental net monetary benefit, or what the step did to it"),
    number("incremental_nmb_se", "cost", "Standard error from sampled orders; empty if exact"),
    number("incremental_cost", "cost", "Incremental cost, or what the step did to it"),
    number("incremental_cost_se", "cost", "Standard error from sampled orders; empty if exact"),
    number("incremental_effect", "effect", "Incremental effect, or what the step did to it"),
    number("incremental_effect_se", "effect", "Standard error from sampled orders; empty if exact"),
    number("icer", "cost per unit of effect", "ICER, or what the step did to it"),
    number("icer_se", "cost per unit of effect", "Standard error from sampled orders; empty if exact"),
    text("status", "What the ICER is, or why there is none", ""),
    text("warning", "Not empty for a strategy that is hypothetical or a bound", ""),
];

/// Why the ICER of a step is empty.
const NO_RATIO: &str =
    "not every mix of the two scenarios is dearer and more effective: the ICER cannot be divided";

/// What each step did to each comparison at each threshold.
pub fn steps([a, b]: [&Scenario; 2], difference: &Difference, thresholds: &[f64]) -> Table {
    let mut table = Table::new(
        "tables/diff.csv",
        "what each change did to cost, effect, net benefit and ICER (Shapley value); steps add to the total",
        DIFF,
    );
    for comparison in &difference.comparisons {
        let warning = a.model.strategies.iter().position(|s| s.name == comparison.strategy);
        let warning = warning.map_or("", |s| mark(&a.model, s));
        for &threshold in thresholds {
            let benefit = comparison.benefit(threshold);
            let mut row =
                |kind, step: &str, values: [&str; 2], numbers: [Estimate; 3], icer, status: &str| {
                    let icer: Option<Estimate> = icer;
                    table.row(&[
                        Cell::Text(&a.name),
                        Cell::Text(&b.name),
                        Cell::Text(&comparison.strategy),
                        Cell::Text(&difference.reference),
                        Cell::Number(threshold),
                        Cell::Text(kind),
                        Cell::Text(step),
                        Cell::Text(values[0]),
                        Cell::Text(values[1]),
                        Cell::Number(numbers[0].value),
                        Cell::Maybe(numbers[0].se),
                        Cell::Number(numbers[1].value),
                        Cell::Maybe(numbers[1].se),
                        Cell::Number(numbers[2].value),
                        Cell::Maybe(numbers[2].se),
                        Cell::Maybe(icer.map(|x| x.value)),
                        Cell::Maybe(icer.and_then(|x| x.se)),
                        Cell::Text(status),
                        Cell::Text(warning),
                    ]);
                };
            let plain = |value: f64| Estimate { value, se: None };
            let end = |i: usize| [benefit[i], comparison.cost[i], comparison.effect[i]].map(plain);
            let ratio = |i: usize| comparison.ratio[i].value().map(plain);
            let none = ["", ""];
            row("before", "", none, end(0), ratio(0), comparison.ratio[0].words());
            for (i, step) in difference.steps.iter().enumerate() {
                let [numbers @ .., icer] = by_step(comparison, threshold, i);
                let numbers = numbers.map(|estimate| estimate.unwrap_or(plain(0.0)));
                let status = if icer.is_some() { "ok" } else { NO_RATIO };
                let values = written(difference, &step.changes);
                row("step", &step.name, values, numbers, icer, status);
            }
            let total = [0, 1, 2].map(|what| plain(end(1)[what].value - end(0)[what].value));
            let change = comparison.ratio_by.as_ref().and_then(|_| {
                let [before, after] = [0, 1].map(|i| comparison.ratio[i].value());
                Some(plain(after? - before?))
            });
            let status = if change.is_some() { "ok" } else { NO_RATIO };
            row("total", "", none, total, change, status);
            row("after", "", none, end(1), ratio(1), comparison.ratio[1].words());
        }
    }
    table
}

/// What a step did: to net benefit, cost, effect and ICER.
pub fn by_step(comparison: &Comparison, threshold: f64, step: usize) -> [Option<Estimate>; 4] {
    let of = |shares: &crate::analysis::diff::Shares| shares.estimates().get(step).copied();
    [
        of(&comparison.benefit_by(threshold)),
        of(&comparison.cost_by),
        of(&comparison.effect_by),
        comparison.ratio_by.as_ref().and_then(of),
    ]
}

/// The values of a step that is one parameter.
pub fn written<'a>(difference: &'a Difference, changes: &[usize]) -> [&'a str; 2] {
    match changes.iter().map(|&i| &difference.changes[i]).collect::<Vec<_>>()[..] {
        [Change::Value { written, .. }] => written.each_ref().map(String::as_str),
        _ => ["", ""],
    }
}

/// How the steps were told apart, in words.
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
