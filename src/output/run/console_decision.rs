//! Console table of the cost-effectiveness results: full incremental analysis, and the optimal strategy at each threshold.

use super::decision::{best_sentences, perspective_sentences, source_remark, status, switch_sentence};
use super::{cycle_length, outcome_name, subgroups};
use crate::analysis::run::RunAnswer;
use crate::output::prices::{price, units};
use crate::output::strategies::{label, stub};
use crate::output::{amount, places, singular};
use arcosim_core::words::wrapped;

/// Largest number of thresholds for which net benefit is printed in a column.
const ABREAST: usize = 2;
/// Line width of sentences, in characters.
const WIDTH: usize = 100;

/// Adds the full incremental analysis and the optimal strategies, if the scenario has a decision.
pub fn table(text: &mut String, run: &RunAnswer) {
    let Some(decision) = &run.scenario.decision else {
        return;
    };
    let model = run.model();
    let [cost, effect] = units(model, decision);
    let (found, decision) = match (&run.economics, run.decided()) {
        (_, Some((decision, found))) => (found, decision),
        (Some(Err(why)), _) => {
            text.push_str(&format!("\nNo cost-effectiveness: {why}.\n"));
            return;
        }
        _ => return,
    };
    text.push_str(&format!(
        "\nCost-effectiveness ({cost} per {}), all strategies by cost\n",
        singular(effect)
    ));
    let (_, width) = stub(model);
    let size = |of: &dyn Fn(usize) -> f64| {
        let all = 0..model.strategies.len();
        all.map(|s| of(s).abs()).fold(0.0, f64::max)
    };
    let cost_places = places(cost, size(&|s| found.totals[s].cost));
    let effect_places = places(effect, size(&|s| found.totals[s].effect));
    let mut heads = vec![
        outcome_name(&model.outcomes[decision.cost]),
        outcome_name(&model.outcomes[decision.effect]),
        "ICER".to_string(),
    ];
    let columns = decision.thresholds.iter().take(ABREAST);
    heads.extend(columns.map(|t| format!("NMB at {}", amount(t.value, places(cost, t.value)))));
    let widths: Vec<usize> = heads.iter().map(|h| h.chars().count().max(10) + 2).collect();
    text.push_str(&format!("  {:width$}", ""));
    for (head, width) in heads.iter().zip(&widths) {
        text.push_str(&format!("{head:>width$}"));
    }
    text.push_str("  status\n");
    for row in &found.table.rows {
        let s = row.strategy;
        let own = &model.strategies[s];
        let mut cells = vec![
            amount(row.cost, cost_places),
            amount(row.effect, effect_places),
            row.step.map_or("-".into(), |step| amount(step.icer, places(cost, step.icer))),
        ];
        let benefits = found.benefits[s].iter().take(ABREAST);
        cells.extend(benefits.map(|b| amount(b.nmb, places(cost, b.nmb))));
        let name = label(&own.label, own.bound, own.hypothetical);
        text.push_str(&format!("  {name:width$}"));
        for (cell, width) in cells.iter().zip(&widths) {
            text.push_str(&format!("{cell:>width$}"));
        }
        let status = status(row.status, |s| &model.strategies[s].label);
        let against = row.step.map(|step| model.strategies[step.against].label.as_str());
        let against = against.map_or(String::new(), |against| format!(", versus {against}"));
        text.push_str(&format!("  {status}{against}\n"));
    }
    let mut sentences = vec!["Decision option with the highest net benefit:".to_string()];
    sentences.extend(best_sentences(model, decision, found));
    sentences.push(switch_sentence(model, decision, found));
    sentences.extend(perspective_sentences(run));
    sentences.extend(source_remark(found).map(String::from));
    sentences.extend(cycle_length::warnings(run));
    if let Some((decision, threshold)) = subgroups::lead(run) {
        sentences.push(format!("Subgroups at {}:", price(model, decision, threshold.value)));
        sentences.extend(subgroups::sentences(run));
    }
    for sentence in sentences {
        for line in wrapped(&sentence, WIDTH) {
            text.push_str(&format!("  {line}\n"));
        }
    }
}
