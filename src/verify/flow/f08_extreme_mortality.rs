use super::temporary_states::temporary_states;
use crate::prelude::*;
use crate::transform::{BEYOND, only_these_times, starting_in, without_counting};
use arcosim_core::model::{Tables, situation};

pub static F08: Check = Check {
    id: "F08",
    title: "With extreme mortality, no patient survives",
    why: "Patients are placed in every living state, and all hazards of transitions that lead only to death are \
          multiplied by one billion. No patient may then be alive at the time horizon. Survivors are in a state in \
          which mortality does not apply, so that its patients live too long in every analysis.",
    hint: "Add the state of the finding to the `from` of the transition to death, or check why its hazard is 0 there.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, deadly) = (evidence.model, evidence.only_deadly());
    if deadly.is_empty() {
        return Verdict::skip("no transition leads only to death");
    }
    let living = evidence.living();
    let mut comparisons = Comparisons::new("no patient alive in any living state", 0.0);
    let altered = only_these_times(model, &deadly, BEYOND);
    let counts = evidence.solve(&starting_in(&without_counting(&altered), &living), &evidence.base);
    let last = model.time.cycles;
    let temporary = temporary_states(evidence, &Tables::new(model, &evidence.base));
    let exits = |s: usize, ways: &[usize]| ways.iter().any(|&t| model.transitions[t].from.contains(&s));
    let deaths = evidence.deadly();
    for &s in &living {
        let name = &model.states[s].name;
        if !exits(s, &deaths) {
            // S20 reports states in which patients cannot die at all.
            continue;
        }
        // Strategies that prevent all deaths by a ratio of 0 are excluded, because multiplication does not change 0.
        let prevents = |arm: &usize| {
            let strategy = &model.strategies[*arm];
            let own = strategy.parameters(model, &evidence.base);
            strategy.effects.iter().any(|effect| {
                let ratio =
                    effect.ratio.value(&situation(model, &own, &vec![0.0; model.attributes.len()], s));
                ratio == 0.0 && effect.transitions.iter().any(|t| deadly.contains(t))
            })
        };
        let (arm, left) = (0..model.strategies.len())
            .filter(|arm| !prevents(arm))
            .map(|arm| (arm, counts.strategies[arm].occupancy[s][last] * living.len() as f64))
            .fold((0, 0.0), |most, own| if own.1 > most.1 { own } else { most });
        let text = || {
            format!(
                "of the patients placed in `{name}`, {}% are alive at the time horizon under `{}`, although mortality \
                 is multiplied by one billion",
                number(100.0 * left),
                model.strategies[arm].name
            )
        };
        match temporary.contains(&s) || !evidence.of_any_cause() {
            true => comparisons.advisable(name, left <= 1e-6, text),
            false => comparisons.holds(name, left <= 1e-6, text),
        };
    }
    comparisons.verdict("the model has no living states")
}
