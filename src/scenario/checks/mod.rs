//! Checks of the whole model, for errors that involve several sections of a scenario.

pub mod eligible;
pub mod growing_hazards;
pub mod left_out;
pub mod life_expectancy;
pub mod meanings;
pub mod rewards;
mod rows;
pub mod same_state;
mod shares;
pub mod subgroups;
pub mod unused;
pub mod within_cycle;

use crate::compile::states::twice;
use crate::compile::{Context, MOST_BYTES};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use crate::spans::Spans;
use arcosim_core::model::dependence::cases;
use arcosim_core::model::{
    AttributeFamily, Branch, Endpoint, Expr, Hazard, Model, Transition, clocks, situation,
};

/// Largest distance from 1 at which a sum of proportions is accepted; it allows for rounding errors.
const TOLERANCE: f64 = 1e-9;

/// Reports names with two meanings in expressions, and parameter names that are too long.
pub fn names(context: &Context, attributes: &[Span], groups: &[Span], out: &mut Diagnostics) {
    let names = &context.names;
    for row in names.rows.iter().filter(|row| row.name.len() > MOST_BYTES) {
        out.push(
            Diagnostic::error("E0423", "a name is too long")
                .at(row.name_span, "at most 120 bytes, because names of parameters become part of file names")
                .help("choose a shorter name, and use `note` for details"),
        );
    }
    for (attribute, &place) in names.attributes.iter().zip(attributes) {
        if let Some(group) = names.groups.iter().position(|group| group.name == attribute.name) {
            let other = if group < names.states.len() { "a state" } else { "a group" };
            out.push(twice("an attribute", &attribute.name, other, place, groups[group]));
        }
        if let Some(&row) = names.parameters.get(&attribute.name) {
            let other = names.rows[row].name_span;
            out.push(twice("an attribute", &attribute.name, "a parameter", place, other));
        }
    }
}

/// Checks of the model structure, which need no calculation. They are skipped after an unresolved name, because they would only
/// repeat that error.
pub fn structure(model: &Model, spans: &Spans, unresolved: bool, out: &mut Diagnostics) {
    if !unresolved {
        rewards::occasions(model, spans, out);
        reachable(model, spans, out);
        ways_out(model, spans, out);
        running_clocks(model, spans, out);
        rows::mixed(model, spans, out);
        rows::complements(model, spans, out);
        endpoints(model, spans, out);
    }
}

/// Checks of the model at its base values, which are skipped after any error.
pub fn values(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    if !out.has_errors() {
        shares::shares(model, spans, out);
        life_table_ages(model, spans, out);
        life_expectancy::life_expectancy(model, spans, out);
        shares::shared_costs(model, spans, out);
        rewards::discounts(model, spans, out);
        rewards::amounts(model, spans, out);
    }
    if !out.has_errors() {
        rows::values(model, spans, out);
    }
}

/// Reports states that no patient can reach, either at the start or by a transition.
fn reachable(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let mut reached = vec![false; model.states.len()];
    let starts = model.start.iter().map(|(state, _)| *state);
    let procedures = model.strategies.iter().flat_map(|s| &s.at_start).filter_map(|branch| branch.to);
    for state in starts.chain(procedures) {
        reached[state] = true;
    }
    loop {
        let before = reached.iter().filter(|&&r| r).count();
        for transition in &model.transitions {
            if transition.from.iter().any(|&state| reached[state]) {
                transition.branches.iter().filter_map(|branch| branch.to).for_each(|to| reached[to] = true);
            }
        }
        if reached.iter().filter(|&&r| r).count() == before {
            break;
        }
    }
    for (state, _) in reached.iter().enumerate().filter(|(_, reached)| !**reached) {
        let name = &model.states[state].name;
        let into = model.transitions.iter().find(|t| t.branches.iter().any(|b| b.to == Some(state)));
        let (note, help) = match into {
            None => (
                "no transition leads into it".to_string(),
                format!("add the missing transition with to = \"{name}\""),
            ),
            Some(t) => (
                format!("`{}` leads into it, but from states that no patient can reach", t.name),
                format!("correct `from` of `{}`", t.name),
            ),
        };
        out.push(
            Diagnostic::error("E0411", format!("no patient can ever reach state `{name}`"))
                .at(spans.states[state], "no patients start in this state")
                .note(note)
                .why("nothing that is defined for this state affects the results; most often a transition is missing or has the wrong target")
                .help(format!("{help}; if patients can start in `{name}`, write its share under [population.start]; if the model does not need this state, remove it")),
        );
    }
}

/// Reports states without a transition out of them, unless they are declared absorbing. (A transition out of an absorbing state is
/// reported elsewhere.)
fn ways_out(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (i, state) in model.states.iter().enumerate() {
        let leaves = |transition: &Transition| {
            transition.from.contains(&i) && transition.branches.iter().any(|branch| branch.to.is_some())
        };
        if state.absorbing || model.transitions.iter().any(leaves) {
            continue;
        }
        out.push(
            Diagnostic::error("E0412", format!("no transition leads out of state `{}`", state.name))
                .at(spans.states[i], "not declared absorbing")
                .why("patients who enter this state never die, which favours strategies that lead here")
                .help(format!("add the missing transition, most often to death, with from = \"{}\"; or, if patients never leave this state, add absorbing = true to it", state.name)),
        );
    }
}

/// Reports a state in which too many clocks of states and groups run at the same time.
fn running_clocks(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let Some((state, groups)) = clocks::too_many(model) else {
        return;
    };
    let names: Vec<String> = groups.iter().map(|&g| format!("`{}`", model.groups[g].name)).collect();
    let (name, most) = (&model.states[state].name, clocks::MOST_CLOCKS);
    out.push(
        Diagnostic::error("E0443", format!("state `{name}` needs the times since entry into {} states or groups", groups.len()))
            .at(spans.states[state], format!("at most {most} such times are possible in one state"))
            .note(format!(
                "formulas or endpoints use the time in each of these: {}",
                names.join(", ")
            ))
            .why("patients are divided by when they entered each of these states and groups, so each additional one multiplies the size of the model")
            .help(format!("use at most {most} of these times: if all patients are in one of these groups from the start, write `time` instead of its `time_in(...)` in formulas; if patients enter two of the groups at the same time, use the time in only one of them")),
    );
}

fn endpoints(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (endpoint, &place) in model.endpoints.iter().zip(&spans.endpoints) {
        let name = &endpoint.name;
        let names_event = !endpoint.enters.is_empty() || !endpoint.fires.is_empty();
        if names_event && !can_happen(endpoint, model) {
            let keys = [
                ("enters", !endpoint.enters.is_empty()),
                ("fires", !endpoint.fires.is_empty()),
                ("since", endpoint.since.is_some()),
            ];
            let given: Vec<&str> = keys.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect();
            let entered = endpoint.enters.iter().map(|&state| model.states[state].name.as_str());
            let help = match given[..] {
                ["enters"] => format!(
                    "if a transition into {} is missing, add it; otherwise write in `enters` a state that patients enter",
                    arcosim_core::words::listed(entered)
                ),
                _ => {
                    format!("add the missing transition, or correct {}", arcosim_core::words::either(&given))
                }
            };
            out.push(
                Diagnostic::error("E0416", format!("endpoint `{name}` can never happen"))
                    .at(place, no_cause(endpoint, model))
                    .why("its survival curve would stay at 100%")
                    .help(help),
            );
        }
        let Some(since) = endpoint.since else { continue };
        if let Some((transition, state)) = entered_again(since, endpoint, model) {
            let inside = &model.groups[since].states;
            let entered_next = model.transitions.iter().any(|one| {
                one.from.iter().any(|s| inside.contains(s))
                    && one.branches.iter().any(|b| b.to == Some(state))
            });
            let members = inside.iter().chain([&state]).map(|&s| format!("\"{}\"", model.states[s].name));
            let members = members.collect::<Vec<_>>().join(", ");
            let (group, state) = (&model.groups[since].name, &model.states[state].name);
            let next = match entered_next {
                true => format!("\"{state}\""),
                false => "the state that they then enter".to_string(),
            };
            out.push(
                Diagnostic::error("E0416", format!("the time at risk of endpoint `{name}` can start more than once"))
                    .at(place, format!("time counts from entry into `{group}`, which can be entered again"))
                    .also(spans.transitions[transition], format!("leads back into `{group}`"))
                    .why("a patient who returns would be at risk twice, but a survival curve counts each patient once")
                    .help(format!(
                        "if patients in `{state}` are still at risk, write since = \"at_risk\", and under [groups] at_risk = [{members}]; if the time at risk ends when patients leave `{group}`, add {next} to `competing`"
                    )),
            );
        }
    }
}

/// What is missing for the event of an endpoint that cannot happen.
fn no_cause(endpoint: &Endpoint, model: &Model) -> String {
    let entered =
        arcosim_core::words::listed(endpoint.enters.iter().map(|&state| model.states[state].name.as_str()));
    match (endpoint.fires.is_empty(), endpoint.since) {
        (true, None) => format!("no transition enters {entered}"),
        (true, Some(since)) => format!("no transition from `{}` enters {entered}", model.groups[since].name),
        (false, _) => "no transition causes its event".into(),
    }
}

/// Whether a transition, or a branch at the start of a strategy, can be the event of an endpoint.
fn can_happen(endpoint: &Endpoint, model: &Model) -> bool {
    let inside = |state: &usize| endpoint.since.is_none_or(|g| model.groups[g].states.contains(state));
    let by_move = model.transitions.iter().enumerate().any(|(i, transition)| {
        let target = |branch: &Branch| branch.to.is_some_and(|to| endpoint.enters.contains(&to));
        transition.from.iter().any(inside)
            && (endpoint.fires.contains(&i) || transition.branches.iter().any(target))
    });
    let at_start = endpoint.since.is_none()
        && model
            .strategies
            .iter()
            .flat_map(|s| &s.at_start)
            .filter_map(|b| b.to)
            .any(|to| endpoint.enters.contains(&to));
    by_move || at_start
}

/// A transition by which a patient can enter a group for a second time while still at risk of the endpoint, and the state
/// outside the group from which it leads back.
fn entered_again(group: usize, endpoint: &Endpoint, model: &Model) -> Option<(usize, usize)> {
    let inside = &model.groups[group].states;
    let ended = |state: usize| endpoint.enters.contains(&state) || endpoint.competing.contains(&state);
    // States outside the group in which a patient can be after leaving the group without the event.
    let mut outside = vec![false; model.states.len()];
    loop {
        let before = outside.iter().filter(|&&o| o).count();
        for (i, transition) in model.transitions.iter().enumerate() {
            let from_inside =
                transition.from.iter().any(|s| inside.contains(s)) && !endpoint.fires.contains(&i);
            let from_outside = transition.from.iter().any(|&s| outside[s]);
            for to in transition.branches.iter().filter_map(|branch| branch.to) {
                let leaves = from_inside && !ended(to);
                if (leaves || from_outside) && !inside.contains(&to) {
                    outside[to] = true;
                }
            }
        }
        if outside.iter().filter(|&&o| o).count() == before {
            break;
        }
    }
    model.transitions.iter().enumerate().find_map(|(i, transition)| {
        let state = transition.from.iter().copied().find(|&s| outside[s])?;
        let returns = transition.branches.iter().filter_map(|b| b.to).any(|to| inside.contains(&to));
        returns.then_some((i, state))
    })
}

/// Reports ages of patients that a life table does not cover.
fn life_table_ages(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let parameters = model.base_values();
    let horizon = model.time.years(model.time.cycles);
    let mut seen = Vec::new();
    for transition in &model.transitions {
        let Hazard::LifeTable { table, age, .. } = transition.hazard else {
            continue;
        };
        if seen.contains(&(table, age)) {
            continue;
        }
        seen.push((table, age));
        let table = &model.life_tables[table];
        let (Some(&lowest), Some(&highest)) = (table.ages.first(), table.ages.last()) else {
            continue;
        };
        if let Some((youngest, oldest)) = model.attributes[age].range_of_rows() {
            let place = spans.attributes[age];
            if youngest < lowest || oldest > highest {
                out.push(
                    Diagnostic::error(
                        "E0431",
                        format!(
                            "life table `{}` does not cover the ages of the table of patients",
                            table.name
                        ),
                    )
                    .at(
                        place,
                        format!(
                            "ages from {youngest} to {oldest}, but the life table has {lowest} to {highest}"
                        ),
                    )
                    .why("the survival of the other patients cannot be calculated")
                    .help("add rows to the life table, or leave these patients out of the table of patients"),
                );
            }
            continue;
        }
        let Some(distribution) = model.attributes[age].distribution() else {
            continue;
        };
        let found = cases(model, &parameters, &model.attributes[age].by());
        let ends = |expr: &Expr| {
            let values = found.iter().map(|case| expr.value(&situation(model, &parameters, &case.values, 0)));
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
        };
        let (youngest, oldest) = match (&distribution.family, distribution.within) {
            (AttributeFamily::Fixed { value }, _) => ends(value),
            (_, Some(limits)) => limits,
            (AttributeFamily::Uniform { low, high }, None) => (ends(low).0, ends(high).1),
            (AttributeFamily::LogNormal { .. } | AttributeFamily::Gamma { .. }, None) => (0.0, f64::INFINITY),
            (AttributeFamily::Beta { .. }, None) => (0.0, 1.0),
            (AttributeFamily::Normal { .. }, None) => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let place = spans.attributes[age];
        if youngest < lowest {
            let from =
                if youngest.is_finite() { format!("ages from {youngest}") } else { "all ages".to_string() };
            out.push(
                Diagnostic::error(
                    "E0431",
                    format!("patients can be younger than the first age of life table `{}`", table.name),
                )
                .at(place, format!("{from} are possible here, but the table starts at age {lowest}"))
                .why("the table has no mortality below its first age, so the survival of these patients cannot be calculated")
                .help(match distribution.family {
                    AttributeFamily::Fixed { .. } => {
                        format!("add rows from age {} on to the table; or, if no patient is so young, write an age of at least {lowest} here", youngest.floor())
                    }
                    _ => format!("truncate the age with within = [{lowest}, ...], or add rows for younger ages to the table"),
                }),
            );
        }
        // A table that ends at age 100 or later is accepted, because so few patients are alive then that the last rate hardly matters.
        if highest < 100.0 && oldest + horizon > highest + 1.0 {
            let reach = match oldest.is_finite() {
                true => format!("patients become up to {} years old", shown(oldest + horizon)),
                false => "the age of the patients has no upper limit".to_string(),
            };
            let to = (oldest + horizon).min(100.0).ceil();
            out.push(
                Diagnostic::warning(
                    "W0503",
                    format!("patients become older than the last age of life table `{}`", table.name),
                )
                .at(
                    place,
                    format!("{reach}, but the table ends at age {highest}, and its last rate is used beyond that"),
                )
                .why("mortality rises with age, so at higher ages the last rate would be too low and life-years would be overestimated")
                .help(format!("add rows up to age {to} to the table; or, if the horizon is longer than needed, shorten it")),
            );
        }
    }
}

fn shown(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        return "not a number".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "infinite" } else { "minus infinity" }.to_string();
    }
    if value != 0.0 && !(1e-9..1e15).contains(&size) {
        return format!("{value:e}");
    }
    arcosim_core::words::rounded(value, 10)
}
