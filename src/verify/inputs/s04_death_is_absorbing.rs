use super::exits::exits;
use crate::prelude::*;
use crate::yearly_amounts::each_worth;
use arcosim_scenario::parameters::Kind;

pub static S04: Check = Check {
    id: "S04",
    title: "Nobody comes back from the dead",
    why: "The states of the dead (those named in `dead` under [verify], or else all absorbing ones) must have no way out, and a \
          state in which nothing of life is counted, neither years nor quality, must be one of them. A way out of death gives years, \
          costs and quality of life to people who have none.",
    hint: "Take the state out of the `from` of the transition; name the states of the dead under [verify]; count what the living have.",
    basis: "assertHE",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("no way leads out of the states of the dead", 0.0);
    let nothing = worth_nothing(evidence);
    for (s, state) in model.states.iter().enumerate() {
        if evidence.is_dead(s) {
            let ways: Vec<String> =
                exits(model, s).into_iter().map(|t| format!("`{}`", model.transitions[t].name)).collect();
            comparisons.holds(&state.name, ways.is_empty(), || {
                format!("the dead in `{}` leave it by {}", state.name, ways.join(", "))
            });
        } else if nothing.contains(&s) {
            let mut ways = exits(model, s).into_iter();
            let back = ways.find(|&t| {
                let mut targets = model.transitions[t].branches.iter().filter_map(|b| b.to);
                targets.any(|to| !evidence.is_dead(to) && !nothing.contains(&to))
            });
            // An outcome such as years without a relapse may well leave out states of the living.
            comparisons.advisable(&state.name, false, || match back {
                Some(t) => format!(
                    "nothing of life is counted in `{}`, and people leave it by `{}`, to live again",
                    state.name, model.transitions[t].name
                ),
                None => format!(
                    "nothing of life is counted in `{}`, which counts as a state of the living",
                    state.name
                ),
            });
        }
    }
    comparisons.advisable("[verify]", (0..model.states.len()).any(|s| evidence.is_dead(s)), || {
        "no state is one of the dead: every state can be left".to_string()
    });
    comparisons.verdict("there are no states")
}

/// A state other than those of the dead in which nothing of any effect is counted, while it is for others: what it is worth tells it from
/// a state of the living, whatever its name.
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
