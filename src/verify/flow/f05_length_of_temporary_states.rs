use super::temporary_states::{Temporary, temporary};
use crate::prelude::*;
use arcosim_core::model::Tables;

pub static F05: Check = Check {
    id: "F05",
    title: "Patients leave temporary states on time",
    why: "A temporary state (a tunnel state, such as the first year after an operation) is left with certainty after \
          a fixed number of cycles, which is calculated from its transitions. A patient who is still there later \
          incurs its costs and risks for too long. The length is also reported in years, because a state intended for \
          one year easily lasts one and a half if the cycle is not a year.",
    hint: "Compare the reported length of the state with the intended length (`time_in(state)` is 0 in the first \
           cycle of a stay). If patients stay beyond the reported length, please report it with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons =
        Comparisons::new("no patient in a temporary state for longer than its length", EXACT);
    let mut lengths = Vec::new();
    let tables = Tables::new(model, &evidence.base);
    for Temporary { state, cycles } in temporary(evidence, &tables) {
        let name = &model.states[state].name;
        lengths.push(format!(
            "`{name}` is left after {cycles} cycle{} ({} years)",
            if cycles == 1 { "" } else { "s" },
            number(model.time.years(cycles))
        ));
        for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
            let edges = || evidence.paths.edges.iter().zip(&own.moves);
            let arrivals = |k: usize| match k {
                0 => own.occupancy[state][0],
                _ => {
                    edges().filter(|(e, _)| e.to == state && e.from != state).map(|(_, moves)| moves[k]).sum()
                }
            };
            for k in 0..=model.time.cycles {
                let lately: f64 = ((k + 1).saturating_sub(cycles)..=k).map(arrivals).sum();
                // The tolerance is relative to all patients, because the difference inherits the rounding error of
                // their shares.
                let over = (own.occupancy[state][k] - lately).max(0.0);
                let what = format!(
                    "the share of patients in `{name}` under `{}` after {k} cycles who arrived at least {cycles} \
                     cycles earlier",
                    strategy.name
                );
                if !comparisons.same_by(name, &what, (0.0, over), counts.patients) {
                    break;
                }
            }
        }
    }
    if !lengths.is_empty() {
        comparisons.note(lengths.join(", "));
    }
    comparisons
        .verdict("the model has no temporary states, which patients leave with certainty after a fixed time")
}
