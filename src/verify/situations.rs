//! Situations in which checks evaluate formulas: all patient groups, early and late cycles, short and long times in state.

use arcosim_core::model::hazard::Reads;
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Clock, Expr, Hazard, Model, Situation};

/// Maximum number of patient groups per formula.
const MOST_PATIENTS: usize = 200;
/// Step widths for sampling patient groups. Primes, because other steps could skip some categories altogether.
const PRIMES: [usize; 6] = [11, 23, 47, 97, 199, 401];
/// Maximum age in checks, because age-dependent formulas need not be valid beyond the human lifespan.
const OLDEST: f64 = 100.0;

/// Calls `visit` with situations of patients in `state` that differ in the inputs `reads` of a formula: all combinations
/// of non-empty categories, the ends and the middle of continuous attributes, and cycles that are sampled more densely
/// at the start. With `all_cycles`, every cycle is visited.
pub fn each(
    model: &Model,
    parameters: &[f64],
    state: usize,
    reads: &Reads,
    all_cycles: bool,
    mut visit: impl FnMut(&Situation),
) {
    let relevant = reads.attributes();
    let ages = ages(model);
    let present = arcosim_core::model::patients::categories_present(model, parameters);
    let exists = |patient: &&Vec<f64>| {
        relevant.iter().all(|&a| model.attributes[a].is_number() || present[a][patient[a] as usize])
    };
    let everybody = patients(model, parameters, &relevant);
    let kinds: Vec<&Vec<f64>> = everybody.iter().filter(exists).collect();
    // A large prime step samples all categories, because attributes have few categories.
    let step = match kinds.len().div_ceil(MOST_PATIENTS) {
        0 | 1 => 1,
        few => PRIMES.into_iter().find(|p| *p >= few).unwrap_or(few),
    };
    let moving = reads.time || reads.age;
    let cycles = match (moving, all_cycles) {
        (false, _) => vec![0],
        (true, true) => (0..model.time.cycles).collect(),
        (true, false) => spread(model.time.cycles),
    };
    let mut residence = vec![0; model.groups.len()];
    for patient in kinds.into_iter().step_by(step) {
        for &cycle in &cycles {
            let years = model.time.years(cycle);
            let old = reads.age && ages.iter().any(|&a| patient[a] + years > OLDEST);
            if old && cycle > 0 {
                continue;
            }
            let longest = if moving { cycle } else { model.time.cycles - 1 };
            let stays = match reads.residence.is_empty() {
                true => vec![0],
                false => spread(longest + 1),
            };
            for stay in stays {
                residence.fill(stay);
                visit(&Situation {
                    parameters,
                    attributes: patient,
                    state,
                    cycle,
                    residence: &residence,
                    cycles_per_year: model.time.cycles_per_year,
                    part: model.time.part(),
                });
            }
        }
    }
}

/// Cycles below `n`: Fibonacci numbers, so that early cycles are sampled more densely, and the last cycle.
fn spread(n: usize) -> Vec<usize> {
    let mut cycles = Vec::new();
    let (mut a, mut b) = (0, 1);
    while a < n {
        cycles.push(a);
        (a, b) = (b.max(a + 1), a + b);
    }
    if n > 0 && cycles.last() != Some(&(n - 1)) {
        cycles.push(n - 1);
    }
    cycles
}

/// Attributes that are ages, recognised because a life table or a formula adds time to them.
fn ages(model: &Model) -> Vec<usize> {
    let mut found = Vec::new();
    let mut add = |a: usize| arcosim_core::model::hazard::insert(&mut found, a);
    for transition in &model.transitions {
        if let Hazard::LifeTable { age, .. } = transition.hazard {
            add(age);
        }
    }
    let mut look = |expr: &Expr| {
        expr.walk(&mut |e| {
            if let Expr::Clock(Clock::Age(a) | Clock::AgeAtEnd(a)) = e {
                add(*a);
            }
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut |e| look(e));
    }
    model.rewards.iter().for_each(|r| look(&r.amount));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_spread_from_the_first_to_the_last() {
        assert_eq!(spread(1), [0]);
        assert_eq!(spread(2), [0, 1]);
        assert_eq!(spread(12), [0, 1, 2, 3, 4, 7, 11]);
        assert_eq!(spread(0), [0; 0]);
    }
}
