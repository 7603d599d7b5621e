//! Figures of the cost-effectiveness results: the efficiency frontier, and a waterfall diagram of each strategy's increments.

use rayon::prelude::*;

use super::conventions::name;
use super::decision::status;
use super::pages::Page;
use super::subgroups::lead;
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::increments::{Part, parts};
use crate::analysis::outcomes::{Breakdown, Discounting, Place};
use crate::analysis::run::RunAnswer;
use crate::analysis::sensitivity::net_benefit::increment;
use crate::economics::{CostEffect, IncrementalRow, Status};
use crate::model::{Decision, Threshold};
use crate::output::amounts::{amount, places, singular, years};
use crate::output::figures::{
    Figure, FrontierFigure, FrontierPoint, FrontierStatus, Mark, SubgroupDivision, SubgroupRow,
    SubgroupsFigure, WaterfallFigure, WaterfallOf, WaterfallStep, count, frontier_figure, subgroups_figure,
    waterfall_figure,
};
use crate::output::prices::price;
use crate::output::strategies::drawn;
use arcosim_core::words::capital;

/// Largest number of strategies that the figure of the frontier can distinguish.
const MOST: usize = 8;
/// Largest number of strategies with waterfall diagrams.
const MOST_WATERFALLS: usize = 6;
/// Largest number of rows in the figure of subgroups, which is one page high.
const MOST_ROWS: usize = 45;
/// Largest number of steps in a waterfall diagram; the smallest steps are combined if there are more.
const MOST_STEPS: usize = 12;

/// The strategies in the figure of the frontier: if there are too many, all on the frontier and then the cheapest others.
/// None if there is only one strategy or the frontier has too many strategies for one figure.
fn on_frontier_figure(found: &CostEffectiveness) -> Option<Vec<usize>> {
    let frontier = found.table.frontier();
    if found.totals.len() < 2 || frontier.len() > MOST {
        return None;
    }
    let rows = found.table.rows.iter().map(|row| row.strategy);
    let others: Vec<usize> = rows.filter(|s| !frontier.contains(s)).collect();
    let mut strategies = [frontier, others].concat();
    strategies.truncate(MOST);
    strategies.sort_unstable();
    Some(strategies)
}

/// All figures of the cost-effectiveness results.
pub fn all(run: &RunAnswer, pages: &[Page]) -> Vec<Figure> {
    let waterfalls = waterfalls(run);
    let drawn = waterfalls.par_iter().map(|of| waterfall(run, of));
    frontier(run).into_par_iter().chain(drawn).chain(subgroups(run, pages)).collect()
}

/// The figure of the efficiency frontier.
fn frontier(run: &RunAnswer) -> Option<Figure> {
    let (decision, found) = run.decided()?;
    let strategies = on_frontier_figure(found)?;
    let model = run.model();
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o]);
    let largest = |of: fn(&CostEffect) -> f64| found.totals.iter().map(|t| of(t).abs()).fold(0.0, f64::max);
    let end = years(model.time.years(model.time.cycles));
    let title = |o: usize| {
        let outcome = &model.outcomes[o];
        let discounted = if outcome.discount.is_some() { ", discounted" } else { "" };
        format!("{}: mean by {end}{discounted}", name(outcome))
    };
    let point = |row: &IncrementalRow| {
        let mut strategy = drawn(model, row.strategy);
        let equal = |other: &&IncrementalRow| other.status == Status::Equal { to: row.strategy };
        for twin in found.table.rows.iter().filter(equal) {
            strategy.label.push_str(&format!(" = {}", drawn(model, twin.strategy).printed()));
        }
        FrontierPoint {
            strategy,
            qaly: row.effect,
            cost: row.cost,
            icer: row
                .step
                .map(|step| Mark { value: step.icer, label: step_text(step.icer, &cost.unit, &effect.unit) }),
            status: match row.status {
                Status::Frontier => FrontierStatus::Frontier,
                Status::NotOnOffer => FrontierStatus::NotOffered,
                Status::Equal { .. } => FrontierStatus::Equal,
                Status::Dominated { .. } | Status::ExtendedlyDominated { .. } => FrontierStatus::Dominated,
            },
            status_words: status(row.status, |s| &model.strategies[s].name),
        }
    };
    let rows = found.table.rows.iter().filter(|row| strategies.contains(&row.strategy));
    let points: Vec<FrontierPoint> = rows.map(point).collect();
    let heading = match (strategies.len(), model.strategies.len()) {
        (shown, all) if shown < all => format!("Cost-effectiveness frontier ({shown} of {all} strategies)"),
        _ => "Cost-effectiveness frontier".into(),
    };
    Some(frontier_figure(&FrontierFigure {
        meta: Page::only(strategies).meta(run, "ce_frontier".into(), heading),
        x_title: title(decision.effect),
        y_title: title(decision.cost),
        cost_unit: cost.unit.clone(),
        effect_unit: effect.unit.clone(),
        places: (places(&effect.unit, largest(|t| t.effect)), places(&cost.unit, largest(|t| t.cost))),
        points,
    }))
}

/// The forest figure of the subgroups at the first threshold, one for each page of strategies. Empty without subgroups,
/// or with too many of them for one figure.
fn subgroups(run: &RunAnswer, pages: &[Page]) -> Vec<Figure> {
    let rows: usize = run.subgroups.iter().map(|set| 1 + set.groups.len()).sum();
    let Some((decision, threshold)) = lead(run).filter(|_| rows <= MOST_ROWS) else {
        return Vec::new();
    };
    let pages = pages.iter().filter(|page| page.strategies.len() > 1);
    pages.filter_map(|page| forest(run, decision, threshold, page)).collect()
}

fn forest(run: &RunAnswer, decision: &Decision, threshold: &Threshold, page: &Page) -> Option<Figure> {
    let (model, reference) = (run.model(), run.model().reference());
    let shown: Vec<usize> = page.strategies.iter().copied().filter(|&s| s != reference).collect();
    let mut largest: f64 = 0.0;
    let mut divisions = Vec::new();
    for set in &run.subgroups {
        let policy = set.policy(model, decision, threshold.value)?;
        let rows = set.groups.iter().zip(&policy.best).map(|(group, &best)| {
            let gain = |&s: &usize| increment(decision, &group.totals, (s, reference), threshold.value);
            let values: Vec<f64> = shown.iter().map(gain).collect();
            largest = values.iter().fold(largest, |largest, x| largest.max(x.abs()));
            SubgroupRow {
                name: set.group_name(model, group),
                share: group.share,
                values,
                best: drawn(model, best),
            }
        });
        divisions.push(SubgroupDivision { name: capital(&set.name(model)), rows: rows.collect() });
    }
    let unit = &model.outcomes[decision.cost].unit;
    let title = format!("Net benefit by subgroup at {}", price(model, decision, threshold.value));
    Some(subgroups_figure(&SubgroupsFigure {
        meta: page.meta(run, "subgroups".into(), title),
        x_title: format!(
            "Incremental net benefit versus {} ({unit} per patient)",
            model.strategies[reference].label
        ),
        places: places(unit, largest),
        strategies: shown.iter().map(|&s| drawn(model, s)).collect(),
        divisions,
        notes: vec![
            "In brackets: share of all patients. Filled: best decision option of the subgroup; squares: bounds. Expected values \
             without parameter uncertainty; a small difference within a subgroup is not evidence of one."
                .into(),
        ],
    }))
}

/// The ICER of a step along the frontier, with thousands separated as on the axes.
fn step_text(icer: f64, cost: &str, effect: &str) -> String {
    let number = match icer {
        icer if icer >= 1000.0 => count(icer),
        icer => amount(icer, places(cost, icer)),
    };
    format!("{cost} {number} per {}", singular(effect))
}

/// The increment of an outcome under one strategy, to be drawn as a waterfall diagram.
struct Waterfall<'a> {
    name: String,
    outcome: usize,
    strategy: usize,
    breakdown: &'a Breakdown,
}

/// Cost and effect increments of the decision options to be drawn as waterfall diagrams, except increments of zero.
fn waterfalls<'a>(run: &'a RunAnswer) -> Vec<Waterfall<'a>> {
    let (Some((decision, found)), Some(breakdown)) = (run.decided(), run.increments()) else {
        return Vec::new();
    };
    let model = run.model();
    let mut all: Vec<Waterfall> = Vec::new();
    let offered = (0..model.strategies.len()).filter(|&s| s != found.reference && !model.strategies[s].bound);
    for strategy in offered.take(MOST_WATERFALLS) {
        let pair = &found.pairs[strategy];
        for (outcome, increment) in [(decision.effect, pair.effect), (decision.cost, pair.cost)] {
            if increment == 0.0 {
                continue;
            }
            let words = [&model.outcomes[outcome].name, &model.strategies[strategy].name];
            let mut name = format!("waterfall_{}_{}", words[0], words[1]);
            if all.iter().any(|other| other.name == name) {
                // The file name with a hyphen is unique, because no name in a scenario contains a hyphen.
                name = format!("waterfall_{}-{}", words[0], words[1]);
            }
            all.push(Waterfall { name, outcome, strategy, breakdown });
        }
    }
    all
}

/// The waterfall diagram of an increment: costs are decomposed by category, effects by state and event.
fn waterfall(run: &RunAnswer, of: &Waterfall) -> Figure {
    let model = run.model();
    let (s, o, breakdown) = (of.strategy, of.outcome, of.breakdown);
    let (outcome, strategy) = (&model.outcomes[o], &model.strategies[s]);
    let reference = &model.strategies[model.reference()];
    let is_cost = (run.scenario.decision.as_ref()).is_some_and(|decision| decision.cost == o);
    let whole = breakdown.increment(Discounting::Discounted, s, o, model.time.cycles);
    let category = |part: &Part| model.components[part.component].category.clone();
    let label = |part: &Part| match part.place {
        Place::State(state) => model.states[state].label.clone(),
        Place::Branch(t, _) => model.transitions[t].label.clone(),
        Place::Start => "At the start".into(),
    };
    let mut steps = Vec::new();
    for part in parts(model, breakdown, s, o) {
        let name = if is_cost { category(&part) } else { label(&part) };
        add(&mut steps, name, part.discounted);
    }
    let size = breakdown.total(Discounting::Discounted, s, o, model.time.cycles);
    fold_small(&mut steps, 1e-9 * size.abs().max(whole.abs()));
    let largest = steps.iter().map(|s| s.change.abs()).fold(whole.abs(), f64::max);
    let discounted = if outcome.discount.is_some() { ", discounted" } else { "" };
    waterfall_figure(&WaterfallFigure {
        meta: Page::only(vec![s]).meta(
            run,
            of.name.clone(),
            format!("{}: why “{}” differs from “{}”", outcome.label, strategy.label, reference.label),
        ),
        of: WaterfallOf::Increment {
            strategy: strategy.name.clone(),
            against: reference.name.clone(),
            unit: outcome.unit.clone(),
        },
        x_title: format!(
            "{}: increment by {}{discounted}",
            name(outcome),
            years(model.time.years(model.time.cycles))
        ),
        places: places(&outcome.unit, largest),
        start: None,
        end: ("Increment".into(), whole),
        directions: match is_cost {
            true => ("Costs more".into(), "Costs less".into()),
            false => (format!("More {}", plural(&outcome.unit)), format!("Fewer {}", plural(&outcome.unit))),
        },
        steps,
    })
}

/// The noun for amounts in the legend: the unit if it is a plural, such as `QALYs`, otherwise "gained".
fn plural(unit: &str) -> &str {
    if singular(unit) == unit { "gained" } else { unit }
}

fn add(steps: &mut Vec<WaterfallStep>, name: String, change: f64) {
    match steps.iter_mut().find(|step| step.name == name) {
        Some(step) => step.change += change,
        None => steps.push(WaterfallStep { name, change }),
    }
}

/// Removes steps no larger than `tiny`, and combines the smallest steps into one step if there are too many.
fn fold_small(steps: &mut Vec<WaterfallStep>, tiny: f64) {
    steps.retain(|step| step.change.abs() > tiny);
    if steps.len() <= MOST_STEPS {
        return;
    }
    let mut by_size: Vec<usize> = (0..steps.len()).collect();
    by_size.sort_by(|&a, &b| steps[b].change.abs().total_cmp(&steps[a].change.abs()));
    let small = &by_size[MOST_STEPS - 1..];
    let (count, rest) = (small.len(), small.iter().map(|&i| steps[i].change).sum());
    let mut kept = by_size[..MOST_STEPS - 1].to_vec();
    kept.sort_unstable();
    *steps = kept.into_iter().map(|i| steps[i].clone()).collect();
    steps.push(WaterfallStep { name: format!("{count} smaller parts"), change: rest });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_few_and_lose_nothing() {
        let mut steps = Vec::new();
        for k in 0..20 {
            add(&mut steps, format!("part {k}"), f64::from(k) - 9.5);
        }
        add(&mut steps, "part 3".into(), 1.0);
        add(&mut steps, "nothing".into(), 0.0);
        let whole: f64 = steps.iter().map(|step| step.change).sum();
        fold_small(&mut steps, 1e-9);
        assert!(steps.len() <= MOST_STEPS && steps.len() > 2);
        let sum: f64 = steps.iter().map(|step| step.change).sum();
        assert!((sum - whole).abs() < 1e-12);
        assert!(steps.iter().all(|step| step.name != "nothing"));
    }
}
