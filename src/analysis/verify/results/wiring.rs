//! How rewards are wired to states and moves: what is counted twice, for the dead, or per cycle.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::apart::{Apart, arms, listed, same_formula};
use super::left_over::surely_dead;
use crate::engine::lines::Falls;
use crate::model::{Binary, Expr, Model, Reward, When};
use crate::scenario::parameters::Kind;

/// Kinds of numbers of which a patient has one.
const COUNTED: [Kind; 3] = [Kind::Cost, Kind::Utility, Kind::Disutility];

pub static R28: Check = Check {
    id: "R28",
    title: "Nothing is counted twice at one place",
    why: "Two rewards of one outcome that read the same cost, utility or loss in the same state, with the same move or at the start, \
          for patients of the same strategy, count it twice. If both amounts are the same formula, that is an error; else one \
          may be meant as a part of the other.",
    hint: "Keep one of the two rewards that are named, or limit each to states, moves or strategies of its own.",
    basis: "own",
    quick: true,
    run: r28,
};

fn r28(subject: &Subject) -> Verdict {
    let model = subject.model;
    let paths = &subject.paths;
    let place = |falls: &Falls| match *falls {
        Falls::In(state, _) => (0, state),
        Falls::Edge(edge) => (1, edge),
        Falls::Start => (2, 0),
    };
    let mut tally = Tally::new("each cost, utility and loss is read once at a place", 0.0);
    let mut told: Vec<(usize, usize)> = Vec::new();
    for (i, line) in paths.lines.iter().enumerate() {
        for other in &paths.lines[..i] {
            let (a, b) = (&model.rewards[other.reward], &model.rewards[line.reward]);
            if other.reward == line.reward
                || place(&other.falls) != place(&line.falls)
                || a.outcome(model) != b.outcome(model)
            {
                continue;
            }
            let both: Vec<usize> = (0..model.strategies.len())
                .filter(|&arm| a.given_under(arm) && b.given_under(arm))
                .filter(|&arm| !matches!(line.falls, Falls::Start) || start_together(model, a, b, arm))
                .collect();
            if both.is_empty() {
                continue;
            }
            let (state, words) = match line.falls {
                Falls::In(state, _) => (Some(state), format!("in `{}`", model.states[state].name)),
                Falls::Edge(edge) => {
                    let edge = &paths.edges[edge];
                    (
                        Some(edge.from),
                        format!("with `{}`", model.transitions[edge.transition].name),
                    )
                }
                Falls::Start => (None, "at the start".into()),
            };
            let own = parameters_in(&a.amount, state);
            let shared: Vec<usize> = parameters_in(&b.amount, state)
                .into_iter()
                .filter(|p| own.contains(p) && COUNTED.contains(&subject.kind(*p)))
                .collect();
            let pair = (other.reward, line.reward);
            if shared.is_empty() || told.contains(&pair) {
                continue;
            }
            told.push(pair);
            let text = || {
                format!(
                    "rewards `{}` and `{}` both count {} {words} under {}",
                    a.name,
                    b.name,
                    listed(shared.iter().map(|&p| &model.parameters[p].name[..])),
                    arms(model, &both)
                )
            };
            match same_formula(&a.amount, &b.amount) {
                true => tally.holds(&b.name, false, text),
                false => tally.advisable(&b.name, false, text),
            };
        }
    }
    for (r, reward) in model.rewards.iter().enumerate() {
        if !told.iter().any(|(_, later)| *later == r) {
            tally.holds(&reward.name, true, String::new);
        }
    }
    tally.verdict("there are no rewards")
}

/// Whether two rewards can fall to the same patient of a strategy at time zero.
fn start_together(model: &Model, a: &Reward, b: &Reward, arm: usize) -> bool {
    let branches = |reward: &Reward| -> Vec<usize> {
        let own = &model.strategies[arm].at_start;
        let all = 0..own.len().max(1);
        let to = |b: &usize| own.get(*b).and_then(|branch| branch.to);
        match &reward.when {
            When::Starting(None) => all.collect(),
            When::Starting(Some(taken)) => taken.iter().filter(|(s, _)| *s == arm).map(|(_, b)| *b).collect(),
            When::Entering(into) => all
                .filter(|b| to(b).is_some_and(|to| into.contains(&to)))
                .collect(),
            When::Leaving(from) => {
                let leaves = |s: usize| {
                    model
                        .start
                        .iter()
                        .any(|(start, _)| *start == s && from.contains(start))
                };
                let any = model.start.iter().any(|(s, _)| leaves(*s));
                all.filter(|b| any && to(b).is_some()).collect()
            }
            _ => Vec::new(),
        }
    };
    let own = branches(a);
    branches(b).iter().any(|branch| own.contains(branch))
}

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
    for reward in model.rewards.iter().filter(|r| matches!(r.when, When::In(_))) {
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
            let row = |p: &usize| {
                subject.scenario.parameters[*p]
                    .unit
                    .to_lowercase()
                    .contains("cycle")
            };
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
            format!(
                "reward `{}` multiplies a yearly amount by {}, {words}",
                reward.name,
                number(factor)
            )
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
    let period = |p: usize| {
        unit(p)
            .split_once(" per ")
            .map(|(_, period)| period.trim().to_lowercase())
    };
    let recurring: Vec<usize> = subject
        .of_kind(Kind::Cost)
        .into_iter()
        .filter(|&p| period(p).is_some())
        .collect();
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
                apart.sum(&totals[arm], o, |item| {
                    item.state == Some(s) && item.reward.is_some()
                })
            };
            let paid: Vec<usize> = (0..model.strategies.len())
                .filter(|&arm| amount(arm) != 0.0)
                .collect();
            let text = || {
                let rewards = apart
                    .items
                    .iter()
                    .filter(|item| item.state == Some(s) && item.outcome == o);
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
            match surely_dead(subject, s) {
                true => tally.holds(&state.name, paid.is_empty(), text),
                false => tally.advisable(&state.name, paid.is_empty(), text),
            };
        }
    }
    tally.verdict("nothing is counted")
}
