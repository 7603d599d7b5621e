use super::exits::exits;
use crate::prelude::*;
use crate::situations;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Expr, Hazard, Model, hazard};

pub static S20: Check = Check {
    id: "S20",
    title: "People can die in every state in which they live",
    why: "For every living state in which patients spend time, the chance of the transitions into death is worked out. A state \
          without any is a refuge in which nobody dies: the model adds years of life there. Where deaths follow a table of \
          mortality in some states, states in which they do not are asked about too: an operation that may kill does not \
          replace death from other causes.",
    hint: "Add the state to the `from` of the transition into death, or see why its hazard is 0.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly = evidence.deadly();
    if deadly.is_empty() {
        return Verdict::skip("nobody dies in this model");
    }
    let counts = evidence.counts();
    let mut comparisons = Comparisons::new("a chance of death in every living state", 0.0);
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
        return Verdict::skip("nobody dies in this model");
    }
    // Where people die of one disease only, those who do not have it yet cannot: a refuge is one where others die of any cause.
    let of_any_cause = deaths.iter().filter(|x| **x).count() > 1 || tables.iter().any(|x| *x);
    for (i, &state) in living.iter().enumerate() {
        let name = &model.states[state].name;
        let passing = passes_through(evidence, state);
        match (deaths[i], tables[i] || !tables.iter().any(|x| *x)) {
            (false, _) if !passing && of_any_cause => {
                comparisons.fail(name, format!("nobody can die in state `{name}`, and people do in others"));
            }
            (false, _) if !passing => comparisons.warn(name, format!("nobody can die in state `{name}`, and people do in another")),
            (false, _) => comparisons.warn(
                name,
                format!("nobody can die during the one cycle in state `{name}`, and people do in others"),
            ),
            (true, true) => {
                comparisons.holds(name, true, String::new);
            }
            (true, false) => comparisons.warn(
                name,
                format!(
                    "those in state `{name}` die only of something else: the mortality table that holds in other states does not reach it{}",
                    if passing { " (they stay there for one cycle)" } else { "" }
                ),
            ),
        }
    }
    comparisons.verdict("nobody lives in this model")
}

/// Whether a hazard follows a life table or looks one up.
fn reads_table(model: &Model, t: usize) -> bool {
    let mut found = matches!(model.transitions[t].hazard, Hazard::LifeTable { .. });
    model.transitions[t].expressions(&mut |expr| {
        expr.walk(&mut |e| found |= matches!(e, Expr::Lookup(..)));
    });
    found
}

/// Whether a transition ever fires from a state, under any strategy.
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

/// Whether everybody leaves a state within a cycle.
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
