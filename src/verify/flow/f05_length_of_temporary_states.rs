use super::temporary_states::{Temporary, temporary};
use crate::prelude::*;
use arcosim_core::model::Tables;

pub static F05: Check = Check {
    id: "F05",
    title: "Patients leave temporary states in time",
    why: "A temporary state (a first year, the cycle of an operation) is one that patients leave for certain after a fixed number \
          of cycles. Nobody may be in it who came earlier than that. The number of cycles is worked out from the transitions and \
          printed in years: a state meant for one year that holds patients for one and a half is a common slip when the \
          cycle is not a year.",
    hint: "Compare the length that is printed with the one that is meant; `time_in(state)` is 0 in the first cycle of a stay.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons = Comparisons::new("no stay longer than the state allows", EXACT);
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
                // A difference of shares of all patients is exact as far as these are.
                let over = (own.occupancy[state][k] - lately).max(0.0);
                let what = format!(
                    "patients in `{name}` under `{}` after {k} cycles who came more than {cycles} cycles ago",
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
    comparisons.verdict("no state is left for certain after a fixed time")
}
