use crate::prelude::*;
use crate::transform::{without_counting, without_moves};

pub static F09: Check = Check {
    id: "F09",
    title: "Without disease, patients leave their first state only by death",
    why: "All transitions to other living states are stopped. The share of patients in a living state must then never \
          exceed its share at the start. A larger share means that patients move without a transition, so that the \
          course of the disease does not follow the hazards of the scenario.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly = evidence.only_deadly();
    let others: Vec<usize> = (0..model.transitions.len()).filter(|t| !deadly.contains(t)).collect();
    if others.is_empty() {
        return Verdict::skip("no transition leads to a living state");
    }
    let mut comparisons = Comparisons::new("no living state with more patients than at the start", EXACT);
    let still = without_moves(&without_counting(model), &others);
    let counts = evidence.solve(&still, &evidence.base);
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for s in evidence.living() {
            let begin = own.occupancy[s][0];
            let most = own.occupancy[s].iter().copied().fold(0.0, f64::max);
            let what = format!(
                "the largest share of patients in `{}` under `{}` without disease",
                model.states[s].name, strategy.name
            );
            comparisons.same_by(&model.states[s].name, &what, (begin, most), counts.patients);
        }
    }
    comparisons.verdict("the model has no living states")
}
