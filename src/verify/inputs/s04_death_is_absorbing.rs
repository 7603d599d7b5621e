use super::exits::exits;
use crate::prelude::*;
use crate::yearly_amounts::each_worth;
use arcosim_scenario::parameters::Kind;

pub static S04: Check = Check {
    id: "S04",
    title: "Death is absorbing",
    why: "The death states (those listed in `dead` under [verify], or else all absorbing states) must have no exit. \
          A state in which neither life years nor quality of life accrue should be one of them. An exit from a death \
          state lets the dead accrue years, costs and quality of life.",
    hint: "Remove the state from the `from` of the transition, list the death states under [verify], or add the \
           missing rewards of a living state.",
    basis: "assertHE",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("death states without exits", 0.0);
    let nothing = worth_nothing(evidence);
    for (s, state) in model.states.iter().enumerate() {
        if evidence.is_dead(s) {
            let ways: Vec<String> =
                exits(model, s).into_iter().map(|t| format!("`{}`", model.transitions[t].name)).collect();
            comparisons.holds(&state.name, ways.is_empty(), || {
                format!("`{}` is a death state, but patients leave it by {}", state.name, ways.join(", "))
            });
        } else if nothing.contains(&s) {
            let mut ways = exits(model, s).into_iter();
            let back = ways.find(|&t| {
                let mut targets = model.transitions[t].branches.iter().filter_map(|b| b.to);
                targets.any(|to| !evidence.is_dead(to) && !nothing.contains(&to))
            });
            // A warning only, because an outcome such as relapse-free years may rightly exclude living states.
            comparisons.advisable(&state.name, false, || match back {
                Some(t) => format!(
                    "no effects accrue in `{}`, but patients leave it by `{}` to live again",
                    state.name, model.transitions[t].name
                ),
                None => format!("no effects accrue in `{}`, although it is not a death state", state.name),
            });
        }
    }
    comparisons.advisable("[verify]", (0..model.states.len()).any(|s| evidence.is_dead(s)), || {
        "the model has no death state: every state has an exit".to_string()
    });
    comparisons.verdict("there are no states")
}

/// Living states without effects, in a model in which effects accrue in other living states. These states are probably
/// death states, whatever their names.
fn worth_nothing(evidence: &Evidence) -> Vec<usize> {
    let model = evidence.model;
    let effects: Vec<usize> =
        (0..model.outcomes.len()).filter(|&o| !evidence.outcome_reads(o, &[Kind::Cost])).collect();
    let counts = |state: usize| {
        let mut something = false;
        for &outcome in &effects {
            for strategy in 0..model.strategies.len() {
                each_worth(evidence, (outcome, strategy, state), |worth, _| something |= worth != 0.0);
            }
        }
        something
    };
    let (worthy, nothing): (Vec<usize>, Vec<usize>) = evidence.living().into_iter().partition(|&s| counts(s));
    if worthy.is_empty() { Vec::new() } else { nothing }
}
