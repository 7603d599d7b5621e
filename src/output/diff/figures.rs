//! The figures of the difference between two scenarios: what each change did to net benefit, as a waterfall.

use super::tables::by_step;
use crate::analysis::diff::Difference;
use crate::output::amounts::places;
use crate::output::figures::{Figure, FigureMeta, WaterfallFigure, WaterfallStep, waterfall_figure};
use crate::output::prices::drawn_price;
use crate::output::table::{Cell, Column, Table, number, text};
use crate::scenario::Scenario;

/// Steps that stand alone; the smaller ones are one.
const MOST: usize = 15;

const WATERFALL: &[Column] = &[
    text("step", "The scenario before, what changed, or the scenario after", ""),
    number("net_benefit", "cost", "Incremental net benefit, or what the step did to it"),
];

/// One waterfall (F24) for each comparison at a threshold.
pub fn waterfalls(
    [a, b]: [&Scenario; 2],
    found: &Difference,
    threshold: f64,
    footer: &str,
) -> Vec<crate::output::report::Drawn> {
    let Some(decision) = &a.decision else {
        return Vec::new();
    };
    if found.steps.is_empty() {
        return Vec::new();
    }
    let money = &a.model.outcomes[decision.cost].unit;
    let label = |name: &str| {
        let strategies = a.model.strategies.iter();
        let found = strategies.clone().find(|s| s.name == name);
        found.map_or(name.to_string(), |s| s.label.clone())
    };
    let mut strategies = a.model.strategies.iter().chain(&b.model.strategies);
    let hypothetical = strategies.any(|s| s.hypothetical);
    let draw = |comparison: &crate::analysis::diff::Comparison| {
        let name = format!("diff_{}", comparison.strategy);
        let mut data = Table::new(format!("figures/{name}.csv"), "the bars of this figure", WATERFALL);
        let [before, after] = comparison.benefit(threshold);
        let mut steps: Vec<WaterfallStep> = (found.steps.iter().enumerate())
            .map(|(i, step)| WaterfallStep {
                name: step.name.clone(),
                change: by_step(comparison, threshold, i)[0].map_or(0.0, |x| x.value),
            })
            .collect();
        steps.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
        if steps.len() > MOST {
            let others: f64 = steps[MOST - 1..].iter().map(|s| s.change).sum();
            let count = steps.len() - MOST + 1;
            steps.truncate(MOST - 1);
            steps.push(WaterfallStep { name: format!("{count} smaller changes"), change: others });
        }
        data.row(&[Cell::Text(&a.name), Cell::Number(before)]);
        for step in &steps {
            data.row(&[Cell::Text(&step.name), Cell::Number(step.change)]);
        }
        data.row(&[Cell::Text(&b.name), Cell::Number(after)]);
        let most = steps.iter().fold(before.abs().max(after.abs()), |m, s| m.max(s.change.abs()));
        let figure = waterfall_figure(&WaterfallFigure {
            meta: FigureMeta {
                title: format!(
                    "{} against {}: from {} to {}",
                    label(&comparison.strategy),
                    label(&found.reference),
                    a.name,
                    b.name
                ),
                footer: footer.to_string(),
                watermark: hypothetical.then(|| "HYPOTHETICAL".to_string()),
            },
            x_title: format!(
                "Incremental net benefit at {} ({money})",
                drawn_price(&a.model, decision, threshold)
            ),
            places: places(money, most),
            start: Some((a.name.clone(), before)),
            steps,
            end: (b.name.clone(), after),
            directions: ("Raises net benefit".into(), "Lowers it".into()),
        });
        (name, figure, data.into())
    };
    found.comparisons.iter().map(draw).collect()
}
