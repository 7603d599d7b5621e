use crate::prelude::*;
use crate::reading::{Reading, readings};
use crate::situations;
use arcosim_core::model::{Hazard, Model, hazard};
use arcosim_scenario::parameters::Kind;

pub static S06: Check = Check {
    id: "S06",
    title: "Higher ratios, risks and rates increase the probability of events",
    why: "Every ratio, rate and probability that a transition uses is raised by 10%, and every mean or median time \
          is shortened. The probability of the transition must then increase for some patients in some cycles. If it \
          only decreases, the parameter acts in the opposite direction to its kind: it divides where it should \
          multiply, or it is the reciprocal of the published number.",
    hint: "Check the formula of the transition or effect. If the number was published for the opposite comparison, \
           enter its reciprocal.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// Relative change of a parameter to find the direction of its effect.
const RAISED: f64 = 1.1;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("more likely transitions when their ratios and rates are raised by 10%", 0.0);
    let places = readings(model);
    for (p, row) in evidence.scenario.parameters.iter().enumerate() {
        let longer = matches!(row.kind, Kind::MeanTime | Kind::MedianTime);
        let moves = matches!(row.kind, Kind::Rate | Kind::Probability | Kind::Hr | Kind::Rr | Kind::Or);
        let base = evidence.base[p];
        if !(longer || moves) || base <= 0.0 || base >= 1.0 && row.kind == Kind::Probability {
            continue;
        }
        let mut raised = evidence.base.clone();
        raised[p] = match row.kind {
            Kind::Probability => (base * RAISED).min(1.0),
            _ if longer => base / RAISED,
            _ => base * RAISED,
        };
        let own: Vec<&Reading> = places.iter().filter(|r| r.parameter == p).collect();
        let (mut rose, mut fell) = (0, None);
        for (t, transition) in model.transitions.iter().enumerate() {
            if !own.iter().any(|r| r.transition == Some(t)) || matches!(transition.hazard, Hazard::Complement)
            {
                continue;
            }
            for s in strategies_apart(model, t) {
                for change in changes(evidence, s, t, &raised) {
                    match change {
                        change if change > 0.0 => rose += 1,
                        _ => fell = Some((t, s)),
                    }
                }
            }
        }
        if rose == 0 && fell.is_none() {
            continue;
        }
        let fine = rose > 0;
        let text = || {
            let (t, s) = fell.unwrap_or((0, 0));
            format!(
                "{} of {} `{}` makes `{}` less likely under `{}`: the parameter acts in the opposite direction",
                if longer { "a shorter value" } else { "a higher value" },
                row.kind.name().replace('_', " "),
                row.name,
                model.transitions[t].name,
                model.strategies[s].name
            )
        };
        match row.kind {
            // A warning only, because a formula may correctly use `1 - p`, such as for a probability of staying well.
            Kind::Probability => comparisons.advisable(&row.name, fine, text),
            _ => comparisons.holds(&row.name, fine, text),
        };
    }
    comparisons.verdict("no transition uses a ratio, rate or probability of the parameter table")
}

/// The first strategy, and all strategies under which a transition may have different hazards.
fn strategies_apart(model: &Model, t: usize) -> Vec<usize> {
    let apart = |s: &usize| {
        let strategy = &model.strategies[*s];
        *s == 0 || !strategy.substitutions.is_empty() || hazard::effects_on(model, *s, t).next().is_some()
    };
    (0..model.strategies.len()).filter(apart).collect()
}

/// Changes of the probability of a transition between the values, for all situations in which it changes.
fn changes(evidence: &Evidence, strategy: usize, t: usize, values: &[f64]) -> Vec<f64> {
    let model = evidence.model;
    let before = model.strategies[strategy].parameters(model, &evidence.base);
    let after = model.strategies[strategy].parameters(model, values);
    let mut changes = Vec::new();
    if before == after && evidence.base == values {
        return changes;
    }
    let reads = hazard::reads(model, strategy, t);
    for &state in &model.transitions[t].from {
        situations::each(model, &before, state, &reads, false, |s| {
            let was = hazard::spend(model, strategy, t, s);
            let mut then = *s;
            then.parameters = &after;
            let is = hazard::spend(model, strategy, t, &then);
            if (is - was).abs() > 1e-12 * was.abs() {
                changes.push(is - was);
            }
        });
        if !reads.state {
            break;
        }
    }
    changes
}
