use super::exits::exits;
use crate::prelude::*;
use crate::situations;
use arcosim_core::model::Hazard;
use arcosim_core::model::hazard::Reads;

pub static S14: Check = Check {
    id: "S14",
    title: "Every state is used, every transition happens, every parameter is read",
    why: "The model is run at the base values. A state that nobody is ever in, a transition that never fires under any strategy, \
          a living state that nobody leaves, or a parameter that nothing reads is usually a wire that was cut: a wrong \
          `from`, a condition that never holds, a name that was replaced. So is a strategy that nobody is eligible for.",
    hint: "See what leads to the state or transition, and whether its hazard is 0 by mistake.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let counts = evidence.counts();
    let mut comparisons = Comparisons::new("nothing that is declared lies idle", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let somebody = counts.strategies.iter().any(|own| own.occupancy[s].iter().any(|n| *n > 0.0));
        comparisons.advisable(&state.name, somebody, || {
            format!("nobody is ever in state `{}`, under any strategy", state.name)
        });
        let stuck = exits(model, s).is_empty() && !evidence.is_dead(s);
        comparisons.advisable(&state.name, !stuck, || {
            format!("nobody leaves state `{}`, not even by death", state.name)
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
            format!("transition `{}` never fires, under any strategy", transition.name)
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
            format!("nobody who starts is eligible for strategy `{}`", model.strategies[s].name)
        });
    }
    let read = arcosim_core::model::ParametersRead::of(model).anywhere;
    for (parameter, read) in model.parameters.iter().zip(read) {
        comparisons
            .advisable(&parameter.name, read, || format!("nothing reads parameter `{}`", parameter.name));
    }
    comparisons.verdict("there are no states")
}
