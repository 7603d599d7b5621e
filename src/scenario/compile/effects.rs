//! Compiles `effects` of strategies and components: hazard ratios and relative risks on transitions, which may build up and wane.

use super::{Context, components, time, transitions};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::{Key, keys};
use arcosim_core::model::{Clock, Effect, EffectOn, Expr, Hazard, TimeGrid, Transition};

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

/// Keys of the ratio of an effect, with the quantity that the ratio multiplies.
const RATIOS: [(Key, EffectOn, Expected); 4] = [
    (keys::effect::HAZARD_RATIO, EffectOn::Hazard, Expected::Ratio),
    (keys::effect::RELATIVE_RISK, EffectOn::Probability, Expected::RelativeRisk),
    (keys::effect::TIME_RATIO, EffectOn::Time, Expected::TimeRatio),
    (keys::effect::NEVER_ODDS_RATIO, EffectOn::NeverOdds, Expected::OddsRatio),
];

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
    let scope = Scope { states: &from, clocks: Clocks::None, attributes: true, state: true, value_of: None };
    let stated = RATIOS.iter().find_map(|(key, on, expected)| Some((*on, *expected, table.get(*key)?)));
    let (effect_on, ratio) = match stated {
        Some((on, expected, node)) => (on, context.compile(node, expected, &scope, out)),
        None => (EffectOn::Hazard, Expr::Number(f64::NAN)),
    };
    let cycles = |key| table.get(key).and_then(|node| time::cycles(node, parts.grid));
    let (onset, full_until, gone_after) = (
        cycles(keys::effect::ONSET).unwrap_or(0.0),
        cycles(keys::effect::FULL_UNTIL),
        cycles(keys::effect::GONE_AFTER),
    );
    check_limits(table, onset, full_until, gone_after, out);
    check_window(table, effect_on, out);
    let effect = Effect { transitions: on, on: effect_on, ratio, onset, full_until, gone_after };
    if parts.cycle_known {
        check_steps(table, &effect, parts.grid, out);
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
    if table.get(keys::effect::TIME_RATIO).is_some() {
        return check_time_ratio(transition, place, stated_here, out);
    }
    if let Some(node) = table.get(keys::effect::NEVER_ODDS_RATIO) {
        if transition.never.is_none() {
            out.push(
                Diagnostic::error("E0427", format!("an effect has `never_odds_ratio`, but transition `{name}` has no share `never`"))
                    .at(node.key_span, "changes the share of patients for whom the transition never fires, so it would be ignored here")
                    .also(place.span, "the transition")
                    .help(format!("write the share without treatment into the transition: never = \"share.never\" under [transitions.{name}]; or, if the treatment slows the event in all patients, write `hazard_ratio`")),
            );
        }
        return;
    }
    if let Hazard::Complement = transition.hazard {
        let same_row = |one: &&Transition| {
            one.name != transition.name && one.from.iter().any(|state| transition.from.contains(state))
        };
        let others: Vec<&str> =
            parts.transitions.iter().filter(same_row).map(|one| one.name.as_str()).collect();
        let others = match others.len() {
            1..=6 => format!(": {}", arcosim_core::words::all_of(&others)),
            _ => String::new(),
        };
        out.push(
            Diagnostic::error("E0434", format!("an effect acts on transition `{name}`, whose probability is \"rest\""))
                .at(place.span, "its probability is calculated from the other transitions")
                .also(stated_here, "\"rest\" here")
                .why("\"rest\" is 1 minus the other probabilities; multiplying it would require changing those too")
                .help(format!("the probability of `{name}` changes if the other probabilities change, so replace `{name}` in `on` with the other transitions out of the same state{others}")),
        );
    } else if table.get(keys::effect::RELATIVE_RISK).is_some() && !transition.stated {
        let kept = match parts.grid.continuous() {
            true => "; otherwise calculate the hazard ratio from the relative risk r and the probability p of the comparator over the period of the study: hazard_ratio = \"log(1 - p * r) / log(1 - p)\"".to_string(),
            false => format!(". To keep the relative risk, add stated = true to `{name}` and to all other transitions out of the same state that have no `probability`: arcosim then multiplies the probability of `{name}` per cycle"),
        };
        out.push(
            Diagnostic::error("E0318", "a relative risk is applied to a hazard")
                .at(place.span, format!("transition `{name}` has a hazard, not a probability"))
                .also(stated_here, "its hazard")
                .why("a relative risk multiplies a probability over a period; multiplying a hazard by it would misstate the effect, especially for large risks")
                .help(format!("if the source reports a hazard ratio, write it as `hazard_ratio` instead of `relative_risk`{kept}")),
        );
    } else if table.get(keys::effect::RELATIVE_RISK).is_none()
        && matches!(transition.hazard, Hazard::Probability(_))
    {
        let rate = match &transition.hazard {
            Hazard::Probability(Expr::Number(p)) if p.to_string().len() <= 8 => {
                format!("replace its probability with rate = \"rate({p}, cycle_length)\"")
            }
            _ => "instead of a probability p, write rate = \"rate(p, cycle_length)\"".to_string(),
        };
        out.push(
            Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
                .at(place.span, format!("transition `{name}` has a probability, not a hazard"))
                .also(stated_here, "its probability")
                .why("a hazard ratio multiplies a hazard: halving the hazard reduces a risk of 80% to 55%, not to 40%")
                .help(format!(
                    "give `{name}` a rate that the effect can multiply: {rate}; \
                     or, if the ratio is a relative risk per cycle, write `relative_risk` instead of `hazard_ratio` in the effect"
                )),
        );
    }
}

/// Reports a time ratio on a transition whose time to event does not run on a clock that starts at 0.
fn check_time_ratio(transition: &Transition, place: &TomlNode, hazard: Span, out: &mut Diagnostics) {
    let name = &transition.name;
    let (label, help) = match &transition.hazard {
        Hazard::Distribution { clock: Clock::Time | Clock::TimeIn(_), .. } => return,
        // A hazard that could not be read has been reported.
        Hazard::Rate(Expr::Number(rate)) if rate.is_nan() => return,
        Hazard::Distribution { .. } => (
            "its clock is the age of the patient",
            "a time ratio would stretch the time since birth; write clock = \"time\" or clock = \"time_in(...)\" with a state or group, or use `hazard_ratio`",
        ),
        _ => (
            "its hazard is not a time distribution",
            "give the transition a distribution, such as weibull = { shape = \"...\", scale = \"...\" }, or the table of its hazards by time, hazards = \"...\"; or use `hazard_ratio`",
        ),
    };
    out.push(
        Diagnostic::error(
            "E0318",
            format!("a time ratio is applied to transition `{name}`, which has no time to stretch"),
        )
        .at(place.span, label)
        .also(hazard, "its hazard")
        .why("a time ratio multiplies the time until the event; only a time distribution has such a time")
        .help(help),
    );
}

/// A change in the strength of an effect over fewer cycles than this is reported, because the cycles turn it into one or two steps.
const FEWEST_CYCLES: f64 = 2.0;

/// Warns about an effect that builds up or wears off within one or two cycles, because its strength is evaluated only once in each
/// cycle.
fn check_steps(table: &TomlTable, effect: &Effect, grid: &TimeGrid, out: &mut Diagnostics) {
    let quick = |cycles: f64| cycles > 0.0 && cycles < FEWEST_CYCLES;
    if let Some(place) = table.get(keys::effect::ONSET).filter(|_| quick(effect.onset)) {
        out.push(
            step("an effect builds up", effect.onset, grid)
                .at(place.span, building_up(effect.onset, grid))
                .help("if the effect is full from the start, remove `onset`; otherwise shorten `cycle` under [time], so that the effect builds up over at least 2 cycles"),
        );
    }
    let (Some(full), Some(gone)) = (effect.full_until, effect.gone_after) else {
        return;
    };
    if let Some(place) = table.get(keys::effect::GONE_AFTER).filter(|_| quick(gone - full)) {
        out.push(
            step("an effect wears off", gone - full, grid)
                .at(place.span, fading(effect, full, gone, grid))
                .help("if the effect ends at once, remove `gone_after`, so that it ends at `full_until`; otherwise shorten `cycle` under [time], so that the effect wears off over at least 2 cycles"),
        );
    }
}

fn step(what: &str, cycles: f64, grid: &TimeGrid) -> Diagnostic {
    let of_a_cycle = (cycles * 100.0).round() / 100.0;
    let cycles = if of_a_cycle == 1.0 { "cycle" } else { "cycles" };
    let when = if grid.continuous() { "in the middle" } else { "at the start" };
    Diagnostic::warning(
        "W0508",
        format!("{what} over {of_a_cycle} {cycles}, which is too fast for this cycle length"),
    )
    .why(format!(
        "the strength {when} of a cycle is used for the whole cycle, so changes within a cycle are lost"
    ))
}

/// Describes an effect that builds up within a few cycles: its strength in each cycle until it is full.
fn building_up(onset: f64, grid: &TimeGrid) -> String {
    let strengths =
        (0..).map(|cycle| (f64::from(cycle) + grid.part()) / onset).take_while(|strength| *strength < 1.0);
    let words: Vec<String> = strengths
        .enumerate()
        .map(|(cycle, strength)| match strength > 0.0 {
            true => format!("{} of the effect in cycle {}", percent(strength), cycle + 1),
            false => format!("no effect in cycle {}", cycle + 1),
        })
        .collect();
    let full = words.len() + 1;
    words.into_iter().chain([format!("the full effect from cycle {full} on")]).collect::<Vec<_>>().join(", ")
}

/// Describes an effect that wears off within a few cycles: its strength in each cycle in which it is evaluated while it wears off.
fn fading(effect: &Effect, full: f64, gone: f64, grid: &TimeGrid) -> String {
    let first_at = |time: f64| (time - grid.part()).ceil().max(0.0) as usize;
    let partly: Vec<String> = (first_at(full)..first_at(gone))
        .map(|cycle| (cycle, effect.strength(cycle as f64 + grid.part())))
        .filter(|(_, strength)| *strength > 0.0 && *strength < 1.0)
        .map(|(cycle, strength)| format!("{1} of the effect in cycle {0}", cycle + 1, percent(strength)))
        .collect();
    let after = first_at(gone) + 1;
    match (partly.is_empty(), after) {
        (true, 1) => "no effect in any cycle".to_string(),
        (true, _) => format!(
            "the model applies the full effect up to cycle {}, and none from cycle {after} on",
            after - 1
        ),
        (false, _) => format!("{}, none from cycle {after} on", partly.join(", ")),
    }
}

/// Reports a time ratio or an odds ratio of `never` that would change over time.
fn check_window(table: &TomlTable, on: EffectOn, out: &mut Diagnostics) {
    let ratio = match on {
        EffectOn::Hazard | EffectOn::Probability => return,
        EffectOn::Time => keys::effect::TIME_RATIO,
        EffectOn::NeverOdds => keys::effect::NEVER_ODDS_RATIO,
    };
    let windows = [keys::effect::ONSET, keys::effect::FULL_UNTIL, keys::effect::GONE_AFTER];
    let Some((window, node)) = windows.iter().find_map(|key| Some((key.name, table.get(*key)?))) else {
        return;
    };
    out.push(
        Diagnostic::error("E0427", format!("an effect has both `{}` and `{window}`", ratio.name))
            .at(
                node.key_span,
                match on {
                    EffectOn::Time => "a stretched time cannot begin or end part of the way",
                    _ => "for whom the event never happens is settled at the start",
                },
            )
            .why("the two would give different results in either order, so the meaning would be undefined")
            .help(format!(
                "remove `{window}`; or, if the effect changes over time, write it as `hazard_ratio`"
            )),
    );
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
    let [onset_text, full_text, gone_text] =
        [keys::effect::ONSET, keys::effect::FULL_UNTIL, keys::effect::GONE_AFTER]
            .map(|key| table.text(key).map_or(String::new(), |time| format!(" ({time})")));
    if full_until.is_some_and(|full| full < onset) {
        let title = format!("`full_until`{full_text} is earlier than `onset`{onset_text}");
        out.push(
            Diagnostic::error("E0424", title)
                .at(place.span, "the effect would end before it is complete")
                .help("write a time for `full_until` that is later than `onset`"),
        );
    }
    if matches!((full_until, gone_after), (Some(full), Some(gone)) if gone < full) {
        let title = format!("`gone_after`{gone_text} is earlier than `full_until`{full_text}");
        out.push(
            Diagnostic::error("E0424", title)
                .at(place.span, "later than `gone_after`")
                .why("an effect cannot be at full strength after it has gone")
                .help("correct the two times, so that `gone_after` is later than `full_until`; or, if the effect ends abruptly at `full_until`, remove `gone_after`"),
        );
    }
}
