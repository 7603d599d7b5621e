//! Quality of life: what a year in each state is worth, and which way each number moves the total.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::super::transform::without_discounting;
use super::apart::{Apart, Item, arms, listed, parameters_in};
use super::left_over::{self, surely_dead};
use crate::model::{Clock, Expr, When};
use crate::scenario::parameters::Kind;

/// Why checks of utilities are skipped.
const NOTHING: &str =
    "no outcome counts quality-adjusted life: no utility adds to any, or costs add to the same";

/// Utilities nearer to 0 than this may be gains on top of another.
const GAIN: f64 = 0.2;

pub static R01: Check = Check {
    id: "R01",
    title: "With every utility 1 and no losses, QALYs are years lived",
    why: "All utilities are set to 1, all losses to 0, and age no longer matters to them. A year in any state of the living \
          must then add exactly one QALY, and a year among the dead none. A state in which it adds nothing has been forgotten; \
          where it adds two, a utility is counted twice; where it adds the length of a cycle, somebody has divided by the \
          number of cycles what the program divides already.",
    hint: "Look at the rewards that are counted `in` the state that is named: every living state needs exactly one utility per \
           year. If the people in an absorbing state are alive, say who is dead in [verify] dead.",
    basis: "TECH-VER, epicR",
    quick: true,
    run: r01,
};

fn r01(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return lived(subject);
    }
    let model = subject.model;
    let values = neutral(subject, &outcomes);
    let apart = Apart::new(model, &outcomes, &ageless);
    let totals = apart.totals(subject, &values);
    let mut tally = Tally::new("each living state adds 1 QALY a year, the dead add none", EXACT);
    for &o in &outcomes {
        let worth = |arm: usize, s: usize| {
            let of = |years: bool| {
                let chosen = |item: &Item| item.state == Some(s) && item.reward.is_none() == years;
                apart.sum(&totals[arm], o, chosen)
            };
            (of(true), of(false))
        };
        let common = common_factor(subject, o, &worth);
        for (s, state) in model.states.iter().enumerate() {
            let dead = subject.is_dead(s);
            let unclear = dead && !surely_dead(subject, s);
            let due = if dead { 0.0 } else { common };
            let mut wrong: Vec<(usize, f64)> = Vec::new();
            let mut visited = false;
            for arm in 0..model.strategies.len() {
                let (years, amount) = worth(arm, s);
                if years.abs() < 1e-9 {
                    continue;
                }
                visited = true;
                if (amount - due * years).abs() > EXACT * years.abs() * due.max(1.0) {
                    wrong.push((arm, amount / years));
                }
            }
            if !visited || unclear {
                continue;
            }
            tally.holds(&state.name, wrong.is_empty(), || {
                let all: Vec<usize> = wrong.iter().map(|(arm, _)| *arm).collect();
                let each = wrong[0].1;
                format!(
                    "a year in `{}` adds {} to `{}` under {}, and should add {}{}",
                    state.name,
                    number(each),
                    model.outcomes[o].name,
                    arms(model, &all),
                    number(due),
                    reason(subject, each, due)
                )
            });
        }
        for (i, item) in apart.items.iter().enumerate() {
            let Some(r) = item.reward.filter(|_| item.outcome == o && item.state.is_none()) else {
                continue;
            };
            let reward = &model.rewards[r];
            let most = totals
                .iter()
                .map(|own| own[i])
                .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            let reads = parameters_in(&reward.amount, None);
            if reads.iter().any(|&p| subject.kind(p) == Kind::Utility) {
                tally.advisable(&reward.name, most.abs() < 1e-9, || {
                    format!(
                        "reward `{}` adds {} QALYs by way of a utility that falls once: a utility is worth so much a year, \
                         and what an event costs in quality of life is a loss",
                        reward.name,
                        number(most)
                    )
                });
            }
        }
    }
    tally.verdict("nobody is in any state for any time")
}

/// What is wrong with a state in which a year adds `each`, in a few words.
fn reason(subject: &Subject, each: f64, due: f64) -> String {
    let per_cycle = 1.0 / subject.model.time.cycles_per_year;
    let near = |x: f64, y: f64| (x - y).abs() < 1e-9 * y.abs().max(1.0);
    let times = (each / due.max(f64::MIN_POSITIVE)).round();
    match () {
        () if due == 0.0 => ": the dead are given quality of life".into(),
        () if near(each, 0.0) => ": it has no utility".into(),
        () if per_cycle != 1.0 && near(each, due * per_cycle) => {
            ": that is the length of a cycle, by which the program multiplies already".into()
        }
        () if times >= 2.0 && near(each, times * due) => format!(": {times} utilities are added up"),
        () => String::new(),
    }
}

/// What a year is worth in a living state once utilities are 1: 1, or where a norm of the population multiplies all of
/// them, that norm, as seen in the state in which most time is spent.
fn common_factor(subject: &Subject, outcome: usize, worth: &dyn Fn(usize, usize) -> (f64, f64)) -> f64 {
    let scaled = subject.model.rewards.iter().any(|reward| {
        let counted = reward.outcome(subject.model) == outcome && matches!(reward.when, When::In(_));
        counted && left_over::reads_others(subject, &reward.amount, &[Kind::Utility, Kind::Disutility])
    });
    let reference = subject.model.reference();
    let living = subject.living().into_iter().map(|s| worth(reference, s));
    let most = living.max_by(|a, b| a.0.total_cmp(&b.0));
    match most {
        Some((years, amount)) if scaled && years > 0.0 && amount > 0.0 => amount / years,
        _ => 1.0,
    }
}

/// Age has no influence: everybody keeps the age at which they came, and tables of utilities and norms hold 1, those of
/// losses 0.
fn ageless(part: Expr) -> Expr {
    match part {
        Expr::Clock(Clock::Age(a) | Clock::AgeAtEnd(a)) => Expr::Attribute(a),
        Expr::Lookup(table, _) => {
            let values = || table.values.iter().flatten();
            let mean = values().sum::<f64>() / values().count().max(1) as f64;
            Expr::Number(if mean > 0.5 { 1.0 } else { 0.0 })
        }
        other => other,
    }
}

/// Values with all utilities 1 and all losses 0; small utilities that are added to another where it is read are gains,
/// and are 0.
fn neutral(subject: &Subject, outcomes: &[usize]) -> Vec<f64> {
    let gains = gains(subject, outcomes);
    let values = subject.base.iter().enumerate();
    values
        .map(|(p, &x)| match subject.kind(p) {
            Kind::Utility if gains.contains(&p) => 0.0,
            Kind::Utility => 1.0,
            Kind::Disutility => 0.0,
            _ => x,
        })
        .collect()
}

/// Utilities that are added on top of another one wherever they are read.
fn gains(subject: &Subject, outcomes: &[usize]) -> Vec<usize> {
    let model = subject.model;
    let read = |reward: usize, s: usize| {
        let mut all = parameters_in(&model.rewards[reward].amount, Some(s));
        all.retain(|&p| subject.kind(p) == Kind::Utility);
        all
    };
    let places: Vec<(usize, usize, usize)> = (0..model.rewards.len())
        .filter(|&r| outcomes.contains(&model.rewards[r].outcome(model)))
        .flat_map(|r| {
            let states = match &model.rewards[r].when {
                When::In(states) => states.clone(),
                _ => Vec::new(),
            };
            states
                .into_iter()
                .map(move |s| (r, s, model.rewards[r].outcome(model)))
        })
        .collect();
    let together = |a: usize, b: usize| {
        (0..model.strategies.len())
            .all(|arm| !model.rewards[a].given_under(arm) || model.rewards[b].given_under(arm))
    };
    let small = |p: &usize| subject.base[*p].abs() < GAIN;
    let on_top = |p: &usize| {
        let mut own = places
            .iter()
            .filter(|(r, s, _)| read(*r, *s).contains(p))
            .peekable();
        own.peek().is_some()
            && own.all(|(r, s, o)| {
                let mut beside = places
                    .iter()
                    .filter(|(b, t, q)| t == s && q == o && together(*r, *b));
                beside.any(|(b, t, _)| read(*b, *t).iter().any(|q| q != p && !small(q)))
            })
    };
    subject
        .of_kind(Kind::Utility)
        .into_iter()
        .filter(small)
        .filter(on_top)
        .collect()
}

/// Outcomes that count quality-adjusted life: utilities add to them, and no costs.
pub fn quality(subject: &Subject) -> Vec<usize> {
    let reads = |outcome: usize, kinds: &[Kind]| {
        let mut rewards = subject
            .model
            .rewards
            .iter()
            .filter(|r| r.outcome(subject.model) == outcome);
        rewards.any(|r| {
            parameters_in(&r.amount, None)
                .iter()
                .any(|&p| kinds.contains(&subject.kind(p)))
        })
    };
    let all = 0..subject.model.outcomes.len();
    all.filter(|&o| reads(o, &[Kind::Utility]) && !reads(o, &[Kind::Cost]))
        .collect()
}

/// Without utilities: whether the years that the decision gains are counted in every living state.
fn lived(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(effect) = subject.effect() else {
        return Verdict::skip(NOTHING);
    };
    let mut own = model.rewards.iter().filter(|r| r.outcome(model) == effect);
    if !own.all(|r| matches!(r.when, When::In(_)) && r.amount == Expr::Number(1.0)) {
        return Verdict::skip(NOTHING);
    }
    let mut tally = Tally::new("each living state adds 1 year a year, the dead add none", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let times = model.rewards.iter().filter(|r| {
            r.outcome(model) == effect && matches!(&r.when, When::In(states) if states.contains(&s))
        });
        let (times, due) = (times.count(), usize::from(!subject.is_dead(s)));
        tally.advisable(&state.name, times == due, || {
            format!(
                "a year in `{}` is counted {times} times, and should be {due} times if this counts life",
                state.name
            )
        });
    }
    tally.verdict(NOTHING)
}

pub static R02: Check = Check {
    id: "R02",
    title: "Without any utility, there are no QALYs",
    why: "All utilities and losses are set to 0, and no reward may add QALYs. What is left is a number that somebody typed into \
          a formula, where no sensitivity analysis finds it and no source explains it.",
    hint: "Give the number a row in the parameter table, with its kind, its source and its uncertainty.",
    basis: "TECH-VER, epicR",
    quick: true,
    run: r02,
};

fn r02(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    left_over::verdict(
        subject,
        &outcomes,
        &[Kind::Utility, Kind::Disutility],
        "no reward adds QALYs",
    )
}

pub static R03: Check = Check {
    id: "R03",
    title: "Better quality of life gives more QALYs, greater losses fewer",
    why: "All utilities are lowered by a tenth, and every strategy must lose QALYs. Then each utility and each loss is raised by \
          itself: a utility that lowers the total, or a loss that raises it, has the wrong sign.",
    hint: "Look at the rewards that read the parameter that is named: losses are positive numbers, and are taken away by \
           `loss = true` or by one minus sign, not by both.",
    basis: "TECH-VER",
    quick: true,
    run: r03,
};

fn r03(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    let model = subject.model;
    let mut tally = Tally::new("every utility moves QALYs up, every loss down", 0.0);
    let apart = Apart::plain(model, &outcomes);
    let mut evaluator = apart.evaluator(subject);
    let mut gained = |values: &[f64]| -> Vec<Vec<f64>> {
        let totals = evaluator.totals(values);
        let of = |own: &Vec<f64>| {
            outcomes
                .iter()
                .map(|&o| apart.sum(own, o, |item| item.reward.is_some()))
                .collect()
        };
        totals.iter().map(of).collect()
    };
    let base = gained(&subject.base);
    let lower = gained(&subject.with_kinds(&[Kind::Utility], |x| 0.9 * x));
    for (arm, strategy) in model.strategies.iter().enumerate() {
        for (i, &o) in outcomes.iter().enumerate() {
            tally.holds(&strategy.name, lower[arm][i] < base[arm][i], || {
                format!(
                    "with all utilities a tenth lower, `{}` under `{}` is {} and was {}",
                    model.outcomes[o].name,
                    strategy.name,
                    number(lower[arm][i]),
                    number(base[arm][i])
                )
            });
        }
    }
    for p in 0..subject.base.len() {
        let up = match subject.kind(p) {
            Kind::Utility => 1.0,
            Kind::Disutility => -1.0,
            _ => continue,
        };
        let mut values = subject.base.clone();
        values[p] += 0.01;
        let changed = gained(&values);
        let moves: Vec<f64> = (changed.iter().flatten().zip(base.iter().flatten()))
            .map(|(new, old)| {
                if (new - old).abs() > 1e-12 * old.abs().max(1e-3) {
                    up * (new - old)
                } else {
                    0.0
                }
            })
            .collect();
        let name = &model.parameters[p].name;
        if moves.iter().all(|x| *x == 0.0) {
            continue;
        }
        let against = moves.iter().any(|x| *x < 0.0);
        let text = || {
            let words = if up > 0.0 {
                ("utility", "fewer")
            } else {
                ("loss", "more")
            };
            format!("raising the {} `{name}` by 0.01 gives {} QALYs", words.0, words.1)
        };
        match moves.iter().any(|x| *x > 0.0) {
            true => tally.advisable(name, !against, || {
                format!("{} under some strategies only", text())
            }),
            false => tally.holds(name, !against, text),
        };
    }
    tally.verdict("nothing adds to QALYs")
}

pub static R14: Check = Check {
    id: "R14",
    title: "Life is worth no more than the best state, on average",
    why: "QALYs per year lived, without discounting and without what falls once, are a mean of the utilities of the states. A \
          mean above the highest utility of the parameter table means that something is added up which should not be, or that \
          years are missing; one below the lowest, that some of the years have no utility.",
    hint: "Compare the utility of each state in the outcome tables with its source; R01 and R23 name the state.",
    basis: "TECH-VER",
    quick: true,
    run: r14,
};

fn r14(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    let model = without_discounting(subject.model);
    let apart = Apart::plain(&model, &outcomes);
    let totals = apart.totals(subject, &subject.base);
    let mut tally = Tally::new("QALYs per year lived lie among the utilities", 0.0);
    for &o in &outcomes {
        let read = |kind: Kind| {
            let rewards = model.rewards.iter().filter(|r| r.outcome(&model) == o);
            let mut all: Vec<usize> = rewards.flat_map(|r| parameters_in(&r.amount, None)).collect();
            all.retain(|&p| subject.kind(p) == kind);
            all.sort_unstable();
            all.dedup();
            all
        };
        let gains = gains(subject, &outcomes);
        let own = &subject.base;
        // What stands in for a utility under a strategy is one too.
        let mut stand_in: Vec<f64> = Vec::new();
        for strategy in &model.strategies {
            let values = strategy.parameters(&model, &subject.base);
            stand_in.extend(
                strategy
                    .substitutions
                    .iter()
                    .filter(|(p, _)| subject.kind(*p) == Kind::Utility)
                    .map(|(p, _)| values[*p]),
            );
        }
        let utilities: Vec<f64> = read(Kind::Utility)
            .into_iter()
            .filter(|p| !gains.contains(p))
            .map(|p| own[p])
            .chain(stand_in)
            .collect();
        let extra: f64 = gains.iter().map(|&p| own[p].max(0.0)).sum();
        let losses: f64 = read(Kind::Disutility).into_iter().map(|p| own[p].max(0.0)).sum();
        let negative: f64 = read(Kind::Disutility)
            .into_iter()
            .map(|p| (-own[p]).max(0.0))
            .sum();
        let high = utilities.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b)) + extra + negative;
        let low = utilities.iter().fold(f64::INFINITY, |a, &b| a.min(b)) - losses;
        let scaled = model.rewards.iter().filter(|r| r.outcome(&model) == o).any(|r| {
            left_over::reads_others(subject, &r.amount, &[Kind::Utility, Kind::Disutility]) || r.reads().age
        });
        for (strategy, own) in model.strategies.iter().zip(&totals) {
            let alive = |item: &Item| {
                item.state
                    .is_some_and(|s| !subject.is_dead(s) || !surely_dead(subject, s))
            };
            let years = apart.sum(own, o, |item| item.reward.is_none() && alive(item));
            let gained = apart.sum(own, o, |item| item.reward.is_some() && item.state.is_some());
            if years <= 0.0 {
                continue;
            }
            let mean = gained / years;
            let text = |limit: f64, word: &str| {
                format!(
                    "a year under `{}` is worth {} in `{}`, {word} {}",
                    strategy.name,
                    number(mean),
                    model.outcomes[o].name,
                    number(limit)
                )
            };
            let fine = mean <= high + 1e-9;
            match scaled {
                true => tally.advisable(&strategy.name, fine, || text(high, "above the highest utility,")),
                false => tally.holds(&strategy.name, fine, || text(high, "above the highest utility,")),
            };
            if !scaled {
                tally.advisable(&strategy.name, mean >= low - 1e-9, || {
                    text(low, "below the lowest utility less all losses,")
                });
            }
        }
    }
    tally.verdict(NOTHING)
}

pub static R23: Check = Check {
    id: "R23",
    title: "No state is worth more than full health",
    why: "The mean worth of a year in each state is taken from all rewards that are counted in it. Full health is 1, so that more \
          means that two utilities are added up in one state, or that a utility has the wrong unit. Below -1 no instrument goes.",
    hint: "Look at the rewards that are named: a state needs one utility, and gains and losses on top of it.",
    basis: "TECH-VER",
    quick: true,
    run: r23,
};

fn r23(subject: &Subject) -> Verdict {
    let outcomes = quality(subject);
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    let model = without_discounting(subject.model);
    let apart = Apart::plain(&model, &outcomes);
    let totals = apart.totals(subject, &subject.base);
    let mut tally = Tally::new("a year in any state is worth between -1 and 1", 0.0);
    let mut best = (f64::NEG_INFINITY, "");
    for &o in &outcomes {
        for (s, state) in model.states.iter().enumerate() {
            let worth = totals.iter().filter_map(|own| {
                let years = apart.sum(own, o, |item| item.state == Some(s) && item.reward.is_none());
                let gained = apart.sum(own, o, |item| item.state == Some(s) && item.reward.is_some());
                (years > 1e-9).then(|| gained / years)
            });
            let (low, high) = worth.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| {
                (l.min(x), h.max(x))
            });
            if low > high {
                continue;
            }
            if high > best.0 {
                best = (high, &state.name);
            }
            let fine = high <= 1.0 + 1e-9 && low >= -1.0;
            tally.holds(&state.name, fine, || {
                let rewards = apart
                    .items
                    .iter()
                    .filter(|item| item.state == Some(s) && item.outcome == o);
                let names = rewards.filter_map(|item| Some(&model.rewards[item.reward?].name[..]));
                let worth = if high > 1.0 { high } else { low };
                format!(
                    "a year in `{}` is worth {} by {}",
                    state.name,
                    number(worth),
                    listed(names)
                )
            });
        }
    }
    if best.0.is_finite() {
        tally.note(format!("the best is `{}` with {}", best.1, number(best.0)));
    }
    tally.verdict(NOTHING)
}
