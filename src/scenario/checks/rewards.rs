//! Checks of rewards: discount rates, amounts and currencies, at base values.

use std::ops::ControlFlow;

use super::shown;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Lookup, at_base};
use crate::parameters::{Kind, ParameterRow};
use crate::read::source::Span;
use crate::spans::Spans;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::walk::{Walk, described};
use arcosim_core::model::{Binary, Expr, Function, Model, Reward, Situation, parameters_of};

pub use arcosim_core::model::HIGHEST_RATE as HIGHEST;

/// Reports discount rates that are negative or implausibly high.
pub fn discounts(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let parameters = model.base_values();
    for (outcome, places) in model.outcomes.iter().zip(&spans.discounts) {
        let Some(discount) = &outcome.discount else {
            continue;
        };
        for ((_, written), &place) in discount.rates.iter().zip(places) {
            let rate = at_base(written, &parameters);
            if (0.0..HIGHEST).contains(&rate) {
                continue;
            }
            let name = &outcome.name;
            let title = format!("outcome `{name}` is discounted at {}% per year", shown(100.0 * rate));
            let found = Diagnostic::error("E0438", title);
            out.push(match rate < 0.0 {
                true => found
                    .at(place, "must not be negative")
                    .why("later events would count for more than earlier ones")
                    .help(match written {
                        Expr::Number(_) => format!(
                            "if only the sign is wrong, write \"{} %\"; for no discounting, write discount = \"none\"",
                            shown(-100.0 * rate)
                        ),
                        Expr::Parameter(p) => format!(
                            "correct the sign of `{}` in the parameter table; for no discounting, write discount = \"none\"",
                            model.parameters[*p].name
                        ),
                        _ => "correct the formula or its parameters; for no discounting, write discount = \"none\"".to_string(),
                    }),
                false => found
                    .at(place, "must be below 50%")
                    .why("at such a rate, amounts after the first few years would hardly count")
                    .help(match written {
                        Expr::Number(_) if rate >= 1.0 => {
                            format!("write the percent sign: rate = \"{} %\"", shown(rate))
                        }
                        Expr::Number(_) => "correct the rate; write 3% as \"3 %\" or 0.03".to_string(),
                        Expr::Parameter(p) if rate >= 1.0 => format!(
                            "correct `{}` in the parameter table: a number without a percent sign is a fraction, so write {1}% or {2}, not {1}",
                            model.parameters[*p].name,
                            shown(rate),
                            shown(rate / 100.0)
                        ),
                        _ => "correct the parameter in the table: a number without a percent sign is a fraction, so write 3% or 0.03, not 3".to_string(),
                    }),
            });
        }
    }
}

/// Reports rewards whose event can never happen.
pub fn occasions(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (reward, &place) in model.rewards.iter().zip(&spans.rewards) {
        let Some((moves, states)) = reward.when.missing_move(model) else {
            continue;
        };
        let names: Vec<String> =
            states.iter().map(|&state| format!("`{}`", model.states[state].name)).collect();
        let names = names.join(" or ");
        let absorbing = states.iter().all(|&state| model.states[state].absorbing);
        let help = match moves {
            "leaves" if absorbing => format!(
                "for an amount on entering {names}, write `on_entering` instead of `on_leaving`; otherwise write a state that patients leave instead of {names}"
            ),
            "leaves" => format!(
                "if a transition out of {names} is missing, add it; otherwise write in `on_leaving` a state that patients leave"
            ),
            _ => {
                format!(
                    "if a transition into {names} is missing, add it; otherwise write in `on_entering` a state that patients enter"
                )
            }
        };
        out.push(
            Diagnostic::error("E0436", format!("reward `{}` can never be counted", reward.name))
                .at(place, format!("no patient ever {moves} {names}"))
                .why("its amount would be missing from every total")
                .help(help),
        );
    }
}

/// Limit for the size of an amount. No sum of money is so large, and the squares of larger numbers would overflow in the
/// calculation of standard deviations.
const LARGEST: f64 = 1e100;

/// Reports amounts that are infinite, undefined or too large in any state or cycle.
pub fn amounts(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let base = model.base_values();
    for (reward, &place) in model.rewards.iter().zip(&spans.rewards) {
        Walk::of_reward(model, reward).each(model, &base, |strategy, s| {
            let value = reward.amount.value(s);
            let counts = model.events.contains(&reward.outcome(model));
            if value.abs() < LARGEST && !(counts && value < 0.0) {
                return ControlFlow::Continue(());
            }
            let what = match counts {
                true => format!("the rate of event `{}`", reward.name),
                false => format!("the amount of reward `{}`", reward.name),
            };
            let (title, limit, help) = match value {
                value if counts && value < 0.0 => (
                    format!("{what} is negative"),
                    "",
                    "correct the signs in the formula or the values of its parameters, so that the rate is 0 or above in every cycle".to_string(),
                ),
                value if value.is_finite() => (
                    format!("{what} is too large"),
                    "; the limit is 1e100",
                    too_large(&reward.amount, model, s),
                ),
                _ => (
                    format!("{what} is not a finite number"),
                    "",
                    not_finite(&reward.amount, model, s),
                ),
            };
            out.push(
                Diagnostic::error("E0313", title)
                    .at(place, format!("{} in state `{}`{limit}", shown(value), model.states[s.state].name))
                    .why(match counts {
                        true => "a negative rate would mean a negative number of events",
                        false => "one such amount makes the totals of the outcome meaningless",
                    })
                    .note(first_found(&reward.amount, by_points(reward, model), model, strategy, s))
                    .help(help),
            );
            ControlFlow::Break(())
        });
    }
}

/// What to correct if an amount is not finite: the operations in its formula that can have no finite result, and the values of
/// the parameters on which they act.
fn not_finite(amount: &Expr, model: &Model, s: &Situation) -> String {
    let (mut causes, mut arguments): (Vec<&str>, Vec<Expr>) = (Vec::new(), Vec::new());
    amount.walk(&mut |e| {
        let (cause, on) = match e {
            Expr::Binary(Binary::Divide, parts) if matches!(parts[1], Expr::Number(x) if x != 0.0) => return,
            Expr::Binary(Binary::Divide, parts) => ("a division by zero", &parts[1..]),
            Expr::Call(Function::Ln, on) => ("the logarithm of 0 or of a negative number", &on[..]),
            Expr::Call(Function::Sqrt, on) => ("the root of a negative number", &on[..]),
            Expr::Call(Function::Exp, on) => ("an exponential that grows too fast", &on[..]),
            Expr::Binary(Binary::Power, parts) => {
                ("a power of 0 or of a negative number, or one that grows too fast", &parts[..])
            }
            _ => return,
        };
        if !causes.contains(&cause) {
            causes.push(cause);
        }
        arguments.extend_from_slice(on);
    });
    let values = values_read(&arguments, model, s);
    match (causes.is_empty(), values.is_empty()) {
        (true, _) => "correct the formula, or the values of its parameters".into(),
        (_, true) => format!("correct the formula; the likely cause is {}", causes.join(" or ")),
        _ => format!(
            "correct the formula, or the values of its parameters ({values}); the likely cause is {}",
            causes.join(" or ")
        ),
    }
}

/// What to correct if an amount is too large: a formula that grows, or else the values of its parameters.
fn too_large(amount: &Expr, model: &Model, s: &Situation) -> String {
    let mut grows = false;
    amount.walk(&mut |e| {
        grows |= matches!(e, Expr::Binary(Binary::Power, _) | Expr::Call(Function::Exp, _));
    });
    let values = values_read([amount], model, s);
    match grows || values.is_empty() {
        true => "correct the formula: usual causes are a power or an exponential that grows too fast, or a number in a wrong unit".into(),
        false => format!("correct the values of the parameters ({values})"),
    }
}

/// The parameters that formulas read, with their values.
fn values_read<'e>(formulas: impl IntoIterator<Item = &'e Expr>, model: &Model, s: &Situation) -> String {
    let value = |p: usize| format!("`{}` is {}", model.parameters[p].name, shown(s.parameters[p]));
    parameters_of(formulas).into_iter().map(value).collect::<Vec<String>>().join(", ")
}

/// Text on where a problem was first found: the cycle, the strategy, and the clocks and attributes on which `expr` depends.
pub fn first_found(expr: &Expr, by_points: bool, model: &Model, strategy: usize, s: &Situation) -> String {
    let reads = Reads::of(expr);
    let when = match (reads.time || reads.age, by_points) {
        (false, _) => String::new(),
        (true, false) => format!("in cycle {} ", s.cycle + 1),
        (true, true) => {
            let years = shown(s.cycle as f64 / s.cycles_per_year);
            match s.cycle {
                0 => "at the start ".to_string(),
                k => format!("at the end of cycle {k} (time = {years}) "),
            }
        }
    };
    let mut all = vec![format!("first found {when}under strategy `{}`", model.strategies[strategy].name)];
    if let Some(&g) = reads.residence.first() {
        let spent = shown(s.residence[g] as f64 / s.cycles_per_year);
        all.push(format!("time_in({}) = {spent}", model.groups[g].name));
    }
    all.extend(described(model, &reads.attributes(), s.attributes));
    all.join(", ")
}

/// Whether a reward is counted at points between cycles rather than once per cycle.
pub fn by_points(reward: &Reward, model: &Model) -> bool {
    let outcome = &model.outcomes[reward.outcome(model)];
    reward.when.accrues() && outcome.correction.by_points()
}

/// Warns about costs in a different currency from that of their outcome.
pub fn currencies(
    model: &Model,
    rows: &[ParameterRow],
    tables: &[Lookup],
    spans: &Spans,
    out: &mut Diagnostics,
) {
    for (reward, &place) in model.rewards.iter().zip(&spans.rewards) {
        let outcome = &model.outcomes[reward.outcome(model)];
        let Some(wanted) = currency(&outcome.unit) else {
            continue;
        };
        // Name and unit of each cost in the amount; parameters also have a position.
        let mut read: Vec<(&str, &str, Option<Span>)> = Vec::new();
        reward.amount.walk(&mut |part| match part {
            Expr::Parameter(p) if rows[*p].kind == Kind::Cost => {
                let row = &rows[*p];
                read.push((&row.name, &row.unit, Some(row.name_span)));
            }
            Expr::Lookup(listing, _) => {
                let table = tables.iter().find(|one| one.name == listing.name);
                read.extend(table.map(|table| (table.name.as_str(), table.unit.as_str(), None)));
            }
            _ => {}
        });
        let other =
            |(_, unit, _): &&(&str, &str, Option<Span>)| currency(unit).is_some_and(|found| found != wanted);
        let Some((name, unit, said)) = read.iter().find(other) else {
            continue;
        };
        let what = if said.is_some() { "parameter" } else { "table" };
        let title = format!("{what} `{name}` and outcome `{}` are in different currencies", outcome.name);
        let found = Diagnostic::warning("W0512", title)
            .at(place, format!("outcome `{}` is in {}", outcome.name, outcome.unit))
            .why("the amounts would be added without conversion")
            .help(match said {
                Some(_) => format!("convert `{name}` in the parameter table to {wanted}, change its `unit`, and write the exchange rate into `note`"),
                None => format!("convert the values of table `{name}` to {wanted}, and change its `unit`"),
            });
        out.push(match said {
            Some(place) => found.also(*place, format!("in {unit}")),
            None => found.note(format!("table `{name}` is in {unit}")),
        });
    }
}

/// The currency in a unit if it is written as a three-letter code, such as `GBP` in `2019 GBP per month`.
pub fn currency(unit: &str) -> Option<&str> {
    let mut words = unit.split(|c: char| !c.is_alphanumeric());
    words.find(|word| word.len() == 3 && word.chars().all(|c| c.is_ascii_uppercase()))
}
