use super::temporary_states::{Temporary, temporary};
use crate::prelude::*;
use arcosim_core::model::Tables;

pub static F26: Check = Check {
    id: "F26",
    title: "Patients do not bypass temporary states with consequences",
    why: "An operation or a first year is often a state of its own, with its cost and its risk, on the way to another. A transition \
          that leads straight to what comes after it spares patients both, and is often one that names the wrong target.",
    hint: "Look at `to` of the transition that is named; waive this if there is a way without the event.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let mut comparisons = Comparisons::new("what comes after a temporary state is entered through it", 0.0);
    let leads = |t: usize, to: usize| model.transitions[t].branches.iter().any(|b| b.to == Some(to));
    let all = || 0..model.transitions.len();
    let starts = |state: usize| model.start.iter().any(|(s, _)| *s == state);
    for Temporary { state, .. } in temporary(evidence, &tables) {
        let leaves = |t: &usize| model.transitions[*t].from.contains(&state);
        let deadly = evidence.deadly().into_iter().any(|t| leaves(&t));
        let costs = model.rewards.iter().any(|r| r.when.pays_for_visit(state));
        // Where patients only begin there, nobody else has to pass it.
        let entered = all().any(|t| leads(t, state));
        if !entered || !(deadly || costs) {
            continue;
        }
        for after in evidence.living().into_iter().filter(|&s| s != state && !starts(s)) {
            if !all().filter(leaves).any(|t| leads(t, after)) {
                continue;
            }
            for t in all().filter(|&t| leads(t, after)) {
                // From where some go through it and others do not, both ways are meant: with a complication and without.
                let chooses =
                    |s: usize| all().any(|t| model.transitions[t].from.contains(&s) && leads(t, state));
                let past = model.transitions[t].from.iter().any(|&s| s != state && s != after && !chooses(s));
                comparisons.advisable(&model.transitions[t].name, !past, || {
                    format!(
                        "transition `{}` leads to `{}` past `{}`, through which others go there",
                        model.transitions[t].name, model.states[after].name, model.states[state].name
                    )
                });
            }
        }
    }
    comparisons.verdict("no temporary state lies on the way to another")
}
