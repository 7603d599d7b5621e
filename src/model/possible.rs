//! Whether a model can be run at other values of its parameters than those that were checked when it was read.

use super::discounting::HIGHEST_RATE;
use super::hazard::Reads;
use super::rows::RowProblemKind;
use super::walk::patients;
use super::{AttributeFamily, AttributeKind, Expr, Hazard, Model, RowProblem, Share, check_rows, situation};

/// Shares may miss 1 by this much: what is left of printed decimals.
const TOLERANCE: f64 = 1e-9;

/// Why the model cannot be run at these values, in words for people: shares outside 0 to 1, shares that leave less than
/// nothing to the rest or do not add to 1, spreads that are not above 0, and rows of probabilities above 1. `None` if
/// it can. Shares that read a clock are looked at as they are at the start.
pub fn impossible(model: &Model, values: &[f64]) -> Option<String> {
    no_discount(model, values)
        .or_else(|| population(model, values))
        .or_else(|| moves(model, values))
        .or_else(|| {
            check_rows(model, values)
                .first()
                .map(|problem| row(model, problem))
        })
}

/// Rates of discount that a scenario may not have either.
pub fn no_discount(model: &Model, values: &[f64]) -> Option<String> {
    let s = situation(model, values, &[], 0);
    model.outcomes.iter().find_map(|outcome| {
        let mut rates = outcome.discount.iter().flat_map(|discount| &discount.rates);
        let rate = rates.find_map(|(_, rate)| {
            let rate = rate.value(&s);
            (!(0.0..HIGHEST_RATE).contains(&rate)).then_some(rate)
        })?;
        Some(format!(
            "the discount rate of `{}` is {}, and must be from 0 to below {HIGHEST_RATE}",
            outcome.name,
            rounded(rate)
        ))
    })
}

fn population(model: &Model, values: &[f64]) -> Option<String> {
    let own = own_values(model, values, 0);
    for attribute in &model.attributes {
        let problem = match &attribute.kind {
            AttributeKind::Categorical { shares, .. } => {
                let shares: Vec<&Share> = shares.iter().collect();
                let what = format!("the shares of `{}`", attribute.name);
                add_up(model, &what, &shares, &own, 0)
            }
            AttributeKind::Continuous(distribution) => {
                let value = |e: &Expr| e.value(&situation(model, &own, &[], 0));
                let sound = match &distribution.family {
                    AttributeFamily::Normal { sd, .. } => value(sd) > 0.0,
                    AttributeFamily::LogNormal { sdlog, .. } => value(sdlog) > 0.0,
                    AttributeFamily::Uniform { low, high } => value(low) < value(high),
                    AttributeFamily::Fixed { value: fixed } => value(fixed).is_finite(),
                };
                let nobody = distribution.within.is_some() && sound && {
                    let share = distribution.evaluate(model, &own).share_within();
                    share.is_nan() || share < TOLERANCE
                };
                let name = &attribute.name;
                match (sound, nobody) {
                    (false, _) => Some(format!("attribute `{name}` has no distribution")),
                    (_, true) => Some(format!("nobody is within the limits of attribute `{name}`")),
                    _ => None,
                }
            }
        };
        if problem.is_some() {
            return problem;
        }
    }
    let start: Vec<&Share> = model.start.iter().map(|(_, share)| share).collect();
    add_up(model, "the shares at the start", &start, &own, 0)
}

/// Branches of transitions and of procedures at the start, under every strategy.
fn moves(model: &Model, values: &[f64]) -> Option<String> {
    (0..model.strategies.len()).find_map(|s| {
        let strategy = &model.strategies[s];
        let own = own_values(model, values, s);
        let procedure: Vec<&Share> = strategy.at_start.iter().map(|b| &b.share).collect();
        let what = format!("the branches at the start of `{}`", strategy.name);
        let at_start = || {
            let mut states = model.start.iter().map(|(state, _)| *state);
            states.find_map(|state| add_up(model, &what, &procedure, &own, state))
        };
        let moves = || {
            model.transitions.iter().find_map(|transition| {
                let branches: Vec<&Share> = transition.branches.iter().map(|b| &b.share).collect();
                let what = format!("the branches of `{}`", transition.name);
                let mut states = transition.from.iter();
                states.find_map(|&state| add_up(model, &what, &branches, &own, state))
            })
        };
        at_start().or_else(moves)
    })
}

fn own_values(model: &Model, values: &[f64], strategy: usize) -> Vec<f64> {
    model
        .strategies
        .get(strategy)
        .map_or_else(|| values.to_vec(), |strategy| strategy.parameters(model, values))
}

/// What is wrong with one set of shares for any patient that they tell apart.
fn add_up(model: &Model, what: &str, shares: &[&Share], values: &[f64], state: usize) -> Option<String> {
    let stated: Vec<&Expr> = shares
        .iter()
        .filter_map(|share| match share {
            Share::Stated(expr) => Some(expr),
            Share::Rest => None,
        })
        .collect();
    if stated.is_empty() {
        return None;
    }
    let mut reads = Reads::default();
    stated.iter().for_each(|expr| reads.add(expr));
    let residence = vec![0; model.groups.len()];
    patients(model, values, &reads.attributes())
        .iter()
        .find_map(|patient| {
            let mut s = situation(model, values, patient, state);
            s.residence = &residence;
            let values: Vec<f64> = stated.iter().map(|expr| expr.value(&s)).collect();
            let sum: f64 = values.iter().sum();
            let outside = values.iter().find(|x| !(0.0..=1.0).contains(*x));
            match outside {
                Some(x) => Some(format!("one of {what} is {}", rounded(*x))),
                None if stated.len() < shares.len() => (sum > 1.0 + TOLERANCE).then(|| {
                    format!(
                        "{what} add to {} and leave less than nothing to the rest",
                        rounded(sum)
                    )
                }),
                None => ((sum - 1.0).abs() > TOLERANCE)
                    .then(|| format!("{what} add to {}, not to 1", rounded(sum))),
            }
        })
}

fn row(model: &Model, problem: &RowProblem) -> String {
    let given = |(t, _): &&(usize, f64)| !matches!(model.transitions[*t].hazard, Hazard::Complement);
    let parts: Vec<String> = problem
        .shares
        .iter()
        .filter(given)
        .map(|(t, p)| format!("{} {}", model.transitions[*t].name, rounded(*p)))
        .collect();
    format!(
        "{} in state `{}` under `{}` in cycle {} ({})",
        match problem.kind {
            RowProblemKind::AboveOne => "the probabilities add to more than 1",
            RowProblemKind::Negative => "a hazard or probability is negative",
            RowProblemKind::NotFinite => "a hazard or probability is not a finite number",
        },
        model.states[problem.state].name,
        model.strategies[problem.strategy].name,
        problem.cycle,
        parts.join(", ")
    )
}

/// Six decimals at most, for messages.
fn rounded(x: f64) -> String {
    match x.is_finite() {
        true => format!("{}", (1e6 * x).round() / 1e6),
        false => "no finite number".into(),
    }
}
