use crate::prelude::*;

pub static F02: Check = Check {
    id: "F02",
    title: "Occupancy of every state is between 0 and all patients",
    why: "At every point in time every state must hold between none and all of the patients, and so must every move from one \
          state to another. A negative share offsets costs and effects of real patients without being seen in a sum.",
    hint: "Look for a probability or hazard that is negative or above 1 in some cycle of the state that is named.",
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
                    "under `{}`, state `{}` holds a share of {} of the patients after {k} cycles",
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
                    "under `{}`, transition `{}` moves a share of {} of the patients out of `{}` in cycle {k}",
                    strategy.name,
                    transition.name,
                    number(shares[k]),
                    model.states[edge.from].name
                )
            });
        }
    }
    comparisons.verdict("nothing runs")
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
