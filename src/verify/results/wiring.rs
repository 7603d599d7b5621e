//! How rewards are wired to states and moves: what is counted for the dead, or per cycle.

use super::super::check::{Check, Verdict};
use super::super::reading::{COUNTED, parameters_in};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::apart::Apart;
use super::left_over::surely_dead;
use arcosim_core::model::{Binary, Expr};
use arcosim_core::words::listed;
use arcosim_scenario::parameters::Kind;

pub static R29: Check = Check {
    id: "R29",
    title: "Amounts are per year, not per cycle",
    why: "What is counted in a state is given per year, and the program multiplies by the length of a cycle. A formula that \
          multiplies by the length of a cycle as well, or by the number of cycles in a year, counts the amount as often or as \
          seldom as there are cycles in a year. A single price that is given by another period than all others is \
          looked at too: a yearly price entered as monthly is twelve times as high.",
    hint: "Write the amount per year; a cost per cycle may be given as such in the unit of the parameter.",
    basis: "own",
    quick: true,
    run: r29,
};

fn r29(subject: &Subject) -> Verdict {
    let model = subject.model;
    let cycles = model.time.cycles_per_year;
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-3 * y;
    let mut tally = Tally::new("no amount per year contains the length of a cycle", 0.0);
    for reward in model.rewards.iter().filter(|r| r.when.accrues()) {
        let mut found: Option<f64> = None;
        reward.amount.walk(&mut |e| {
            let Expr::Binary(operator, parts) = e else { return };
            let factor = match (operator, parts.as_ref()) {
                (Binary::Multiply, [Expr::Number(x), other] | [other, Expr::Number(x)]) => Some((*x, other)),
                (Binary::Divide, [other, Expr::Number(x)]) => Some((1.0 / x, other)),
                _ => None,
            };
            let Some((factor, other)) = factor else { return };
            let prices = parameters_in(other, None);
            let counts = prices.iter().any(|&p| COUNTED.contains(&subject.kind(p)));
            // A cost per cycle is turned into one per year where it is read.
            let row = |p: &usize| subject.scenario.parameters[*p].unit.to_lowercase().contains("cycle");
            let converted = prices.iter().any(row);
            if cycles != 1.0 && counts && !converted && (near(factor, 1.0 / cycles) || near(factor, cycles)) {
                found = Some(factor);
            }
        });
        tally.advisable(&reward.name, found.is_none(), || {
            let factor = found.unwrap_or(1.0);
            let words = if factor < 1.0 {
                "the length of a cycle in years"
            } else {
                "the number of cycles in a year"
            };
            format!("reward `{}` multiplies a yearly amount by {}, {words}", reward.name, number(factor))
        });
    }
    if let Some((p, unit, others)) = odd_period(subject) {
        let name = &model.parameters[p].name;
        tally.warn(
            name,
            format!("`{name}` is the only price in `{unit}`: the others that recur are in `{others}`"),
        );
    }
    tally.verdict("nothing is counted per year")
}

/// The one price that recurs by another period than all others, of at least three, with its unit and theirs.
fn odd_period<'s>(subject: &'s Subject) -> Option<(usize, &'s str, &'s str)> {
    let unit = |p: usize| &subject.scenario.parameters[p].unit[..];
    let period = |p: usize| unit(p).split_once(" per ").map(|(_, period)| period.trim().to_lowercase());
    let recurring: Vec<usize> =
        subject.of_kind(Kind::Cost).into_iter().filter(|&p| period(p).is_some()).collect();
    let alone = |p: &usize| recurring.iter().filter(|&&q| period(q) == period(*p)).count() == 1;
    let odd: Vec<usize> = recurring.iter().copied().filter(|p| alone(p)).collect();
    let &[odd] = &odd[..] else { return None };
    let mut others = recurring.iter().copied().filter(|&p| p != odd);
    let first = others.next()?;
    let alike = others.clone().count() >= 1 && others.all(|p| period(p) == period(first));
    alike.then(|| (odd, unit(odd), unit(first)))
}

pub static R31: Check = Check {
    id: "R31",
    title: "The dead neither cost nor gain",
    why: "Nothing that is counted per year may be added for patients who are dead: a reward that is counted `in` all states counts \
          up to the horizon for everybody, and the sooner they die the more.",
    hint: "Leave the dead out of `in`, best by a group such as alive = { except = [\"dead\"] }; costs of dying fall once, \
           `on_entering`. If the people in an absorbing state are alive, say who is dead in [verify] dead.",
    basis: "own",
    quick: true,
    run: r31,
};

fn r31(subject: &Subject) -> Verdict {
    let model = subject.model;
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    if all.is_empty() || subject.scenario.verify.dead.is_empty() {
        return Verdict::skip("nobody can die, or nothing is counted");
    }
    let apart = Apart::plain(model, &all);
    let totals = apart.totals(subject, &subject.base);
    let mut tally = Tally::new("nothing is added per year in the states of the dead", EXACT);
    for &s in &subject.scenario.verify.dead {
        let state = &model.states[s];
        for &o in &all {
            let amount = |arm: usize| {
                apart.sum(&totals[arm], o, |item| item.state == Some(s) && item.reward.is_some())
            };
            let paid: Vec<usize> = (0..model.strategies.len()).filter(|&arm| amount(arm) != 0.0).collect();
            let text = || {
                let rewards = apart.items.iter().filter(|item| item.state == Some(s) && item.outcome == o);
                let names = rewards.filter_map(|item| Some(&model.rewards[item.reward?].name[..]));
                format!(
                    "time in `{}` adds {} to `{}` under `{}`, by {}",
                    state.name,
                    number(amount(paid[0])),
                    model.outcomes[o].name,
                    model.strategies[paid[0]].name,
                    listed(names)
                )
            };
            let meant = apart
                .items
                .iter()
                .filter(|item| item.state == Some(s) && item.outcome == o)
                .filter_map(|item| item.reward)
                .all(|reward| subject.only_of_the_dead(reward));
            match surely_dead(subject, s) && !meant {
                true => tally.holds(&state.name, paid.is_empty(), text),
                false => tally.advisable(&state.name, paid.is_empty(), text),
            };
        }
    }
    tally.verdict("nothing is counted")
}
