use crate::prelude::*;

pub static F01: Check = Check {
    id: "F01",
    title: "The number of patients is constant",
    why: "At every point in time, the shares of patients in all states must add up to 1. If they do not, patients are \
          lost or counted twice, and all costs and effects are wrong by the same share.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER, assertHE",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("occupancy that adds up to 1 at every point in time", EXACT);
    let counts = evidence.counts();
    for (strategy, own) in evidence.model.strategies.iter().zip(&counts.strategies) {
        for point in 0..=evidence.model.time.cycles {
            let sum: f64 = own.occupancy.iter().map(|state| state[point]).sum();
            let what =
                format!("the total occupancy of all states under `{}` after {point} cycles", strategy.name);
            if !comparisons.same(&strategy.name, &what, counts.patients, sum) {
                break;
            }
        }
    }
    comparisons.verdict("the model has no strategies")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_with;
    use arcosim_core::engine::counts::Counts;

    #[test]
    fn a_lost_patient_is_found() {
        let lost = |counts: &mut Counts| counts.strategies[1].occupancy[2][7] += 1e-6;
        assert_eq!(findings_with(&F01, lost), ["drug"]);
    }
}
