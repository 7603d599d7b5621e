use crate::prelude::*;
use crate::reading::{parameters_in, readings};
use arcosim_core::model::{EffectOn, Hazard, TimeDistribution};
use arcosim_scenario::parameters::Kind;

pub static S18: Check = Check {
    id: "S18",
    title: "The scale of every treatment effect suits the survival curve it acts on",
    why: "A hazard ratio assumes proportional hazards. Accelerated failure time models (log-logistic, log-normal, \
          gamma, generalised gamma) do not have proportional hazards, so a hazard ratio on them contradicts the \
          regression. An odds ratio is neither a hazard ratio nor a relative risk unless the event is rare. A \
          relative risk applies to the follow-up over which it was measured; applied to the probability of every \
          cycle it has a different effect.",
    hint: "Include treatment as a covariate of the survival curve or show that hazards are proportional; convert \
           odds ratios; use a hazard ratio instead of a relative risk.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("hazard ratios only on proportional hazards, and no odds ratios as factors", 0.0);
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                let transition = &model.transitions[t];
                let family = match &transition.hazard {
                    Hazard::Distribution { time, .. } => match time.family {
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
                let factor = odds.is_some() && effect.on != EffectOn::NeverOdds;
                comparisons.advisable(&strategy.name, !factor, || {
                    format!(
                        "the odds ratio `{}` is used as a factor by strategy `{}` on `{}`",
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
                "the relative risk `{name}` multiplies the probability of `{}` in every cycle; this is correct only if it was \
                 measured over one cycle, whereas a hazard ratio applies to any period",
                model.transitions[t].name
            )
        });
    }
    comparisons.verdict("no strategy has an effect on a transition, and the model has no relative risk")
}
