//! Contributions of the components of a strategy: table, figure and text for the console.

use super::figures::Frame;
use super::tables::against;
use crate::analysis::ablation::{Ablation, Contribution};
use crate::analysis::sensitivity::DsaAnswer;
use crate::analysis::sensitivity::net_benefit::benefit;
use crate::analysis::shapley::Method;
use crate::output::amounts::{amount, places};
use crate::output::columns::{scenario, strategy, threshold};
use crate::output::figures::table::{Table, number, text};
use crate::output::figures::{Figure, WaterfallFigure, WaterfallOf, WaterfallStep, waterfall_figure};
use crate::output::singular;

/// A component and what it contributes to costs, effects and net benefit at one threshold.
struct ComponentRow<'a> {
    component: usize,
    threshold: f64,
    /// Cost, effect and net benefit.
    contributions: [&'a Contribution; 3],
}

/// Contributions of all components to costs, effects and net benefit, `[quantity][component]`, at one threshold.
fn contributions(run: &DsaAnswer, found: &Ablation, threshold: f64) -> [Vec<Contribution>; 3] {
    let decision = run.setting.decision;
    [
        found.contributions(|totals| totals[decision.cost]),
        found.contributions(|totals| totals[decision.effect]),
        found.contributions(|totals| benefit(decision, totals, threshold)),
    ]
}

/// Table of what each component contributes, at every threshold.
pub fn table(run: &DsaAnswer, found: &Ablation) -> Table {
    let model = run.model();
    let question = &found.question;
    let at: Vec<(f64, [Vec<Contribution>; 3])> =
        run.setting.thresholds.iter().map(|&t| (t, contributions(run, found, t))).collect();
    let rows = at.iter().flat_map(|(threshold, all)| {
        (0..question.components.len()).map(|component| ComponentRow {
            component,
            threshold: *threshold,
            contributions: [0, 1, 2].map(|quantity| &all[quantity][component]),
        })
    });
    let quantities = [("cost", "cost"), ("effect", "effect"), ("nmb", "cost")];
    let mut columns = vec![
        scenario(run.scenario),
        strategy(model, |_: &ComponentRow| question.strategy),
        against(model, |_| model.reference()),
        threshold(|r: &ComponentRow| r.threshold),
        text("component", "Component of the strategy", "", |r: &ComponentRow| {
            &question.components[r.component]
        }),
        text("label", "Its label", "", |r: &ComponentRow| &question.labels[r.component]),
    ];
    for (q, (name, unit)) in quantities.into_iter().enumerate() {
        columns.push(number(
            format!("{name}_left_out"),
            unit,
            "All components minus all but this one",
            move |r: &ComponentRow| r.contributions[q].left_out,
        ));
        columns.push(number(
            format!("{name}_alone"),
            unit,
            "This component alone minus none",
            move |r: &ComponentRow| r.contributions[q].alone,
        ));
        columns.push(number(
            format!("{name}_shapley"),
            unit,
            "Shapley value; the components sum to all minus none",
            move |r: &ComponentRow| r.contributions[q].shapley.value,
        ));
        columns.push(number(
            format!("{name}_shapley_se"),
            unit,
            "Its standard error from sampled orders; empty if exact",
            move |r: &ComponentRow| r.contributions[q].shapley.se,
        ));
    }
    let about = "what each component of a strategy contributes: left out, alone, and its Shapley value";
    Table::of("tables/ablation.csv", about, columns, rows)
}

/// Waterfall of the Shapley values of net benefit, from no component to all of them, at the leading threshold.
pub fn figure(frame: &Frame, run: &DsaAnswer, found: &Ablation) -> Figure {
    let threshold = run.setting.thresholds[0];
    let decision = run.setting.decision;
    let model = run.model();
    let [_, _, net_benefit] = contributions(run, found, threshold);
    let reference = benefit(decision, &run.one_way.base[model.reference()], threshold);
    let [none, all] = found.ends(|totals| benefit(decision, totals, threshold) - reference);
    let mut steps: Vec<WaterfallStep> = found
        .question
        .labels
        .iter()
        .zip(&net_benefit)
        .map(|(label, one)| WaterfallStep { name: label.clone(), change: one.shapley.value })
        .collect();
    steps.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
    let most = steps.iter().fold(none.abs().max(all.abs()), |most, step| most.max(step.change.abs()));
    let label = &model.strategies[found.question.strategy].label;
    waterfall_figure(&WaterfallFigure {
        meta: frame.meta(
            format!("ablation_{}", model.strategies[found.question.strategy].name),
            format!("{label}: what each component contributes"),
            &[found.question.strategy, model.reference()],
        ),
        of: WaterfallOf::NetBenefit,
        x_title: format!(
            "Incremental net benefit versus {} at {} ({})",
            model.strategies[model.reference()].label,
            frame.threshold(),
            frame.money()
        ),
        places: places(frame.money(), most),
        start: Some(("No component".into(), none)),
        steps,
        end: ("All components".into(), all),
        directions: ("Raises net benefit".into(), "Lowers it".into()),
    })
}

/// Text for the console: net benefit of every component at the leading threshold.
pub fn console(text: &mut String, run: &DsaAnswer, found: &Ablation) {
    let threshold = run.setting.thresholds[0];
    let [_, _, net_benefit] = contributions(run, found, threshold);
    let label = &run.model().strategies[found.question.strategy].label;
    text.push_str(&format!(
        "\nComponents of \"{label}\": net benefit at {} {} per {}\n",
        amount(threshold, 0),
        run.money(),
        singular(run.gain())
    ));
    let largest = net_benefit.iter().flat_map(|one| [one.left_out, one.alone, one.shapley.value]);
    let digits = places(run.money(), largest.fold(0.0, |most, x| most.max(x.abs())));
    let labels = &found.question.labels;
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0).max(9);
    text.push_str(&format!("  {:width$}{:>14}{:>14}{:>14}\n", "component", "left out", "alone", "Shapley"));
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| net_benefit[b].shapley.value.total_cmp(&net_benefit[a].shapley.value));
    for i in order {
        let one = &net_benefit[i];
        let [left_out, alone, shapley] =
            [one.left_out, one.alone, one.shapley.value].map(|x| amount(x, digits));
        text.push_str(&format!("  {:width$}{left_out:>14}{alone:>14}{shapley:>14}\n", labels[i]));
    }
}

/// How to read the contributions.
pub fn remark(found: &Ablation) -> String {
    let method = match found.method {
        Method::Exact => "exact, from all subsets of the components".to_string(),
        Method::Sampled(pairs) => {
            format!("estimated from {pairs} sampled orders of the components and their reverses")
        }
    };
    format!(
        "Contributions of components: `left out` is the strategy with all components minus the strategy without this one; `alone` is \
         the strategy with this component only minus the strategy with none. Where effects multiply, the two differ, and neither \
         sums to the whole. The Shapley value ({method}) does: it is the mean contribution over all orders in which the components \
         could be added."
    )
}
