use super::changes::sizes;
use crate::evidence::Nudged;
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_analysis::evaluation::Evaluator;
use arcosim_core::model::{Hazard, Model, ParametersRead, Reward, Transition, When};
use arcosim_scenario::parameters::Kind;

pub static U10: Check = Check {
    id: "U10",
    title: "Results change in the expected direction with each parameter",
    why: "Each parameter is raised by 1% alone. A higher cost must not reduce costs or change effects. A higher \
          utility must not reduce QALYs, a higher disutility must not increase QALYs, and neither may change costs. A \
          higher rate or ratio of death must not prolong life. If the scenario lists the states of the progression, \
          an effect that slows progression should improve health. A change in the wrong direction means that a sign \
          or ratio is inverted, or that an amount adds to the wrong outcome.",
    hint: "Check the minus signs, divisions and outcomes of the rewards and hazards that use the parameter.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Nudged],
    run,
};

/// Relative change of an outcome below which a change is rounding error.
const ROUNDING: f64 = 1e-11;

/// Relative change in health above which a warning is given, if a parameter changes by 1%.
const WORTH_TELLING: f64 = 1e-5;

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new(
        "higher costs with higher prices, better health with higher utilities and lower disutilities, and shorter \
         lives with higher mortality",
        0.0,
    );
    let base = evidence.totals();
    let sizes = sizes(&base);
    let (cost, effect) = (evidence.cost(), evidence.effect());
    let effect = effect.filter(|_| cost != effect);
    for own in evidence.nudged() {
        let change = |outcome: usize| -> Vec<f64> {
            let sign = if own.up { 1.0 } else { -1.0 };
            let of = |(x, y): (&Vec<f64>, &Vec<f64>)| match sign * (x[outcome] - y[outcome]) {
                change if change.abs() <= ROUNDING * sizes[outcome] => 0.0,
                change => change,
            };
            own.totals.iter().zip(&base).map(of).collect()
        };
        let mut look = |outcome: Option<usize>, wrong: fn(f64) -> bool, why: &str| {
            if let Some(outcome) = outcome {
                let changes = change(outcome);
                judge(evidence, own, (outcome, &changes), wrong, why, &mut comparisons);
            }
        };
        match evidence.kind(own.parameter) {
            Kind::Cost => {
                look(cost, |x| x < 0.0, "a higher cost must not reduce costs");
                look(effect, |x| x != 0.0, "a cost must not change effects");
            }
            Kind::Utility => {
                look(evidence.qaly().or(effect), |x| x < 0.0, "a higher utility must not reduce health");
                look(cost, |x| x != 0.0, "a utility must not change costs");
            }
            Kind::Disutility => {
                look(evidence.qaly().or(effect), |x| x > 0.0, "a higher disutility must not improve health");
                look(cost, |x| x != 0.0, "a disutility must not change costs");
            }
            _ => {}
        }
    }
    deaths(evidence, &mut comparisons);
    if let Some(effect) = effect {
        progression(evidence, effect, &base, &mut comparisons);
    }
    comparisons.verdict("no parameter is a cost, a utility or a hazard of death")
}

/// Adds an error if an outcome changes in the wrong direction under any strategy.
fn judge(
    evidence: &Evidence,
    own: &Nudged,
    (outcome, changes): (usize, &[f64]),
    wrong: fn(f64) -> bool,
    why: &str,
    comparisons: &mut Comparisons,
) {
    let name = evidence.name(own.parameter);
    let found = changes.iter().position(|&x| wrong(x));
    comparisons.holds(name, found.is_none(), || {
        let s = found.unwrap_or(0);
        let by = (own.to - evidence.base[own.parameter]).abs();
        format!(
            "raising `{name}` by {} changes `{}` under `{}` by {}: {why}",
            number(by),
            evidence.model.outcomes[outcome].name,
            evidence.model.strategies[s].name,
            number(changes[s])
        )
    });
}

/// Parameters that affect only mortality, and how often transitions and effects use each of them.
fn deadly(evidence: &Evidence) -> Vec<(usize, usize)> {
    let model = evidence.model;
    let mut often = vec![0; evidence.base.len()];
    let mut others = model.clone();
    let deadly = evidence.only_deadly();
    let kills: Vec<bool> = (0..model.transitions.len()).map(|t| deadly.contains(&t)).collect();
    for (transition, _) in model.transitions.iter().zip(&kills).filter(|(_, kills)| **kills) {
        transition.expressions(&mut |e| {
            e.walk(&mut |e| {
                if let arcosim_core::model::Expr::Parameter(p) = e {
                    often[*p] += 1;
                }
            });
        });
    }
    for strategy in &mut others.strategies {
        for effect in strategy.effects.iter().filter(|e| e.transitions.iter().all(|&t| kills[t])) {
            effect.ratio.walk(&mut |e| {
                if let arcosim_core::model::Expr::Parameter(p) = e {
                    often[*p] += 1;
                }
            });
        }
        strategy.effects.retain(|e| !e.transitions.iter().all(|&t| kills[t]));
    }
    // Parameters that the model still uses after removing deaths affect more than mortality.
    for (transition, kills) in others.transitions.iter_mut().zip(&kills) {
        if *kills {
            transition.hazard = Hazard::Complement;
            transition.branches.clear();
        }
    }
    let elsewhere = ParametersRead::of(&others);
    let substituted = model
        .strategies
        .iter()
        .flat_map(|s| &s.substitutions)
        .flat_map(|(_, expr)| parameters_in(expr, None));
    let substituted: Vec<usize> = substituted.collect();
    let only = |p: &usize| often[*p] > 0 && !elsewhere.anywhere[*p] && !substituted.contains(p);
    (0..often.len()).filter(only).map(|p| (p, often[p])).collect()
}

/// Checks that higher mortality does not prolong life.
fn deaths(evidence: &Evidence, comparisons: &mut Comparisons) {
    let deadly = deadly(evidence);
    let Some(model) = years_of_life(evidence).filter(|_| !deadly.is_empty()) else {
        return;
    };
    let mut evaluator = Evaluator::new(&model, evidence.integration);
    let base = evaluator.totals(&evidence.base);
    for own in evidence.nudged() {
        let Some(&(p, often)) = deadly.iter().find(|(p, _)| *p == own.parameter) else {
            continue;
        };
        let kind = evidence.kind(p);
        let hastens = match kind {
            Kind::Rate | Kind::Probability | Kind::Hr | Kind::Rr | Kind::Or => 1.0,
            Kind::MeanTime | Kind::MedianTime => -1.0,
            _ => continue,
        };
        let mut values = evidence.base.clone();
        values[p] = own.to;
        let totals = evaluator.totals(&values);
        let sign = if own.up { hastens } else { -hastens };
        let gained = |s: &usize| sign * (totals[*s][0] - base[*s][0]);
        let found = (0..base.len()).find(|s| gained(s) > ROUNDING * base[*s][0].abs());
        let name = evidence.name(p);
        let text = || {
            let s = found.unwrap_or(0);
            format!(
                "`{name}` affects only mortality, but {} it prolongs life under `{}` by {} years",
                if hastens > 0.0 { "raising" } else { "lowering" },
                evidence.model.strategies[s].name,
                number(gained(&s))
            )
        };
        // The finding is only a warning for a parameter that is used twice, because its uses may cancel, and for a
        // probability, because it may be a probability of survival.
        match often == 1 && kind != Kind::Probability {
            true => comparisons.holds(name, found.is_none(), text),
            false => comparisons.advisable(name, found.is_none(), text),
        };
    }
}

/// Copy of the model with undiscounted life years as the only outcome.
fn years_of_life(evidence: &Evidence) -> Option<Model> {
    let mut model = evidence.model.clone();
    model.outcomes.truncate(1);
    model.outcomes.first_mut()?.discount = None;
    model.components.truncate(1);
    model.components.first_mut()?.outcome = 0;
    model.rewards = vec![Reward {
        name: "years of life".into(),
        label: "Years of life".into(),
        component: 0,
        strategies: None,
        amount: arcosim_core::model::Expr::Number(1.0),
        when: When::In(evidence.living()),
    }];
    Some(model)
}

/// Checks that weakening an effect that acts only on disease progression does not improve health.
fn progression(evidence: &Evidence, effect: usize, base: &[Vec<f64>], comparisons: &mut Comparisons) {
    let model = evidence.model;
    let place = |state: usize| match evidence.is_dead(state) {
        true => Some(usize::MAX),
        false => evidence.scenario.verify.progression.iter().position(|&s| s == state),
    };
    let hastens = |t: &Transition| {
        t.from.iter().all(|&from| {
            let ahead =
                |to: Option<usize>| to.and_then(place).zip(place(from)).is_some_and(|(to, from)| to > from);
            t.branches.iter().all(|b| ahead(b.to))
        })
    };
    for own in evidence.nudged().iter().filter(|own| evidence.is_ratio(own.parameter)) {
        let p = own.parameter;
        let read = |s: usize| {
            model.strategies[s].effects.iter().filter(move |e| parameters_in(&e.ratio, None).contains(&p))
        };
        let arms: Vec<usize> = (0..model.strategies.len()).filter(|&s| read(s).next().is_some()).collect();
        let on_steps = arms
            .iter()
            .all(|&s| read(s).all(|e| e.transitions.iter().all(|&t| hastens(&model.transitions[t]))));
        if arms.is_empty() || !on_steps {
            continue;
        }
        let sign = if own.up { 1.0 } else { -1.0 };
        let gained = |s: usize| sign * (own.totals[s][effect] - base[s][effect]);
        let found = arms.iter().copied().find(|&s| gained(s) > WORTH_TELLING * base[s][effect].abs());
        comparisons.advisable(evidence.name(p), found.is_none(), || {
            let s = found.unwrap_or(0);
            format!(
                "`{}` acts only on disease progression, but raising it, which speeds up progression, increases `{}` \
                 under `{}` by {}",
                evidence.name(p),
                model.outcomes[effect].name,
                model.strategies[s].name,
                number(gained(s))
            )
        });
    }
}
