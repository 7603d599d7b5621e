//! The order of the disease, and death in every state.

use super::super::check::{Check, Verdict};
use super::super::situations;
use super::super::subject::Subject;
use super::super::tally::Tally;
use super::rows::exits;
use arcosim_core::model::hazard::{self, Reads};
use arcosim_core::model::{Expr, Hazard, Model};

pub static S16: Check = Check {
    id: "S16",
    title: "The disease does not go back",
    why: "The scenario names the states through which the disease goes, best first. Any transition from one of them to an earlier \
          one is a way back, and nobody should take it: a reversed arrow lets patients recover from what cannot recover.",
    hint: "Swap `from` and `to` of the transition, or leave a disease that can recover out of `progression`.",
    basis: "own",
    quick: true,
    run: s16,
};

fn s16(subject: &Subject) -> Verdict {
    let model = subject.model;
    let order = &subject.scenario.verify.progression;
    if order.len() < 2 {
        return Verdict::skip(
            "the scenario does not say in which order the disease goes through its states ([verify] progression)",
        );
    }
    let place = |state: usize| order.iter().position(|&s| s == state);
    let mut tally = Tally::new("no transition from a later state of the progression to an earlier one", 0.0);
    for transition in &model.transitions {
        for &from in &transition.from {
            for to in transition.branches.iter().filter_map(|b| b.to) {
                if let (Some(a), Some(b)) = (place(from), place(to)) {
                    tally.holds(&transition.name, b >= a, || {
                        format!(
                            "transition `{}` leads back from `{}` to `{}`",
                            transition.name, model.states[from].name, model.states[to].name
                        )
                    });
                }
            }
        }
    }
    tally.verdict("no transition joins two states of the progression")
}

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
    run: s20,
};

fn s20(subject: &Subject) -> Verdict {
    let model = subject.model;
    let deadly = subject.deadly();
    if deadly.is_empty() {
        return Verdict::skip("nobody dies in this model");
    }
    let counts = subject.counts();
    let mut tally = Tally::new("a chance of death in every living state", 0.0);
    let by_table: Vec<usize> = deadly.iter().copied().filter(|&t| reads_table(model, t)).collect();
    let covered = |ways: &[usize], state: usize| {
        let own = exits(model, state).into_iter().filter(|t| ways.contains(t));
        own.into_iter().any(|t| can_fire(subject, t, state))
    };
    let living: Vec<usize> = subject
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
        let passing = passes_through(subject, state);
        match (deaths[i], tables[i] || !tables.iter().any(|x| *x)) {
            (false, _) if !passing && of_any_cause => {
                tally.fail(name, format!("nobody can die in state `{name}`, and people do in others"));
            }
            (false, _) if !passing => tally.warn(name, format!("nobody can die in state `{name}`, and people do in another")),
            (false, _) => tally.warn(
                name,
                format!("nobody can die during the one cycle in state `{name}`, and people do in others"),
            ),
            (true, true) => {
                tally.holds(name, true, String::new);
            }
            (true, false) => tally.warn(
                name,
                format!(
                    "those in state `{name}` die only of something else: the mortality table that holds in other states does not reach it{}",
                    if passing { " (they stay there for one cycle)" } else { "" }
                ),
            ),
        }
    }
    tally.verdict("nobody lives in this model")
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
fn can_fire(subject: &Subject, t: usize, state: usize) -> bool {
    let model = subject.model;
    (0..model.strategies.len()).any(|s| {
        let parameters = model.strategies[s].parameters(model, &subject.base);
        let mut fires = false;
        situations::each(model, &parameters, state, &hazard::reads(model, s, t), false, |situation| {
            fires |= hazard::spend(model, s, t, situation) > 0.0;
        });
        fires
    })
}

/// Whether everybody leaves a state within a cycle.
fn passes_through(subject: &Subject, state: usize) -> bool {
    let model = subject.model;
    let parameters = model.strategies[0].parameters(model, &subject.base);
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
