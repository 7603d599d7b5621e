use crate::prelude::*;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Hazard, Situation, Tables};

pub static F24: Check = Check {
    id: "F24",
    title: "Cycles are short enough for the rates",
    why: "A patient makes at most one move per cycle. If a rate is so high that more than 95% of patients move within \
          one cycle, events are delayed by the length of the cycle, and costs and effects with them. Often the rate \
          was entered for another unit of time, or as a percentage.",
    hint: "Check the unit of the rate (per month, per year); if it is correct, use a shorter cycle, or enter the move \
           as certain.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Cumulative hazard per cycle by which 95% of the patients at risk move within the cycle.
const NEARLY_ALL: f64 = 3.0;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let counts = evidence.counts();
    let mut comparisons =
        Comparisons::new("less than 95% of patients moved by one rate within one cycle", 0.0);
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
                        part: model.time.part(),
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
                "transition `{}` has a rate of {rate} per year in `{}` under `{}`: {moves}% of patients move within \
                 one cycle of {} years",
                transition.name,
                model.states[state].name,
                model.strategies[arm].name,
                number(model.time.years(1))
            )
        });
        if highest.as_ref().is_none_or(|(h, _)| w > *h) {
            highest = Some((w, format!("highest: `{}`, {moves}% of patients in one cycle", transition.name)));
        }
    }
    if let Some((_, words)) = highest {
        comparisons.note(words);
    }
    comparisons.verdict("no transition has a rate")
}
