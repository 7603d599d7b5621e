//! Costs: where they come from, whom they fall on, and which way each price moves the total.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::{Subject, Totals};
use super::super::tally::{EXACT, Tally, arms, number};
use super::apart::Apart;
use super::left_over;
use super::utilities::quality;
use arcosim_analysis::evaluation::Evaluator;
use arcosim_core::model::reward_lines::{Reading, RewardAt};
use arcosim_core::model::{Expr, Function};
use arcosim_scenario::parameters::Kind;

/// Why checks of costs are skipped.
const NOTHING: &str = "no outcome counts money: there is no [decision], and costs add to none or several";

pub static R04: Check = Check {
    id: "R04",
    title: "Without any cost, nothing costs",
    why: "All parameters of kind cost are set to 0, and no reward may add to the cost. What is left is an amount that somebody \
          typed into a formula, where no sensitivity analysis finds it and no source explains it.",
    hint: "Look for numbers in the amount of the reward that is named, and give each a row in the parameter table.",
    basis: "TECH-VER, epicR",
    quick: true,
    run: r04,
};

fn r04(subject: &Subject) -> Verdict {
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    left_over::verdict(subject, &[cost], &[Kind::Cost], "no reward adds to the cost")
}

pub static R05: Check = Check {
    id: "R05",
    title: "Twice the prices, twice the cost",
    why: "All parameters of kind cost are doubled, as if the currency had halved, and what each reward adds must double. Where it \
          does not, a formula mixes prices with numbers of another kind, compares a price with a number, or a strategy replaces \
          a price by a typed number.",
    hint: "Look at the amount of the reward that is named, and at what strategies put in place of the prices it reads.",
    basis: "own",
    quick: true,
    run: r05,
};

fn r05(subject: &Subject) -> Verdict {
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    let model = subject.model;
    let apart = Apart::plain(model, &[cost]);
    let mut evaluator = apart.evaluator(subject);
    let base = evaluator.totals(&subject.base);
    let doubled = evaluator.totals(&subject.with_kinds(&[Kind::Cost], |x| 2.0 * x));
    let mut tally = Tally::new("what a reward adds doubles with the prices", EXACT);
    for (r, reward) in model.rewards.iter().enumerate() {
        let prices = parameters_in(&reward.amount, None);
        let reads = prices.iter().any(|&p| subject.kind(p) == Kind::Cost);
        // What typed numbers add is reported by R04.
        if reward.outcome(model) != cost || !reads || left_over::types_numbers(&reward.amount) {
            continue;
        }
        for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| reward.given_under(*arm))
        {
            let own = |of: &Totals| apart.sum(&of[arm], cost, |item| item.reward == Some(r));
            let what = format!("with all prices doubled, reward `{}` under `{}`", reward.name, strategy.name);
            let size = 2.0 * apart.sum(&base[arm], cost, |item| item.reward.is_some()).abs();
            tally.same_by(&reward.name, &what, (2.0 * own(&base), own(&doubled)), size);
        }
    }
    tally.verdict("no reward that adds to the cost reads a parameter of kind cost")
}

/// Totals `[strategy][outcome]` with one parameter after another raised by a tenth (by 1 where it is 0).
fn raised(subject: &Subject, parameters: &[usize]) -> Vec<Totals> {
    let mut evaluator = Evaluator::new(subject.model, subject.integration);
    let one = |&p: &usize| {
        let mut values = subject.base.clone();
        values[p] += if values[p] == 0.0 { 1.0 } else { 0.1 * values[p].abs() };
        evaluator.totals(&values)
    };
    parameters.iter().map(one).collect()
}

pub static R16: Check = Check {
    id: "R16",
    title: "A higher price raises the cost of those who pay it, and nothing else",
    why: "Each price is raised by a tenth by itself. The cost may not fall, the cost of strategies that do not pay it may not \
          move, and no gain in health may change: a price that is read by a transition or by quality of life is in the wrong \
          formula, and one that lowers the cost has the wrong sign.",
    hint: "Look at every formula that reads the parameter that is named. Savings are better given as costs of the other strategy.",
    basis: "TECH-VER",
    quick: true,
    run: r16,
};

fn r16(subject: &Subject) -> Verdict {
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    let model = subject.model;
    let prices = subject.of_kind(Kind::Cost);
    let base = subject.totals_of(model, &subject.base);
    let mut gains = quality(subject);
    gains.extend(subject.effect().filter(|e| !gains.contains(e) && *e != cost));
    let mut tally = Tally::new("a price moves costs up and effects not at all", EXACT);
    let mut dearest: (f64, String) = (0.0, String::new());
    for (&p, totals) in prices.iter().zip(&raised(subject, &prices)) {
        let name = &model.parameters[p].name;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            for &o in &gains {
                let what =
                    format!("with `{name}` raised, `{}` under `{}`", model.outcomes[o].name, strategy.name);
                tally.same(name, &what, base[arm][o], totals[arm][o]);
            }
        }
        let size = |arm: usize| 1e-12 * base[arm][cost].abs().max(1e-6);
        let moves: Vec<f64> = (0..model.strategies.len())
            .map(|arm| totals[arm][cost] - base[arm][cost])
            .enumerate()
            .map(|(arm, x)| if x.abs() <= size(arm) { 0.0 } else { x })
            .collect();
        let falls: Vec<usize> = (0..moves.len()).filter(|&arm| moves[arm] < 0.0).collect();
        let rises = moves.iter().any(|x| *x > 0.0);
        let text = || format!("a higher `{name}` lowers the cost under {}", arms(model, &falls));
        // Without a decision nobody has said that this outcome is a cost.
        match rises || subject.scenario.decision.is_none() {
            true => tally.advisable(name, falls.is_empty(), text),
            false => tally.holds(name, falls.is_empty(), text),
        };
        let most = moves.iter().fold(0.0, |a: f64, x| a.max(*x));
        if most > dearest.0 {
            dearest = (most, name.clone());
        }
    }
    if dearest.0 > 0.0 {
        tally.note(format!("a tenth more of `{}` matters most, by {}", dearest.1, number(dearest.0)));
    }
    tally.verdict("the parameter table has no costs")
}

pub static R27: Check = Check {
    id: "R27",
    title: "Every price is paid, and as often as there is occasion",
    why: "What a plain price adds without discounting, divided by the price, is the number of times that it is paid: it must be the \
          number of moves, starts or years that the flow of patients counts for the same occasion, and under at least one \
          strategy more than none. A price that changes no total belongs to a reward that never falls, or to nobody.",
    hint: "Look at when the reward falls that reads the price, and at the strategies it is limited to.",
    basis: "TECH-VER",
    quick: true,
    run: r27,
};

fn r27(subject: &Subject) -> Verdict {
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    let model = subject.model;
    let mut tally = Tally::new("prices paid are occasions counted", EXACT);
    let counts = subject.counts();
    for (l, line) in subject.paths.lines.iter().enumerate() {
        let reward = &model.rewards[line.reward];
        let Some(price) = plain_price(subject, &reward.amount).filter(|_| line.outcome(model) == cost) else {
            continue;
        };
        for (arm, strategy) in model.strategies.iter().enumerate() {
            // Those who are not eligible follow another strategy, whose rewards and prices are theirs.
            let follows = strategy.otherwise.is_some() || !strategy.substitutions.is_empty();
            if follows || !reward.given_under(arm) || price == 0.0 {
                continue;
            }
            let own = &counts.strategies[arm];
            let sum = |all: &[f64]| all.iter().sum::<f64>() / counts.patients;
            let due = match line.at {
                RewardAt::In(state, Reading::Any) => sum(&own.occupancy[state]),
                RewardAt::Edge(e) => sum(&own.moves[e]),
                RewardAt::Start => match reward.when.procedures() {
                    None if reward.when.only_at_start() => 1.0,
                    Some(branches) => {
                        let taken = branches.iter().filter(|(of, _)| *of == arm);
                        taken.map(|(_, b)| own.procedure[*b]).sum::<f64>() / counts.patients
                    }
                    None => continue,
                },
                RewardAt::In(..) => continue,
            };
            let times = sum(&own.lines[l]) / price;
            let what = format!("how often reward `{}` falls under `{}`", reward.name, strategy.name);
            tally.same_by(&reward.name, &what, (due, times), 1.0);
        }
    }
    let prices = subject.of_kind(Kind::Cost);
    let base = subject.totals_of(model, &subject.base);
    for (&p, totals) in prices.iter().zip(&raised(subject, &prices)) {
        let name = &model.parameters[p].name;
        let moves = |(new, old): (&Vec<f64>, &Vec<f64>)| {
            new.iter().zip(old).any(|(x, y)| (x - y).abs() > 1e-13 * y.abs().max(1e-9))
        };
        let paid = totals.iter().zip(&base).any(moves);
        tally.advisable(name, paid, || format!("`{name}` changes no total: nobody ever pays it"));
    }
    tally.verdict("the parameter table has no costs")
}

/// The price that an amount consists of, with its sign.
fn plain_price(subject: &Subject, amount: &Expr) -> Option<f64> {
    match amount {
        Expr::Parameter(p) if subject.kind(*p) == Kind::Cost => Some(subject.base[*p]),
        Expr::Call(Function::Negate, parts) => Some(-plain_price(subject, &parts[0])?),
        _ => None,
    }
}
