use super::temporary_states::{Temporary, temporary};
use crate::prelude::*;
use arcosim_core::model::Tables;

pub static F26: Check = Check {
    id: "F26",
    title: "Patients do not bypass temporary states that have costs or mortality",
    why: "An operation or a first year is often a separate temporary state, with its own costs and mortality, on the \
          way to the next state. A transition that leads directly to the next state omits these costs and deaths, and \
          often has the wrong target.",
    hint: "Check the `to` of the transition; waive the finding if patients can also reach the next state without the \
           event.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let mut comparisons =
        Comparisons::new("states after a temporary state entered only through the temporary state", 0.0);
    let leads = |t: usize, to: usize| model.transitions[t].branches.iter().any(|b| b.to == Some(to));
    let all = || 0..model.transitions.len();
    let starts = |state: usize| model.start.iter().any(|(s, _)| *s == state);
    for Temporary { state, .. } in temporary(evidence, &tables) {
        let leaves = |t: &usize| model.transitions[*t].from.contains(&state);
        let deadly = evidence.deadly().into_iter().any(|t| leaves(&t));
        let costs = model.rewards.iter().any(|r| r.when.pays_for_visit(state));
        // A state in which patients only start cannot be bypassed, because no transition leads into it.
        let entered = all().any(|t| leads(t, state));
        if !entered || !(deadly || costs) {
            continue;
        }
        for after in evidence.living().into_iter().filter(|&s| s != state && !starts(s)) {
            if !all().filter(leaves).any(|t| leads(t, after)) {
                continue;
            }
            for t in all().filter(|&t| leads(t, after)) {
                // Both ways are intended if they leave from the same state: one with a complication, and one without.
                let chooses =
                    |s: usize| all().any(|t| model.transitions[t].from.contains(&s) && leads(t, state));
                let past = model.transitions[t].from.iter().any(|&s| s != state && s != after && !chooses(s));
                comparisons.advisable(&model.transitions[t].name, !past, || {
                    format!(
                        "transition `{}` leads directly to `{}` and bypasses `{}`, the temporary state through which \
                         other patients arrive there",
                        model.transitions[t].name, model.states[after].name, model.states[state].name
                    )
                });
            }
        }
    }
    comparisons.verdict("no temporary state leads to another living state")
}
