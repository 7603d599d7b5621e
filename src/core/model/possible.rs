//! Validity of a model at new parameter values, for example those of a draw in an uncertainty analysis.

use std::ops::ControlFlow;

use super::dependence::cases;
use super::discounting::HIGHEST_RATE;
use super::rows::RowProblemKind;
use super::walk::Walk;
use super::{Expr, Hazard, Model, Never, Reward, RowProblem, Share, check_rows, situation};
use super::{ShareProblemKind, share_problem};

/// Shares of patients below this count as zero when it is checked whether any patient can be within the limits of an
/// attribute.
const NOBODY: f64 = 1e-9;

/// Reason why the model cannot run at these parameter values, as a message: invalid discount rates, shares outside
/// 0 to 1, shares that exceed 1 or do not add to 1, standard deviations that are not above 0, or rows of
/// probabilities above 1. `None` if the model can run.
pub fn impossible(model: &Model, values: &[f64]) -> Option<String> {
    no_discount(model, values)
        .or_else(|| impossible_shares(model, values))
        .or_else(|| check_rows(model, values).first().map(|problem| row(model, problem)))
}

/// Message about the first invalid shares at these parameter values (of categories, at the start, of branches, or of a cost), or the
/// first negative rate of an event beside moves. `None` if all are valid. This check is fast, so that it can be made for every draw of
/// an uncertainty analysis.
pub fn impossible_shares(model: &Model, values: &[f64]) -> Option<String> {
    population(model, values)
        .or_else(|| moves(model, values))
        .or_else(|| costs(model, values))
        .or_else(|| events(model, values))
}

/// Message about the first discount rate, division of a cost, or rate of an event beside moves that is not possible at these parameter
/// values; `None` if all are.
pub fn impossible_amounts(model: &Model, values: &[f64]) -> Option<String> {
    no_discount(model, values).or_else(|| costs(model, values)).or_else(|| events(model, values))
}

/// Message about the first discount rate outside the permitted range; `None` if all rates are valid.
fn no_discount(model: &Model, values: &[f64]) -> Option<String> {
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
    let at_start = (0, &[0][..], 1);
    for attribute in &model.attributes {
        let name = &attribute.name;
        let stated = attribute.shares();
        let what = format!("the shares of attribute `{name}`");
        let problem = add_up(model, &what, stated.iter(), values, at_start).filter(|_| !stated.is_empty());
        let problem = problem.or_else(|| {
            let distribution = attribute.distribution()?;
            cases(model, &own, &attribute.by()).into_iter().find_map(|case| {
                let value = |e: &Expr| e.value(&situation(model, &own, &case.values, 0));
                if !distribution.family.is_sound(value) {
                    return Some(format!("attribute `{name}` has no distribution"));
                }
                distribution.within?;
                let share = distribution.evaluate(model, &own, &case.values).share_within();
                let nobody = share.is_nan() || share < NOBODY;
                nobody.then(|| format!("nobody is within the limits of attribute `{name}`"))
            })
        });
        if problem.is_some() {
            return problem;
        }
    }
    let start = model.start.iter().map(|(_, share)| share);
    add_up(model, "the shares at the start", start, values, at_start)
}

/// Message about the first invalid shares of branches, in a transition or in a procedure at the start of any
/// strategy.
fn moves(model: &Model, values: &[f64]) -> Option<String> {
    let starts: Vec<usize> = model.start.iter().map(|(state, _)| *state).collect();
    (0..model.strategies.len()).find_map(|s| {
        let strategy = &model.strategies[s];
        let procedure = strategy.at_start.iter().map(|b| &b.share);
        let what = format!("the branches at the start of strategy `{}`", strategy.name);
        add_up(model, &what, procedure, values, (s, &starts, 1)).or_else(|| {
            model.transitions.iter().find_map(|transition| {
                let never = transition.never.iter().flat_map(Never::shares).collect::<Vec<_>>();
                let what = format!("the share `never` of transition `{}`", transition.name);
                if let Some(problem) =
                    add_up(model, &what, never.iter(), values, (s, &transition.from[..], 1))
                {
                    return Some(problem);
                }
                let branches = transition.branches.iter().map(|b| &b.share);
                let what = format!("the branches of transition `{}`", transition.name);
                let there = (s, &transition.from[..], model.time.cycles);
                add_up(model, &what, branches, values, there)
            })
        })
    })
}

/// Message about the first cost whose shares do not add up to the whole, in any strategy.
fn costs(model: &Model, values: &[f64]) -> Option<String> {
    model.shared_costs.iter().find_map(|(reward, shares)| {
        let what = format!("the shares in `paid_by` of reward `{reward}`");
        let under = |s| add_up(model, &what, shares.iter(), values, (s, &[0][..], 1));
        (0..model.strategies.len().max(1)).find_map(under)
    })
}

/// Message about the first event beside moves whose rate is negative or no finite number.
fn events(model: &Model, values: &[f64]) -> Option<String> {
    let of = |reward: &Reward| {
        let mut found = None;
        Walk::of_reward(model, reward).each(model, values, |_, s| {
            let rate = reward.amount.value(s);
            if rate >= 0.0 && rate.is_finite() {
                return ControlFlow::Continue(());
            }
            found = Some(format!(
                "the rate of event `{}` is {} in state `{}` in cycle {}",
                reward.name,
                rounded(rate),
                model.states[s.state].name,
                s.cycle + 1
            ));
            ControlFlow::Break(())
        });
        found
    };
    model.rewards.iter().filter(|reward| model.events.contains(&reward.outcome(model))).find_map(of)
}

fn own_values(model: &Model, values: &[f64], strategy: usize) -> Vec<f64> {
    model
        .strategies
        .get(strategy)
        .map_or_else(|| values.to_vec(), |strategy| strategy.parameters(model, values))
}

/// Message about an invalid set of shares; `None` if the shares are valid.
fn add_up<'s>(
    model: &Model,
    what: &str,
    shares: impl Iterator<Item = &'s Share> + Clone,
    values: &[f64],
    (strategy, states, cycles): (usize, &[usize], usize),
) -> Option<String> {
    let problem = share_problem(model, values, strategy, states, cycles, shares)?;
    let when = problem.cycle.map_or(String::new(), |k| format!(" in cycle {k}"));
    Some(match problem.kind {
        ShareProblemKind::Outside(x) => format!("one of {what} is {}{when}", rounded(x)),
        ShareProblemKind::AboveOne(sum) => {
            format!("{what} add to {}{when} and leave less than nothing to the rest", rounded(sum))
        }
        ShareProblemKind::NotOne(sum) => format!("{what} add to {}{when}, not to 1", rounded(sum)),
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

/// Number with at most six decimals, for messages.
fn rounded(x: f64) -> String {
    match x.is_finite() {
        true => format!("{}", (1e6 * x).round() / 1e6),
        false => "no finite number".into(),
    }
}
