//! Console output of `arcosim dsa`.

use super::tables::switching_status;
use super::{ablation, evidence_grades};
use crate::analysis::sensitivity::DsaAnswer;
use crate::analysis::sensitivity::threshold::Switching;
use crate::analysis::sensitivity::two_way::TwoWay;
use crate::output::amounts::{short, value_with_unit};
use crate::output::{amount, places, singular};
use crate::scenario::parameters::ParameterRow;

/// Largest number of parameters shown per tornado diagram.
const BARS: usize = 12;

/// Text for the console: tornado diagrams, two-way analysis, switching values and scenario analysis.
pub fn console(run: &DsaAnswer) -> String {
    let mut text = format!("\n{}\n", run.model().title);
    for &s in &run.question.strategies {
        tornado(&mut text, run, s);
    }
    ranges(&mut text, run);
    if let Some(grid) = &run.two_way {
        map(&mut text, run, grid);
    }
    switching(&mut text, run);
    variants(&mut text, run);
    if let Some(found) = &run.ablation {
        ablation::console(&mut text, run, found);
    }
    if let Some(found) = &run.grades {
        evidence_grades::console(&mut text, run, found);
    }
    text.push('\n');
    text
}

fn tornado(text: &mut String, run: &DsaAnswer, strategy: usize) {
    let (model, setting) = (run.model(), &run.setting);
    let reference = model.reference();
    let threshold = setting.thresholds[0];
    let swings = run.one_way.swings(setting, (strategy, reference), threshold);
    let known: Vec<_> = swings.iter().filter(|swing| swing.swing.is_some()).collect();
    let Some(first) = known.first() else { return };
    let largest = known.iter().flat_map(|s| s.at).flatten().fold(first.base.abs(), |m, x| m.max(x.abs()));
    let digits = places(run.money(), largest);
    text.push_str(&format!(
        "\nIncremental net benefit of \"{}\" versus \"{}\" at {} {} per {}: {} in the base case\n",
        model.strategies[strategy].label,
        model.strategies[reference].label,
        amount(threshold, 0),
        run.money(),
        singular(run.gain()),
        amount(first.base, digits)
    ));
    let width = known.iter().map(|s| named(&setting.rows[s.parameter]).chars().count());
    let width = width.max().unwrap_or(0).max(9);
    text.push_str(&format!(
        "  {:width$}{:>12}{:>12}{:>14}{:>14}{:>14}\n",
        "parameter", "low", "high", "at low", "at high", "swing"
    ));
    for swing in known.iter().take(BARS) {
        let row = &setting.rows[swing.parameter];
        let number = |x: Option<f64>| x.map_or("-".to_string(), |x| short(row.in_table(x)));
        let money = |x: Option<f64>| x.map_or("cannot be run".to_string(), |x| amount(x, digits));
        let mark = match swing.decision_changes {
            Some(true) => "  changes the decision",
            _ => "",
        };
        let alone = match run.one_way.moved[swing.moved].belongs_to.is_empty() {
            true => "",
            false => "  (drawn with others)",
        };
        text.push_str(&format!(
            "  {:width$}{:>12}{:>12}{:>14}{:>14}{:>14}{mark}{alone}\n",
            named(row),
            number(row.low),
            number(row.high),
            money(swing.at[0]),
            money(swing.at[1]),
            money(swing.swing)
        ));
    }
    if known.len() > BARS {
        text.push_str(&format!("  and {} more in tables/owsa.csv\n", known.len() - BARS));
    }
}

fn ranges(text: &mut String, run: &DsaAnswer) {
    let without = run.one_way.moved.iter().filter(|moved| moved.ends.is_none()).count();
    if without > 0 {
        let of = run.one_way.moved.len();
        text.push_str(&format!(
            "\n{without} of the {of} parameters in the model have no range and were not varied; owsa.csv lists them.\n"
        ));
    }
}

/// Adds the share of the two-way grid in which each strategy is best.
fn map(text: &mut String, run: &DsaAnswer, grid: &TwoWay) {
    let [a, b] = grid.parameters.map(|p| run.setting.rows[p].in_words_with_name());
    let among = match grid.pair {
        None => "Best strategy".to_string(),
        Some((strategy, against)) => {
            let label = |s: usize| &run.model().strategies[s].label;
            format!("\"{}\" or \"{}\", whichever is better,", label(strategy), label(against))
        }
    };
    text.push_str(&format!("\n{among} over the ranges of {a} and {b}\n"));
    let sizes = [grid.values[0].len(), grid.values[1].len()];
    let cells: Vec<Option<usize>> = (0..sizes[0])
        .flat_map(|i| (0..sizes[1]).map(move |j| (i, j)))
        .map(|cell| grid.best(&run.setting, cell, run.setting.thresholds[0]))
        .collect();
    let mut line = |label: &str, best: Option<usize>| {
        let own = cells.iter().filter(|cell| **cell == best).count();
        if own > 0 {
            let share = 100.0 * own as f64 / cells.len() as f64;
            text.push_str(&format!("  {share:>5.1}% of the grid  {label}\n"));
        }
    };
    for (s, strategy) in run.model().strategies.iter().enumerate() {
        line(&strategy.label, Some(s));
    }
    line("cannot be run", None);
}

fn switching(text: &mut String, run: &DsaAnswer) {
    let (model, setting) = (run.model(), &run.setting);
    let chosen = !run.question.threshold_of.is_empty();
    let lead = setting.thresholds[0];
    let shown: Vec<&Switching> = run.switching.iter().filter(|t| t.threshold == lead).collect();
    if shown.is_empty() {
        return;
    }
    text.push_str(&format!(
        "\nSwitching values at {} {} per {}\n",
        amount(lead, 0),
        run.money(),
        singular(run.gain())
    ));
    for switching in shown.iter().filter(|t| chosen || !t.values.is_empty()) {
        let row = &setting.rows[switching.parameter];
        let [own, other] = [switching.pair.0, switching.pair.1].map(|s| model.strategies[s].label.as_str());
        let head = format!(
            "  {} (base {}), \"{own}\" versus \"{other}\"",
            row.in_words_with_name(),
            value_with_unit(row, row.base)
        );
        let values: Vec<String> = switching
            .values
            .iter()
            .map(|v| {
                let side = if v.better_above { "above" } else { "below" };
                format!("preferred {side} {}", value_with_unit(row, v.value))
            })
            .collect();
        let said = match values.is_empty() {
            true => switching_status(row, switching),
            false => values.join(", "),
        };
        text.push_str(&format!("{head}: {said}\n"));
    }
    let none = shown.iter().filter(|t| t.values.is_empty()).count();
    if none > 0 && !chosen {
        text.push_str(&format!(
            "  no switching value in the range searched for {none} of {} comparisons (tables/thresholds.csv)\n",
            shown.len()
        ));
    }
}

fn variants(text: &mut String, run: &DsaAnswer) {
    if run.variants.is_empty() {
        return;
    }
    text.push_str("\nScenario analysis, each at its first threshold\n");
    for variant in &run.variants {
        text.push_str(&format!("  {} ({})\n", variant.scenario.name, variant.scenario.model.title));
        let lines = match &variant.lines {
            Ok(lines) => lines,
            Err(why) => {
                text.push_str(&format!("    {why}\n"));
                continue;
            }
        };
        let model = &variant.scenario.model;
        let Some(decision) = &variant.scenario.decision else {
            continue;
        };
        let [cost, effect] = [decision.cost, decision.effect].map(|o| model.outcomes[o].unit.as_str());
        for line in lines.iter().filter(|line| line.leads) {
            let money = places(cost, line.cost);
            let ratio = match line.ratio.value() {
                Some(ratio) => format!("{} per unit", amount(ratio, places(cost, ratio))),
                None => line.ratio.words().to_string(),
            };
            let changes = match line.decision_changes {
                Some(true) => ", changes the decision",
                _ => "",
            };
            text.push_str(&format!(
                "    {}: {} {cost}, {} {effect}, {ratio}, net benefit {}{changes}\n",
                model.strategies[line.strategy].label,
                amount(line.cost, money),
                amount(line.effect, places(effect, line.effect)),
                amount(line.benefit, places(cost, line.benefit))
            ));
        }
    }
}

/// The label and name of a parameter with its unit in the parameter table.
fn named(row: &ParameterRow) -> String {
    match row.unit.as_str() {
        "" => row.in_words_with_name(),
        unit => format!("{} ({unit})", row.in_words_with_name()),
    }
}
