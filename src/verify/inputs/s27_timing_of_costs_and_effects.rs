use crate::prelude::*;

pub static S27: Check = Check {
    id: "S27",
    title: "Costs and effects use the same within-cycle correction and time of discounting",
    why: "The decision compares costs with effects. If one of them counts patients at the start of a cycle and the \
          other in its middle, or if they are discounted at different times within a cycle, they describe different \
          populations: half a cycle of one of them is lost or added.",
    hint: "Use the same `correction` and the same `at` of the discount for both outcomes of the decision.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some(decision) = &evidence.scenario.decision else {
        return Verdict::skip(absent::DECISION);
    };
    let (cost, effect) = (&evidence.model.outcomes[decision.cost], &evidence.model.outcomes[decision.effect]);
    let mut comparisons = Comparisons::new("the same within-cycle correction and time of discounting", 0.0);
    comparisons.advisable(&effect.name, cost.correction == effect.correction, || {
        format!("`{}` and `{}` have different within-cycle corrections", cost.name, effect.name)
    });
    if let (Some(a), Some(b)) = (&cost.discount, &effect.discount) {
        comparisons.advisable(&effect.name, a.at == b.at && a.compounding == b.compounding, || {
            format!("`{}` and `{}` are discounted at different times of a cycle", cost.name, effect.name)
        });
    }
    comparisons.verdict("nothing to compare")
}
