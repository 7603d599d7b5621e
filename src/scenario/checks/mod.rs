//! Checks of the whole model, for errors that involve several sections of a scenario.

pub mod eligible;
pub mod growing_hazards;
pub mod left_out;
pub mod life_expectancy;
pub mod meanings;
pub mod rewards;
mod rows;
pub mod same_state;
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
    AttributeDistribution, AttributeFamily, Branch, Endpoint, Expr, Hazard, Model, Share, ShareProblemKind,
    Transition, clocks, share_problem, situation,
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
        shares(model, spans, out);
        life_table_ages(model, spans, out);
        life_expectancy::life_expectancy(model, spans, out);
        shared_costs(model, spans, out);
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

/// Checks that shares add up to 1 and that attributes have valid distributions, at base values.
fn shares(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    // Strategies, states and number of cycles for shares at the start, which depend on neither strategy nor clock.
    let at_start = || (0..1, &[0][..], 1);
    for (attribute, &place) in model.attributes.iter().zip(&spans.attributes) {
        let Some(distribution) = attribute.distribution() else {
            let what = format!("the categories of attribute `{}`", attribute.name);
            check_sum(&what, attribute.shares().iter(), place, model, at_start(), out);
            continue;
        };
        let base = model.base_values();
        for case in cases(model, &base, &attribute.by()) {
            let before = out.counts().0;
            let value = |expr: &Expr| expr.value(&situation(model, &base, &case.values, 0));
            positive_spread(&attribute.name, &distribution.family, place, &value, out);
            if out.counts().0 == before {
                let share = distribution.evaluate(model, &base, &case.values).share_within();
                somebody_within(&attribute.name, distribution, share, place, &value, out);
            }
            // One message for an attribute: a mistake is often the same in all cases.
            if out.counts().0 > before {
                break;
            }
        }
    }
    let place = spans.start.unwrap_or(Span { file: 0, start: 0, end: 0 });
    check_sum(
        "the states in [population.start]",
        model.start.iter().map(|(_, share)| share),
        place,
        model,
        at_start(),
        out,
    );
    for (transition, &place) in model.transitions.iter().zip(&spans.targets) {
        let what = format!("the branches of transition `{}`", transition.name);
        let branches = transition.branches.iter().map(|branch| &branch.share);
        let there = (0..model.strategies.len().max(1), &transition.from[..], model.time.cycles);
        if let Some(never) = &transition.never {
            let what = format!("the share `never` of transition `{}`", transition.name);
            check_sum(&what, never.shares().iter(), place, model, (0..1, &transition.from[..], 1), out);
        }
        check_sum(&what, branches, place, model, there, out);
    }
    let starts: Vec<usize> = model.start.iter().map(|(state, _)| *state).collect();
    for (i, (strategy, &place)) in model.strategies.iter().zip(&spans.strategies).enumerate() {
        if strategy.at_start.is_empty() {
            continue;
        }
        let what = format!("the branches at the start of strategy `{}`", strategy.name);
        let branches = strategy.at_start.iter().map(|branch| &branch.share);
        check_sum(&what, branches, place, model, (i..i + 1, &starts, 1), out);
    }
}

/// Reports costs whose shares do not add up to the whole, in any strategy.
fn shared_costs(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let base = model.base_values();
    for ((name, shares), &place) in model.shared_costs.iter().zip(&spans.shared_costs) {
        let rests = shares.iter().filter(|share| matches!(share, Share::Rest)).count();
        let strategies = 0..model.strategies.len().max(1);
        let amiss = match rests {
            0 | 1 => strategies.into_iter().find_map(|s| {
                let problem = share_problem(model, &base, s, &[0], 1, shares.iter())?;
                Some(match rests {
                    0 => format!("{} = {}", sum(&problem.values), shown(problem.values.iter().sum())),
                    _ => format!("{} without \"rest\"", sum(&problem.values)),
                })
            }),
            _ => Some("more than one \"rest\"".to_string()),
        };
        if let Some(label) = amiss {
            out.push(
                Diagnostic::error("E0410", format!("the shares in `paid_by` of reward `{name}` do not add up to 1"))
                    .at(place, label)
                    .why("the perspectives would not add up to the whole cost")
                    .help("correct the shares, or write \"rest\" for one perspective, so that it pays 1 minus all other shares"),
            );
        }
    }
}

/// Checks one set of shares for all patients in the given strategies, states and cycles; returns whether an error was reported.
fn check_sum<'s>(
    what: &str,
    shares: impl Iterator<Item = &'s Share> + Clone,
    place: Span,
    model: &Model,
    (strategies, states, cycles): (std::ops::Range<usize>, &[usize], usize),
    out: &mut Diagnostics,
) -> bool {
    let rests = shares.clone().filter(|share| matches!(share, Share::Rest)).count();
    if rests > 1 {
        out.push(
            Diagnostic::error("E0410", format!("{what} have more than one \"rest\""))
                .at(place, format!("{rests} of these shares are \"rest\""))
                .why("\"rest\" is 1 minus all other shares, so the split between two of them would be undefined")
                .help("keep one \"rest\", and write a number or a formula for each of the others, such as \"0.5\""),
        );
        return true;
    }
    let base = model.base_values();
    let mut found = strategies.map(|s| share_problem(model, &base, s, states, cycles, shares.clone()));
    let Some(problem) = found.find_map(|problem| problem) else {
        return false;
    };
    let values = sum(&problem.values);
    let diagnostic = match problem.kind {
        ShareProblemKind::Outside(value) => {
            Diagnostic::error("E0313", format!("one of the shares of {what} is {}", shown(value)))
                .at(place, "shares must be between 0 and 1")
                .why(match value > 1.0 {
                    true => "a share above 1 would mean more than 100% of patients",
                    false => "a share below 0 would mean a negative number of patients",
                })
                .note(match (problem.values.len(), rests) {
                    (1, 0) => "there is no other share".to_string(),
                    (1, _) => "the only other share is \"rest\", which is 1 minus this share".to_string(),
                    (_, 0) => format!("the shares are {values}"),
                    _ => format!("the shares other than \"rest\" are {values}"),
                })
                .help(match problem.cycle {
                    Some(_) => "correct its formula or a parameter in it, so that the share is between 0 and 1 in every cycle",
                    None => "correct this number, or the formula or parameter that gives it, so that it is between 0 and 1",
                })
        }
        ShareProblemKind::AboveOne(total) => {
            Diagnostic::error("E0410", format!("the shares of {what} add up to more than 1, so \"rest\" would be negative"))
                .at(place, format!("{values} = {}", shown(total)))
                .why("more than 100% of patients would be assigned; shares are not rescaled, because that would change all of them")
                .help("reduce one of the shares, so that they add up to at most 1")
        }
        ShareProblemKind::NotOne(total) => Diagnostic::error("E0410", format!("the shares of {what} do not add up to 1"))
            .at(place, format!("{values} = {}", shown(total)))
            .why(match total < 1.0 {
                true => "some patients would be missing from the results; shares are not rescaled, because that would change all of them",
                false => "some patients would be counted more than once; shares are not rescaled, because that would change all of them",
            })
            .help("correct the shares, or write \"rest\" for one of them, so that it is 1 minus all others"),
    };
    let mut found_in = problem.patient;
    let time = |cycle: usize| shown(model.time.years(cycle - 1));
    found_in.extend(problem.cycle.map(|cycle| format!("cycle {cycle} (time = {})", time(cycle))));
    out.push(match problem.cycle {
        Some(_) => diagnostic.note(format!("first found in {}", found_in.join(", "))),
        None => diagnostic,
    });
    true
}

fn positive_spread(
    name: &str,
    family: &AttributeFamily,
    place: Span,
    value: &dyn Fn(&Expr) -> f64,
    out: &mut Diagnostics,
) {
    let problem = match family {
        AttributeFamily::Normal { sd, .. } if value(sd).is_nan() || value(sd) <= 0.0 => {
            "its standard deviation must be above 0"
        }
        AttributeFamily::LogNormal { sdlog, .. } if value(sdlog).is_nan() || value(sdlog) <= 0.0 => {
            "its `sdlog` must be above 0"
        }
        AttributeFamily::Uniform { low, high } if value(low).is_nan() || value(low) >= value(high) => {
            "`low` must be below `high`"
        }
        AttributeFamily::Gamma { .. } if !family.is_sound(value) => {
            "its mean and its standard deviation must be above 0"
        }
        AttributeFamily::Beta { .. } if !family.is_sound(value) => {
            "its mean must be between 0 and 1, and its standard deviation below the square root of mean (1 - mean)"
        }
        _ => return,
    };
    out.push(
        Diagnostic::error("E0313", format!("the distribution of attribute `{name}` is impossible"))
            .at(place, problem)
            .help(
                "correct the parameter; if all patients have the same value, write fixed = { value = ... }",
            ),
    );
}

/// Smallest share of a distribution within its limits that is accepted; a smaller share is never intended.
const FEWEST_WITHIN: f64 = 1e-6;

/// Reports limits (`within`) that exclude all or nearly all of the distribution of an attribute, at base values.
fn somebody_within(
    name: &str,
    distribution: &AttributeDistribution,
    share: f64,
    place: Span,
    value: &dyn Fn(&Expr) -> f64,
    out: &mut Diagnostics,
) {
    let Some((low, high)) = distribution.within else {
        return;
    };
    if share >= FEWEST_WITHIN {
        return;
    }
    let (family, numbers, keys) = family_in_words(&distribution.family, value);
    if let AttributeFamily::Fixed { .. } = distribution.family {
        out.push(
            Diagnostic::error(
                "E0433",
                format!("no patient can have a value within the limits of attribute `{name}`"),
            )
            .at(place, format!("the {numbers} is not between {low} and {high}"))
            .why("all patients have the same value of this attribute, and it is outside the limits")
            .help(format!("correct {keys}, or the limits in `within`")),
        );
        return;
    }
    let (who, empty, found) = if share > 0.0 {
        (
            "hardly any",
            "nearly empty",
            format!("less than one millionth of this distribution lies between {low} and {high}"),
        )
    } else {
        ("no", "empty", format!("no part of this distribution lies between {low} and {high}"))
    };
    out.push(
        Diagnostic::error(
            "E0433",
            format!("{who} patient can have a value within the limits of attribute `{name}`"),
        )
        .at(place, found)
        .note(format!("with the current values, the distribution is {family}, with {numbers}"))
        .why(format!(
            "patients are drawn from the part of the distribution within the limits, and this part is {empty}"
        ))
        .help(match &distribution.family {
            AttributeFamily::LogNormal { meanlog, .. }
                if value(meanlog) > 0.0 && (low..=high).contains(&value(meanlog)) =>
            {
                let median = shown(value(meanlog));
                format!(
                    "`meanlog` is the mean of the logarithm: if {median} is the median of `{name}` itself, write \
                     meanlog = \"ln({median})\"; otherwise correct {keys}, or the limits in `within`"
                )
            }
            _ => format!(
                "correct {keys}, or the limits in `within`, so that most of the distribution is within the limits"
            ),
        }),
    );
}

/// A distribution in words: its family, its parameter values and their keys.
fn family_in_words(
    family: &AttributeFamily,
    value_of: &dyn Fn(&Expr) -> f64,
) -> (&'static str, String, &'static str) {
    let pair = |names: [&str; 2], values: [&Expr; 2]| {
        let [a, b] = values.map(|expr| shown(value_of(expr)));
        format!("{} {a} and {} {b}", names[0], names[1])
    };
    match family {
        AttributeFamily::Normal { mean, sd } => {
            ("normal", pair(["mean", "sd"], [mean, sd]), "`mean` and `sd`")
        }
        AttributeFamily::Gamma { mean, sd } => ("gamma", pair(["mean", "sd"], [mean, sd]), "`mean` and `sd`"),
        AttributeFamily::Beta { mean, sd } => ("beta", pair(["mean", "sd"], [mean, sd]), "`mean` and `sd`"),
        AttributeFamily::LogNormal { meanlog, sdlog } => {
            ("lognormal", pair(["meanlog", "sdlog"], [meanlog, sdlog]), "`meanlog` (a logarithm) and `sdlog`")
        }
        AttributeFamily::Uniform { low, high } => {
            ("uniform", pair(["low", "high"], [low, high]), "`low` and `high`")
        }
        AttributeFamily::Fixed { value } => ("fixed", format!("value {}", shown(value_of(value))), "`value`"),
    }
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

/// Text of a sum, such as `0.4 + 0.7`.
fn sum(values: &[f64]) -> String {
    values.iter().map(|&value| shown(value)).collect::<Vec<_>>().join(" + ")
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
