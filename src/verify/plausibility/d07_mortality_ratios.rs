use crate::prelude::*;
use crate::situations;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Hazard, Model, hazard};

pub static D07: Check = Check {
    id: "D07",
    title: "Patients do not die less often than the general population",
    why: "Where deaths follow a life table, all that multiplies it is worked out for every living state, strategy and kind of \
          patient. Less than 1 says that patients die less often than their neighbours, which is rarely meant for the sick.",
    hint: "See the mortality ratio of the transition and the effects on it.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("ratios of at least 1 on mortality from a life table", 0.0);
    for (t, transition) in model.transitions.iter().enumerate() {
        if !matches!(transition.hazard, Hazard::LifeTable { .. }) {
            continue;
        }
        for &state in &transition.from {
            let least = least_ratio(evidence, t, state);
            let name = &model.states[state].name;
            comparisons.advisable(name, least >= 1.0 - 1e-9, || {
                format!(
                    "those in `{name}` die by `{}` at {} times the rate of the life table",
                    transition.name,
                    number(least)
                )
            });
        }
    }
    comparisons.verdict("no transition follows a life table")
}

/// The smallest factor on a life table in a state.
fn least_ratio(evidence: &Evidence, t: usize, state: usize) -> f64 {
    let model: &Model = evidence.model;
    let Hazard::LifeTable { ratio, .. } = &model.transitions[t].hazard else {
        return 1.0;
    };
    let mut least = f64::INFINITY;
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &evidence.base);
        let mut reads = Reads::of(ratio);
        for effect in hazard::effects_on(model, s, t) {
            reads.add(&effect.ratio);
        }
        situations::each(model, &parameters, state, &reads, false, |at| {
            let effects: f64 = hazard::effects_on(model, s, t).map(|e| e.ratio.value(at)).product();
            least = least.min(ratio.value(at) * effects);
        });
    }
    least
}
