use crate::prelude::*;

pub static F02: Check = Check {
    id: "F02",
    title: "Every state contains between 0% and 100% of the patients",
    why: "At every point in time, the share of patients in each state, and the share who move by each transition, \
          must lie between 0 and 1. A negative share cancels costs and effects of other patients, although the sum \
          over all states may still be 1.",
    hint: "Check for a hazard or probability that is negative or above 1 in the state and cycle of the finding.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("shares of patients from 0 to 1", 0.0);
    let (model, counts) = (evidence.model, evidence.counts());
    let all = counts.patients;
    let fine = |x: &f64| (-EXACT * all..=(1.0 + EXACT) * all).contains(x);
    let looks = |shares: &[f64]| shares.iter().position(|x| !fine(x));
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for (state, shares) in model.states.iter().zip(&own.occupancy) {
            let bad = looks(shares);
            comparisons.holds(&state.name, bad.is_none(), || {
                let k = bad.unwrap_or(0);
                format!(
                    "under `{}`, state `{}` contains a share of {} of the patients after {k} cycles, outside 0 to 1",
                    strategy.name,
                    state.name,
                    number(shares[k])
                )
            });
        }
        for (edge, shares) in evidence.paths.edges.iter().zip(&own.moves) {
            let transition = &model.transitions[edge.transition];
            let bad = looks(shares);
            comparisons.holds(&transition.name, bad.is_none(), || {
                let k = bad.unwrap_or(0);
                format!(
                    "under `{}`, transition `{}` moves a share of {} of the patients out of `{}` in cycle {k}, \
                     outside 0 to 1",
                    strategy.name,
                    transition.name,
                    number(shares[k]),
                    model.states[edge.from].name
                )
            });
        }
    }
    comparisons.verdict("the model has no strategies")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_with;

    #[test]
    fn shares_out_of_bounds_are_found() {
        assert_eq!(findings_with(&F02, |counts| counts.strategies[0].occupancy[1][3] = -1e-6), ["ill"]);
        assert_eq!(findings_with(&F02, |counts| counts.strategies[0].moves[0][3] = 1.1), ["fall_ill"]);
    }
}
