//! Compiles `[strategies]`: eligibility, branches at the start, effects on hazards, changed parameters, and the components that
//! they use.

use super::combination::combined_effects;
use super::components::{self, DrawnUsers, TreatmentComponent, Usage};
use super::procedures::{self, Combined};
use super::{Context, POPULATION, check_name, did_you_mean, label, or_declare, time, transitions};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope};
use crate::parameters::{Kind, ParameterRow};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::read::unit::{Per, cost_per};
use crate::schema::{Key, keys};
use arcosim_core::model::{Branch, Effect, EffectOn, Expr, Hazard, Strategy, TimeGrid, Transition};

/// A strategy as declared, before `like` is applied.
struct Declared<'a> {
    name: &'a str,
    span: Span,
    table: &'a TomlTable,
}

/// The parts of the model that effects refer to.
pub struct EffectTargets<'a> {
    grid: &'a TimeGrid,
    /// Whether the cycle length could be read, and is not a placeholder.
    cycle_known: bool,
    transitions: &'a [Transition],
    places: &'a transitions::TransitionPlaces,
}

impl<'a> EffectTargets<'a> {
    /// The targets in a scenario.
    pub fn new(
        root: &TomlTable,
        grid: &'a TimeGrid,
        transitions: &'a [Transition],
        places: &'a transitions::TransitionPlaces,
    ) -> EffectTargets<'a> {
        EffectTargets { grid, cycle_known: time::is_as_said(grid, root), transitions, places }
    }
}

/// An effect, and the components that a patient must use to have it.
#[derive(Clone)]
pub struct CompiledEffect {
    /// The effect.
    pub effect: Effect,
    /// Indices of components; empty for an effect on all patients.
    pub users_of: Vec<usize>,
}

/// A strategy before its components are added to it.
#[derive(Clone)]
struct Own {
    /// The strategy without effects.
    strategy: Strategy,
    effects: Vec<CompiledEffect>,
    usages: Vec<Usage>,
    strongest: bool,
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
    let at_start = Scope { states: &everywhere, clocks: Clocks::None, attributes: true, state: true };
    let components = components::components(root, parts, &at_start, context, out);
    let declared: Vec<Declared> = root
        .sections(keys::scenario::STRATEGIES)
        .filter_map(|(name, node)| Some(Declared { name, span: node.key_span, table: node.table()? }))
        .collect();
    let reference = reference(&declared, out);
    let names = components::names(root);
    let drawn = (drawn, context.names.attributes.len() - drawn.len());
    let own: Vec<Own> = declared
        .iter()
        .enumerate()
        .map(|(i, one)| {
            check_name(one.name, one.span, out);
            check_otherwise(i, &declared, out);
            let table = one.table;
            Own {
                strategy: strategy(one, reference == Some(i), &declared, &at_start, context, out),
                effects: effects(table, parts, &names, context, out),
                usages: components::usages(table, &names, drawn, context, out),
                strongest: table.text(keys::strategy::COMBINE) == Some("strongest"),
            }
        })
        .collect();
    circles(keys::strategy::OTHERWISE, &declared, out);
    let all = match circles(keys::strategy::LIKE, &declared, out) {
        false => (0..own.len()).map(|i| inherited(i, &own, &declared, &names)).collect(),
        true => own,
    };
    let spans: Vec<Span> = declared.iter().map(|one| one.span).collect();
    let usages = all.iter().map(|own| own.usages.clone()).collect();
    let assembled = all
        .into_iter()
        .zip(&spans)
        .map(|(own, &place)| with_components(own, &components, place, context, out));
    let (list, branches) = assembled.unzip();
    Strategies { list, spans, usages, branches, components }
}

/// A strategy with the effects, procedures and evidence of its components.
fn with_components(
    own: Own,
    components: &[TreatmentComponent],
    place: Span,
    context: &Context,
    out: &mut Diagnostics,
) -> (Strategy, Vec<Combined>) {
    let Own { mut strategy, effects, usages, strongest } = own;
    strategy.effects = combined_effects(&effects, &usages, components, strongest, place, out);
    let states = (context.names.states, place);
    let (at_start, names) = procedures::combined(&strategy.at_start, &usages, components, states, out);
    strategy.at_start = at_start;
    let used = || usages.iter().map(|usage| &components[usage.component]);
    strategy.hypothetical |= used().any(|component| component.hypothetical);
    // The evidence of a strategy ends with the shortest follow-up among its components.
    let shortest = used().filter_map(|component| component.evidence_until).reduce(f64::min);
    strategy.evidence_until = strategy.evidence_until.or(shortest);
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

/// The value of a key of a strategy, which may be stated by the strategy itself or by the strategy that it copies with `like`.
fn stated<'a>(i: usize, key: Key, declared: &[Declared<'a>]) -> Option<&'a TomlNode> {
    let original = |&i: &usize| {
        let like = declared[i].table.text(keys::strategy::LIKE)?;
        declared.iter().position(|one| one.name == like)
    };
    std::iter::successors(Some(i), original).take(declared.len()).find_map(|i| declared[i].table.get(key))
}

/// The strategy marked as reference, or else the first strategy.
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

fn check_otherwise(i: usize, declared: &[Declared], out: &mut Diagnostics) {
    let one = &declared[i];
    let example = declared.iter().find(|other| other.name != one.name).map_or("...", |other| other.name);
    let said = |key| stated(i, key, declared);
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
        let otherwise = or_declare(name, "{ label = \"...\" }", "[strategies]");
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
    table
        .table(keys::strategy::AT_START)
        .map(|branches| context.branches(branches, scope, out))
        .unwrap_or_default()
}

/// Effects of a strategy or a component; `names` are the names of all components.
pub fn effects(
    table: &TomlTable,
    parts: &EffectTargets,
    names: &[&str],
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<CompiledEffect> {
    let items = table.get(keys::strategy::EFFECTS).map(TomlNode::items).unwrap_or_default();
    let compiled = items.iter().filter_map(TomlNode::table).map(|table| {
        let users = table.names(keys::effect::USERS_OF);
        let users_of =
            users.iter().filter_map(|(name, node)| components::index(name, node.span, names, context, out));
        let users_of = users_of.collect();
        CompiledEffect { effect: effect(table, parts, context, out), users_of }
    });
    compiled.collect()
}

fn effect(table: &TomlTable, parts: &EffectTargets, context: &Context, out: &mut Diagnostics) -> Effect {
    let mut on = Vec::new();
    let listed = table.names(keys::effect::ON);
    for &(name, place) in &listed {
        let Some(i) = transitions::index(name, place.span, &listed, parts.transitions, context, out) else {
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

/// Reports an effect that does not fit its transition: a hazard ratio on a probability, a relative risk on a hazard, or any effect
/// on "rest".
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
                .at(place.span, "its probability is calculated from the other transitions")
                .also(stated_here, "\"rest\" here")
                .why("\"rest\" is 1 minus the other probabilities; multiplying it would require changing those too")
                .help(format!("replace `{name}` in `on` with the other transitions out of the same state; the probability of `{name}` then changes with theirs")),
        );
    } else if table.get(keys::effect::RELATIVE_RISK).is_some() && !transition.stated {
        out.push(
            Diagnostic::error("E0318", "a relative risk is applied to a hazard")
                .at(place.span, format!("`{name}` has a hazard, not a probability"))
                .also(stated_here, "its hazard")
                .why("a relative risk multiplies a probability over a period; multiplying a hazard by it would misstate the effect, especially for large risks")
                .help(format!(
                    "if the source reports a hazard ratio, write it as `hazard_ratio` instead of `relative_risk`. To keep the relative risk, add stated = true to `{name}` and to all other transitions out of the same state that have no `probability`: arcosim then multiplies the probability of `{name}` per cycle"
                )),
        );
    } else if table.get(keys::effect::RELATIVE_RISK).is_none()
        && matches!(transition.hazard, Hazard::Probability(_))
    {
        out.push(
            Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
                .at(place.span, format!("`{name}` has a probability, not a hazard"))
                .also(stated_here, "its probability")
                .why("a hazard ratio multiplies a hazard: halving the hazard reduces a risk of 80% to 55%, not to 40%")
                .help(format!(
                    "give `{name}` a rate that the effect can multiply: instead of a probability p, write rate = \"rate(p, cycle_length)\"; \
                     or, if the ratio is a relative risk per cycle, write `relative_risk` instead of `hazard_ratio` in the effect"
                )),
        );
    }
}

/// A change in the strength of an effect over fewer cycles than this is reported, because the cycles turn it into one or two steps.
const FEWEST_CYCLES: f64 = 2.0;

/// Warns about an effect that builds up or wears off within one or two cycles, because its strength is evaluated only at the
/// start of each cycle.
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
                .help("shorten the cycle; or, if the effect should end at once, remove `gone_after`: it then ends at `full_until`"),
        );
    }
}

fn step(what: &str, cycles: f64) -> Diagnostic {
    let of_a_cycle = (cycles * 100.0).round() / 100.0;
    let cycles = if of_a_cycle == 1.0 { "cycle" } else { "cycles" };
    Diagnostic::warning("W0508", format!("{what} over {of_a_cycle} {cycles}, which this cycle length cannot show"))
        .why("the strength at the start of a cycle is used for the whole cycle, so changes within a cycle are lost")
}

/// Describes an effect that wears off within a few cycles: its strength in each cycle that starts while it wears off.
fn fading(effect: &Effect, full: f64, gone: f64) -> String {
    let partly: Vec<String> = (full.ceil() as usize..gone.ceil() as usize)
        .map(|cycle| (cycle, effect.strength(cycle)))
        .filter(|(_, strength)| *strength > 0.0 && *strength < 1.0)
        .map(|(cycle, strength)| format!("{1} of the effect in cycle {0}", cycle + 1, percent(strength)))
        .collect();
    let after = gone.ceil() as usize + 1;
    match partly.is_empty() {
        true => format!(
            "the model applies the full effect up to cycle {}, and none from cycle {after} on",
            after - 1
        ),
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
                .at(node.key_span, "the time until which the effect is full is missing")
                .help("add the time until which the effect is full, for example full_until = \"5 years\""),
        );
    }
    let Some(place) = table.get(keys::effect::FULL_UNTIL) else {
        return;
    };
    if full_until.is_some_and(|full| full < onset) {
        out.push(
            Diagnostic::error("E0424", "`full_until` is earlier than `onset`")
                .at(place.span, "the effect would end before it is complete")
                .help("write a time for `full_until` that is later than `onset`"),
        );
    }
    if matches!((full_until, gone_after), (Some(full), Some(gone)) if gone < full) {
        out.push(
            Diagnostic::error("E0424", "`gone_after` is earlier than `full_until`")
                .at(place.span, "later than `gone_after`")
                .why("an effect cannot be at full strength after it has gone")
                .help("write a time for `gone_after` that is later than `full_until`, or remove `gone_after` if the effect ends abruptly"),
        );
    }
}

/// Parameters that have a different value under the strategy. The new value can depend on other parameters but not on the
/// patient, because engines calculate it once, before any patient exists.
fn substitutions(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<(usize, Expr)> {
    let mut list = Vec::new();
    let mut places = Vec::new();
    for (name, node) in
        table.table(keys::strategy::PARAMETERS).map(|table| &table.entries[..]).unwrap_or_default()
    {
        // A name with points but without quotation marks is a table in TOML, which the check of types has already reported.
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
        // The new value is converted from an amount per year to one per cycle, because formulas convert this parameter back.
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

/// Rewords the error that a new value of a parameter depends on the patient or on time.
fn one_value_for_all(diagnostic: &mut Diagnostic, parameter: &str) {
    diagnostic.why =
        Some("a parameter has one value per strategy, the same for all patients and at all times".into());
    diagnostic.help = Some(format!(
        "use only parameters here. For a difference between patients, write the condition in the formulas that use \
         `{parameter}`, or use `effects` of the strategy, where the hazard ratio can depend on attributes"
    ));
}

/// Kind of value that a formula must have to replace this parameter.
fn expected(row: &ParameterRow) -> Expected {
    match row.kind {
        Kind::Cost => match cost_per(&row.unit) {
            Per::Time(_) | Per::PersonTime(_) | Per::Cycle => Expected::AmountPerYear,
            // A cost without a period can be a one-off amount, so the new value must not have a period either.
            Per::Occasion | Per::Unsaid | Per::Unknown => Expected::Amount,
        },
        Kind::Rate => Expected::Rate,
        Kind::Hr => Expected::Ratio,
        Kind::Proportion => Expected::Proportion,
        Kind::Duration | Kind::MeanTime | Kind::MedianTime => Expected::Time,
        _ => Expected::Number,
    }
}

/// Reports a probability that replaces a parameter of another kind, or a probability over a different period, and vice versa.
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
                .why("the two have different kinds or periods, so formulas that use the parameter would misread the new value")
                .help("convert it in the formula, for example prob(rate(p), 1) for a probability of 1 year"),
        );
    }
}

fn unit(row: &ParameterRow) -> &str {
    if row.unit.is_empty() { "no unit" } else { &row.unit }
}

/// Expands all substitutions until they contain no substituted parameter, so that their order does not matter; a circular
/// reference is an error.
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
            // Every parameter of a circular reference leads to the same error, which is reported once.
            Err(path) if path.iter().any(|parameter| circular.contains(parameter)) => {}
            Err(path) => {
                circular.extend(&path);
                let names: Vec<String> =
                    path.iter().map(|&p| format!("`{}`", context.names.rows[p].name)).collect();
                let name = names.last().map_or("a parameter", String::as_str);
                out.push(
                    Diagnostic::error("E0303", format!("the value of {name} depends on itself"))
                        .at(places[i].span, format!("leads back to {name}"))
                        .note(format!("the circular reference: {}", names.join(" → ")))
                        .why("the value could not be calculated")
                        .help("write a number for one of these parameters, or a formula that uses none of them; to multiply a rate by a factor, use `hazard_ratio` in the effects of the strategy"),
                );
            }
        }
    }
    resolved
}

/// Replaces substituted parameters in an expression by their formulas; the error is the path of a circular reference.
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

/// Reports circular references by `key` (`like` or `otherwise`), and returns whether one exists.
fn circles(key: Key, declared: &[Declared], out: &mut Diagnostics) -> bool {
    let next = |i: usize| {
        let name = match key.name == keys::strategy::LIKE.name {
            true => declared[i].table.text(key)?,
            false => stated(i, key, declared)?.text()?,
        };
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
                    let place = stated(start, key, declared).map_or(declared[start].span, |node| node.span);
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
                            _ => format!("remove `{}` from one of the strategies of the circle, or write the name of a strategy outside the circle", key.name),
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
