use crate::prelude::*;
use crate::transform::{BEYOND, only_these_times, starting_in, without_counting};
use arcosim_core::model::Hazard;
use arcosim_core::words::listed;

pub static F10: Check = Check {
    id: "F10",
    title: "With an extreme hazard, every transition moves all patients at risk",
    why: "Each transition is tested alone: its hazard is multiplied by one billion, all other transitions are \
          stopped, and patients start in the states that it leaves. All patients must move, except those whose hazard \
          is always zero. A transition that does not respond to its hazard would not respond to a treatment effect \
          either.",
    hint: "Check the conditions in the hazard of the transition; if they are correct, please report the finding with \
           the scenario files.",
    basis: "own",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("each transition moves all patients at risk", 0.0);
    let base = evidence.counts();
    for (t, transition) in model.transitions.iter().enumerate() {
        if matches!(transition.hazard, Hazard::Complement) || evidence.stopped() {
            continue;
        }
        let moved_by = |factor: f64| {
            let mut alone = only_these_times(&without_counting(model), &[t], factor);
            // Patients for whom the transition never fires would stay, whatever the hazard.
            alone.transitions[t].never = None;
            evidence.solve(&starting_in(&alone, &transition.from), &evidence.base)
        };
        let counts = moved_by(BEYOND);
        let mut plain = None;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            let own = |moves: &[Vec<f64>]| -> f64 {
                let edges = evidence.paths.edges.iter().zip(moves);
                let all = edges.filter(|(e, _)| e.transition == t);
                all.map(|(_, moves)| moves.iter().sum::<f64>()).sum()
            };
            // Transitions that never occur are reported by F20.
            if own(&base.strategies[arm].moves) <= 0.0 {
                continue;
            }
            let moved = own(&counts.strategies[arm].moves);
            // The hazard may always be zero for some patients or states, but more patients than in the base case must
            // move.
            let answers = moved >= 1.0 - 1e-6 || {
                let plain = plain.get_or_insert_with(|| moved_by(1.0));
                moved > own(&plain.strategies[arm].moves) * (1.0 + EXACT)
            };
            comparisons.holds(&transition.name, answers, || {
                format!(
                    "with its hazard multiplied by one billion, transition `{}` moves only {}% of the patients in {} \
                     under `{}`",
                    transition.name,
                    number(100.0 * moved),
                    listed(transition.from.iter().map(|&s| model.states[s].name.as_str())),
                    strategy.name
                )
            });
        }
    }
    comparisons.verdict("no transition has its own hazard")
}
