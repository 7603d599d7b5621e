//! Checks of all transitions out of a state together: rates mixed with probabilities, uses of "rest", and sums above 1.

use super::{TOLERANCE, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spans::Spans;
use arcosim_core::model::rows::RowProblemKind;
use arcosim_core::model::{Expr, Hazard, Model, RowProblem, check_rows, parameters_of};
use arcosim_core::words::all_of;

/// Reports states with both rates and stated probabilities among the transitions that are resolved together.
pub fn mixed(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let stated = |i: usize| model.transitions[i].stated;
    let mut reported: Vec<(usize, usize)> = Vec::new();
    for (state, first) in (0..model.states.len()).flat_map(|state| [(state, true), (state, false)]) {
        let (probabilities, rates): (Vec<usize>, Vec<usize>) =
            exits(model, state, first).into_iter().partition(|&i| stated(i));
        let (Some(&p), Some(&r)) = (probabilities.first(), rates.first()) else {
            continue;
        };
        if reported.contains(&(p, r)) {
            continue;
        }
        reported.push((p, r));
        let name = &model.states[state].name;
        let (with_p, with_r) = (&model.transitions[p].name, &model.transitions[r].name);
        out.push(
            Diagnostic::error(
                "E0414",
                format!("state `{name}` has both rates and probabilities"),
            )
            .at(spans.hazards[p], match model.transitions[p].hazard {
                Hazard::Complement => format!("`{with_p}` has \"rest\""),
                Hazard::Probability(_) => format!("`{with_p}` has a probability"),
                _ => format!("the probability of `{with_p}` is used as stated"),
            })
            .also(spans.hazards[r], format!("`{with_r}` has a rate"))
            .why("it is unclear whether the probability already allows for the competing rate, so the number of events would be ambiguous")
            .help(match &model.transitions[p].hazard {
                Hazard::Probability(written) => format!(
                    "if the probability of `{with_p}` does not yet allow for `{with_r}`, write it as a rate: {}; if it \
                     does, add stated = true to `{with_r}`, so that both act as probabilities per cycle",
                    match written {
                        Expr::Number(p) => format!("rate = \"rate({p}, cycle_length)\""),
                        _ => "rate = \"rate(p, cycle_length)\" with its formula in place of p".to_string(),
                    }
                ),
                _ => format!(
                    "add stated = true to `{with_r}`: its rate then becomes a probability per cycle, as if it were the \
                     only way out of `{name}`"
                ),
            }),
        );
    }
}

/// The transitions out of a state that are resolved together: those that are resolved first, or all others.
fn exits(model: &Model, state: usize, first: bool) -> Vec<usize> {
    let here = |&i: &usize| {
        let transition = &model.transitions[i];
        transition.first == first && transition.from.contains(&state)
    };
    (0..model.transitions.len()).filter(here).collect()
}

/// Reports invalid uses of "rest" out of a state: two of them, one for which no patients are left, or one that is resolved before
/// other transitions.
pub fn complements(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let takes_rest = |i: &&usize| matches!(model.transitions[**i].hazard, Hazard::Complement);
    let mut reported: Vec<(usize, usize)> = Vec::new();
    for state in 0..model.states.len() {
        let name = &model.states[state].name;
        let [first, rest] = [true, false].map(|first| exits(model, state, first));
        for part in [&first, &rest] {
            let all: Vec<usize> = part.iter().filter(takes_rest).copied().collect();
            let [one, other, ..] = all[..] else { continue };
            if reported.contains(&(one, other)) {
                continue;
            }
            reported.push((one, other));
            out.push(
                Diagnostic::error("E0434", format!("two transitions out of state `{name}` have \"rest\""))
                    .at(spans.hazards[other], format!("`{}` also has \"rest\"", model.transitions[other].name))
                    .also(spans.hazards[one], format!("`{}` has \"rest\"", model.transitions[one].name))
                    .why("\"rest\" is 1 minus all other probabilities out of the state, so two of them would leave the split between them undefined")
                    .help("keep \"rest\" for one of them, and write a probability for the other, for example probability = 0.2"),
            );
        }
        for part in [&first, &rest] {
            let Some(&taker) = part.iter().find(takes_rest) else {
                continue;
            };
            let others = part.iter().filter(|i| !takes_rest(i));
            let certain: Option<f64> = others
                .map(|&i| match model.transitions[i].hazard {
                    Hazard::Probability(Expr::Number(p)) => Some(p),
                    _ => None,
                })
                .sum();
            if certain.is_none_or(|sum| (sum - 1.0).abs() > TOLERANCE) || reported.contains(&(taker, taker)) {
                continue;
            }
            reported.push((taker, taker));
            let taker_name = &model.transitions[taker].name;
            let others: Vec<String> = part
                .iter()
                .filter_map(|&i| match model.transitions[i].hazard {
                    Hazard::Probability(Expr::Number(p)) if p > 0.0 => {
                        Some(format!("{} for `{}`", shown(p), model.transitions[i].name))
                    }
                    _ => None,
                })
                .collect();
            let reduce = match others.len() {
                1 => "reduce the other probability",
                _ => "reduce one of the other probabilities",
            };
            out.push(
                Diagnostic::error(
                    "E0434",
                    format!("no patients are left for transition `{taker_name}` in state `{name}`"),
                )
                .at(spans.hazards[taker], "the other probabilities add up to 1")
                .why("the transition would never happen, so its events would be missing from the results")
                .help(format!("{reduce} ({}), or remove transition `{taker_name}`", others.join(", "))),
            );
        }
        let (Some(&taker), Some(&after)) = (first.iter().find(takes_rest), rest.first()) else {
            continue;
        };
        if reported.contains(&(taker, after)) {
            continue;
        }
        reported.push((taker, after));
        let (taker_name, after_name) = (&model.transitions[taker].name, &model.transitions[after].name);
        out.push(
            Diagnostic::error(
                "E0434",
                format!("transition `{taker_name}` leaves no patients in state `{name}` for transition `{after_name}`"),
            )
            .at(spans.hazards[taker], format!("`{taker_name}` is calculated first, and \"rest\" takes all remaining patients"))
            .also(spans.hazards[after], format!("`{after_name}` is calculated later"))
            .why(format!(
                "by default, transitions into absorbing states are calculated before all others; \"rest\" then takes all remaining patients, so `{after_name}` would never happen"
            ))
            .help("write first = \"none\" under [time], so that all transitions out of a state are calculated together"),
        );
    }
}

/// Reports errors that appear only in the calculated hazards and probabilities: sums of stated probabilities above 1, and negative
/// or infinite hazards. A faulty transition is reported once, and not for every state and strategy.
pub fn values(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let base = model.base_values();
    let mut reported: Vec<Vec<usize>> = Vec::new();
    for problem in check_rows(model, &base) {
        let mut shares = problem.shares.clone();
        // A transition with "rest" is not at fault, because its probability follows from the others.
        shares.retain(|(i, _)| !matches!(model.transitions[*i].hazard, Hazard::Complement));
        if problem.kind != RowProblemKind::AboveOne {
            let negative = problem.kind == RowProblemKind::Negative;
            shares.retain(|(_, value)| if negative { *value < 0.0 } else { !value.is_finite() });
        }
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut culprits: Vec<usize> = shares.iter().map(|(transition, _)| *transition).collect();
        culprits.sort_unstable();
        if shares.is_empty() || reported.contains(&culprits) {
            continue;
        }
        reported.push(culprits);
        out.push(row_problem(&problem, &shares, model, spans));
    }
}

/// The parameters in the formula of a hazard with their base values, in brackets; nothing if there are none, or if the
/// strategy replaces one.
fn parameters_with_values(transition: usize, strategy: usize, model: &Model) -> String {
    let (Hazard::Rate(formula) | Hazard::Probability(formula)) = &model.transitions[transition].hazard else {
        return String::new();
    };
    let read = parameters_of([formula]);
    let replaced = |p: &usize| model.strategies[strategy].substitutions.iter().any(|(other, _)| other == p);
    if read.is_empty() || read.iter().any(replaced) {
        return String::new();
    }
    let base = model.base_values();
    let values: Vec<String> =
        read.iter().map(|&p| format!("`{}` is {}", model.parameters[p].name, shown(base[p]))).collect();
    format!(" ({})", values.join(", "))
}

fn row_problem(problem: &RowProblem, shares: &[(usize, f64)], model: &Model, spans: &Spans) -> Diagnostic {
    let state = &model.states[problem.state].name;
    let strategy = &model.strategies[problem.strategy].name;
    let place = spans.hazards[shares[0].0];
    let first = &model.transitions[shares[0].0].name;
    let listed: Vec<String> = shares
        .iter()
        .map(|(transition, value)| format!("`{}`: {}", model.transitions[*transition].name, shown(*value)))
        .collect();
    let mut row = problem.shares.iter().map(|(i, _)| &model.transitions[*i]);
    let rest = row.find(|one| matches!(one.hazard, Hazard::Complement));
    let found = match problem.kind {
        RowProblemKind::AboveOne => {
            let total: f64 = shares.iter().map(|(_, value)| value).sum();
            Diagnostic::error(
                "E0415",
                format!("the probabilities out of state `{state}` add up to {}", shown(total)),
            )
            .at(place, listed.join(", "))
            .why("more than 100% of patients would leave; the probabilities are not rescaled, because that would change all of them")
            .help(match rest {
                Some(_) => {
                    let names: Vec<&str> =
                        shares.iter().map(|(i, _)| model.transitions[*i].name.as_str()).collect();
                    format!("reduce the values of {}, so that they add up to at most 1 in every cycle", all_of(&names))
                }
                None => {
                    let example = match &model.transitions[shares[0].0].hazard {
                        Hazard::Probability(Expr::Number(p)) => {
                            format!("such as rate = \"rate({p}, cycle_length)\" for `{first}`")
                        }
                        _ => "rate = \"rate(p, cycle_length)\" with its probability per cycle in place of p".to_string(),
                    };
                    format!(
                        "if each probability was estimated without the other events (competing risks), write every transition \
                         out of `{state}` as a rate, {example}; otherwise reduce the probabilities, so that they add up to at most 1"
                    )
                }
            })
        }
        RowProblemKind::Negative => {
            Diagnostic::error("E0313", format!("transition `{first}` has a negative hazard in state `{state}`"))
                .at(place, format!("{} per cycle", listed.join(", ")))
                .why("a negative hazard would mean a negative number of events; replacing it by 0 would hide the error")
                .help(format!(
                    "correct the signs in the formula or the values of its parameters{}, so that the hazard is 0 or above in every cycle",
                    parameters_with_values(shares[0].0, problem.strategy, model)
                ))
        }
        RowProblemKind::NotFinite => Diagnostic::error(
            "E0313",
            format!("the hazard of transition `{first}` in state `{state}` is not a finite number"),
        )
        .at(place, listed.join(", "))
        .why("without a finite hazard, the number of events cannot be calculated; usual causes are a division by zero and the logarithm of 0")
        .help("correct the formula or the values of its parameters"),
    };
    let found = match rest.filter(|_| problem.kind == RowProblemKind::AboveOne) {
        Some(rest) => {
            found.note(format!("the probability of `{}`, which has \"rest\", would be negative", rest.name))
        }
        None => found,
    };
    let patient = match problem.patient.is_empty() {
        true => String::new(),
        false => format!(", {}", problem.patient.join(", ")),
    };
    found.note(format!("first found in cycle {} under strategy `{strategy}`{patient}", problem.cycle))
}
