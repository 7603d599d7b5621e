//! The figures of the cost-effectiveness: the frontier, and what makes up the increments of each strategy.

use super::conventions::name;
use super::decision::status;
use super::drawings::{Drawing, shown};
use crate::analysis::increments::{Part, parts};
use crate::analysis::outcomes::{Place, Worth};
use crate::analysis::run::RunAnswer;
use crate::economics::Status;
use crate::output::amounts::singular;
use crate::output::amounts::{amount, places, years};
use crate::output::figures::{
    Figure, FrontierFigure, FrontierPoint, FrontierStatus, WaterfallFigure, WaterfallStep, count,
    frontier_figure, waterfall_figure,
};
use crate::output::table::STRATEGY;
use crate::output::table::{Cell, Column, Table, number, text};

/// Strategies that a figure of the frontier can tell apart.
const MOST: usize = 8;
/// Strategies that get waterfalls.
const MOST_WATERFALLS: usize = 6;
/// Steps of a waterfall; smaller ones are drawn as one.
const MOST_STEPS: usize = 12;

/// The figure of the frontier, if one can show it: its name and its strategies. Where there are too many, those on
/// the frontier stay and then the cheapest.
pub fn frontier_of(run: &RunAnswer) -> Option<(String, Vec<usize>)> {
    let (_, found) = run.decided()?;
    let frontier = found.table.frontier();
    if found.totals.len() < 2 || frontier.len() > MOST {
        return None;
    }
    let rows = found.table.rows.iter().map(|row| row.strategy);
    let others: Vec<usize> = rows.filter(|s| !frontier.contains(s)).collect();
    let mut strategies = [frontier, others].concat();
    strategies.truncate(MOST);
    strategies.sort_unstable();
    Some(("ce_frontier".into(), strategies))
}

/// Names, outcomes and strategies of the waterfalls: cost and effect of those on offer, as far as there is a
/// difference to be explained.
pub fn waterfalls(run: &RunAnswer) -> Vec<(String, usize, usize)> {
    let (Some((decision, found)), Some(_)) = (run.decided(), run.increments()) else {
        return Vec::new();
    };
    let model = run.model();
    let mut all: Vec<(String, usize, usize)> = Vec::new();
    let offered = (0..model.strategies.len()).filter(|&s| s != found.reference && !model.strategies[s].bound);
    for s in offered.take(MOST_WATERFALLS) {
        let pair = &found.pairs[s];
        for (o, increment) in [(decision.effect, pair.effect), (decision.cost, pair.cost)] {
            if increment == 0.0 {
                continue;
            }
            let (outcome, strategy) = (&model.outcomes[o].name, &model.strategies[s].name);
            let mut name = format!("waterfall_{outcome}_{strategy}");
            if all.iter().any(|other| other.0 == name) {
                // No name has a hyphen, so that this one is nobody else's.
                name = format!("waterfall_{outcome}-{strategy}");
            }
            all.push((name, o, s));
        }
    }
    all
}

const FRONTIER: &[Column] = &[
    STRATEGY,
    text("cost_unit", "Unit of the cost", ""),
    text("effect_unit", "Unit of the effect", ""),
    number("effect", "as `effect_unit`", "Mean effect per patient, discounted"),
    number("cost", "as `cost_unit`", "Mean cost per patient, discounted"),
    number(
        "icer",
        "cost_unit per effect_unit",
        "Cost per unit gained above the strategy before on the frontier; empty where there is none",
    ),
    text(
        "status",
        "What became of the strategy",
        "frontier; dominated by X; extendedly dominated by X and Y; equal to X; bound: not on offer",
    ),
];

/// Draws the frontier.
pub fn frontier(run: &RunAnswer, drawing: &Drawing) -> (Figure, Table) {
    let mut table = drawing.table("the strategies of this figure", FRONTIER);
    let model = run.model();
    let mut figure = FrontierFigure {
        meta: drawing.meta(
            run,
            match (drawing.strategies.len(), model.strategies.len()) {
                (shown, all) if shown < all => {
                    format!("Cost-effectiveness frontier ({shown} of {all} strategies)")
                }
                _ => "Cost-effectiveness frontier".into(),
            },
        ),
        x_title: String::new(),
        y_title: String::new(),
        places: (0, 0),
        points: Vec::new(),
        steps: Vec::new(),
    };
    if let Some((decision, found)) = run.decided() {
        let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o]);
        let largest = |of: fn(&crate::economics::CostEffect) -> f64| {
            found.totals.iter().map(|t| of(t).abs()).fold(0.0, f64::max)
        };
        let end = years(model.time.years(model.time.cycles));
        let title = |o: usize| {
            let outcome = &model.outcomes[o];
            let discounted = if outcome.discount.is_some() { ", discounted" } else { "" };
            format!("{}: mean by {end}{discounted}", name(outcome))
        };
        figure.x_title = title(decision.effect);
        figure.y_title = title(decision.cost);
        figure.places =
            (places(&effect.unit, largest(|t| t.effect)), places(&cost.unit, largest(|t| t.cost)));
        for row in (found.table.rows.iter()).filter(|row| drawing.strategies.contains(&row.strategy)) {
            let strategy = &model.strategies[row.strategy];
            let words = status(row.status, |s| &model.strategies[s].name);
            table.row(&[
                Cell::Text(&strategy.name),
                Cell::Text(&cost.unit),
                Cell::Text(&effect.unit),
                Cell::Number(row.effect),
                Cell::Number(row.cost),
                Cell::Maybe(row.step.map(|step| step.icer)),
                Cell::Text(&words),
            ]);
            figure.steps.extend(row.step.map(|step| step_text(step.icer, &cost.unit, &effect.unit)));
            if let Status::Equal { .. } = row.status {
                // It stands where another mark stands, and shares its name.
                continue;
            }
            let mut named = shown(run, row.strategy);
            for twin in
                (found.table.rows.iter()).filter(|other| other.status == Status::Equal { to: row.strategy })
            {
                named.label.push_str(&format!(" = {}", shown(run, twin.strategy).name()));
            }
            figure.points.push(FrontierPoint {
                strategy: named,
                qaly: row.effect,
                cost: row.cost,
                status: match row.status {
                    Status::Frontier => FrontierStatus::Frontier,
                    Status::NotOnOffer => FrontierStatus::NotOffered,
                    _ => FrontierStatus::Dominated,
                },
            });
        }
    }
    (frontier_figure(&figure), table)
}

/// The ICER beside a step, its thousands set apart as on the axes.
fn step_text(icer: f64, cost: &str, effect: &str) -> String {
    let number = match icer {
        icer if icer >= 1000.0 => count(icer),
        icer => amount(icer, places(cost, icer)),
    };
    format!("{cost} {number} per {}", singular(effect))
}

const WATERFALL: &[Column] = &[
    STRATEGY,
    text("against", "Reference strategy, with which it is compared", ""),
    text("unit", "Unit of the amounts", ""),
    text(
        "part",
        "Category of costs, or state or transition in which the effect falls; the last row is the whole increment",
        "",
    ),
    number("amount", "as `unit`", "Expected amount per patient above that under `against`, discounted"),
];

/// Draws what makes up the increment of an outcome: a cost by category, an effect by state and event.
pub fn waterfall(run: &RunAnswer, drawing: &Drawing, o: usize, s: usize) -> (Figure, Table) {
    let mut table = drawing.table("the steps of this figure", WATERFALL);
    let model = run.model();
    let outcome = &model.outcomes[o];
    let reference = &model.strategies[model.reference()];
    let is_cost = (run.scenario.decision.as_ref()).is_some_and(|decision| decision.cost == o);
    let mut whole = 0.0;
    let mut steps = Vec::new();
    if let Some(breakdown) = run.increments() {
        whole = breakdown.increment(Worth::Discounted, s, o, model.time.cycles);
        let category = |part: &Part| model.components[part.component].category.clone();
        let label = |part: &Part| match part.place {
            Place::State(state) => model.states[state].label.clone(),
            Place::Branch(t, _) => model.transitions[t].label.clone(),
            Place::Start => "At the start".into(),
        };
        for part in parts(model, breakdown, s, o) {
            let name = if is_cost { category(&part) } else { label(&part) };
            add(&mut steps, name, part.discounted);
        }
        let size = breakdown.total(Worth::Discounted, s, o, model.time.cycles);
        fold_small(&mut steps, 1e-9 * size.abs().max(whole.abs()));
    }
    for (part, amount) in (steps.iter().map(|s| (s.name.as_str(), s.change))).chain([("increment", whole)]) {
        table.row(&[
            Cell::Text(&model.strategies[s].name),
            Cell::Text(&reference.name),
            Cell::Text(&outcome.unit),
            Cell::Text(part),
            Cell::Number(amount),
        ]);
    }
    let largest = steps.iter().map(|s| s.change.abs()).fold(whole.abs(), f64::max);
    let discounted = if outcome.discount.is_some() { ", discounted" } else { "" };
    let figure = waterfall_figure(&WaterfallFigure {
        meta: drawing.meta(
            run,
            format!(
                "{}: why “{}” differs from “{}”",
                outcome.label, model.strategies[s].label, reference.label
            ),
        ),
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
    });
    (figure, table)
}

/// A unit as it is counted: a unit without a singular stays.
fn plural(unit: &str) -> &str {
    if singular(unit) == unit { "gained" } else { unit }
}

fn add(steps: &mut Vec<WaterfallStep>, name: String, change: f64) {
    match steps.iter_mut().find(|step| step.name == name) {
        Some(step) => step.change += change,
        None => steps.push(WaterfallStep { name, change }),
    }
}

/// Drops steps of nothing, and makes one of the smallest if there are too many.
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
