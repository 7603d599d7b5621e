use crate::prelude::*;
use crate::transform::{without_counting, without_moves};

pub static F09: Check = Check {
    id: "F09",
    title: "Without disease, patients leave their first state only by death",
    why: "Every transition that leads to other states of the living is stopped. Then no patient may be in a state of the living \
          other than the one in which the procedure at the start left them.",
    hint: "Report it: moves happen only by transitions.",
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
        return Verdict::skip("no transition leads to states of the living");
    }
    let mut comparisons =
        Comparisons::new("no patient in a state of the living in which no patient starts", EXACT);
    let still = without_moves(&without_counting(model), &others);
    let counts = evidence.solve(&still, &evidence.base);
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for s in evidence.living() {
            let begin = own.occupancy[s][0];
            let most = own.occupancy[s].iter().copied().fold(0.0, f64::max);
            let what = format!(
                "the largest share of patients in `{}` under `{}`",
                model.states[s].name, strategy.name
            );
            comparisons.same_by(&model.states[s].name, &what, (begin, most), counts.patients);
        }
    }
    comparisons.verdict("there is no state of the living")
}
