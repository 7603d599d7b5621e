use super::exits::exits;
use crate::prelude::*;
use crate::situations;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Expr, Hazard, Model, hazard};

pub static S20: Check = Check {
    id: "S20",
    title: "Patients can die in every living state",
    why: "The probability of death is evaluated in every living state in which patients spend time. A state without \
          a transition to death adds life years, because its patients cannot die. If deaths in some states follow a \
          mortality table, the other living states must use it too: the mortality of an operation does not replace \
          background mortality.",
    hint: "Add the state to the `from` of the transition to death, or check why its hazard is 0.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly = evidence.deadly();
    if deadly.is_empty() {
        return Verdict::skip("the model has no deaths");
    }
    let counts = evidence.counts();
    let mut comparisons = Comparisons::new("a probability of death in every living state", 0.0);
    let by_table: Vec<usize> = deadly.iter().copied().filter(|&t| reads_table(model, t)).collect();
    let covered = |ways: &[usize], state: usize| {
        let own = exits(model, state).into_iter().filter(|t| ways.contains(t));
        own.into_iter().any(|t| can_fire(evidence, t, state))
    };
    let living: Vec<usize> = evidence
        .living()
        .into_iter()
        .filter(|&s| counts.strategies.iter().any(|own| own.occupancy[s].iter().any(|n| *n > 0.0)))
        .collect();
    let deaths: Vec<bool> = living.iter().map(|&s| covered(&deadly, s)).collect();
    let tables: Vec<bool> = living.iter().map(|&s| covered(&by_table, s)).collect();
    if !deaths.iter().any(|x| *x) {
        return Verdict::skip("the model has no deaths");
    }
    // In a model with disease-specific mortality only, states before the disease rightly have no deaths. A state without
    // deaths is an error only if all-cause mortality applies in other states.
    let of_any_cause = deaths.iter().filter(|x| **x).count() > 1 || tables.iter().any(|x| *x);
    for (i, &state) in living.iter().enumerate() {
        let name = &model.states[state].name;
        let passing = passes_through(evidence, state);
        match (deaths[i], tables[i] || !tables.iter().any(|x| *x)) {
            (false, _) if !passing && of_any_cause => {
                comparisons.fail(name, format!("patients cannot die in state `{name}`, but can in others"));
            }
            (false, _) if !passing => comparisons.warn(name, format!("patients cannot die in state `{name}`, but can in another")),
            (false, _) => comparisons.warn(
                name,
                format!("patients cannot die during the one cycle in state `{name}`, but can in others"),
            ),
            (true, true) => {
                comparisons.holds(name, true, String::new);
            }
            (true, false) => comparisons.warn(
                name,
                format!(
                    "patients in state `{name}` have no background mortality: the mortality table of other states does not apply there{}",
                    if passing { " (they stay for one cycle)" } else { "" }
                ),
            ),
        }
    }
    comparisons.verdict("the model has no living states")
}

/// Whether a hazard uses a life table or another table.
fn reads_table(model: &Model, t: usize) -> bool {
    let mut found = matches!(model.transitions[t].hazard, Hazard::LifeTable { .. });
    model.transitions[t].expressions(&mut |expr| {
        expr.walk(&mut |e| found |= matches!(e, Expr::Lookup(..)));
    });
    found
}

/// Whether a transition can fire from a state under any strategy.
fn can_fire(evidence: &Evidence, t: usize, state: usize) -> bool {
    let model = evidence.model;
    (0..model.strategies.len()).any(|s| {
        let parameters = model.strategies[s].parameters(model, &evidence.base);
        let mut fires = false;
        situations::each(model, &parameters, state, &hazard::reads(model, s, t), false, |situation| {
            fires |= hazard::spend(model, s, t, situation) > 0.0;
        });
        fires
    })
}

/// Whether all patients leave a state within one cycle.
fn passes_through(evidence: &Evidence, state: usize) -> bool {
    let model = evidence.model;
    let parameters = model.strategies[0].parameters(model, &evidence.base);
    let own = exits(model, state);
    let mut reads = Reads::default();
    own.iter().for_each(|&t| reads.merge(&hazard::reads(model, 0, t)));
    let mut always = !own.is_empty();
    situations::each(model, &parameters, state, &reads, false, |s| {
        let stays: f64 = own
            .iter()
            .map(|&t| {
                let spent = hazard::spend(model, 0, t, s);
                let leaves = if model.transitions[t].stated { spent } else { hazard::stated(spent) };
                (1.0 - leaves).max(0.0)
            })
            .product();
        let stated: f64 = own
            .iter()
            .filter(|&&t| model.transitions[t].stated)
            .map(|&t| hazard::spend(model, 0, t, s))
            .sum();
        always &= stays < 1e-3 || stated > 0.999;
    });
    always
}
