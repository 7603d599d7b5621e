use crate::prelude::*;
use arcosim_core::engine::counts::StrategyCounts;
use arcosim_core::words::listed;

pub static F20: Check = Check {
    id: "F20",
    title: "Every state is visited, and every transition occurs",
    why: "A state that no patient visits, or a transition that never occurs, under any strategy, is a part of the \
          disease that is declared but missing from the results. Usual causes are a hazard of zero, a condition that \
          is never true, or a missing transition into the state.",
    hint: "Check the hazard and its conditions; if the part is switched off on purpose, waive the finding with the \
           reason.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons = Comparisons::new("every state visited, and every transition used", 0.0);
    let some = |of: &dyn Fn(&StrategyCounts) -> f64| counts.strategies.iter().any(|own| of(own) > 0.0);
    let visited: Vec<bool> =
        (0..model.states.len()).map(|s| some(&|own| own.occupancy[s].iter().sum())).collect();
    for (state, visited) in model.states.iter().zip(&visited) {
        comparisons.advisable(&state.name, *visited, || {
            format!("no patient ever visits state `{}`, under any strategy", state.name)
        });
    }
    for (t, transition) in model.transitions.iter().enumerate() {
        // A state that no patient visits has been reported above.
        if !transition.from.iter().any(|&s| visited[s]) {
            continue;
        }
        let edges = || (0..evidence.paths.edges.len()).filter(|&i| evidence.paths.edges[i].transition == t);
        let fires = some(&|own| edges().map(|i| own.moves[i].iter().sum::<f64>()).sum());
        comparisons.advisable(&transition.name, fires, || {
            format!("transition `{}` never occurs, under any strategy", transition.name)
        });
        let silent: Vec<&str> = transition
            .from
            .iter()
            .filter(|&&s| fires && visited[s])
            .filter(|&&s| {
                let own = |own: &StrategyCounts| {
                    let from = edges().filter(|&i| evidence.paths.edges[i].from == s);
                    from.map(|i| own.moves[i].iter().sum::<f64>()).sum()
                };
                !some(&own)
            })
            .map(|&s| model.states[s].name.as_str())
            .collect();
        comparisons.advisable(&transition.name, silent.is_empty(), || {
            format!(
                "transition `{}` is declared to leave from {}, but never does so for any patient",
                transition.name,
                listed(silent.iter().copied())
            )
        });
    }
    comparisons.verdict("the model has no states")
}
