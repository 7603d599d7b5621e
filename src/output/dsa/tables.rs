//! Tables of a deterministic sensitivity analysis: one-way, two-way, threshold and scenario analyses.

use std::path::Path;

use crate::analysis::sensitivity::net_benefit::best;
use crate::analysis::sensitivity::one_way::{Moved, OneWay, Swing};
use crate::analysis::sensitivity::scenarios::{Line, Variant};
use crate::analysis::sensitivity::threshold::{Switching, SwitchingValue};
use crate::analysis::sensitivity::two_way::TwoWay;
use crate::analysis::sensitivity::{Outcome, Setting};
use crate::model::Model;
use crate::output::amounts::{short, with_unit};
use crate::output::columns::{parameter_label, scenario as scenario_column, strategy, threshold, warning};
use crate::output::figures::table::{Column, Table, number, text};
use crate::output::record::relative;
use crate::output::strategies::mark;
use crate::scenario::Scenario;
use crate::scenario::parameters::ParameterRow;

/// Allowed values of a yes/no column.
const YES_NO: &str = "yes; no; empty if not known";

fn yes_no(flag: Option<bool>) -> &'static str {
    match flag {
        None => "",
        Some(true) => "yes",
        Some(false) => "no",
    }
}

pub(super) fn against<'a, R>(model: &'a Model, index: impl Fn(&R) -> usize + 'a) -> Column<'a, R> {
    text("against", "Strategy with which it is compared", "", move |row| {
        model.strategies[index(row)].name.as_str()
    })
}

fn status<'a, R, T: AsRef<str>>(words: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    text("status", "Why a number is missing, or a remark on it; ok if all is well", "", words)
}

fn leads<'a, R>(leads: impl Fn(&R) -> Option<bool> + 'a) -> Column<'a, R> {
    text("leads", "Whether this is the threshold with which reports lead", "yes; no", move |row| {
        yes_no(leads(row))
    })
}

/// Columns for the name, label, kind, unit and base value of a parameter.
fn parameter_columns<'a, R>(row: impl Fn(&R) -> &'a ParameterRow + Copy + 'a) -> [Column<'a, R>; 5] {
    [
        text("parameter", "Parameter, as its table names it", "", move |r| &row(r).name),
        parameter_label(row),
        text("kind", "Kind of the parameter", "", move |r| row(r).kind.name()),
        text("unit", "Unit as written in the parameter table", "", move |r| &row(r).unit),
        number("base", "as `unit`", "Base value, as `--set` would read it", move |r| {
            row(r).in_table(row(r).base)
        }),
    ]
}

/// The name of a strategy; empty if none.
fn strategy_name(model: &Model, strategy: Option<usize>) -> &str {
    strategy.map_or("", |s| &model.strategies[s].name)
}

/// A row of the one-way analysis: a strategy with one parameter at both ends of its range, at one threshold.
struct OneWayRow<'a> {
    strategy: usize,
    threshold: f64,
    leads: bool,
    parameter: &'a ParameterRow,
    swing: Swing,
    moved: &'a Moved,
    best: Option<usize>,
}

/// Table of the one-way analysis: each of the given strategies versus the reference, at every threshold.
pub fn one_way(scenario: &Scenario, setting: &Setting, found: &OneWay, strategies: &[usize]) -> Table {
    let model = setting.model;
    let reference = model.reference();
    let [parameter, label, kind, unit, base] = parameter_columns(|r: &OneWayRow| r.parameter);
    let columns = [
        scenario_column(scenario),
        strategy(model, |r: &OneWayRow| r.strategy),
        against(model, move |_| reference),
        threshold(|r: &OneWayRow| r.threshold),
        leads(|r: &OneWayRow| Some(r.leads)),
        parameter,
        label,
        kind,
        unit,
        base,
        number("low", "as `unit`", "Lower end of the range", |r: &OneWayRow| {
            Some(r.parameter.in_table(r.parameter.low?))
        }),
        number("high", "as `unit`", "Upper end of the range", |r: &OneWayRow| {
            Some(r.parameter.in_table(r.parameter.high?))
        }),
        text("range_basis", "Basis of the range, as in the parameter table", "", |r: &OneWayRow| {
            &r.parameter.range_basis
        }),
        number("outcome_base", "cost", "Incremental net monetary benefit at base values", |r: &OneWayRow| {
            r.swing.base
        }),
        number(
            "outcome_low",
            "cost",
            "The same with the parameter at `low` and all others at base",
            |r: &OneWayRow| r.swing.at[0],
        ),
        number("outcome_high", "cost", "The same with the parameter at `high`", |r: &OneWayRow| {
            r.swing.at[1]
        }),
        number(
            "swing",
            "cost",
            "Largest less smallest of the three; rows of a comparison are sorted by it",
            |r: &OneWayRow| r.swing.swing,
        ),
        text(
            "direction",
            "Effect of a higher value on the incremental net benefit (turns: both ends are on the same side of the base case)",
            "raises; lowers; turns; no effect; empty if not known",
            |r: &OneWayRow| r.swing.direction.name(),
        ),
        text(
            "best_base",
            "Decision option with the highest net benefit at base values",
            "",
            |r: &OneWayRow| strategy_name(model, r.best),
        ),
        text("best_low", "The same at `low`", "", |r: &OneWayRow| strategy_name(model, r.swing.best[0])),
        text("best_high", "The same at `high`", "", |r: &OneWayRow| strategy_name(model, r.swing.best[1])),
        text(
            "decision_changes",
            "Whether another strategy is best at either end",
            YES_NO,
            |r: &OneWayRow| yes_no(r.swing.decision_changes),
        ),
        text(
            "moved_alone",
            "Not empty if the parameter is drawn together with others, and would hardly move alone",
            "",
            |r: &OneWayRow| moved_alone(setting, &r.moved.belongs_to),
        ),
        status(|r: &OneWayRow| one_way_status(r.parameter, &r.swing, r.moved.ends.as_ref())),
        warning(model, |r: &OneWayRow| r.strategy),
    ];
    let rows = strategies.iter().flat_map(|&strategy| {
        setting.thresholds.iter().enumerate().flat_map(move |(i, &threshold)| {
            let best = best(model, setting.decision, &found.base, threshold);
            let swings = found.swings(setting, (strategy, reference), threshold);
            swings.into_iter().map(move |swing| OneWayRow {
                strategy,
                threshold,
                leads: i == 0,
                parameter: &setting.rows[swing.parameter],
                moved: &found.moved[swing.moved],
                swing,
                best,
            })
        })
    });
    let about = "one-way sensitivity analysis: net benefit with each parameter at the ends of its range";
    Table::of("tables/owsa.csv", about, columns, rows)
}

/// A remark if the parameter was varied alone although its draws are joint with other parameters; empty otherwise.
pub fn moved_alone(setting: &Setting, belongs_to: &[usize]) -> String {
    if belongs_to.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = belongs_to.iter().map(|&p| setting.rows[p].name.as_str()).collect();
    format!("moved alone although it is drawn together with {}", names.join(", "))
}

/// The status in a row of the one-way analysis: `ok`, or remarks on the range and on invalid values.
fn one_way_status(row: &ParameterRow, swing: &Swing, ends: Option<&[(f64, Outcome); 2]>) -> String {
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

/// A row of the two-way analysis: a strategy at one grid point and one threshold.
struct GridRow {
    at: (usize, usize),
    threshold: f64,
    best: Option<usize>,
    strategy: usize,
}

/// Table of the two-way analysis: net benefit and best strategy on a grid over two parameters.
pub fn two_way(scenario: &Scenario, setting: &Setting, grid: &TwoWay, strategies: &[usize]) -> Table {
    let model = setting.model;
    let (strategies, against_index) = match &grid.pair {
        Some((strategy, against)) => (std::slice::from_ref(strategy), *against),
        None => (strategies, model.reference()),
    };
    let [first, second] = grid.parameters.map(|p| &setting.rows[p]);
    let columns = [
        scenario_column(scenario),
        text("parameter_1", "First parameter", "", |_: &GridRow| &first.name),
        text("label_1", "Its description; empty if its table has none", "", |_: &GridRow| &first.label),
        number("value_1", "as `unit_1`", "Its value", |r: &GridRow| first.in_table(grid.values[0][r.at.0])),
        text("unit_1", "Unit of the first parameter in its table", "", |_: &GridRow| &first.unit),
        text("parameter_2", "Second parameter", "", |_: &GridRow| &second.name),
        text("label_2", "Its description; empty if its table has none", "", |_: &GridRow| &second.label),
        number("value_2", "as `unit_2`", "Its value", |r: &GridRow| second.in_table(grid.values[1][r.at.1])),
        text("unit_2", "Unit of the second parameter in its table", "", |_: &GridRow| &second.unit),
        threshold(|r: &GridRow| r.threshold),
        text(
            "best",
            "Decision option with the highest net benefit, of all or of the two compared",
            "",
            |r: &GridRow| strategy_name(model, r.best),
        ),
        strategy(model, |r: &GridRow| r.strategy),
        against(model, move |_| against_index),
        number("incremental_nmb", "cost", "Incremental net monetary benefit of `strategy`", |r: &GridRow| {
            grid.increment(setting, r.at, (r.strategy, against_index), r.threshold)
        }),
        status(|r: &GridRow| match &grid.cells[r.at.0][r.at.1] {
            Ok(_) => "ok".to_string(),
            Err(why) => format!("impossible: {why}"),
        }),
        warning(model, |r: &GridRow| r.strategy),
    ];
    let cells = || (0..grid.values[0].len()).flat_map(|i| (0..grid.values[1].len()).map(move |j| (i, j)));
    let rows = setting.thresholds.iter().flat_map(|&threshold| {
        cells().flat_map(move |at| {
            let best = grid.best(setting, at, threshold);
            strategies.iter().map(move |&strategy| GridRow { at, threshold, best, strategy })
        })
    });
    let about =
        "two-way sensitivity analysis: the best strategy and net benefit on a grid over two parameters";
    Table::of("tables/two_way.csv", about, columns, rows)
}

/// A row of the threshold analysis: a switching value, or a row without one if the search found none.
struct SwitchRow<'a> {
    switching: &'a Switching,
    parameter: &'a ParameterRow,
    value: Option<&'a SwitchingValue>,
}

/// Table of the threshold analysis: switching values, at which the preferred strategy of a pair changes.
pub fn thresholds(scenario: &Scenario, setting: &Setting, found: &[Switching]) -> Table {
    let model = setting.model;
    let [parameter, label, kind, unit, base] = parameter_columns(|r: &SwitchRow| r.parameter);
    let columns = [
        scenario_column(scenario),
        parameter,
        label,
        kind,
        unit,
        base,
        number("searched_from", "as `unit`", "Smallest value that was tried", |r: &SwitchRow| {
            r.parameter.in_table(r.switching.searched.low)
        }),
        number("searched_to", "as `unit`", "Largest value that was tried", |r: &SwitchRow| {
            r.parameter.in_table(r.switching.searched.high)
        }),
        strategy(model, |r: &SwitchRow| r.switching.pair.0),
        against(model, |r: &SwitchRow| r.switching.pair.1),
        threshold(|r: &SwitchRow| r.switching.threshold),
        number(
            "incremental_nmb_base",
            "cost",
            "Incremental net monetary benefit at base values",
            |r: &SwitchRow| r.switching.at_base,
        ),
        number(
            "value",
            "as `unit`",
            "Value at which the incremental net benefit is 0; a row for each such value",
            |r: &SwitchRow| Some(r.parameter.in_table(r.value?.value)),
        ),
        text(
            "worth_more",
            "Side of the value on which `strategy` has a higher net benefit than `against`",
            "above; below; empty if no value turns it",
            |r: &SwitchRow| match r.value {
                None => "",
                Some(v) if v.better_above => "above",
                Some(_) => "below",
            },
        ),
        status(|r: &SwitchRow| switching_status(r.parameter, r.switching)),
        warning(model, |r: &SwitchRow| r.switching.pair.0),
    ];
    let rows = found.iter().flat_map(|switching| {
        let values = switching.values.iter().map(Some);
        let none = switching.values.is_empty().then_some(None);
        let parameter = &setting.rows[switching.parameter];
        values.chain(none).map(move |value| SwitchRow { switching, parameter, value })
    });
    let about = "threshold analysis: switching values, at which the preferred strategy of a pair changes";
    Table::of("tables/thresholds.csv", about, columns, rows)
}

/// Remarks on the search for switching values of the parameter; `ok` if none.
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

/// A row of the scenario analysis: a comparison in one scenario, or the reason why the scenario has no result.
struct VariantRow<'a> {
    variant: &'a Variant<'a>,
    line: Result<&'a Line, &'a str>,
}

impl<'a> VariantRow<'a> {
    fn model(&self) -> &'a Model {
        &self.variant.scenario.model
    }

    /// A value of the comparison, if the scenario has a result.
    fn said<T>(&self, of: impl Fn(&Line) -> T) -> Option<T> {
        self.line.ok().map(of)
    }

    fn unit(&self, of: fn(&crate::model::Decision) -> usize) -> &'a str {
        let decision = self.variant.scenario.decision.as_ref().filter(|_| self.line.is_ok());
        decision.map_or("", |decision| &self.model().outcomes[of(decision)].unit)
    }
}

/// Table of the scenario analysis; the base case is the first scenario.
pub fn scenarios(variants: &[Variant]) -> Table {
    let base = variants.first().and_then(|base| base.path.parent()).unwrap_or(Path::new("."));
    let columns = [
        text(
            "file",
            "File of the scenario, as seen from the folder of the base scenario",
            "",
            |r: &VariantRow| relative(base, &r.variant.path),
        ),
        text("scenario", "Name of the scenario", "", |r: &VariantRow| &r.variant.scenario.name),
        text("title", "Title of the scenario", "", |r: &VariantRow| &r.model().title),
        text("strategy", "Strategy, as the scenario names it", "", |r: &VariantRow| {
            strategy_name(r.model(), r.said(|line| line.strategy))
        }),
        text("against", "Strategy with which it is compared", "", |r: &VariantRow| {
            strategy_name(r.model(), r.said(|_| r.model().reference()))
        }),
        text("cost_unit", "Unit of costs", "", |r: &VariantRow| r.unit(|decision| decision.cost)),
        text("effect_unit", "Unit of effects", "", |r: &VariantRow| r.unit(|decision| decision.effect)),
        number("incremental_cost", "as `cost_unit`", "How much more `strategy` costs", |r: &VariantRow| {
            r.said(|line| line.cost)
        }),
        number(
            "incremental_effect",
            "as `effect_unit`",
            "How much more `strategy` gains",
            |r: &VariantRow| r.said(|line| line.effect),
        ),
        number(
            "icer",
            "cost per unit of effect",
            "Incremental cost per unit of effect gained, or saved per unit lost; empty where there is none",
            |r: &VariantRow| r.said(|line| line.ratio.value()).flatten(),
        ),
        text(
            "meaning",
            "The quadrant in words",
            "dearer and more effective; cheaper and less effective: saved per unit lost; dominant: no dearer and no less \
             effective; dominated: no cheaper and no more effective; no difference",
            |r: &VariantRow| r.said(|line| line.ratio.words()).unwrap_or_default(),
        ),
        threshold(|r: &VariantRow| r.said(|line| line.threshold)),
        leads(|r: &VariantRow| r.said(|line| line.leads)),
        number("incremental_nmb", "as `cost_unit`", "Incremental net monetary benefit", |r: &VariantRow| {
            r.said(|line| line.benefit)
        }),
        text("best", "Decision option with the highest net benefit", "", |r: &VariantRow| {
            strategy_name(r.model(), r.said(|line| line.best).flatten())
        }),
        text(
            "decision_changes",
            "Whether another strategy is best than in the base scenario at its threshold of the same rank",
            YES_NO,
            |r: &VariantRow| yes_no(r.said(|line| line.decision_changes).flatten()),
        ),
        status(|r: &VariantRow| r.line.err().unwrap_or("ok")),
        text("warning", "Not empty for a strategy that is hypothetical or a bound", "", |r: &VariantRow| {
            r.said(|line| mark(r.model(), line.strategy)).unwrap_or_default()
        }),
    ];
    let rows = variants.iter().flat_map(|variant| {
        let lines: Vec<_> = match &variant.lines {
            Ok(lines) => lines.iter().map(Ok).collect(),
            Err(why) => vec![Err(why.as_str())],
        };
        lines.into_iter().map(move |line| VariantRow { variant, line })
    });
    let about = "the same question asked of one scenario after another (exact)";
    Table::of("tables/scenarios.csv", about, columns, rows)
}
