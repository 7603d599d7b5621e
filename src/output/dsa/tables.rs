//! The tables of a deterministic sensitivity analysis.

use std::path::Path;

use crate::analysis::sensitivity::one_way::{OneWay, Swing};
use crate::analysis::sensitivity::scenarios::Variant;
use crate::analysis::sensitivity::threshold::Switching;
use crate::analysis::sensitivity::two_way::TwoWay;
use crate::analysis::sensitivity::worth::best;
use crate::analysis::sensitivity::{Outcome, Setting};
use crate::model::Model;
use crate::output::amounts::{short, with_unit};
use crate::output::columns::SCENARIO;
use crate::output::record::relative;
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};
use crate::scenario::Scenario;
use crate::scenario::parameters::ParameterRow;

const STRATEGY: Column = text("strategy", "Strategy, as the scenario names it", "");
const AGAINST: Column = text("against", "Strategy with which it is compared", "");
const THRESHOLD: Column = number("threshold", "cost per unit of effect", "What a unit of effect may cost");
const PARAMETER: Column = text("parameter", "Parameter, as its table names it", "");
const KIND: Column = text("kind", "What the number is", "");
const UNIT: Column = text("unit", "Unit as written in the parameter table", "");
const BASE: Column = number("base", "as `unit`", "Base value, as `--set` would read it");
const STATUS: Column = text("status", "Why a number is missing, or a remark on it; ok if all is well", "");
const WARNING: Column = text("warning", "Not empty for a strategy that is hypothetical or a bound", "");
/// Yes or no.
const YES_NO: &str = "yes; no; empty if not known";

fn yes_no(flag: Option<bool>) -> &'static str {
    match flag {
        None => "",
        Some(true) => "yes",
        Some(false) => "no",
    }
}

const OWSA: &[Column] = &[
    SCENARIO,
    STRATEGY,
    AGAINST,
    THRESHOLD,
    text("leads", "Whether this is the threshold with which reports lead", "yes; no"),
    PARAMETER,
    KIND,
    UNIT,
    BASE,
    number("low", "as `unit`", "Lower end of the range"),
    number("high", "as `unit`", "Upper end of the range"),
    text("range_basis", "What the range is, as the parameter table says", ""),
    number("outcome_base", "cost", "Incremental net monetary benefit at base values"),
    number("outcome_low", "cost", "The same with the parameter at `low` and all others at base"),
    number("outcome_high", "cost", "The same with the parameter at `high`"),
    number("swing", "cost", "Largest less smallest of the three; rows of a comparison are sorted by it"),
    text(
        "direction",
        "What a higher value does to the incremental net benefit (turns: both ends lie on the same side of base)",
        "raises; lowers; turns; no effect; empty if not known",
    ),
    text("best_base", "Strategy on offer with the highest net benefit at base values", ""),
    text("best_low", "The same at `low`", ""),
    text("best_high", "The same at `high`", ""),
    text("decision_changes", "Whether another strategy is best at either end", YES_NO),
    text(
        "moved_alone",
        "Not empty if the parameter is drawn together with others, and would hardly move alone",
        "",
    ),
    STATUS,
    WARNING,
];

/// The one-way analysis: each of these strategies against the reference at every threshold.
pub fn one_way(scenario: &Scenario, setting: &Setting, found: &OneWay, strategies: &[usize]) -> Table {
    let mut table = Table::new(
        "tables/owsa.csv",
        "one-way sensitivity analysis: net benefit with each parameter at the ends of its range",
        OWSA,
    );
    let model = setting.model;
    let reference = model.reference();
    for &strategy in strategies {
        for (i, &threshold) in setting.thresholds.iter().enumerate() {
            let base = best(model, setting.decision, &found.base, threshold);
            for swing in found.swings(setting, (strategy, reference), threshold) {
                let row = &setting.rows[swing.parameter];
                let moved = &found.moved[swing.moved];
                let name = |s: Option<usize>| s.map_or("", |s| model.strategies[s].name.as_str());
                table.row(&[
                    Cell::Text(&scenario.name),
                    Cell::Text(&model.strategies[strategy].name),
                    Cell::Text(&model.strategies[reference].name),
                    Cell::Number(threshold),
                    Cell::Text(yes_no(Some(i == 0))),
                    Cell::Text(&row.name),
                    Cell::Text(row.kind.name()),
                    Cell::Text(&row.unit),
                    Cell::Number(row.in_table(row.base)),
                    Cell::Maybe(row.low.map(|x| row.in_table(x))),
                    Cell::Maybe(row.high.map(|x| row.in_table(x))),
                    Cell::Text(&row.range_basis),
                    Cell::Number(swing.base),
                    Cell::Maybe(swing.at[0]),
                    Cell::Maybe(swing.at[1]),
                    Cell::Maybe(swing.swing),
                    Cell::Text(swing.direction.name()),
                    Cell::Text(name(base)),
                    Cell::Text(name(swing.best[0])),
                    Cell::Text(name(swing.best[1])),
                    Cell::Text(yes_no(swing.decision_changes)),
                    Cell::Text(&moved_alone(setting, &moved.belongs_to)),
                    Cell::Text(&status(row, &swing, moved.ends.as_ref())),
                    Cell::Text(mark(model, strategy)),
                ]);
            }
        }
    }
    table
}

/// The flag of a parameter that is drawn together with others; empty if it does not, or has no range.
pub fn moved_alone(setting: &Setting, belongs_to: &[usize]) -> String {
    if belongs_to.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = belongs_to.iter().map(|&p| setting.rows[p].name.as_str()).collect();
    format!("moved alone although it is drawn together with {}", names.join(", "))
}

/// What is to be said about a row of the one-way analysis.
fn status(row: &ParameterRow, swing: &Swing, ends: Option<&[(f64, Outcome); 2]>) -> String {
    let Some(ends) = ends else {
        return "no range".into();
    };
    let mut remarks: Vec<String> = ["low", "high"]
        .iter()
        .zip(ends)
        .filter_map(|(end, (_, outcome))| Some(format!("impossible at {end}: {}", outcome.as_ref().err()?)))
        .collect();
    if row.base < ends[0].0 || row.base > ends[1].0 {
        remarks.push("base lies outside the range".into());
    }
    if swing.swing.is_some() && ends[0].0 == ends[1].0 {
        remarks.push("low and high are the same".into());
    }
    match remarks.is_empty() {
        true => "ok".into(),
        false => remarks.join("; "),
    }
}

const TWO_WAY: &[Column] = &[
    SCENARIO,
    text("parameter_1", "First parameter", ""),
    number("value_1", "as `unit_1`", "Its value"),
    text("unit_1", "Unit of the first parameter in its table", ""),
    text("parameter_2", "Second parameter", ""),
    number("value_2", "as `unit_2`", "Its value"),
    text("unit_2", "Unit of the second parameter in its table", ""),
    THRESHOLD,
    text("best", "Strategy on offer with the highest net benefit", ""),
    STRATEGY,
    AGAINST,
    number("incremental_nmb", "cost", "Incremental net monetary benefit of `strategy`"),
    STATUS,
    WARNING,
];

/// The grid over two parameters.
pub fn two_way(scenario: &Scenario, setting: &Setting, grid: &TwoWay, strategies: &[usize]) -> Table {
    let mut table = Table::new(
        "tables/two_way.csv",
        "two-way sensitivity analysis: the best strategy and net benefit on a grid over two parameters",
        TWO_WAY,
    );
    let model = setting.model;
    let reference = model.reference();
    let rows = grid.parameters.map(|p| &setting.rows[p]);
    for &threshold in &setting.thresholds {
        for (i, &x) in grid.values[0].iter().enumerate() {
            for (j, &y) in grid.values[1].iter().enumerate() {
                let best = grid.best(setting, (i, j), threshold);
                let status = match &grid.cells[i][j] {
                    Ok(_) => "ok".to_string(),
                    Err(why) => format!("impossible: {why}"),
                };
                for &strategy in strategies {
                    let pair = (strategy, reference);
                    table.row(&[
                        Cell::Text(&scenario.name),
                        Cell::Text(&rows[0].name),
                        Cell::Number(rows[0].in_table(x)),
                        Cell::Text(&rows[0].unit),
                        Cell::Text(&rows[1].name),
                        Cell::Number(rows[1].in_table(y)),
                        Cell::Text(&rows[1].unit),
                        Cell::Number(threshold),
                        Cell::Text(best.map_or("", |s| &model.strategies[s].name)),
                        Cell::Text(&model.strategies[strategy].name),
                        Cell::Text(&model.strategies[reference].name),
                        Cell::Maybe(grid.increment(setting, (i, j), pair, threshold)),
                        Cell::Text(&status),
                        Cell::Text(mark(model, strategy)),
                    ]);
                }
            }
        }
    }
    table
}

const THRESHOLDS: &[Column] = &[
    SCENARIO,
    PARAMETER,
    KIND,
    UNIT,
    BASE,
    number("searched_from", "as `unit`", "Smallest value that was tried"),
    number("searched_to", "as `unit`", "Largest value that was tried"),
    STRATEGY,
    AGAINST,
    THRESHOLD,
    number("incremental_nmb_base", "cost", "Incremental net monetary benefit at base values"),
    number(
        "value",
        "as `unit`",
        "Value at which the incremental net benefit is 0; a row for each such value",
    ),
    text(
        "worth_more",
        "Where `strategy` is worth more than `against`",
        "above; below; empty if no value turns it",
    ),
    STATUS,
    WARNING,
];

/// The values at which comparisons turn.
pub fn thresholds(scenario: &Scenario, setting: &Setting, found: &[Switching]) -> Table {
    let mut table = Table::new(
        "tables/thresholds.csv",
        "threshold analysis: the value of a parameter at which one strategy stops being worth more than another",
        THRESHOLDS,
    );
    let model = setting.model;
    for switching in found {
        let row = &setting.rows[switching.parameter];
        let status = switching_status(row, switching);
        let values = switching.values.iter().map(Some);
        let none = switching.values.is_empty().then_some(None);
        for value in values.chain(none) {
            table.row(&[
                Cell::Text(&scenario.name),
                Cell::Text(&row.name),
                Cell::Text(row.kind.name()),
                Cell::Text(&row.unit),
                Cell::Number(row.in_table(row.base)),
                Cell::Number(row.in_table(switching.searched.low)),
                Cell::Number(row.in_table(switching.searched.high)),
                Cell::Text(&model.strategies[switching.pair.0].name),
                Cell::Text(&model.strategies[switching.pair.1].name),
                Cell::Number(switching.threshold),
                Cell::Number(switching.at_base),
                Cell::Maybe(value.map(|v| row.in_table(v.value))),
                Cell::Text(match value {
                    None => "",
                    Some(v) if v.better_above => "above",
                    Some(_) => "below",
                }),
                Cell::Text(&status),
                Cell::Text(mark(model, switching.pair.0)),
            ]);
        }
    }
    table
}

/// Remarks on the search for the switching values of the parameter in this row.
pub fn switching_status(row: &ParameterRow, switching: &Switching) -> String {
    let mut remarks = Vec::new();
    if switching.values.is_empty() {
        let [from, to] = [switching.searched.low, switching.searched.high].map(|x| short(row.in_table(x)));
        remarks.push(format!(
            "no value from {} changes which of the two has the higher net benefit",
            with_unit(&format!("{from} to {to}"), row)
        ));
    }
    if !switching.note.is_empty() {
        remarks.push(switching.note.clone());
    }
    match remarks.is_empty() {
        true => "ok".into(),
        false => remarks.join("; "),
    }
}

const SCENARIOS: &[Column] = &[
    text("file", "File of the scenario, as seen from the folder of the base scenario", ""),
    SCENARIO,
    text("title", "What the scenario is", ""),
    STRATEGY,
    AGAINST,
    text("cost_unit", "Unit of costs", ""),
    text("effect_unit", "Unit of effects", ""),
    number("incremental_cost", "as `cost_unit`", "How much more `strategy` costs"),
    number("incremental_effect", "as `effect_unit`", "How much more `strategy` gains"),
    number(
        "icer",
        "cost per unit of effect",
        "Incremental cost per unit of effect gained, or saved per unit lost; empty where there is none",
    ),
    text(
        "meaning",
        "The quadrant in words",
        "dearer and more effective; cheaper and less effective: saved per unit lost; dominant: no dearer and no less \
         effective; dominated: no cheaper and no more effective; no difference",
    ),
    THRESHOLD,
    text("leads", "Whether this is the threshold with which reports lead", "yes; no"),
    number("incremental_nmb", "as `cost_unit`", "Incremental net monetary benefit"),
    text("best", "Strategy on offer with the highest net benefit", ""),
    text(
        "decision_changes",
        "Whether another strategy is best than in the base scenario at its threshold of the same rank",
        YES_NO,
    ),
    STATUS,
    WARNING,
];

/// The table of scenarios; the base is the first.
pub fn scenarios(variants: &[Variant]) -> Table {
    let mut table = Table::new(
        "tables/scenarios.csv",
        "the same question asked of one scenario after another (exact)",
        SCENARIOS,
    );
    let base = variants.first().and_then(|base| base.path.parent()).unwrap_or(Path::new("."));
    for variant in variants {
        let model = &variant.scenario.model;
        let file = relative(base, &variant.path);
        let lines = match &variant.lines {
            Ok(lines) => lines,
            Err(why) => {
                let mut cells = vec![Cell::Maybe(None); SCENARIOS.len()];
                cells[0] = Cell::Text(&file);
                cells[1] = Cell::Text(&variant.scenario.name);
                cells[2] = Cell::Text(&model.title);
                cells[SCENARIOS.len() - 2] = Cell::Text(why);
                table.row(&cells);
                continue;
            }
        };
        for line in lines {
            let unit = |o: Option<usize>| o.map_or("", |o| model.outcomes[o].unit.as_str());
            let decision = variant.scenario.decision.as_ref();
            table.row(&[
                Cell::Text(&file),
                Cell::Text(&variant.scenario.name),
                Cell::Text(&model.title),
                Cell::Text(&model.strategies[line.strategy].name),
                Cell::Text(&model.strategies[model.reference()].name),
                Cell::Text(unit(decision.map(|d| d.cost))),
                Cell::Text(unit(decision.map(|d| d.effect))),
                Cell::Number(line.cost),
                Cell::Number(line.effect),
                Cell::Maybe(line.ratio.value()),
                Cell::Text(line.ratio.words()),
                Cell::Number(line.threshold),
                Cell::Text(yes_no(Some(line.leads))),
                Cell::Number(line.benefit),
                Cell::Text(strategy_name(model, line.best)),
                Cell::Text(yes_no(line.decision_changes)),
                Cell::Text("ok"),
                Cell::Text(mark(model, line.strategy)),
            ]);
        }
    }
    table
}

fn strategy_name(model: &Model, strategy: Option<usize>) -> &str {
    strategy.map_or("", |s| &model.strategies[s].name)
}
