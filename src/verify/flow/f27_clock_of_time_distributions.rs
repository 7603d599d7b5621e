use crate::prelude::*;
use arcosim_core::model::{Clock, Hazard, TimeDistribution};

pub static F27: Check = Check {
    id: "F27",
    title: "Hazards that depend on time in a state use the clock of that state",
    why: "A time distribution such as a Weibull runs from the event that began it. On the clock of the model it is right for those who \
          are in the state from the start; those who come later would have the hazard of a patient who has been there all the \
          time.",
    hint: "Take `clock = \"time_in(state)\"`, unless the curve was measured from the start of the model whatever happened.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Late arrivals below this share are ignored.
const FEW_LATE: f64 = 0.05;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let counts = evidence.counts();
    let mut comparisons = Comparisons::new(
        "time distributions on the clock of the model only where all come at the start",
        0.0,
    );
    for transition in &model.transitions {
        let Hazard::Distribution { time, clock: Clock::Time, .. } = &transition.hazard else {
            continue;
        };
        if matches!(time, TimeDistribution::Exponential { .. }) {
            continue;
        }
        let from = &transition.from;
        let (mut all, mut late) = (0.0, 0.0);
        for own in &counts.strategies {
            all += from.iter().map(|&s| own.occupancy[s][0]).sum::<f64>();
            for (edge, moves) in evidence.paths.edges.iter().zip(&own.moves) {
                if from.contains(&edge.to) && !from.contains(&edge.from) {
                    all += moves.iter().sum::<f64>();
                    // Whoever comes in the first cycle, such as from an operation, has the clock of the start.
                    late += moves.iter().skip(2).sum::<f64>();
                }
            }
        }
        let share = if all > 0.0 { late / all } else { 0.0 };
        comparisons.advisable(&transition.name, share <= FEW_LATE, || {
            format!(
                "the time distribution of `{}` runs on time in the model, and {} % of those whom it may befall come later",
                transition.name,
                number(100.0 * share)
            )
        });
    }
    comparisons.verdict("no time distribution runs on time in the model")
}
