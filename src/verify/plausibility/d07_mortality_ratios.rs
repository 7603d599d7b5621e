use crate::prelude::*;
use crate::situations;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{EffectOn, Hazard, Model, hazard};

pub static D07: Check = Check {
    id: "D07",
    title: "Patients have at least the mortality of the general population",
    why: "If deaths follow a life table, the product of all mortality ratios is evaluated for every living state, \
          strategy and patient group. A product below 1 means that patients die less often than the general \
          population, which is rarely intended for people with a disease.",
    hint: "Check the mortality ratio of the transition and the effects on it.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("mortality ratios of at least 1", 0.0);
    for (t, transition) in model.transitions.iter().enumerate() {
        if !matches!(transition.hazard, Hazard::LifeTable { .. }) {
            continue;
        }
        for &state in &transition.from {
            let least = least_ratio(evidence, t, state);
            let name = &model.states[state].name;
            comparisons.advisable(name, least >= 1.0 - 1e-9, || {
                format!(
                    "patients in `{name}` die by `{}` at {} times the rate of the life table",
                    transition.name,
                    number(least)
                )
            });
        }
    }
    comparisons.verdict("no transition follows a life table")
}

/// The smallest mortality ratio on a life table in a state.
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
            let on_hazard = hazard::effects_on(model, s, t).filter(|e| e.on == EffectOn::Hazard);
            let effects: f64 = on_hazard.map(|e| e.ratio.value(at)).product();
            least = least.min(ratio.value(at) * effects);
        });
    }
    least
}
