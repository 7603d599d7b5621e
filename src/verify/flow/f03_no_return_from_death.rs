use crate::prelude::*;

pub static F03: Check = Check {
    id: "F03",
    title: "Death is permanent, and cumulative incidences never decrease",
    why: "The share of dead patients, and the share of patients who have had the event of an endpoint, must never \
          decrease. A decrease means that a transition leads from a death state back to a living state, for example \
          because a list of states was copied. Patients who return to life accrue costs and effects that do not \
          exist.",
    hint: "Remove the death state from the `from` of the transition, or correct the death states under [verify] \
           (`dead`).",
    basis: "TECH-VER, assertHE",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons = Comparisons::new("no transition out of death, and shares that never decrease", 0.0);
    for edge in &evidence.paths.edges {
        if !evidence.is_dead(edge.from) {
            continue;
        }
        let transition = &model.transitions[edge.transition];
        comparisons.holds(&transition.name, evidence.is_dead(edge.to), || {
            format!(
                "transition `{}` leads from the death state `{}` to `{}`, which is not a death state",
                transition.name, model.states[edge.from].name, model.states[edge.to].name
            )
        });
    }
    let grows = |shares: &[f64]| {
        let least = EXACT * counts.patients;
        shares.windows(2).position(|pair| pair[1] < pair[0] - least)
    };
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        if !evidence.scenario.verify.dead.is_empty() {
            let dead: Vec<f64> = (0..=model.time.cycles)
                .map(|k| evidence.scenario.verify.dead.iter().map(|&s| own.occupancy[s][k]).sum())
                .collect();
            let falls = grows(&dead);
            comparisons.holds(&strategy.name, falls.is_none(), || {
                let k = falls.unwrap_or(0);
                format!(
                    "under `{}`, the share of dead patients decreases from {} to {} in cycle {}",
                    strategy.name,
                    number(dead[k]),
                    number(dead[k + 1]),
                    k + 1
                )
            });
        }
        for (endpoint, events) in model.endpoints.iter().zip(&own.endpoints) {
            let fewer = events.events.iter().position(|x| *x < -EXACT * counts.patients);
            comparisons.holds(&endpoint.name, fewer.is_none(), || {
                format!(
                    "under `{}`, fewer patients have had the event of `{}` after cycle {} than before",
                    strategy.name,
                    endpoint.name,
                    fewer.unwrap_or(0)
                )
            });
        }
    }
    comparisons.verdict("the model has neither death states nor endpoints")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_with;

    #[test]
    fn the_dead_who_become_fewer_are_found() {
        assert_eq!(findings_with(&F03, |counts| counts.strategies[0].occupancy[4][9] = 0.0), ["usual"]);
        assert_eq!(
            findings_with(&F03, |counts| counts.strategies[0].endpoints[0].events[9] = -0.1),
            ["illness"]
        );
    }
}
