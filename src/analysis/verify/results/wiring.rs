//! How rewards are wired to states, moves and strategies: what is counted twice, by the wrong one, or not at all.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::apart::{Apart, arms, listed, parameters_in};
use super::left_over::surely_dead;
use crate::engine::lines::Falls;
use crate::model::{Binary, Expr, Model, Reward, Strategy, When};
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
            if told.contains(&pair) {
                continue;
            }
            let text = || {
                format!(
                    "rewards `{}` and `{}` both count {} {words} under {}",
                    a.name,
                    b.name,
                    listed(shared.iter().map(|&p| &model.parameters[p].name[..])),
                    arms(model, &both)
                )
            };
            if !shared.is_empty() {
                told.push(pair);
            }
            match a.amount == b.amount {
                true => tally.holds(&b.name, shared.is_empty(), text),
                false => tally.advisable(&b.name, shared.is_empty(), text),
            };
        }
    }
    match paths.lines.is_empty() {
        false => tally.holds("", true, String::new),
        true => true,
    };
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
          seldom as there are cycles in a year.",
    hint: "Write the amount per year; a cost per cycle may be given as such in the unit of the parameter.",
    basis: "own",
    quick: true,
    run: r29,
};

fn r29(subject: &Subject) -> Verdict {
    let model = subject.model;
    let cycles = model.time.cycles_per_year;
    if cycles == 1.0 {
        return Verdict::skip("a cycle is a year");
    }
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
            if counts && !converted && (near(factor, 1.0 / cycles) || near(factor, cycles)) {
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
    tally.verdict("nothing is counted per year")
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

/// Rewards of the cost that strategies get, each as a sorted list of strategies; those that everybody gets are left out.
fn own_costs<'m>(model: &'m Model, cost: usize) -> impl Iterator<Item = (&'m Reward, &'m [usize])> {
    let limited = move |r: &'m Reward| Some((r, &r.strategies.as_ref()?[..]));
    model
        .rewards
        .iter()
        .filter(move |r| r.outcome(model) == cost)
        .filter_map(limited)
}

/// What a strategy replaces or brings into play that has a price.
fn replaces_price(subject: &Subject, strategy: &Strategy) -> bool {
    strategy
        .substitutions
        .iter()
        .any(|(p, _)| subject.kind(*p) == Kind::Cost)
}

pub static R32: Check = Check {
    id: "R32",
    title: "Who gets a treatment pays for it, and who pays gets one",
    why: "A strategy that changes hazards or quality of life has a cost of its own, unless what it changes is how often something \
          that has a price is done; and a strategy with a cost of its own changes something. Otherwise a price was \
          forgotten, or falls to the wrong strategy.",
    hint: "Look at `strategies` of the rewards that add to the cost.",
    basis: "own",
    quick: true,
    run: r32,
};

fn r32(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(
            "no outcome counts money: there is no [decision], and costs add to none or several",
        );
    };
    let reference = model.reference();
    let mut tally = Tally::new("effects and costs of their own go together", 0.0);
    for (s, strategy) in model
        .strategies
        .iter()
        .enumerate()
        .filter(|(s, _)| *s != reference)
    {
        let differs = |(_, own): &(&Reward, &[usize])| own.contains(&s) != own.contains(&reference);
        let priced =
            own_costs(model, cost).any(|one| own_contains(&one, s)) || replaces_price(subject, strategy);
        let gains = model
            .rewards
            .iter()
            .any(|r| r.outcome(model) != cost && r.given_under(s) != r.given_under(reference));
        let substitutes = strategy
            .substitutions
            .iter()
            .any(|(p, _)| subject.kind(*p) != Kind::Cost);
        let acts = !strategy.effects.is_empty() || substitutes || !strategy.at_start.is_empty() || gains;
        let name = &strategy.name;
        if acts && !strategy.bound {
            tally.advisable(name, priced || consumes(subject, strategy, cost), || {
                format!("`{name}` changes what happens to patients, and has no cost of its own")
            });
        }
        let pays = own_costs(model, cost).any(|one| differs(&one) && one.1.contains(&s));
        if pays {
            tally.advisable(name, acts || strategy.otherwise.is_some(), || {
                format!("`{name}` has a cost of its own, and changes neither hazards nor quality of life")
            });
        }
    }
    tally.verdict("there is nothing but the reference")
}

fn own_contains((_, own): &(&Reward, &[usize]), s: usize) -> bool {
    own.contains(&s)
}

/// Whether what a strategy replaces is read by a transition that has a price, or its procedure moves patients with one: it
/// changes how often something is paid for that everybody can get.
fn consumes(subject: &Subject, strategy: &Strategy, cost: usize) -> bool {
    let model = subject.model;
    let priced = |t: usize| {
        subject.paths.lines.iter().any(|line| match line.falls {
            Falls::Edge(e) => line.outcome(model) == cost && subject.paths.edges[e].transition == t,
            _ => false,
        })
    };
    let reads = |t: usize| {
        let mut found = false;
        model.transitions[t].expressions(&mut |e| {
            let own = parameters_in(e, None);
            found |= strategy.substitutions.iter().any(|(p, _)| own.contains(p));
        });
        found
    };
    let moves = |r: &Reward| {
        let to = |states: &[usize]| {
            strategy
                .at_start
                .iter()
                .any(|b| b.to.is_some_and(|to| states.contains(&to)))
        };
        r.outcome(model) == cost
            && match &r.when {
                When::Entering(states) => to(states),
                When::Leaving(_) => !strategy.at_start.is_empty(),
                _ => false,
            }
    };
    (0..model.transitions.len()).any(|t| reads(t) && priced(t)) || model.rewards.iter().any(moves)
}

pub static R33: Check = Check {
    id: "R33",
    title: "What is named after a strategy is paid under that strategy",
    why: "A reward of the cost, or the price it reads, that carries the name of a strategy and is limited to others was probably \
          given to the wrong one: the comparator pays for the intervention.",
    hint: "Look at `strategies` of the reward that is named.",
    basis: "own",
    quick: true,
    run: r33,
};

fn r33(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(
            "no outcome counts money: there is no [decision], and costs add to none or several",
        );
    };
    let mut tally = Tally::new("strategies pay what bears their name", 0.0);
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase()
            .split(['.', '_', '-', ' '])
            .map(str::to_string)
            .collect()
    };
    // A name of several words stands in another if all of them follow each other there.
    let within = |name: &str, of: &str| {
        let (name, of) = (words(name), words(of));
        of.windows(name.len().max(1)).any(|part| part == name)
    };
    for (reward, own) in own_costs(model, cost) {
        let prices = parameters_in(&reward.amount, None);
        let prices = prices.into_iter().filter(|&p| subject.kind(p) == Kind::Cost);
        let mut names: Vec<&str> = prices.map(|p| &model.parameters[p].name[..]).collect();
        names.push(&reward.name);
        let named: Vec<usize> = (0..model.strategies.len())
            .filter(|&s| names.iter().any(|name| within(&model.strategies[s].name, name)))
            .collect();
        // A name within a longer one, such as `a` in `a_and_b`, belongs to the longer one as well.
        let own_name = named.iter().any(|s| own.contains(s));
        if named.is_empty() {
            continue;
        }
        tally.advisable(&reward.name, own_name, || {
            format!(
                "reward `{}` ({}) is named after {} and is paid under {}",
                reward.name,
                names[..names.len() - 1].join(", "),
                arms(model, &named),
                arms(model, own)
            )
        });
    }
    tally.verdict("no reward of the cost that is limited to some strategies is named after one")
}

pub static R35: Check = Check {
    id: "R35",
    title: "Who gets all of a treatment pays all of it",
    why: "Where a strategy has every effect and every replaced parameter of another, it should also have the costs of its own that \
          the other has: a combination that has the effect of a drug and not its price is too cheap. A complication that has a \
          price under one strategy should have it under every strategy that has the same complication.",
    hint: "Look at `strategies` of the reward that is named; if the combination has a price of its own, waive this.",
    basis: "own",
    quick: true,
    run: r35,
};

fn r35(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(
            "no outcome counts money: there is no [decision], and costs add to none or several",
        );
    };
    let mut tally = Tally::new("costs of a treatment go with its effects", 0.0);
    let inside = |a: &Strategy, b: &Strategy| {
        let effects = a.effects.iter().all(|own| {
            b.effects
                .iter()
                .any(|other| other.ratio == own.ratio && other.transitions == own.transitions)
        });
        let replaced = a.substitutions.iter().all(|own| b.substitutions.contains(own));
        effects && replaced && !(a.effects.is_empty() && a.substitutions.is_empty())
    };
    for (a, part) in model.strategies.iter().enumerate() {
        for (b, whole) in model.strategies.iter().enumerate() {
            if a == b || !inside(part, whole) || replaces_price(subject, whole) {
                continue;
            }
            // A price that only the whole has may stand for the price of the part.
            let instead = own_costs(model, cost).any(|(_, own)| own == [b]);
            for (reward, own) in own_costs(model, cost).filter(|(_, own)| own.contains(&a)) {
                tally.advisable(&reward.name, instead || own.contains(&b), || {
                    format!(
                        "`{}` has all effects of `{}` and does not pay reward `{}`",
                        whole.name, part.name, reward.name
                    )
                });
            }
        }
    }
    for (reward, own) in own_costs(model, cost) {
        let When::Starting(Some(branches)) = &reward.when else {
            continue;
        };
        let all = branches.iter().map(|(s, b)| &model.strategies[*s].at_start[*b]);
        let complications: Vec<_> = all.filter(|branch| branch.to.is_none()).collect();
        for (s, strategy) in model
            .strategies
            .iter()
            .enumerate()
            .filter(|(s, _)| !own.contains(s))
        {
            let shared = strategy.at_start.iter().find(|b| {
                complications
                    .iter()
                    .any(|c| c.name == b.name && c.share == b.share && c.share != crate::model::Share::Rest)
            });
            let paid = shared.is_none_or(|branch| {
                own_costs(model, cost).any(|(other, arms)| {
                    let taken =
                        |(arm, b): &(usize, usize)| *arm == s && strategy.at_start[*b].name == branch.name;
                    arms.contains(&s)
                        && matches!(&other.when, When::Starting(Some(all)) if all.iter().any(taken))
                })
            });
            if shared.is_some() {
                tally.advisable(&reward.name, paid, || {
                    format!(
                        "`{}` has the same complication and does not pay reward `{}`",
                        strategy.name, reward.name
                    )
                });
            }
        }
    }
    tally.verdict("no strategy has all that another has")
}
