use crate::prelude::*;

pub static S27: Check = Check {
    id: "S27",
    title: "Costs and effects are counted at the same moments of a cycle",
    why: "The decision divides costs by effects. If one of them counts people at the start of a cycle and the other in its middle, or \
          each is discounted at another moment of the cycle, they are about different people: half a cycle of one of them is given \
          away or added.",
    hint: "Give both outcomes of the decision the same `correction` and the same `at` of their discount.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some(decision) = &evidence.scenario.decision else {
        return Verdict::skip("nothing is to be decided");
    };
    let (cost, effect) = (&evidence.model.outcomes[decision.cost], &evidence.model.outcomes[decision.effect]);
    let mut comparisons = Comparisons::new("the same within-cycle correction and moment of discounting", 0.0);
    comparisons.advisable(&effect.name, cost.correction == effect.correction, || {
        format!("`{}` and `{}` have different within-cycle corrections", cost.name, effect.name)
    });
    if let (Some(a), Some(b)) = (&cost.discount, &effect.discount) {
        comparisons.advisable(&effect.name, a.at == b.at && a.compounding == b.compounding, || {
            format!("`{}` and `{}` are discounted at different moments of a cycle", cost.name, effect.name)
        });
    }
    comparisons.verdict("nothing to compare")
}
