use crate::prelude::*;
use crate::reading::{Reading, readings};
use crate::situations;
use arcosim_core::model::{Hazard, Model, hazard};
use arcosim_scenario::parameters::Kind;

pub static S06: Check = Check {
    id: "S06",
    title: "A higher hazard ratio, risk or rate makes more events",
    why: "Each ratio, rate and probability that transitions read is raised by a tenth, each mean or median time is shortened, and \
          the chance of the transitions that read it is worked out for all kinds of patients and cycles. It must rise \
          somewhere. Where it only falls, the number works the other way round than its kind says: it divides where it should \
          multiply, or is the inverse of what was published.",
    hint: "Look at the formula of the transition or effect; if the number was published the other way round, enter its reciprocal.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// By how much a parameter is raised to see where it leads.
const RAISED: f64 = 1.1;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new(
        "raised by a tenth, every ratio and rate makes the transitions that read it likelier",
        0.0,
    );
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
                "{} of {} `{}` makes `{}` rarer under `{}`: it acts the other way round",
                if longer { "a shorter value" } else { "a higher value" },
                row.kind.name().replace('_', " "),
                row.name,
                model.transitions[t].name,
                model.strategies[s].name
            )
        };
        match row.kind {
            // `1 - p` is what a probability of staying well may honestly be used for.
            Kind::Probability => comparisons.advisable(&row.name, fine, text),
            _ => comparisons.holds(&row.name, fine, text),
        };
    }
    comparisons.verdict("no transition reads a ratio, rate or probability of the table")
}

/// Strategies under which a transition may have hazards of its own, and the first.
fn strategies_apart(model: &Model, t: usize) -> Vec<usize> {
    let apart = |s: &usize| {
        let strategy = &model.strategies[*s];
        *s == 0 || !strategy.substitutions.is_empty() || hazard::effects_on(model, *s, t).next().is_some()
    };
    (0..model.strategies.len()).filter(apart).collect()
}

/// By how much the chance of a transition changes with the values, wherever it does.
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
