//! Checks of shares at base values: they add up to 1, of patients and of costs, and attributes have distributions within which
//! somebody is.

use super::shown;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use crate::spans::Spans;
use arcosim_core::model::dependence::cases;
use arcosim_core::model::{
    AttributeDistribution, AttributeFamily, Expr, Model, Share, ShareProblemKind, share_problem, situation,
};

/// Checks that shares add up to 1 and that attributes have valid distributions, at base values.
pub fn shares(model: &Model, spans: &Spans, out: &mut Diagnostics) {
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
pub fn shared_costs(model: &Model, spans: &Spans, out: &mut Diagnostics) {
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

/// Text of a sum, such as `0.4 + 0.7`.
fn sum(values: &[f64]) -> String {
    values.iter().map(|&value| shown(value)).collect::<Vec<_>>().join(" + ")
}
