use super::exits::exits;
use crate::prelude::*;
use crate::situations;
use arcosim_core::model::Hazard;
use arcosim_core::model::hazard::Reads;

pub static S14: Check = Check {
    id: "S14",
    title: "Every state, transition, strategy and parameter is used",
    why: "The model is run at the base values. A state that is always empty, a transition that never fires under any \
          strategy, a living state without an exit, a strategy without eligible patients or an unused parameter \
          usually indicates a broken link: a wrong `from`, a condition that is never true, or a name that was \
          replaced.",
    hint: "Check the transitions into the state, the hazard of the transition (is it 0 by mistake?) and the spelling \
           of names.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let counts = evidence.counts();
    let mut comparisons = Comparisons::new("no unused states, transitions, strategies or parameters", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let somebody = counts.strategies.iter().any(|own| own.occupancy[s].iter().any(|n| *n > 0.0));
        comparisons.advisable(&state.name, somebody, || {
            format!("state `{}` is always empty, under every strategy", state.name)
        });
        let stuck = exits(model, s).is_empty() && !evidence.is_dead(s);
        comparisons.advisable(&state.name, !stuck, || {
            format!("patients never leave state `{}`, not even by death", state.name)
        });
    }
    for (t, transition) in model.transitions.iter().enumerate() {
        let mut fired = 0.0;
        for own in &counts.strategies {
            let edges = evidence.paths.edges.iter().zip(&own.moves);
            let moves = edges.filter(|(edge, _)| edge.transition == t);
            fired += moves.flat_map(|(_, moves)| moves).sum::<f64>();
        }
        let left_over = matches!(transition.hazard, Hazard::Complement);
        comparisons.advisable(&transition.name, fired > 0.0 || left_over, || {
            format!("transition `{}` never fires under any strategy", transition.name)
        });
    }
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &evidence.base);
        let mut somebody = false;
        for (state, _) in &model.start {
            let reads = Reads::of(&strategy.eligible);
            situations::each(model, &parameters, *state, &reads, false, |at| {
                somebody |= strategy.eligible.value(at) != 0.0;
            });
        }
        comparisons.advisable(&strategy.name, somebody, || {
            format!("no patient is eligible for strategy `{}` at the start", model.strategies[s].name)
        });
    }
    let read = arcosim_core::model::ParametersRead::of(model).anywhere;
    for (parameter, read) in model.parameters.iter().zip(read) {
        comparisons
            .advisable(&parameter.name, read, || format!("parameter `{}` is not used", parameter.name));
    }
    comparisons.verdict("there are no states")
}
