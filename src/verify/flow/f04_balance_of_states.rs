use crate::prelude::*;
use arcosim_core::math;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::paths::Edge;
use arcosim_core::model::{Exit, Expr, Situation, Tables};

pub static F04: Check = Check {
    id: "F04",
    title: "The change in every state equals arrivals minus departures",
    why: "In every cycle, the change in the number of patients in a state must equal the number who arrive minus the \
          number who leave. Amounts per year are counted from the patients in a state, and amounts per event from \
          moves between states. If the two do not match, one kind of amount is wrong.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons =
        Comparisons::new("a change equal to arrivals minus departures, in every state and cycle", EXACT);
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for (s, state) in model.states.iter().enumerate() {
            let edges = || evidence.paths.edges.iter().zip(&own.moves);
            for k in 1..=model.time.cycles {
                let within = |here: bool| {
                    edges()
                        .filter(|(e, _)| e.from != e.to && if here { e.to == s } else { e.from == s })
                        .map(|(_, moves)| moves[k])
                        .sum::<f64>()
                };
                let due = own.occupancy[s][k - 1] + within(true) - within(false);
                let what = format!(
                    "the share of patients in `{}` under `{}` after {k} cycles",
                    state.name, strategy.name
                );
                if !comparisons.same_by(&state.name, &what, (due, own.occupancy[s][k]), counts.patients) {
                    break;
                }
            }
        }
    }
    first_cycle(evidence, &mut comparisons);
    comparisons.verdict("the model has no strategies")
}

/// Recalculates how many patients leave each state in the first cycle from its hazards. States whose hazards depend on
/// attributes or on time in a state are excluded, because hazards differ between patients of such a state; in continuous time also states
/// that patients enter.
fn first_cycle(evidence: &Evidence, comparisons: &mut Comparisons) {
    let (model, counts) = (evidence.model, evidence.counts());
    let tables = Tables::new(model, &evidence.base);
    let residence = vec![0; model.groups.len()];
    let attributes = vec![0.0; model.attributes.len()];
    for (strategy, own) in counts.strategies.iter().enumerate() {
        let arm = &model.strategies[strategy];
        if arm.eligible != Expr::Number(1.0) {
            continue;
        }
        for state in 0..model.states.len() {
            let row = &tables.rows[strategy][state];
            let exits: Vec<usize> = row.first.iter().chain(&row.rest).map(|e| e.transition).collect();
            let plain = |&t: &usize| {
                let reads = reads(model, strategy, t);
                reads.attributes().is_empty() && reads.residence.is_empty()
            };
            let keeps = |&t: &usize| model.transitions[t].branches.iter().any(|b| b.to.is_none());
            // In continuous time patients may enter the state and leave it again in the same cycle.
            let enters = |edge: &Edge| edge.to == state && edge.from != state;
            let entered = model.time.continuous() && evidence.paths.edges.iter().any(enters);
            if entered || exits.is_empty() || !exits.iter().all(plain) || exits.iter().any(keeps) {
                continue;
            }
            let s = Situation {
                parameters: &tables.parameters[strategy],
                attributes: &attributes,
                state,
                cycle: 0,
                residence: &residence,
                cycles_per_year: model.time.cycles_per_year,
                part: model.time.part(),
            };
            let stays = |exits: &[Exit], stated: bool| {
                let sum: f64 = exits.iter().map(|e| spend(model, strategy, e.transition, &s)).sum();
                if stated { 1.0 - sum } else { math::exp(-sum) }
            };
            let left = 1.0 - stays(&row.first, row.first_stated) * stays(&row.rest, row.rest_stated);
            let from = |e: &&Edge| e.from == state;
            let edges = evidence.paths.edges.iter().zip(&own.moves);
            let moved: f64 = edges.filter(|(e, _)| from(e)).map(|(_, moves)| moves[1]).sum();
            let what = format!(
                "the share of patients who leave `{}` in the first cycle under `{}`",
                model.states[state].name, arm.name
            );
            let due = own.occupancy[state][0] * left;
            comparisons.same_by(&model.states[state].name, &what, (due, moved), counts.patients);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_with;
    use arcosim_core::engine::counts::Counts;

    #[test]
    fn a_patient_from_nowhere_is_found() {
        let lost = |counts: &mut Counts| counts.strategies[1].occupancy[2][7] += 1e-6;
        assert_eq!(findings_with(&F04, lost), ["mended"]);
    }
}
