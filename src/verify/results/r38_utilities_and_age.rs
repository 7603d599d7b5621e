use super::health_outcomes::{NO_QALYS, qaly_outcomes};
use crate::prelude::*;
use crate::reading::{parameters_in, walk_in};
use arcosim_core::model::{Clock, Expr};
use arcosim_scenario::parameters::Kind;

pub static R38: Check = Check {
    id: "R38",
    title: "Utilities decline with age in every state or in none",
    why: "Where utilities are multiplied by the norm of the general population at the age reached, that must be so in every state of \
          the living. A state without the norm keeps its value up to the highest ages, and looks better the longer people live.",
    hint: "Look at the rewards that are counted in the state that is named.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("age acts on the utilities of all states, or of none", 0.0);
    for o in qaly_outcomes(evidence) {
        // Per state with a utility: whether age acts on it.
        let mut states: Vec<(usize, bool)> = Vec::new();
        for s in evidence.living() {
            let mut any = false;
            let mut aged = false;
            for reward in model.rewards.iter().filter(|r| r.outcome(model) == o) {
                let here = reward.when.in_state(s);
                let reads = parameters_in(&reward.amount, Some(s));
                if !here || !reads.iter().any(|&p| evidence.kind(p) == Kind::Utility) {
                    continue;
                }
                any = true;
                walk_in(&reward.amount, Some(s), &mut |e| {
                    aged |= matches!(e, Expr::Clock(Clock::Age(_) | Clock::AgeAtEnd(_)) | Expr::Lookup(..));
                });
            }
            if any {
                states.push((s, aged));
            }
        }
        let with = states.iter().filter(|(_, aged)| *aged).count();
        for &(s, aged) in &states {
            // The fewer are the odd ones.
            let odd = with > 0 && with < states.len() && aged == (2 * with <= states.len());
            let name = &model.states[s].name;
            comparisons.advisable(name, !odd, || {
                let words = if aged {
                    "depends on age, and elsewhere it does not"
                } else {
                    "does not depend on age, and elsewhere it does"
                };
                format!("the quality of life in `{name}` {words}")
            });
        }
    }
    comparisons.verdict(NO_QALYS)
}
