//! Strategies: who gets them, what they do at the start, to hazards and to parameters.

use super::{Context, POPULATION, check_name, did_you_mean, label, time, transitions};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope};
use crate::parameters::{Kind, ParameterRow};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::read::unit::{Per, cost_per};
use crate::schema::{Key, keys};
use arcosim_core::model::{Branch, Effect, EffectOn, Expr, Hazard, Strategy, TimeGrid, Transition};

/// A strategy as declared, before `like` is followed.
struct Declared<'a> {
    name: &'a str,
    span: Span,
    table: &'a TomlTable,
}

/// The parts of the model that effects refer to.
struct EffectTargets<'a> {
    grid: &'a TimeGrid,
    /// Whether the length of a cycle could be read, and is not a placeholder.
    cycle_known: bool,
    transitions: &'a [Transition],
    places: &'a transitions::TransitionPlaces,
}

/// All strategies and the places of their names.
pub fn strategies(
    root: &TomlTable,
    grid: &TimeGrid,
    transitions: &[Transition],
    places: &transitions::TransitionPlaces,
    context: &Context,
    out: &mut Diagnostics,
) -> (Vec<Strategy>, Vec<Span>) {
    let parts = EffectTargets { grid, cycle_known: time::is_as_said(grid, root), transitions, places };
    let declared: Vec<Declared> = root
        .sections(keys::scenario::STRATEGIES)
        .filter_map(|(name, node)| Some(Declared { name, span: node.key_span, table: node.table()? }))
        .collect();
    let reference = reference(&declared, out);
    let own: Vec<Strategy> = declared
        .iter()
        .enumerate()
        .map(|(i, one)| {
            check_name(one.name, one.span, out);
            strategy(one, reference == Some(i), &declared, &parts, context, out)
        })
        .collect();
    circles(keys::strategy::OTHERWISE, &declared, out);
    let all = match circles(keys::strategy::LIKE, &declared, out) {
        false => (0..own.len()).map(|i| inherited(i, &own, &declared)).collect(),
        true => own,
    };
    (all, declared.iter().map(|one| one.span).collect())
}

/// The strategy marked as reference, or the first one.
fn reference(declared: &[Declared], out: &mut Diagnostics) -> Option<usize> {
    let marked: Vec<usize> =
        (0..declared.len()).filter(|&i| declared[i].table.flag(keys::strategy::REFERENCE)).collect();
    if let [first, second, ..] = marked[..] {
        let place = |i: usize| {
            declared[i].table.get(keys::strategy::REFERENCE).map_or(declared[i].span, |node| node.span)
        };
        out.push(
            Diagnostic::error("E0425", "two strategies are marked as the reference")
                .at(place(second), format!("`{}` is marked", declared[second].name))
                .also(place(first), format!("`{}` is marked too", declared[first].name))
                .why("all increments are calculated against the reference, so there must be exactly one")
                .help("keep `reference = true` only for current care"),
        );
    }
    marked.first().copied().or((!declared.is_empty()).then_some(0))
}

fn strategy(
    one: &Declared,
    reference: bool,
    declared: &[Declared],
    parts: &EffectTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Strategy {
    let table = one.table;
    let everywhere: Vec<usize> = (0..context.names.states.len()).collect();
    let at_start = Scope { states: &everywhere, clocks: Clocks::None, attributes: true, state: true };
    let eligible = match table.get(keys::strategy::ELIGIBLE) {
        Some(node) => context.compile(node, Expected::Condition, &at_start, out),
        None => Expr::Number(1.0),
    };
    check_otherwise(one, out);
    // Whether `like` names a strategy; [`inherited`] follows it once all strategies are known.
    table.get(keys::strategy::LIKE).and_then(|node| other(node, declared, context, out));
    Strategy {
        name: one.name.to_string(),
        label: label(table, one.name),
        reference,
        bound: table.flag(keys::strategy::BOUND),
        evidence_until: table.get(keys::strategy::EVIDENCE_UNTIL).and_then(time::years),
        hypothetical: table.flag(keys::strategy::HYPOTHETICAL),
        eligible,
        otherwise: table.get(keys::strategy::OTHERWISE).and_then(|node| other(node, declared, context, out)),
        at_start: branches_at_start(table, &at_start, context, out),
        effects: effects(table, parts, context, out),
        substitutions: substitutions(table, context, out),
    }
}

fn check_otherwise(one: &Declared, out: &mut Diagnostics) {
    match (one.table.get(keys::strategy::ELIGIBLE), one.table.get(keys::strategy::OTHERWISE)) {
        (Some(node), None) => out.push(
            Diagnostic::error("E0402", format!("strategy `{}` has `eligible` but no `otherwise`", one.name))
                .echo_of(Part::Files)
                .at(node.key_span, "some patients are not eligible")
                .why("ineligible patients are simulated too, and need a strategy of their own")
                .help("add `otherwise = ...` with the name of the strategy that they receive"),
        ),
        (None, Some(node)) => out.push(
            Diagnostic::error("E0427", format!("strategy `{}` has `otherwise` without `eligible`", one.name))
                .at(node.key_span, "no patient would receive this")
                .help("add `eligible`, or remove `otherwise`"),
        ),
        _ => {}
    }
}

/// The strategy that a key names.
fn other(node: &TomlNode, declared: &[Declared], context: &Context, out: &mut Diagnostics) -> Option<usize> {
    let name = node.text()?;
    let found = declared.iter().position(|one| one.name == name);
    if found.is_none() {
        let help = did_you_mean(name, declared.iter().map(|one| one.name), "declare it under [strategies]");
        out.push(context.unknown("E0408", "strategy", name, node.span, help).echo_of(Part::Strategies));
    }
    found
}

fn branches_at_start(
    table: &TomlTable,
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Branch> {
    table
        .table(keys::strategy::AT_START)
        .map(|branches| context.branches(branches, scope, out))
        .unwrap_or_default()
}

fn effects(
    table: &TomlTable,
    parts: &EffectTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Effect> {
    let items = table.get(keys::strategy::EFFECTS).map(TomlNode::items).unwrap_or_default();
    items.iter().filter_map(TomlNode::table).map(|table| effect(table, parts, context, out)).collect()
}

fn effect(table: &TomlTable, parts: &EffectTargets, context: &Context, out: &mut Diagnostics) -> Effect {
    let mut on = Vec::new();
    for (name, place) in table.names(keys::effect::ON) {
        let Some(i) = transitions::index(name, place.span, parts.transitions, context, out) else {
            continue;
        };
        check_ratio(table, i, name, place, parts, out);
        on.push(i);
    }
    let mut from: Vec<usize> = on.iter().flat_map(|&i| parts.transitions[i].from.iter().copied()).collect();
    from.sort_unstable();
    from.dedup();
    let scope = Scope { states: &from, clocks: Clocks::None, attributes: true, state: true };
    let (effect_on, ratio) =
        match (table.get(keys::effect::HAZARD_RATIO), table.get(keys::effect::RELATIVE_RISK)) {
            (Some(node), _) => (EffectOn::Hazard, context.compile(node, Expected::Ratio, &scope, out)),
            (_, Some(node)) => {
                let ratio = context.compile(node, Expected::RelativeRisk, &scope, out);
                (EffectOn::Probability, ratio)
            }
            _ => (EffectOn::Hazard, Expr::Number(f64::NAN)),
        };
    let cycles = |key| table.get(key).and_then(|node| time::cycles(node, parts.grid));
    let (onset, full_until, gone_after) = (
        cycles(keys::effect::ONSET).unwrap_or(0.0),
        cycles(keys::effect::FULL_UNTIL),
        cycles(keys::effect::GONE_AFTER),
    );
    check_limits(table, onset, full_until, gone_after, out);
    let effect = Effect { transitions: on, on: effect_on, ratio, onset, full_until, gone_after };
    if parts.cycle_known {
        check_steps(table, &effect, out);
    }
    effect
}

/// Whether the ratio of an effect can act on a transition.
fn check_ratio(
    table: &TomlTable,
    i: usize,
    name: &str,
    place: &TomlNode,
    parts: &EffectTargets,
    out: &mut Diagnostics,
) {
    let transition = &parts.transitions[i];
    let stated_here = parts.places.hazards[i];
    if let Hazard::Complement = transition.hazard {
        out.push(
            Diagnostic::error("E0434", format!("an effect acts on `{name}`, whose probability is \"rest\""))
                .at(place.span, "calculated from the other transitions of its state")
                .also(stated_here, "\"rest\" here")
                .why("\"rest\" is 1 minus the other probabilities; multiplying it would require changing those too")
                .help("apply the effect to the other transitions; the rest is recalculated"),
        );
    } else if table.get(keys::effect::RELATIVE_RISK).is_some() && !transition.stated {
        out.push(
            Diagnostic::error("E0318", "a relative risk is applied to a hazard")
                .at(place.span, format!("`{name}` is a competing hazard"))
                .also(stated_here, "this hazard")
                .why("a relative risk multiplies a probability over a period; a hazard needs a hazard ratio")
                .help(format!(
                    "use `hazard_ratio`; or make `{name}` a stated probability per cycle: stated = true"
                )),
        );
    } else if table.get(keys::effect::RELATIVE_RISK).is_none()
        && matches!(transition.hazard, Hazard::Probability(_))
    {
        out.push(
            Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
                .at(place.span, format!("`{name}` has a stated probability"))
                .also(stated_here, "stated here")
                .why("a hazard ratio multiplies a hazard: halving the hazard reduces a risk of 80% to 55%, not to 40%")
                .help(format!(
                    "give `{name}` a rate: rate = \"rate(p)\"; the effect then multiplies the rate. If the ratio is a \
                     relative risk per cycle, use `relative_risk`"
                )),
        );
    }
}

/// Changes of strength in fewer cycles than this are a step or two, and not what the file describes.
const FEWEST_CYCLES: f64 = 2.0;

/// Strength is read at the start of each cycle: a change within one or two cycles is lost on the grid.
fn check_steps(table: &TomlTable, effect: &Effect, out: &mut Diagnostics) {
    let quick = |cycles: f64| cycles > 0.0 && cycles < FEWEST_CYCLES;
    if let Some(place) = table.get(keys::effect::ONSET).filter(|_| quick(effect.onset)) {
        let strength = match effect.onset > 1.0 {
            false => "no effect in the first cycle, full effect in the second".to_string(),
            true => format!(
                "no effect in the first cycle, {} of the effect in the second",
                percent(1.0 / effect.onset)
            ),
        };
        out.push(
            step("an effect builds up", effect.onset)
                .at(place.span, strength)
                .help("shorten the cycle, or remove `onset` if the effect is full from the start"),
        );
    }
    let (Some(full), Some(gone)) = (effect.full_until, effect.gone_after) else {
        return;
    };
    if let Some(place) = table.get(keys::effect::GONE_AFTER).filter(|_| quick(gone - full)) {
        out.push(
            step("an effect wears off", gone - full)
                .at(place.span, fading(effect, full, gone))
                .help("shorten the cycle, or remove `gone_after` if the effect ends abruptly"),
        );
    }
}

fn step(what: &str, cycles: f64) -> Diagnostic {
    let of_a_cycle = (cycles * 100.0).round() / 100.0;
    Diagnostic::warning("W0508", format!("{what} within {of_a_cycle} cycles"))
        .why("the strength at the start of a cycle is used for the whole cycle, so changes within a cycle are lost")
}

/// Description of an effect that wears off within few cycles: its strength in each cycle that begins meanwhile.
fn fading(effect: &Effect, full: f64, gone: f64) -> String {
    let partly: Vec<String> = (full.ceil() as usize..gone.ceil() as usize)
        .map(|cycle| (cycle, effect.strength(cycle)))
        .filter(|(_, strength)| *strength > 0.0 && *strength < 1.0)
        .map(|(cycle, strength)| format!("{1} of the effect in cycle {0}", cycle + 1, percent(strength)))
        .collect();
    let after = gone.ceil() as usize + 1;
    match partly.is_empty() {
        true => format!("full effect until the end of cycle {}, none from cycle {after} on", after - 1),
        false => format!("{}, none from cycle {after} on", partly.join(", ")),
    }
}

fn percent(share: f64) -> String {
    format!("{}%", (share * 100.0).round())
}

fn check_limits(
    table: &TomlTable,
    onset: f64,
    full_until: Option<f64>,
    gone_after: Option<f64>,
    out: &mut Diagnostics,
) {
    if let (None, Some(node)) = (table.get(keys::effect::FULL_UNTIL), table.get(keys::effect::GONE_AFTER)) {
        out.push(
            Diagnostic::error("E0402", "an effect has `gone_after` but no `full_until`")
                .echo_of(Part::Files)
                .at(node.key_span, "when does the effect begin to wane?")
                .help("add `full_until`"),
        );
    }
    let Some(place) = table.get(keys::effect::FULL_UNTIL) else {
        return;
    };
    if full_until.is_some_and(|full| full < onset) {
        out.push(
            Diagnostic::error("E0424", "`full_until` is earlier than `onset`")
                .at(place.span, "the effect would end before it is complete")
                .help("make `full_until` later than `onset`"),
        );
    }
    if matches!((full_until, gone_after), (Some(full), Some(gone)) if gone < full) {
        out.push(
            Diagnostic::error("E0424", "`gone_after` is earlier than `full_until`")
                .at(place.span, "later than `gone_after`")
                .why("an effect cannot be at full strength after it has gone")
                .help("make `gone_after` later than `full_until`, or remove it if the effect ends abruptly"),
        );
    }
}

/// Parameters that read otherwise under the strategy. A substitute may read other parameters and nothing of
/// the patient: engines compute it once, before any patient exists.
fn substitutions(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<(usize, Expr)> {
    let mut list = Vec::new();
    let mut places = Vec::new();
    for (name, node) in
        table.table(keys::strategy::PARAMETERS).map(|table| &table.entries[..]).unwrap_or_default()
    {
        // A name with points that lacks its quotation marks; said where types are checked.
        if node.table().is_some() {
            continue;
        }
        let Some(&left) = context.names.parameters.get(name) else {
            let known = context.names.rows.iter().map(|row| row.name.as_str());
            let help = did_you_mean(name, known, "use a name from the parameter table");
            out.push(
                context
                    .unknown("E0302", "parameter", name, node.key_span, help)
                    .echo_of(Part::Parameters)
                    .echo_of(Part::Attributes),
            );
            continue;
        };
        let row = &context.names.rows[left];
        let before = out.list.len();
        let mut expr = context.compile(node, expected(row), &POPULATION, out);
        // Wherever a cost per cycle is read it is turned into one per year, and so will be its substitute.
        if row.kind == Kind::Cost && cost_per(&row.unit) == Per::Cycle {
            expr = expr.times(Expr::Number(context.names.cycle_years));
        }
        let unreadable = out.list[before..].iter_mut().filter(|d| d.code == "E0312");
        unreadable.for_each(|d| one_value_for_all(d, &row.name));
        check_periods(row, &expr, node, context, out);
        list.push((left, expr));
        places.push(node);
    }
    resolve(list, &places, context, out)
}

/// The words for a quantity of the patient that replaces a parameter.
fn one_value_for_all(diagnostic: &mut Diagnostic, parameter: &str) {
    diagnostic.why =
        Some("a parameter has one value per strategy, the same for all patients and at all times".into());
    diagnostic.help = Some(format!(
        "use only parameters here; for differences between patients use an effect of the strategy (a hazard \
         ratio can depend on attributes), or change the formulas that use `{parameter}`"
    ));
}

/// The kind of value that must replace this parameter.
fn expected(row: &ParameterRow) -> Expected {
    match row.kind {
        Kind::Cost => match cost_per(&row.unit) {
            Per::Time(_) | Per::PersonTime(_) | Per::Cycle => Expected::AmountPerYear,
            // It may be a one-off amount, which a cost with a period cannot.
            Per::Occasion | Per::Unsaid | Per::Unknown => Expected::Amount,
        },
        Kind::Rate => Expected::Rate,
        Kind::Hr => Expected::Ratio,
        Kind::Proportion => Expected::Proportion,
        Kind::Duration | Kind::MeanTime | Kind::MedianTime => Expected::Time,
        _ => Expected::Number,
    }
}

/// A probability may only replace one over the same period.
fn check_periods(row: &ParameterRow, expr: &Expr, node: &TomlNode, context: &Context, out: &mut Diagnostics) {
    let Expr::Parameter(right) = *expr else { return };
    let other = &context.names.rows[right];
    let probability = |row: &ParameterRow| row.kind == Kind::Probability;
    let years = |row: &ParameterRow| row.period_years.unwrap_or(context.names.cycle_years);
    let same = probability(row) == probability(other)
        && (!probability(row) || (years(row) - years(other)).abs() <= 1e-9 * years(row));
    if !same {
        out.push(
            Diagnostic::error("E0305", format!("`{}` cannot replace `{}`", other.name, row.name))
                .at(node.span, format!("{} ({})", other.kind.name(), unit(other)))
                .also(row.name_span, format!("{} ({})", row.kind.name(), unit(row)))
                .why("the two have different kinds or periods")
                .help("convert it explicitly: prob(rate(p), years)"),
        );
    }
}

fn unit(row: &ParameterRow) -> &str {
    if row.unit.is_empty() { "no unit" } else { &row.unit }
}

/// Makes every substitution free of substituted parameters, so that their order does not matter; a circle is an error.
fn resolve(
    list: Vec<(usize, Expr)>,
    places: &[&TomlNode],
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<(usize, Expr)> {
    let mut resolved = Vec::new();
    let mut circular: Vec<usize> = Vec::new();
    for (i, (left, _)) in list.iter().enumerate() {
        match expand(&Expr::Parameter(*left), &list, &mut Vec::new()) {
            Ok(expr) => resolved.push((*left, expr)),
            // Every member of a circle finds it; one message is enough.
            Err(path) if path.iter().any(|parameter| circular.contains(parameter)) => {}
            Err(path) => {
                circular.extend(&path);
                let names: Vec<String> =
                    path.iter().map(|&p| format!("`{}`", context.names.rows[p].name)).collect();
                out.push(
                    Diagnostic::error("E0303", "a parameter refers to itself")
                        .at(places[i].span, "leads back to the parameter on the left")
                        .note(format!("the cycle of references: {}", names.join(" reads ")))
                        .why("its value could not be calculated")
                        .help("refer to a different parameter, or use an effect with a hazard ratio"),
                );
            }
        }
    }
    resolved
}

/// Puts substitutions in place of parameters; the error is the circle of parameters.
fn expand(expr: &Expr, list: &[(usize, Expr)], open: &mut Vec<usize>) -> Result<Expr, Vec<usize>> {
    let all = |parts: &[Expr], open: &mut Vec<usize>| -> Result<Vec<Expr>, Vec<usize>> {
        parts.iter().map(|part| expand(part, list, open)).collect()
    };
    Ok(match expr {
        Expr::Parameter(p) => match list.iter().find(|(left, _)| left == p) {
            None => expr.clone(),
            Some((_, inner)) => {
                if open.contains(p) {
                    return Err(open.iter().copied().chain([*p]).collect());
                }
                open.push(*p);
                let expanded = expand(inner, list, open)?;
                open.pop();
                expanded
            }
        },
        Expr::Select(selector, parts) => Expr::Select(*selector, all(parts, open)?),
        Expr::Call(function, parts) => Expr::Call(*function, all(parts, open)?),
        Expr::Lookup(table, at) => Expr::Lookup(table.clone(), Box::new([expand(&at[0], list, open)?])),
        Expr::Binary(operator, parts) => {
            let [left, right] = parts.as_ref();
            Expr::Binary(*operator, Box::new([expand(left, list, open)?, expand(right, list, open)?]))
        }
        Expr::If(parts) => {
            let [condition, yes, no] = parts.as_ref();
            Expr::If(Box::new([
                expand(condition, list, open)?,
                expand(yes, list, open)?,
                expand(no, list, open)?,
            ]))
        }
        Expr::Number(_) | Expr::Attribute(_) | Expr::Clock(_) | Expr::Among(..) => expr.clone(),
    })
}

/// Reports circles of references by `key`; whether there are any.
fn circles(key: Key, declared: &[Declared], out: &mut Diagnostics) -> bool {
    let next = |i: usize| {
        let name = declared[i].table.text(key)?;
        declared.iter().position(|one| one.name == name)
    };
    let mut seen = vec![false; declared.len()];
    let mut found = false;
    for start in 0..declared.len() {
        let mut path = vec![start];
        while let Some(i) = next(path[path.len() - 1]) {
            if path.contains(&i) {
                // Several strategies lead into one circle; say it once, at its own members.
                if i == start && !path.iter().any(|&member| seen[member]) {
                    let names: Vec<String> =
                        path.iter().chain([&i]).map(|&p| format!("`{}`", declared[p].name)).collect();
                    let place = declared[start].table.get(key).map_or(declared[start].span, |node| node.span);
                    out.push(
                        Diagnostic::error(
                            "E0429",
                            format!("`{}` refers back to the same strategy", key.name),
                        )
                        .at(place, "the chain starts and ends here")
                        .note(format!("the cycle of references: {}", names.join(" → ")))
                        .why("a chain of references must end")
                        .help("end the chain with a strategy that refers to no other"),
                    );
                    path.iter().for_each(|&member| seen[member] = true);
                }
                found = true;
                break;
            }
            path.push(i);
        }
    }
    found
}

/// A strategy with what it takes over by `like`: the other's effects come first; what it says itself goes before
/// what the other says.
fn inherited(i: usize, own: &[Strategy], declared: &[Declared]) -> Strategy {
    let mut strategy = own[i].clone();
    let table = declared[i].table;
    let Some(name) = table.text(keys::strategy::LIKE) else {
        return strategy;
    };
    let Some(model) = declared.iter().position(|one| one.name == name) else {
        return strategy;
    };
    let model = inherited(model, own, declared);
    strategy.effects.splice(0..0, model.effects);
    if table.get(keys::strategy::AT_START).is_none() {
        strategy.at_start = model.at_start;
    }
    if table.get(keys::strategy::EVIDENCE_UNTIL).is_none() {
        strategy.evidence_until = model.evidence_until;
    }
    for (parameter, expr) in model.substitutions {
        if !strategy.substitutions.iter().any(|(known, _)| *known == parameter) {
            strategy.substitutions.push((parameter, expr));
        }
    }
    strategy
}
