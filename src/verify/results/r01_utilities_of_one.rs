use super::health_outcomes::{NO_QALYS, added_utilities, qaly_outcomes};
use super::itemised::{Item, Itemised};
use super::typed_numbers::{reads_others, typed_numbers};
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::{Clock, Expr};
use arcosim_scenario::parameters::Kind;

pub static R01: Check = Check {
    id: "R01",
    title: "With all utilities at 1 and no disutilities, QALYs equal life years",
    why: "All utilities are set to 1, all disutilities to 0, and the effect of age on utilities is removed. A year in \
          a living state must then add exactly 1 QALY, and a year in a death state 0. A living state that adds 0 has \
          no utility; a state that adds 2 has a utility that is counted twice; a state that adds the cycle length has \
          a formula that divides by the number of cycles, which arcosim does already. The QALYs of the base case \
          contain the same error.",
    hint: "Check the rewards that are counted `in` the state: every living state needs exactly one utility per year. \
           If patients in an absorbing state are alive, list the death states under [verify] (`dead`).",
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
    let mut comparisons =
        Comparisons::new("1 QALY per year in each living state, and 0 in death states", EXACT);
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
                    "with all utilities at 1, a year in `{}` adds {} to `{}` under {}, but should add {}{}",
                    state.name,
                    number(each),
                    model.outcomes[o].name,
                    arms(model, &all),
                    number(due),
                    reason(evidence, each, due)
                )
            };
            // A number typed into a formula does not follow the utilities and may be correct, so this is a warning.
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
                        "reward `{}` adds {} QALYs once, from a utility. A utility is a value per year; enter the \
                         loss of quality of life from an event as a disutility",
                        reward.name,
                        number(most)
                    )
                });
            }
        }
    }
    comparisons.verdict("no patient spends time in any state")
}

/// Describes the error in a state in which a year adds `each` instead of `due`.
fn reason(evidence: &Evidence, each: f64, due: f64) -> String {
    let per_cycle = 1.0 / evidence.model.time.cycles_per_year;
    let near = |x: f64, y: f64| (x - y).abs() < 1e-9 * y.abs().max(1.0);
    let times = (each / due.max(f64::MIN_POSITIVE)).round();
    match () {
        () if due == 0.0 => ": dead patients accrue quality of life".into(),
        () if near(each, 0.0) => ": the state has no utility".into(),
        () if per_cycle != 1.0 && near(each, due * per_cycle) => {
            ": this is the cycle length, by which arcosim already multiplies".into()
        }
        () if per_cycle != 1.0 && near(each, due / per_cycle) => {
            format!(": {} utilities are added up, or one is divided by the cycle length", number(each / due))
        }
        () if times >= 2.0 && near(each, times * due) => format!(": {times} utilities are added up"),
        () => String::new(),
    }
}

/// QALYs that a year in a living state should add with all utilities at 1, and the tolerated deviation: 1 up to
/// rounding. If a population norm multiplies all utilities, the norm in the state with the most time is used, with a
/// larger tolerance, because patients in other states may have other ages.
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

/// Removes the effect of age: formulas use the starting age, and tables are replaced by 1 (utilities and norms) or 0
/// (losses).
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

/// Parameter values with all utilities at 1 and all losses at 0. Small utilities that are added to another utility are
/// gains, so they are also set to 0.
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

/// For models without utilities: checks that the life years of the decision are counted in every living state.
fn lived(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(effect) = evidence.effect() else {
        return Verdict::skip(NO_QALYS);
    };
    let mut own = model.rewards.iter().filter(|r| r.outcome(model) == effect);
    if !own.all(|r| r.when.accrues() && r.amount == Expr::Number(1.0)) {
        return Verdict::skip(NO_QALYS);
    }
    let mut comparisons =
        Comparisons::new("1 year per year in each living state, and 0 in death states", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let times = model.rewards.iter().filter(|r| r.outcome(model) == effect && r.when.in_state(s));
        let (times, due) = (times.count(), usize::from(!evidence.is_dead(s)));
        comparisons.advisable(&state.name, times == due, || {
            format!(
                "a year in `{}` is counted {times} times, but should be counted {due} times if the effect is life years",
                state.name
            )
        });
    }
    comparisons.verdict(NO_QALYS)
}
