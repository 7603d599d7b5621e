//! Console output of `arcosim diff`.

use super::tables::{by_step, method, written};
use crate::analysis::diff::{DiffAnswer, Difference, Estimate, StrategyDifference};
use crate::output::scenario::parameter_in_words_with_name;
use crate::output::{amount, error, places, singular};
use crate::scenario::Scenario;

/// Text for the console: the effect of each change on each comparison with the reference.
pub fn console(run: &DiffAnswer) -> String {
    let ([a, b], found, threshold) = (run.scenarios, &run.found, run.question.thresholds[0]);
    let mut text = format!("\n{} to {}\n", a.name, b.name);
    if found.steps.is_empty() {
        let inert = found.changes.len();
        text.push_str(&match inert {
            0 => "\nThe scenarios do not differ in anything that affects results.\n\n".to_string(),
            n => format!(
                "\nNo difference affects the results ({n} other differences in tables/changes.csv).\n\n"
            ),
        });
        return text;
    }
    let Some(decision) = &a.decision else { return text };
    let [cost, effect] = [decision.cost, decision.effect].map(|o| a.model.outcomes[o].unit.as_str());
    for comparison in &found.comparisons {
        let label = |name: &str| {
            let found = a.model.strategies.iter().find(|s| s.name == name);
            found.map_or(name.to_string(), |s| s.label.clone())
        };
        text.push_str(&format!(
            "\n\"{}\" versus \"{}\", net benefit at {} {cost} per {}\n",
            label(&comparison.strategy),
            label(&found.reference),
            amount(threshold, 0),
            singular(effect)
        ));
        rows(&mut text, b, found, comparison, threshold, [cost, effect]);
    }
    text.push_str(&format!("\n{}.\n\n", method(found)));
    text
}

fn rows(
    text: &mut String,
    b: &Scenario,
    found: &Difference,
    comparison: &StrategyDifference,
    threshold: f64,
    units: [&str; 2],
) {
    let benefit = comparison.benefit(threshold);
    let largest = |pair: [f64; 2]| pair[0].abs().max(pair[1].abs());
    let digits = [
        places(units[0], largest(benefit)),
        places(units[0], largest(comparison.cost)),
        places(units[1], largest(comparison.effect)),
    ];
    let named = |name: &str| parameter_in_words_with_name(b, name);
    let width = found.steps.iter().map(|s| named(&s.name).chars().count()).max().unwrap_or(0).max(12);
    text.push_str(&format!("  {:width$}{:>16}{:>16}{:>16}\n", "", "net benefit", "cost", "effect"));
    let mut line = |name: &str, numbers: [Estimate; 3], more: String| {
        text.push_str(&format!("  {name:width$}"));
        for (number, digits) in numbers.iter().zip(digits) {
            let shown = match number.se {
                None => amount(number.value, digits),
                Some(se) => format!("{} \u{b1} {}", amount(number.value, digits), error(se, digits)),
            };
            text.push_str(&format!("{shown:>16}"));
        }
        text.push_str(&format!("{more}\n"));
    };
    let plain = |value: f64| Estimate { value, se: None };
    let end = |i: usize| [benefit[i], comparison.cost[i], comparison.effect[i]].map(plain);
    let ratio = |i: usize| match comparison.ratio[i].value() {
        Some(ratio) => format!("  ICER {}", amount(ratio, places(units[0], ratio))),
        None => format!("  {}", comparison.ratio[i].words()),
    };
    line("before", end(0), ratio(0));
    for (i, step) in found.steps.iter().enumerate() {
        let [numbers @ .., icer] = by_step(comparison, threshold, i);
        let values = match written(found, &step.changes) {
            ["", ""] => String::new(),
            [before, after] => format!("  {before} to {after}"),
        };
        let icer = icer.map_or(String::new(), |x| format!("  ICER {}", signed(x.value, units[0])));
        line(&named(&step.name), numbers.map(|x| x.unwrap_or(plain(0.0))), format!("{icer}{values}"));
    }
    line("after", end(1), ratio(1));
}

fn signed(x: f64, unit: &str) -> String {
    let text = amount(x, places(unit, x));
    if text.starts_with('-') { text } else { format!("+{text}") }
}
