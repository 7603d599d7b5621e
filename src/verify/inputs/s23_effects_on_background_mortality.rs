use crate::prelude::*;
use arcosim_core::model::Hazard;

pub static S23: Check = Check {
    id: "S23",
    title: "Strategies leave the deaths of the general population alone",
    why: "A life table says how people die of anything. A strategy that multiplies it claims to change deaths from all causes, \
          which few trials show; usually the effect was meant for the deaths of the disease, or listed one transition too many.",
    hint: "Take the transition off the list `on` of the effect, or give the disease's deaths a transition of their own.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("no effect of a strategy on mortality from a life table", 0.0);
    let from_table = |t: usize| matches!(model.transitions[t].hazard, Hazard::LifeTable { .. });
    if !(0..model.transitions.len()).any(from_table) {
        return Verdict::skip("no transition follows a life table");
    }
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                comparisons.advisable(&strategy.name, !from_table(t), || {
                    format!(
                        "strategy `{}` acts on `{}`, the mortality of the general population",
                        strategy.name, model.transitions[t].name
                    )
                });
            }
        }
    }
    comparisons.verdict("no strategy has an effect on a transition")
}
