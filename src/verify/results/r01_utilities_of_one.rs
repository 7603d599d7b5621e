use super::health_outcomes::{NO_QALYS, added_utilities, qaly_outcomes};
use super::itemised::{Item, Itemised};
use super::typed_numbers::{reads_others, typed_numbers};
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::{Clock, Expr};
use arcosim_scenario::parameters::Kind;

pub static R01: Check = Check {
    id: "R01",
    title: "With all utilities at 1 and no decrements, QALYs equal life years",
    why: "All utilities are set to 1, all losses to 0, and age no longer matters to them. A year in any state of the living \
          must then add exactly one QALY, and a year among the dead none. A state in which it adds nothing has been forgotten; \
          where it adds two, a utility is counted twice; where it adds the length of a cycle, a formula divides by the \
          number of cycles what the program divides already.",
    hint: "Look at the rewards that are counted `in` the state that is named: every living state needs exactly one utility per \
           year. If the people in an absorbing state are alive, say who is dead in [verify] dead.",
    basis: "TECH-VER, epicR",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let outcomes = qaly_outcomes(evidence);
    if outcomes.is_empty() {
        return lived(evidence);
    }
    let model = evidence.model;
    let values = neutral(evidence, &outcomes);
    let itemised = Itemised::new(model, &outcomes, &ageless);
    let totals = itemised.totals(evidence, &values);
    let mut comparisons = Comparisons::new("each living state adds 1 QALY a year, the dead add none", EXACT);
    for &o in &outcomes {
        let worth = |arm: usize, s: usize| {
            let of = |years: bool| {
                let chosen = |item: &Item| item.state == Some(s) && item.reward.is_none() == years;
                itemised.sum(&totals[arm], o, chosen)
            };
            (of(true), of(false))
        };
        let (common, tolerance) = common_factor(evidence, o, &worth);
        for (s, state) in model.states.iter().enumerate() {
            let dead = evidence.is_dead(s);
            let unclear = dead && !evidence.is_surely_dead(s);
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
                    reason(evidence, each, due)
                )
            };
            // A case with a typed number keeps it, whatever the utilities are.
            let mut cases = Vec::new();
            for r in model.rewards.iter().filter(|r| r.outcome(model) == o) {
                if r.when.in_state(s) {
                    typed_numbers(&r.amount, &mut cases);
                }
            }
            let typed = cases.iter().any(|x| *x > 0.0 && *x < 1.0);
            match typed && !dead {
                true => comparisons.advisable(&state.name, wrong.is_empty(), text),
                false => comparisons.holds(&state.name, wrong.is_empty(), text),
            };
        }
        for (i, item) in itemised.items.iter().enumerate() {
            let Some(r) = item.reward.filter(|_| item.outcome == o && item.state.is_none()) else {
                continue;
            };
            let reward = &model.rewards[r];
            let most =
                totals.iter().map(|own| own[i]).fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            let reads = parameters_in(&reward.amount, None);
            if reads.iter().any(|&p| evidence.kind(p) == Kind::Utility) {
                comparisons.advisable(&reward.name, most.abs() < 1e-9, || {
                    format!(
                        "reward `{}` adds {} QALYs as a one-off amount of a utility: a utility is a value per year, \
                         and what an event costs in quality of life is a loss",
                        reward.name,
                        number(most)
                    )
                });
            }
        }
    }
    comparisons.verdict("no patient spends time in any state")
}

/// What is wrong with a state in which a year adds `each`, in a few words.
fn reason(evidence: &Evidence, each: f64, due: f64) -> String {
    let per_cycle = 1.0 / evidence.model.time.cycles_per_year;
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
    evidence: &Evidence,
    outcome: usize,
    worth: &dyn Fn(usize, usize) -> (f64, f64),
) -> (f64, f64) {
    let scaled = evidence.model.rewards.iter().any(|reward| {
        let counted = reward.outcome(evidence.model) == outcome && reward.when.accrues();
        counted && reads_others(evidence, &reward.amount, &[Kind::Utility, Kind::Disutility])
    });
    let reference = evidence.model.reference();
    let living = evidence.living().into_iter().map(|s| worth(reference, s));
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
fn neutral(evidence: &Evidence, outcomes: &[usize]) -> Vec<f64> {
    let gains = added_utilities(evidence, outcomes);
    let values = evidence.base.iter().enumerate();
    values
        .map(|(p, &x)| match evidence.kind(p) {
            Kind::Utility if gains.contains(&p) => 0.0,
            Kind::Utility => 1.0,
            Kind::Disutility => 0.0,
            _ => x,
        })
        .collect()
}

/// Without utilities: whether the years that the decision gains are counted in every living state.
fn lived(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(effect) = evidence.effect() else {
        return Verdict::skip(NO_QALYS);
    };
    let mut own = model.rewards.iter().filter(|r| r.outcome(model) == effect);
    if !own.all(|r| r.when.accrues() && r.amount == Expr::Number(1.0)) {
        return Verdict::skip(NO_QALYS);
    }
    let mut comparisons = Comparisons::new("each living state adds 1 year a year, the dead add none", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let times = model.rewards.iter().filter(|r| r.outcome(model) == effect && r.when.in_state(s));
        let (times, due) = (times.count(), usize::from(!evidence.is_dead(s)));
        comparisons.advisable(&state.name, times == due, || {
            format!(
                "a year in `{}` is counted {times} times, and should be {due} times if this counts life",
                state.name
            )
        });
    }
    comparisons.verdict(NO_QALYS)
}
