use crate::prelude::*;
use crate::reading::{parameters_in, readings};
use arcosim_core::model::{EffectOn, Hazard, TimeDistribution};
use arcosim_scenario::parameters::Kind;

pub static S18: Check = Check {
    id: "S18",
    title: "The scale of each effect fits the curve that it acts on",
    why: "A hazard ratio comes from a model of proportional hazards. On a curve that was fitted as accelerated failure time \
          (log-logistic, log-normal, gamma, generalised gamma) it is not what the regression means, and an odds ratio is \
          neither a hazard ratio nor a relative risk unless the event is rare. A relative risk holds for the time over which it \
          was measured, and multiplied onto the probability of every cycle it becomes another one.",
    hint: "Take the treatment as a covariate of the curve itself, or show that hazards are proportional; convert odds ratios; take a \
           hazard ratio in place of a relative risk.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("ratios on hazards where hazards are proportional, no odds ratios as factors", 0.0);
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                let transition = &model.transitions[t];
                let family = match &transition.hazard {
                    Hazard::Distribution { time, .. } => match time {
                        TimeDistribution::LogLogistic { .. } => Some("log-logistic"),
                        TimeDistribution::LogNormal { .. } => Some("log-normal"),
                        TimeDistribution::Gamma { .. } => Some("gamma"),
                        TimeDistribution::GeneralisedGamma { .. } => Some("generalised gamma"),
                        _ => None,
                    },
                    _ => None,
                };
                comparisons.advisable(&strategy.name, family.is_none() || effect.on != EffectOn::Hazard, || {
                    format!(
                        "strategy `{}` multiplies the hazard of `{}`, whose {} curve has no proportional hazards",
                        strategy.name,
                        transition.name,
                        family.unwrap_or_default()
                    )
                });
                let mut odds = None;
                for p in parameters_in(&effect.ratio, None) {
                    if evidence.kind(p) == Kind::Or {
                        odds = Some(p);
                    }
                }
                comparisons.advisable(&strategy.name, odds.is_none(), || {
                    format!(
                        "the odds ratio `{}` is part of the factor of strategy `{}` on `{}`",
                        model.parameters[odds.unwrap_or(0)].name,
                        strategy.name,
                        transition.name
                    )
                });
            }
        }
    }
    let mut seen = Vec::new();
    for reading in readings(model) {
        let p = reading.parameter;
        let Some(t) = reading.transition.filter(|_| evidence.kind(p) == Kind::Rr && !seen.contains(&p))
        else {
            continue;
        };
        seen.push(p);
        let name = &model.parameters[p].name;
        comparisons.advisable(name, evidence.base[p] == 1.0, || {
            format!(
                "the relative risk `{name}` multiplies probabilities in every cycle, such as that of `{}`: it means that only if it was \
                 measured over one cycle; a hazard ratio holds for any time",
                model.transitions[t].name
            )
        });
    }
    comparisons.verdict("no strategy has an effect on a transition, and there is no relative risk")
}
