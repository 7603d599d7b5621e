use super::health_outcomes::gained_outcomes;
use crate::evidence::totals_of;
use crate::prelude::*;
use arcosim_core::model::{Share, impossible};

pub static R26: Check = Check {
    id: "R26",
    title: "Patients who start in a worse state have worse outcomes",
    why: "All patients are started in one state of the progression after another ([verify] progression). Under every \
          strategy, life years and effects must not increase as the starting state gets worse. Otherwise, a worse \
          state has a lower hazard, a higher utility, or an exit that the better state lacks, and slowing the disease \
          loses health.",
    hint: "Compare the hazards out of the two states in the finding, and their utilities.",
    basis: "TECH-VER",
    quick: false,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let states = &evidence.scenario.verify.progression;
    if states.len() < 2 {
        return Verdict::skip(
            "the scenario does not list the states of the disease in order ([verify] progression)",
        );
    }
    let effects = gained_outcomes(evidence);
    let mut comparisons = Comparisons::new(
        "life years and effects that do not increase as the starting state gets \
                                            worse",
        0.0,
    );
    let mut before: Option<(usize, Vec<Vec<f64>>)> = None;
    for &state in states {
        let mut started = model.clone();
        started.start = vec![(state, Share::Rest)];
        if impossible(&started, &evidence.base).is_some() {
            continue;
        }
        let counts = evidence.solve(&started, &evidence.base);
        let totals = totals_of(&started, &counts);
        let fares = |arm: usize| -> Vec<f64> {
            let years = evidence.years_alive(&counts, arm);
            let gained = effects.iter().map(|&o| totals[arm][o]);
            std::iter::once(years).chain(gained).collect()
        };
        let now: Vec<Vec<f64>> = (0..model.strategies.len()).map(fares).collect();
        if let Some((better, then)) = &before {
            for i in 0..=effects.len() {
                let what = match i {
                    0 => "life years".to_string(),
                    i => format!("`{}`", model.outcomes[effects[i - 1]].name),
                };
                let grows: Vec<usize> = (0..now.len())
                    .filter(|&arm| now[arm][i] > then[arm][i] + 1e-6 * then[arm][i].abs())
                    .collect();
                comparisons.advisable(&model.states[state].name, grows.is_empty(), || {
                    let arm = grows[0];
                    format!(
                        "patients who start in `{}` have more {what} than patients who start in `{}` under {} ({} \
                         versus {})",
                        model.states[state].name,
                        model.states[*better].name,
                        arms(model, &grows),
                        number(now[arm][i]),
                        number(then[arm][i])
                    )
                });
            }
        }
        before = Some((state, now));
    }
    comparisons.verdict("patients cannot start in any state of the progression")
}
