//! Figures of the difference between two scenarios: the effect of each change on net benefit, as a waterfall diagram.

use super::tables::by_step;
use crate::analysis::diff::Difference;
use crate::output::amounts::places;
use crate::output::figures::{
    Figure, FigureMeta, WaterfallFigure, WaterfallOf, WaterfallStep, waterfall_figure,
};
use crate::output::prices::drawn_price;
use crate::output::scenario::parameter_in_words;
use crate::scenario::Scenario;

/// Largest number of steps with separate bars; smaller steps are combined in one bar.
const MOST: usize = 15;

/// One waterfall diagram (F24) for each comparison, at the given threshold.
pub fn waterfalls([a, b]: [&Scenario; 2], found: &Difference, threshold: f64, footer: &str) -> Vec<Figure> {
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
    let draw = |comparison: &crate::analysis::diff::StrategyDifference| {
        let [before, after] = comparison.benefit(threshold);
        let mut steps: Vec<WaterfallStep> = (found.steps.iter().enumerate())
            .map(|(i, step)| WaterfallStep {
                name: parameter_in_words(b, &step.name),
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
        let most = steps.iter().fold(before.abs().max(after.abs()), |m, s| m.max(s.change.abs()));
        waterfall_figure(&WaterfallFigure {
            meta: FigureMeta {
                name: format!("diff_{}", comparison.strategy),
                title: format!(
                    "{} versus {}: from {} to {}",
                    label(&comparison.strategy),
                    label(&found.reference),
                    a.name,
                    b.name
                ),
                footer: footer.to_string(),
                watermark: hypothetical.then(|| "HYPOTHETICAL".to_string()),
            },
            of: WaterfallOf::NetBenefit,
            x_title: format!(
                "Incremental net benefit at {} ({money})",
                drawn_price(&a.model, decision, threshold)
            ),
            places: places(money, most),
            start: Some((a.name.clone(), before)),
            steps,
            end: (b.name.clone(), after),
            directions: ("Raises net benefit".into(), "Lowers it".into()),
        })
    };
    found.comparisons.iter().map(draw).collect()
}
