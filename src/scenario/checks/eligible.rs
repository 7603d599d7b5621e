//! Who gets a strategy: how many are eligible, and what becomes of the others.

use crate::model::hazard::Reads;
use crate::model::{AttributeKind, Expr, Model, categories, decode, shares, situation};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::spans::Spans;

/// Steps in which a continuous attribute is read: the share of patients is right to a part of this.
const STEPS: usize = 1_000;
/// And so many for all attributes together.
const MOST: usize = 200_000;
/// A strategy that fewer get is judged by patients who get another.
const FEW: f64 = 0.5;

/// Per strategy that not everybody gets: who follows what, in words.
pub fn readings(model: &Model) -> Vec<(String, String)> {
    parted(model)
        .map(|(s, otherwise, share)| {
            let line = match share {
                1.0 => format!("everybody is eligible, and nobody gets `{otherwise}` instead"),
                _ => format!(
                    "{} of patients are eligible; the other {} get `{otherwise}`, and are counted in this strategy",
                    percent(share),
                    percent(1.0 - share)
                ),
            };
            (format!("strategy `{}`", model.strategies[s].name), line)
        })
        .collect()
}

/// Strategies of which most or all results are those of another.
pub fn few(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (s, otherwise, share) in parted(model) {
        if share >= FEW {
            continue;
        }
        let name = &model.strategies[s].name;
        out.push(
            Diagnostic::warning(
                "W0535",
                format!("{} of patients get strategy `{name}`, the others `{otherwise}`", percent(share)),
            )
            .at(spans.strategies[s], "the others stay in this strategy, with the results of the other")
            .why("costs, QALYs and curves of the strategy are means over all patients: they say little about those who get it")
            .help("correct `eligible`; or begin with a population of those who can get it"),
        );
    }
}

/// Strategies with an `otherwise`: index, the name of the other, and the share of patients who are eligible at base values.
fn parted(model: &Model) -> impl Iterator<Item = (usize, &str, f64)> {
    model.strategies.iter().enumerate().filter_map(|(s, strategy)| {
        let otherwise = &model.strategies[strategy.otherwise?].name;
        Some((s, otherwise.as_str(), share(model, s, &strategy.eligible)))
    })
}

/// The share of patients for whom a condition holds at the start.
fn share(model: &Model, strategy: usize, condition: &Expr) -> f64 {
    let parameters = model.strategies[strategy].parameters(model, &model.base_values());
    let read = Reads::of(condition).attributes();
    let at_start = situation(model, &parameters, &[], 0);
    let continuous = read
        .iter()
        .filter(|&&a| categories(model, a) == 1 && !model.attributes[a].is_fixed());
    let steps = match continuous.count() {
        0 | 1 => STEPS,
        n => (MOST as f64).powf(1.0 / n as f64) as usize,
    };
    // Per attribute: its values, and the shares of patients who have them.
    let values: Vec<Vec<(f64, f64)>> = read
        .iter()
        .map(|&a| match &model.attributes[a].kind {
            AttributeKind::Categorical { shares: stated, .. } => {
                let all = shares(stated.iter(), &at_start);
                all.into_iter()
                    .enumerate()
                    .map(|(i, share)| (i as f64, share))
                    .collect()
            }
            AttributeKind::Continuous(distribution) => {
                let density = distribution.evaluate(model, &parameters);
                match density.fixed() {
                    Some(value) => vec![(value, 1.0)],
                    None => (0..steps)
                        .map(|i| {
                            (
                                density.quantile((i as f64 + 0.5) / steps as f64),
                                1.0 / steps as f64,
                            )
                        })
                        .collect(),
                }
            }
        })
        .collect();
    let sizes: Vec<usize> = values.iter().map(Vec::len).collect();
    let indices: Vec<usize> = (0..read.len()).collect();
    let (mut attributes, mut picks) = (vec![0.0; model.attributes.len()], vec![0.0; read.len()]);
    let starts = shares(model.start.iter().map(|(_, share)| share), &at_start);
    let mut total = 0.0;
    for class in 0..sizes.iter().product() {
        decode(class, &indices, &sizes, &mut picks);
        let mut weight = 1.0;
        for (i, &a) in read.iter().enumerate() {
            let (value, part) = values[i][picks[i] as usize];
            attributes[a] = value;
            weight *= part;
        }
        for ((state, _), part) in model.start.iter().zip(&starts) {
            if condition.value(&situation(model, &parameters, &attributes, *state)) != 0.0 {
                total += weight * part;
            }
        }
    }
    // What is left of a sum of rounded parts.
    match total {
        t if (t - 1.0).abs() < 1e-12 => 1.0,
        t => t,
    }
}

fn percent(share: f64) -> String {
    match (100.0 * share * 10.0).round() / 10.0 {
        0.0 if share > 0.0 => "less than 0.1 %".to_string(),
        100.0 if share < 1.0 => "more than 99.9 %".to_string(),
        value => format!("{value} %"),
    }
}
