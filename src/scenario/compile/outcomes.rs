//! Compiles `[outcomes]`: costs, QALYs and other totals, with their within-cycle correction and discounting.

use super::{Context, POPULATION, check_name, label, time};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::Expected;
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::check::missing;
use crate::schema::keys::{discount, later, outcome, scenario, weights};
use arcosim_core::model::{Compounding, Correction, Discount, Expr, Moment, Outcome, TimeGrid};
use arcosim_core::words::rounded;

/// Positions of the outcomes in the scenario files.
#[derive(Default)]
pub struct OutcomePlaces {
    /// Positions of the names.
    pub names: Vec<Span>,
    /// Positions of the discount rates of each outcome.
    pub discounts: Vec<Vec<Span>>,
}

/// All outcomes and their positions.
pub fn outcomes(
    root: &TomlTable,
    grid: &TimeGrid,
    context: &Context,
    out: &mut Diagnostics,
) -> (Vec<Outcome>, OutcomePlaces) {
    let mut outcomes = Vec::new();
    let mut places = OutcomePlaces::default();
    let known = time::horizon_is_as_said(grid, root).then_some(grid);
    for (name, node) in root.sections(scenario::OUTCOMES) {
        let Some(table) = node.table() else { continue };
        check_name("an outcome", name, node.key_span, out);
        // In continuous time rewards are integrated, and amounts are discounted at their own times.
        let continuous = grid.continuous();
        let correction = match continuous {
            true => Some(Correction::Start),
            false => correction(name, node, known, context, out),
        };
        let (discount, rates) = match table.get(outcome::DISCOUNT) {
            Some(node) => discount(node, correction.as_ref().filter(|_| !continuous), context, out),
            None => (None, Vec::new()),
        };
        outcomes.push(Outcome {
            name: name.to_string(),
            label: label(table, name),
            unit: table.text(outcome::UNIT).unwrap_or_default().to_string(),
            // A correction that could not be read has already been reported, so this default is never used in results.
            correction: correction.unwrap_or(Correction::Start),
            weighted_once: table.text(outcome::ONE_OFF).is_some_and(|text| text != "as they fall"),
            discount,
        });
        places.names.push(node.key_span);
        places.discounts.push(rates);
    }
    (outcomes, places)
}

/// The within-cycle correction of an outcome; `grid` is `None` if the cycles could not be read.
fn correction(
    name: &str,
    outcome: &TomlNode,
    grid: Option<&TimeGrid>,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<Correction> {
    let Some(node) = outcome.table()?.get(outcome::CORRECTION) else {
        out.push(missing(
            &outcome::CORRECTION,
            &outcome::SECTION,
            &format!("outcome `{name}`"),
            outcome.key_span,
        ));
        return None;
    };
    if let Some(weights) = node.table() {
        return custom(node, weights, grid, context, out);
    }
    let correction = match node.text()? {
        "start" => Correction::Start,
        "end" => Correction::End,
        "life-table" => Correction::LifeTable,
        "half-cycle" => Correction::HalfCycle,
        "simpson" => Correction::Simpson,
        _ => return None,
    };
    let odd = grid.map(|grid| grid.cycles).filter(|n| n % 2 == 1);
    if let (Correction::Simpson, Some(n)) = (&correction, odd) {
        out.push(
            Diagnostic::error("E0437", format!("Simpson's rule needs an even number of cycles, but the model has {n}"))
                .at(node.span, "cannot be used with an odd number of cycles")
                .why("the rule combines cycles in pairs, so one cycle would be left over")
                .help(
                    "write correction = \"half-cycle\", which fits any number of cycles; or, to keep Simpson's rule, make \
                     `horizon` one cycle longer",
                ),
        );
    }
    Some(correction)
}

/// A within-cycle correction with weights that are written out in the scenario.
fn custom(
    node: &TomlNode,
    table: &TomlTable,
    grid: Option<&TimeGrid>,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<Correction> {
    let before = out.counts().0;
    let mut read = |node: &TomlNode| weight(node, context, out);
    let list = |key| table.get(key).map(TomlNode::items).unwrap_or_default();
    let whole: Vec<f64> = list(weights::WEIGHTS).iter().map(&mut read).collect();
    let repeat: Vec<f64> = list(weights::REPEAT).iter().map(&mut read).collect();
    let [first, last] = [weights::FIRST, weights::LAST].map(|key| table.get(key).map(&mut read));
    let pattern = [weights::FIRST, weights::REPEAT, weights::LAST];
    let given = pattern.iter().find(|key| table.get(**key).is_some());
    if table.get(weights::WEIGHTS).is_some() {
        if let Some(key) = given {
            let place = table.get(*key).map_or(node.span, |node| node.key_span);
            out.push(
                Diagnostic::error("E0427", format!("the within-cycle correction has both `weights` and `{}`", key.name))
                    .at(place, "`weights` already lists all weights")
                    .help(format!("to list all weights yourself, remove `{}`; to repeat a pattern instead, write correction = {{ first = 0.5, repeat = [1], last = 0.5 }}", key.name)),
            );
        }
        if let Some(grid) = grid.filter(|grid| grid.cycles + 1 != whole.len()) {
            out.push(wrong_length(table.get(weights::WEIGHTS).unwrap_or(node), whole.len(), grid.cycles));
        }
        return settled(whole, node, grid, out, before);
    }
    if let Some(key) = pattern.iter().find(|key| table.get(**key).is_none()) {
        out.push(
            Diagnostic::error("E0402", format!("the within-cycle correction has no `{}`", key.name))
                .echo_of(Part::Files)
                .at(node.span, "`first`, `repeat` and `last` are needed together")
                .help("write for example { first = 0.5, repeat = [1], last = 0.5 }, with the weights of the start of the model, of the end of each cycle (repeated in turn), and of the end of the horizon"),
        );
        return None;
    }
    let grid = grid?;
    if repeat.is_empty() && grid.cycles > 1 {
        let place = table.get(weights::REPEAT).map_or(node.span, |node| node.span);
        out.push(
            Diagnostic::error("E0437", "`repeat` of the within-cycle correction is empty")
                .at(place, "only the start and the end of the horizon would have a weight")
                .why("costs and QALYs between the start and the end would not be counted")
                .help("add at least one weight: repeat = [1]"),
        );
        return None;
    }
    let inner = repeat.iter().cycle().take(grid.cycles - 1).copied();
    let weights = first.into_iter().chain(inner).chain(last).collect();
    settled(weights, node, Some(grid), out, before)
}

/// The weights as a correction; `None` if the number of errors has increased since `before`.
fn settled(
    weights: Vec<f64>,
    node: &TomlNode,
    grid: Option<&TimeGrid>,
    out: &mut Diagnostics,
    before: usize,
) -> Option<Correction> {
    let grid = grid.filter(|_| out.counts().0 == before)?;
    let sum: f64 = weights.iter().sum();
    let cycles = grid.cycles as f64;
    if (sum - cycles).abs() > (MOST_AMISS * cycles).max(1.0) {
        let amiss = if sum < cycles { "too low" } else { "too high" };
        out.push(
            Diagnostic::warning("W0511", format!("the weights of the within-cycle correction add up to {}, but the model has {} cycles", rounded(sum, 3), grid.cycles))
                .at(node.span, "the sum should equal the number of cycles")
                .why(format!("a patient who survives to the horizon would be counted for {} cycles rather than {}, so totals would be {amiss}", rounded(sum, 3), grid.cycles))
                .help("write weights near 1 for the times within the horizon, and near 0.5 for its start and end, for example correction = { first = 0.5, repeat = [1], last = 0.5 }"),
        );
    }
    Some(Correction::Weights(weights))
}

/// Largest relative difference between the sum of weights and the number of cycles without a warning; sums of published rules
/// differ by at most one cycle.
const MOST_AMISS: f64 = 0.05;

fn wrong_length(node: &TomlNode, weights: usize, cycles: usize) -> Diagnostic {
    let needed = cycles + 1;
    let there = match weights {
        1 => "1 weight".to_string(),
        n => format!("{n} weights"),
    };
    Diagnostic::error("E0437", format!("the within-cycle correction has {there}, but needs {needed}"))
        .at(node.span, format!("one weight is needed for the start of the model and one for the end of each of the {cycles} cycles"))
        .why(match weights < needed {
            true => "the outcome would not be counted at times without a weight",
            false => "it would be unclear which weight belongs to which time",
        })
        .help(format!("write {needed} weights; or, if those between the start and the end repeat, write a pattern instead, such as correction = {{ first = 0.5, repeat = [1], last = 0.5 }}"))
}

/// Value of one weight, which is written as a number or as arithmetic such as `1/3`.
fn weight(node: &TomlNode, context: &Context, out: &mut Diagnostics) -> f64 {
    let before = out.counts().0;
    let value = match context.compile(node, Expected::Number, &POPULATION, out) {
        Expr::Number(x) => x,
        _ => {
            out.push(
                Diagnostic::error("E0437", "a weight of the within-cycle correction must be a fixed number")
                    .at(node.span, "this depends on a parameter")
                    .why("weights belong to the method of calculation, so they must not vary in uncertainty analyses")
                    .help("write a number in place of the parameter, such as 0.5 or \"1/3\""),
            );
            f64::NAN
        }
    };
    if value < 0.0 && out.counts().0 == before {
        let positive = rounded(-value, 4);
        out.push(
            Diagnostic::error("E0437", format!("the within-cycle correction has the negative weight -{positive}"))
                .at(node.span, "must be 0 or above")
                .why("with a negative weight, costs would count as savings, and QALYs as losses")
                .help(format!("if only the sign is wrong, write {positive}; usual weights are 0.5 for the start and the end of the model, and 1 in between")),
        );
    }
    value
}

/// The discounting of an outcome and the positions of its rates.
fn discount(
    node: &TomlNode,
    correction: Option<&Correction>,
    context: &Context,
    out: &mut Diagnostics,
) -> (Option<Discount>, Vec<Span>) {
    let Some(table) = node.table() else {
        return (None, Vec::new());
    };
    let mut rates = Vec::new();
    let mut places = Vec::new();
    let mut read = |from: f64, node: &TomlNode, out: &mut Diagnostics| {
        let rate = context.compile(node, Expected::DiscountRate, &POPULATION, out);
        rates.push((from, rate));
        places.push(node.span);
    };
    if let Some(node) = table.get(discount::RATE) {
        read(0.0, node, out);
    }
    let mut before = 0.0;
    for later in table.get(discount::LATER).map(TomlNode::items).unwrap_or_default() {
        let Some((later, Some(after), Some(rate))) =
            later.table().map(|table| (table, table.get(later::AFTER), table.get(later::RATE)))
        else {
            continue;
        };
        let years = later.get(later::AFTER).and_then(time::years).unwrap_or(f64::INFINITY);
        if years <= before {
            let (title, help) = match years == before {
                true => (
                    "two discount rates of the outcome start at the same time",
                    "if both rates apply, write a later time into `after` here; otherwise remove one of the two rates",
                ),
                false => (
                    "the entries of `later` are not in order of time",
                    "sort the entries of `later` by `after`, starting with the earliest",
                ),
            };
            out.push(
                Diagnostic::error("E0438", title)
                    .at(after.span, "must be later than the start of the previous rate")
                    .why("each rate applies from its `after` until the next one starts")
                    .help(help),
            );
        }
        before = years;
        read(years, rate, out);
    }
    let discount = Discount {
        rates,
        compounding: match table.text(discount::COMPOUNDING) {
            Some("continuous") => Compounding::Continuous,
            Some("whole years") => Compounding::WholeYears,
            _ => Compounding::Annual,
        },
        at: moment(node, table, correction, out),
        from: table.get(discount::FROM).and_then(time::years).unwrap_or(0.0),
    };
    (Some(discount), places)
}

/// Time within a cycle at which amounts are discounted. It must be stated if amounts are counted by cycle; amounts counted at
/// points are discounted at their own point.
fn moment(
    node: &TomlNode,
    table: &TomlTable,
    correction: Option<&Correction>,
    out: &mut Diagnostics,
) -> Moment {
    let Some(correction) = correction else {
        return Moment::Point;
    };
    let moment = match table.text(discount::AT) {
        Some("start") => Moment::Start,
        Some("middle") => Moment::Middle,
        Some("end") => Moment::End,
        _ => Moment::Point,
    };
    match table.get(discount::AT) {
        None if !correction.by_points() => out.push(
            Diagnostic::error("E0402", "the discount has no `at`").echo_of(Part::Files)
                .at(node.span, "the moment of the cycle at which amounts are discounted is missing")
                .why("for example, with one-year cycles and a rate of 3.5%, amounts at the end of a cycle count 3.4% less than at its start, and guidelines differ in this choice")
                .help("add at = \"start\", at = \"middle\" or at = \"end\" for this moment of the cycle, or at = \"point\" to discount each amount at the time at which `correction` counts it"),
        ),
        Some(at) if correction.by_points() && moment != Moment::Point => {
            let named = match correction {
                Correction::HalfCycle => "\"half-cycle\"",
                Correction::Simpson => "\"simpson\"",
                _ => "with weights",
            };
            out.push(
                Diagnostic::error("E0438", format!("`at = \"{}\"` cannot be used with the within-cycle correction of this outcome", at.text().unwrap_or_default()))
                    .at(at.span, format!("its correction {named} counts amounts at the start and the end of cycles, not once per cycle"))
                    .why("each of these amounts is discounted at its own time, so `at` would have no effect")
                    .help("remove `at`; only if the outcome should be counted once per cycle, keep `at` and set its `correction` to \"start\", \"end\" or \"life-table\""),
            )
        }
        _ => {}
    }
    moment
}
