//! Compiles `[strategies]`: eligibility, branches at the start, effects on hazards, changed parameters, and the components that
//! they use.

use super::combination::combined_effects;
use super::components::{self, DrawnUsers, TreatmentComponent, Usage};
use super::effects::{CompiledEffect, EffectTargets, effects};
use super::procedures::{self, Combined};
use super::substitutions::substitutions;
use super::{Context, check_name, did_you_mean, label, or_declare_strategy, time};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::{Key, keys};
use arcosim_core::model::{Branch, Expr, Strategy};

/// A strategy as declared, before `like` is applied.
struct Declared<'a> {
    name: &'a str,
    span: Span,
    table: &'a TomlTable,
}

/// A strategy before its components are added to it.
#[derive(Clone)]
struct Own {
    /// The strategy without effects.
    strategy: Strategy,
    effects: Vec<CompiledEffect>,
    usages: Vec<Usage>,
    strongest: bool,
    /// Whether the strategy states itself how far its evidence reaches.
    own_evidence: bool,
}

/// All strategies of a scenario.
pub struct Strategies {
    /// Strategies in the order of declaration.
    pub list: Vec<Strategy>,
    /// Positions of their names.
    pub spans: Vec<Span>,
    /// For each strategy, the components that its patients use.
    pub usages: Vec<Vec<Usage>>,
    /// For each strategy and branch at the start, the names that the branch combines.
    pub branches: Vec<Vec<Combined>>,
    /// Components in the order of declaration.
    pub components: Vec<TreatmentComponent>,
}

/// Compiles all strategies. `drawn` are the shares of users with hidden attributes, which are the last attributes.
pub fn strategies(
    root: &TomlTable,
    parts: &EffectTargets,
    drawn: &[DrawnUsers],
    context: &Context,
    out: &mut Diagnostics,
) -> Strategies {
    let everywhere: Vec<usize> = (0..context.names.states.len()).collect();
    let at_start =
        Scope { states: &everywhere, clocks: Clocks::None, attributes: true, state: true, value_of: None };
    let components = components::components(root, parts, &at_start, context, out);
    let declared: Vec<Declared> = root
        .sections(keys::scenario::STRATEGIES)
        .filter_map(|(name, node)| Some(Declared { name, span: node.key_span, table: node.table()? }))
        .collect();
    let nothing = TomlTable::default();
    let tables = root.table(keys::scenario::STRATEGIES).unwrap_or(&nothing);
    let reference = reference(&declared, out);
    let names = components::names(root);
    let drawn = (drawn, context.names.attributes.len() - drawn.len());
    let own: Vec<Own> = declared
        .iter()
        .enumerate()
        .map(|(i, one)| {
            check_name("a strategy", one.name, one.span, out);
            check_otherwise(one, tables, out);
            let table = one.table;
            Own {
                strategy: strategy(one, reference == Some(i), &declared, &at_start, context, out),
                effects: effects(table, parts, &names, context, out),
                usages: components::usages(table, &names, drawn, context, out),
                strongest: table.text(keys::strategy::COMBINE) == Some("strongest"),
                own_evidence: table.get(keys::strategy::EVIDENCE_UNTIL).is_some(),
            }
        })
        .collect();
    circles(keys::strategy::OTHERWISE, &declared, tables, out);
    let all = match circles(keys::strategy::LIKE, &declared, tables, out) {
        false => (0..own.len()).map(|i| inherited(i, &own, &declared, &names)).collect(),
        true => own,
    };
    for (own, one) in all.iter().zip(&declared) {
        components::check_interactions(one.name, one.table, &own.usages, &names, out);
        components::check_changed_shares(&own.strategy, &own.usages, drawn, context, (tables, one.span), out);
    }
    let spans: Vec<Span> = declared.iter().map(|one| one.span).collect();
    let usages = all.iter().map(|own| own.usages.clone()).collect();
    let assembled = all.into_iter().zip(&declared).map(|(own, one)| {
        let combine = stated(tables, one.name, keys::strategy::COMBINE).map_or(one.span, |node| node.span);
        with_components(own, &components, (one.span, combine), context, out)
    });
    let (list, branches) = assembled.unzip();
    Strategies { list, spans, usages, branches, components }
}

/// A strategy with the effects, procedures and evidence of its components.
fn with_components(
    own: Own,
    components: &[TreatmentComponent],
    (place, combine): (Span, Span),
    context: &Context,
    out: &mut Diagnostics,
) -> (Strategy, Vec<Combined>) {
    let Own { mut strategy, effects, usages, strongest, own_evidence } = own;
    strategy.effects = combined_effects(&effects, &usages, components, strongest, combine, out);
    let states = (context.names.states, place);
    let (at_start, names) = procedures::combined(&strategy.at_start, &usages, components, states, out);
    strategy.at_start = at_start;
    let used = || usages.iter().map(|usage| &components[usage.component]);
    strategy.hypothetical |= used().any(|component| component.hypothetical);
    // Unless a strategy states it, its evidence ends with the shortest follow-up among what it copies and its components.
    if !own_evidence {
        let followed = used().filter_map(|component| component.evidence_until);
        strategy.evidence_until = followed.chain(strategy.evidence_until).reduce(f64::min);
    }
    (strategy, names)
}

/// For each strategy with `like`, the indices of the strategy and of its original, originals of originals first. Names that are
/// not declared, and circles, have been reported.
pub fn copies(root: &TomlTable) -> Vec<(usize, usize)> {
    let names: Vec<&str> = root.sections(keys::scenario::STRATEGIES).map(|(name, _)| name).collect();
    let tables = || root.sections(keys::scenario::STRATEGIES).map(|(_, node)| node.table());
    let original: Vec<Option<usize>> = tables()
        .map(|table| {
            let like = table?.text(keys::strategy::LIKE)?;
            names.iter().position(|name| *name == like)
        })
        .collect();
    let generation =
        |i: usize| std::iter::successors(Some(i), |&i| original[i]).take(names.len() + 1).count();
    let mut pairs: Vec<(usize, usize)> =
        original.iter().enumerate().filter_map(|(i, original)| Some((i, (*original)?))).collect();
    pairs.sort_by_key(|&(i, _)| generation(i));
    pairs
}

/// A strategy and the strategies that it copies with `like`, the nearest first. A circle, which is reported elsewhere, ends.
pub fn with_originals<'t>(strategies: &'t TomlTable, name: &str) -> impl Iterator<Item = &'t TomlTable> {
    let table = |name: &str| strategies.entry(name).and_then(TomlNode::table);
    std::iter::successors(table(name), move |own| table(own.text(keys::strategy::LIKE)?))
        .take(strategies.entries.len())
}

/// The value of a key of a strategy, which may be stated by the strategy itself or by a strategy that it copies.
pub fn stated<'t>(strategies: &'t TomlTable, name: &str, key: Key) -> Option<&'t TomlNode> {
    with_originals(strategies, name).find_map(|own| own.get(key))
}

/// The strategy marked as reference, or else the first strategy.
fn reference(declared: &[Declared], out: &mut Diagnostics) -> Option<usize> {
    let marked: Vec<usize> =
        (0..declared.len()).filter(|&i| declared[i].table.flag(keys::strategy::REFERENCE)).collect();
    if let [first, second, ..] = marked[..] {
        let (one, other) = (declared[first].name, declared[second].name);
        let place = |i: usize| {
            declared[i].table.get(keys::strategy::REFERENCE).map_or(declared[i].span, |node| node.span)
        };
        out.push(
            Diagnostic::error("E0425", format!("strategies `{one}` and `{other}` are both marked as the reference"))
                .at(place(second), format!("`{other}` is marked"))
                .also(place(first), format!("`{one}` is marked too"))
                .why("all increments are calculated against the reference, so there must be exactly one")
                .help("keep `reference = true` only for the comparator, most often current care, and remove it from all other strategies"),
        );
    }
    marked.first().copied().or((!declared.is_empty()).then_some(0))
}

fn strategy(
    one: &Declared,
    reference: bool,
    declared: &[Declared],
    at_start: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Strategy {
    let table = one.table;
    let eligible = match table.get(keys::strategy::ELIGIBLE) {
        Some(node) => context.compile(node, Expected::Condition, at_start, out),
        None => Expr::Number(1.0),
    };
    // Only checks that the strategy in `like` exists; [`inherited`] copies from it once all strategies are compiled.
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
        at_start: branches_at_start(table, at_start, context, out),
        effects: Vec::new(),
        substitutions: substitutions(table, context, out),
    }
}

fn check_otherwise(one: &Declared, strategies: &TomlTable, out: &mut Diagnostics) {
    let example =
        strategies.entries.iter().find(|(other, _)| other != one.name).map_or("...", |(name, _)| name);
    let said = |key| stated(strategies, one.name, key);
    match (said(keys::strategy::ELIGIBLE), said(keys::strategy::OTHERWISE)) {
        (Some(node), None) => out.push(
            Diagnostic::error("E0402", format!("strategy `{}` has `eligible` but no `otherwise`", one.name))
                .echo_of(Part::Files)
                .at(node.key_span, "the strategy for patients who are not eligible is missing")
                .why("patients who are not eligible remain in the results of this strategy, so their costs and QALYs must be known")
                .help(format!("add the strategy that patients who are not eligible receive, such as otherwise = \"{example}\"")),
        ),
        (None, Some(node)) => out.push(
            Diagnostic::error("E0427", format!("strategy `{}` has `otherwise` without `eligible`", one.name))
                .at(node.key_span, "no patient would receive this")
                .help("add a condition, for example eligible = \"age_at_start < 75\", or remove `otherwise`"),
        ),
        _ => {}
    }
}

/// Index of the strategy in the value of `like` or `otherwise`.
fn other(node: &TomlNode, declared: &[Declared], context: &Context, out: &mut Diagnostics) -> Option<usize> {
    let name = node.text()?;
    let found = declared.iter().position(|one| one.name == name);
    if found.is_none() {
        let otherwise = or_declare_strategy(name);
        let help = did_you_mean(name, declared.iter().map(|one| one.name), &otherwise);
        out.push(context.unknown("E0408", "strategy", name, node.span, help).echo_of(Part::Strategies));
    }
    found
}

/// Branches at time zero of a strategy or a component.
pub fn branches_at_start(
    table: &TomlTable,
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Branch> {
    let Some(branches) = table.table(keys::strategy::AT_START) else { return Vec::new() };
    for (name, node) in &branches.entries {
        if let Some(again) = node.table().and_then(|own| own.get(keys::branch::AGAIN)) {
            out.push(
                Diagnostic::error("E0422", format!("branch `{name}` at the start cannot have `again`"))
                    .at(again.key_span, "only for branches of transitions")
                    .why("no time has passed yet, so that no time in a state could start anew")
                    .help("remove `again`"),
            );
        }
    }
    context.branches(branches, scope, out)
}

/// Reports circular references by `key` (`like` or `otherwise`), and returns whether one exists.
fn circles(key: Key, declared: &[Declared], strategies: &TomlTable, out: &mut Diagnostics) -> bool {
    // A strategy does not copy `like` itself from the strategy that it copies.
    let written = |i: usize| match key.name == keys::strategy::LIKE.name {
        true => declared[i].table.get(key),
        false => stated(strategies, declared[i].name, key),
    };
    let next = |i: usize| {
        let name = written(i)?.text()?;
        declared.iter().position(|one| one.name == name)
    };
    let mut seen = vec![false; declared.len()];
    let mut found = false;
    for start in 0..declared.len() {
        let mut path = vec![start];
        while let Some(i) = next(path[path.len() - 1]) {
            if path.contains(&i) {
                // Several strategies can lead into the same circle, which is reported only once, at one of its members.
                if i == start && !path.iter().any(|&member| seen[member]) {
                    let names: Vec<String> =
                        path.iter().chain([&i]).map(|&p| format!("`{}`", declared[p].name)).collect();
                    let place = written(start).map_or(declared[start].span, |node| node.span);
                    out.push(
                        Diagnostic::error(
                            "E0429",
                            format!("`{}` of strategy `{}` leads back to itself", key.name, declared[start].name),
                        )
                        .at(place, "this reference is part of a circle")
                        .note(format!("the circle: {}", names.join(" → ")))
                        .why(match key.name == keys::strategy::LIKE.name {
                            true => "in a circle it is undefined what a strategy copies",
                            false => "in a circle it is undefined which strategy ineligible patients receive",
                        })
                        .help(match path.len() {
                            1 => format!("write the name of another strategy, or remove `{}`", key.name),
                            _ => format!("in one of these strategies, remove `{}`, or write in it the name of a strategy outside the circle", key.name),
                        }),
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

/// A strategy together with everything that it copies by `like`. Copied effects are placed first; all other copied keys are used
/// only if the strategy does not state them itself.
fn inherited(i: usize, all: &[Own], declared: &[Declared], names: &[&str]) -> Own {
    let mut own = all[i].clone();
    let table = declared[i].table;
    let Some(name) = table.text(keys::strategy::LIKE) else {
        return own;
    };
    let Some(original) = declared.iter().position(|one| one.name == name) else {
        return own;
    };
    let original = inherited(original, all, declared, names);
    own.effects.splice(0..0, original.effects);
    // Shares of users are merged like the keys of an overlay; a list replaces what the original uses.
    match table.get(keys::strategy::USES) {
        None => own.usages = original.usages,
        Some(node) => {
            let stated: Vec<&str> =
                node.table().into_iter().flat_map(|t| &t.entries).map(|(name, _)| name.as_str()).collect();
            let kept = original.usages.into_iter().filter(|usage| !stated.contains(&names[usage.component]));
            own.usages.extend(kept.filter(|_| node.table().is_some()));
            own.usages.sort_by_key(|usage| usage.component);
        }
    }
    if table.get(keys::strategy::COMBINE).is_none() {
        own.strongest = original.strongest;
    }
    let (strategy, model) = (&mut own.strategy, original.strategy);
    if table.get(keys::strategy::ELIGIBLE).is_none() {
        strategy.eligible = model.eligible;
    }
    if table.get(keys::strategy::OTHERWISE).is_none() {
        strategy.otherwise = model.otherwise;
    }
    if table.get(keys::strategy::HYPOTHETICAL).is_none() {
        strategy.hypothetical = model.hypothetical;
    }
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
    own
}
