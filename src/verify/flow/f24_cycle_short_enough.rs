use crate::prelude::*;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Hazard, Situation, Tables};

pub static F24: Check = Check {
    id: "F24",
    title: "Cycles are short enough for the rates",
    why: "A patient makes at most one move a cycle. A rate so high that almost everybody (95 in 100) moves within one cycle is \
          delayed by the cycle, and often is a rate of another unit of time, or a percentage.",
    hint: "Check the unit of the rate (per month, per year); if it is right, shorten the cycle, or state the move as certain.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Of those who could, 95 in 100 move within a cycle.
const NEARLY_ALL: f64 = 3.0;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let counts = evidence.counts();
    let mut comparisons =
        Comparisons::new("less than 95 % of a state moves by one rate within one cycle", 0.0);
    let mut highest: Option<(f64, String)> = None;
    for (t, transition) in model.transitions.iter().enumerate() {
        if !matches!(transition.hazard, Hazard::Rate(_)) || transition.stated {
            continue;
        }
        let mut most: Option<(f64, usize, usize)> = None;
        for (arm, own) in counts.strategies.iter().enumerate() {
            let relevant = reads(model, arm, t).attributes();
            for patient in patients(model, &tables.parameters[arm], &relevant) {
                for &state in &transition.from {
                    if own.occupancy[state][0] <= 0.0 && own.occupancy[state].iter().all(|x| *x <= 0.0) {
                        continue;
                    }
                    let residence = vec![0; model.groups.len()];
                    let s = Situation {
                        parameters: &tables.parameters[arm],
                        attributes: &patient,
                        state,
                        cycle: 0,
                        residence: &residence,
                        cycles_per_year: model.time.cycles_per_year,
                    };
                    let w = spend(model, arm, t, &s);
                    if most.is_none_or(|(highest, _, _)| w > highest) {
                        most = Some((w, state, arm));
                    }
                }
            }
        }
        let Some((w, state, arm)) = most else { continue };
        let moves = number(100.0 * -arcosim_core::math::exp_m1(-w));
        let rate = number(w * model.time.cycles_per_year);
        comparisons.advisable(&transition.name, w <= NEARLY_ALL, || {
            format!(
                "`{}` has a rate of {rate} a year in `{}` under `{}`: {moves} % move within one cycle of {} years",
                transition.name,
                model.states[state].name,
                model.strategies[arm].name,
                number(model.time.years(1))
            )
        });
        if highest.as_ref().is_none_or(|(h, _)| w > *h) {
            highest = Some((w, format!("highest: `{}`, {moves} % in a cycle", transition.name)));
        }
    }
    if let Some((_, words)) = highest {
        comparisons.note(words);
    }
    comparisons.verdict("no transition has a rate that competes")
}
