use super::health_outcomes::{NO_QALYS, qaly_outcomes};
use crate::prelude::*;
use crate::reading::{parameters_in, walk_in};
use arcosim_core::model::{Clock, Expr};
use arcosim_scenario::parameters::Kind;

pub static R38: Check = Check {
    id: "R38",
    title: "Utilities decline with age in every state or in none",
    why: "If utilities are multiplied by the population norm for attained age, the norm must apply in every living \
          state. A state without the norm keeps its utility up to the highest ages and looks better the longer \
          patients live.",
    hint: "Check the rewards that are counted in the state of the finding.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("age-dependent utilities in all states, or in none", 0.0);
    for o in qaly_outcomes(evidence) {
        // States with a utility, and whether the utility depends on age.
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
            // The states in the minority are reported.
            let odd = with > 0 && with < states.len() && aged == (2 * with <= states.len());
            let name = &model.states[s].name;
            comparisons.advisable(name, !odd, || {
                let words = if aged {
                    "depends on age, unlike the utility in other states"
                } else {
                    "does not depend on age, unlike the utility in other states"
                };
                format!("the utility in `{name}` {words}")
            });
        }
    }
    comparisons.verdict(NO_QALYS)
}
