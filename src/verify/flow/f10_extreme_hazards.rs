use crate::prelude::*;
use crate::transform::{BEYOND, only_these_times, starting_in, without_counting};
use arcosim_core::model::Hazard;
use arcosim_core::words::listed;

pub static F10: Check = Check {
    id: "F10",
    title: "With an extreme hazard, every transition moves all patients at risk",
    why: "One transition after another gets its hazard multiplied by a thousand million while all others are stopped, and patients \
          begin in the states that it leaves from. All must move, but for those whose hazard is zero at all times. A transition \
          that does not answer to its hazard would answer to no treatment either.",
    hint: "Look at the conditions in the hazard of the transition that is named; if they are as meant, report it.",
    basis: "own",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("all who can move by a transition do", 0.0);
    let base = evidence.counts();
    for (t, transition) in model.transitions.iter().enumerate() {
        if matches!(transition.hazard, Hazard::Complement) || evidence.stopped() {
            continue;
        }
        let moved_by = |factor: f64| {
            let alone = only_these_times(&without_counting(model), &[t], factor);
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
            // Of a transition that never fires, another check tells.
            if own(&base.strategies[arm].moves) <= 0.0 {
                continue;
            }
            let moved = own(&counts.strategies[arm].moves);
            // Of some patients, or in some of the states, the hazard may be zero at all times: more must move all the same.
            let answers = moved >= 1.0 - 1e-6 || {
                let plain = plain.get_or_insert_with(|| moved_by(1.0));
                moved > own(&plain.strategies[arm].moves) * (1.0 + EXACT)
            };
            comparisons.holds(&transition.name, answers, || {
                format!(
                    "with its hazard multiplied by a thousand million, `{}` moves {} % of those in {} under `{}`",
                    transition.name,
                    number(100.0 * moved),
                    listed(transition.from.iter().map(|&s| model.states[s].name.as_str())),
                    strategy.name
                )
            });
        }
    }
    comparisons.verdict("no transition has a hazard of its own")
}
