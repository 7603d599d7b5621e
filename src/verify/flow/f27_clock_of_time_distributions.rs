use crate::prelude::*;
use arcosim_core::model::{Clock, Hazard};

pub static F27: Check = Check {
    id: "F27",
    title: "Hazards that depend on time in a state use the clock of that state",
    why: "A time distribution such as a Weibull starts at an event, for example on entry into a state. On the clock \
          of the model, it is correct only for patients who are in the state from the start. Patients who arrive \
          later have the hazard of patients who have been there all the time, so their events occur at the wrong \
          times.",
    hint: "Set `clock = \"time_in(state)\"`, unless the distribution was measured from the start of the model.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Share of late arrivals up to which no warning is given.
const FEW_LATE: f64 = 0.05;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let counts = evidence.counts();
    let mut comparisons = Comparisons::new(
        "time distributions on the clock of the model only if all patients are at risk from the start",
        0.0,
    );
    for transition in &model.transitions {
        let Hazard::Distribution { time, clock: Clock::Time, .. } = &transition.hazard else {
            continue;
        };
        if time.is_constant() {
            continue;
        }
        let from = &transition.from;
        let (mut all, mut late) = (0.0, 0.0);
        for own in &counts.strategies {
            all += from.iter().map(|&s| own.occupancy[s][0]).sum::<f64>();
            for (edge, moves) in evidence.paths.edges.iter().zip(&own.moves) {
                if from.contains(&edge.to) && !from.contains(&edge.from) {
                    all += moves.iter().sum::<f64>();
                    // Patients who arrive in the first cycle, for example from an operation, are not late, because
                    // their clock starts with the model.
                    late += moves.iter().skip(2).sum::<f64>();
                }
            }
        }
        let share = if all > 0.0 { late / all } else { 0.0 };
        comparisons.advisable(&transition.name, share <= FEW_LATE, || {
            format!(
                "the time distribution of `{}` uses the clock of the model, but {}% of the patients at risk arrive \
                 later",
                transition.name,
                number(100.0 * share)
            )
        });
    }
    comparisons.verdict("no time distribution uses the clock of the model")
}
