//! Discount rates and amounts, at base values.

use super::{evaluate, patients, shown};
use crate::model::hazard::Reads;
use crate::model::{Expr, Model, Reward, Situation, When};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::parameters::{Kind, ParameterRow};
use crate::scenario::spans::Spans;

/// From here on a rate is no rate of discount: it lacks its percent sign.
const HIGHEST: f64 = 0.5;

/// Rates that are no rates of discount.
pub fn discounts(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let parameters: Vec<f64> = model.parameters.iter().map(|parameter| parameter.base).collect();
    for (outcome, places) in model.outcomes.iter().zip(&spans.discounts) {
        let Some(discount) = &outcome.discount else {
            continue;
        };
        for ((_, rate), &place) in discount.rates.iter().zip(places) {
            let rate = evaluate(rate, &parameters);
            if (0.0..HIGHEST).contains(&rate) {
                continue;
            }
            let name = &outcome.name;
            let title = format!(
                "outcome `{name}` is discounted at {} % a year",
                shown(100.0 * rate)
            );
            let found = Diagnostic::error("E0438", title);
            out.push(match rate < 0.0 {
                true => found
                    .at(place, "must not be negative")
                    .why("what happens later would count for more than what happens now")
                    .help("correct the sign; for no discount write discount = \"none\""),
                false => found
                    .at(place, "must be below 50 %")
                    .why("nothing that happens after the first year or two would count")
                    .help(format!("write the percent sign: rate = \"{} %\"", shown(rate))),
            });
        }
    }
}

/// Amounts that are no numbers, and losses with a sign of their own, as they are at the start.
pub fn amounts(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let parameters: Vec<f64> = model.parameters.iter().map(|parameter| parameter.base).collect();
    let residence = vec![0; model.groups.len()];
    for (reward, &place) in model.rewards.iter().zip(&spans.rewards) {
        'states: for state in read_in(reward, model) {
            for attributes in patients(model, &[&reward.amount]) {
                let value = reward.amount.value(&Situation {
                    parameters: &parameters,
                    attributes: &attributes,
                    state,
                    cycle: 0,
                    residence: &residence,
                    cycles_per_year: model.time.cycles_per_year,
                });
                if value.is_finite() {
                    continue;
                }
                let name = &reward.name;
                out.push(
                    Diagnostic::error("E0313", format!("reward `{name}` has no finite amount"))
                        .at(
                            place,
                            format!("{} in state `{}`", shown(value), model.states[state].name),
                        )
                        .why("one such amount makes every total of the outcome meaningless")
                        .help("look for a division by zero, or the logarithm or root of a negative number"),
                );
                break 'states;
            }
        }
    }
}

/// Costs in another currency than that of the outcome to which they add.
pub fn currencies(model: &Model, rows: &[ParameterRow], spans: &Spans, out: &mut Diagnostics) {
    for (reward, &place) in model.rewards.iter().zip(&spans.rewards) {
        let outcome = &model.outcomes[model.components[reward.component].outcome];
        let Some(wanted) = currency(&outcome.unit) else {
            continue;
        };
        let mut read = Vec::new();
        reward.amount.walk(&mut |part| {
            if let Expr::Parameter(p) = part {
                read.push(&rows[*p]);
            }
        });
        let other = |row: &&&ParameterRow| {
            row.kind == Kind::Cost && currency(&row.unit).is_some_and(|found| found != wanted)
        };
        let Some(row) = read.iter().find(other) else {
            continue;
        };
        out.push(
            Diagnostic::warning(
                "W0512",
                format!(
                    "`{}` is in another currency than outcome `{}`",
                    row.name, outcome.name
                ),
            )
            .at(place, format!("adds to a total in {}", outcome.unit))
            .also(row.name_span, format!("in {}", row.unit))
            .why("the numbers are added as they stand, as if one unit of either were worth the same")
            .help("convert the cost in the table, and say in its note by which rate"),
        );
    }
}

/// The currency in a unit, if it is written with its three letters: `2019 GBP per month`.
fn currency(unit: &str) -> Option<&str> {
    let mut words = unit.split(|c: char| !c.is_alphanumeric());
    words.find(|word| word.len() == 3 && word.chars().all(|c| c.is_ascii_uppercase()))
}

/// The states in which an amount is read; one of them for an amount that reads no state.
fn read_in(reward: &Reward, model: &Model) -> Vec<usize> {
    let states = match &reward.when {
        When::In(states) | When::Leaving(states) => states.clone(),
        When::Firing(all) => {
            let from = all.iter().flat_map(|(t, _)| model.transitions[*t].from.iter());
            from.copied().collect()
        }
        When::Starting(_) => model.start.iter().map(|(state, _)| *state).collect(),
        When::Entering(into) => {
            let leads = |to: Option<usize>| to.is_some_and(|to| into.contains(&to));
            let moves = model.transitions.iter();
            moves
                .filter(|one| one.branches.iter().any(|branch| leads(branch.to)))
                .flat_map(|one| one.from.iter().copied())
                .collect()
        }
    };
    match Reads::of(&reward.amount).state {
        true => states,
        false => states.into_iter().take(1).collect(),
    }
}
