use crate::prelude::*;
use arcosim_core::model::Hazard;

pub static S23: Check = Check {
    id: "S23",
    title: "Strategies have no effect on background mortality",
    why: "A life table describes death from any cause. A strategy that multiplies it claims an effect on all-cause \
          mortality, which few trials show; usually the effect was intended for deaths from the disease, or one \
          transition too many was listed.",
    hint: "Remove the transition from `on` of the effect, or model deaths from the disease as a separate transition.",
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
                        "strategy `{}` changes `{}`, the mortality of the general population",
                        strategy.name, model.transitions[t].name
                    )
                });
            }
        }
    }
    comparisons.verdict("no strategy has an effect on a transition")
}
