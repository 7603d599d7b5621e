//! What a year in each state is worth once utilities are 1.

use super::super::check::{Check, Verdict};
use super::super::reading::{parameters_in, walk_in};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, arms, number};
use super::apart::{Apart, Item};
use super::left_over::{self, surely_dead};
use super::utilities::{NOTHING, gains, quality};
use arcosim_core::model::{Clock, Expr};
use arcosim_scenario::parameters::Kind;

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
        let (common, tolerance) = common_factor(subject, o, &worth);
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
                if (amount - due * years).abs() > tolerance * years.abs() * due.max(1.0) {
                    wrong.push((arm, amount / years));
                }
            }
            if !visited || unclear {
                continue;
            }
            let text = || {
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
            };
            // A case with a typed number keeps it, whatever the utilities are.
            let mut cases = Vec::new();
            for r in model.rewards.iter().filter(|r| r.outcome(model) == o) {
                if r.when.in_state(s) {
                    left_over::typed_numbers(&r.amount, &mut cases);
                }
            }
            let typed = cases.iter().any(|x| *x > 0.0 && *x < 1.0);
            match typed && !dead {
                true => tally.advisable(&state.name, wrong.is_empty(), text),
                false => tally.holds(&state.name, wrong.is_empty(), text),
            };
        }
        for (i, item) in apart.items.iter().enumerate() {
            let Some(r) = item.reward.filter(|_| item.outcome == o && item.state.is_none()) else {
                continue;
            };
            let reward = &model.rewards[r];
            let most =
                totals.iter().map(|own| own[i]).fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
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
        () if per_cycle != 1.0 && near(each, due / per_cycle) => {
            format!(
                ": {} utilities are added up, or one is divided by the length of a cycle",
                number(each / due)
            )
        }
        () if times >= 2.0 && near(each, times * due) => format!(": {times} utilities are added up"),
        () => String::new(),
    }
}

/// What a year is worth in a living state once utilities are 1, and how far off it may be: 1 and rounding; or where a norm
/// of the population multiplies all of them, that norm, as seen in the state in which most time is spent. Who is in the
/// other states may be of other ages.
fn common_factor(
    subject: &Subject,
    outcome: usize,
    worth: &dyn Fn(usize, usize) -> (f64, f64),
) -> (f64, f64) {
    let scaled = subject.model.rewards.iter().any(|reward| {
        let counted = reward.outcome(subject.model) == outcome && reward.when.accrues();
        counted && left_over::reads_others(subject, &reward.amount, &[Kind::Utility, Kind::Disutility])
    });
    let reference = subject.model.reference();
    let living = subject.living().into_iter().map(|s| worth(reference, s));
    let living: Vec<(f64, f64)> = living.filter(|(years, _)| *years > 1e-9).collect();
    let plain = living.iter().any(|(years, amount)| (amount / years - 1.0).abs() < EXACT);
    let most = living.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    match most {
        Some((years, amount)) if scaled && !plain && *amount > 0.0 => (amount / years, 0.05),
        _ => (1.0, EXACT),
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

/// Without utilities: whether the years that the decision gains are counted in every living state.
fn lived(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(effect) = subject.effect() else {
        return Verdict::skip(NOTHING);
    };
    let mut own = model.rewards.iter().filter(|r| r.outcome(model) == effect);
    if !own.all(|r| r.when.accrues() && r.amount == Expr::Number(1.0)) {
        return Verdict::skip(NOTHING);
    }
    let mut tally = Tally::new("each living state adds 1 year a year, the dead add none", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let times = model.rewards.iter().filter(|r| r.outcome(model) == effect && r.when.in_state(s));
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

pub static R38: Check = Check {
    id: "R38",
    title: "Quality of life falls with age in every state or in none",
    why: "Where utilities are multiplied by the norm of the general population at the age reached, that must be so in every state of \
          the living. A state without the norm keeps its value up to the highest ages, and looks better the longer people live.",
    hint: "Look at the rewards that are counted in the state that is named.",
    basis: "own",
    quick: true,
    run: r38,
};

fn r38(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("age acts on the utilities of all states, or of none", 0.0);
    for o in quality(subject) {
        // Per state with a utility: whether age acts on it.
        let mut states: Vec<(usize, bool)> = Vec::new();
        for s in subject.living() {
            let mut any = false;
            let mut aged = false;
            for reward in model.rewards.iter().filter(|r| r.outcome(model) == o) {
                let here = reward.when.in_state(s);
                let reads = parameters_in(&reward.amount, Some(s));
                if !here || !reads.iter().any(|&p| subject.kind(p) == Kind::Utility) {
                    continue;
                }
                any = true;
                walk_in(&reward.amount, Some(s), &mut |e| {
                    aged |= matches!(e, Expr::Clock(Clock::Age(_) | Clock::AgeAtEnd(_)) | Expr::Lookup(..));
                });
            }
            if any {
                states.push((s, aged));
            }
        }
        let with = states.iter().filter(|(_, aged)| *aged).count();
        for &(s, aged) in &states {
            // The fewer are the odd ones.
            let odd = with > 0 && with < states.len() && aged == (2 * with <= states.len());
            let name = &model.states[s].name;
            tally.advisable(name, !odd, || {
                let words = if aged {
                    "depends on age, and elsewhere it does not"
                } else {
                    "does not depend on age, and elsewhere it does"
                };
                format!("the quality of life in `{name}` {words}")
            });
        }
    }
    tally.verdict(NOTHING)
}
