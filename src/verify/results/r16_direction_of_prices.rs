use super::costs::{NO_COST, raised};
use super::health_outcomes::qaly_outcomes;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R16: Check = Check {
    id: "R16",
    title: "A higher price increases the costs of the strategies that incur it, and nothing else",
    why: "Each price is raised by a tenth by itself. The cost may not decrease, the cost of strategies that do not pay it may not \
          move, and no gain in health may change: a price that is read by a transition or by quality of life is in the wrong \
          formula, and one that lowers the cost has the wrong sign.",
    hint: "Look at every formula that reads the parameter that is named. Savings are better given as costs of the other strategy.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some(cost) = evidence.cost() else {
        return Verdict::skip(NO_COST);
    };
    let model = evidence.model;
    let prices = evidence.of_kind(Kind::Cost);
    let base = evidence.totals_of(model, &evidence.base);
    let mut gains = qaly_outcomes(evidence);
    gains.extend(evidence.effect().filter(|e| !gains.contains(e) && *e != cost));
    let mut comparisons = Comparisons::new("a price moves costs up and effects not at all", EXACT);
    let mut dearest: (f64, String) = (0.0, String::new());
    for (&p, totals) in prices.iter().zip(&raised(evidence, &prices)) {
        let name = &model.parameters[p].name;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            for &o in &gains {
                let what =
                    format!("with `{name}` raised, `{}` under `{}`", model.outcomes[o].name, strategy.name);
                comparisons.same(name, &what, base[arm][o], totals[arm][o]);
            }
        }
        let size = |arm: usize| 1e-12 * base[arm][cost].abs().max(1e-6);
        let moves: Vec<f64> = (0..model.strategies.len())
            .map(|arm| totals[arm][cost] - base[arm][cost])
            .enumerate()
            .map(|(arm, x)| if x.abs() <= size(arm) { 0.0 } else { x })
            .collect();
        let falls: Vec<usize> = (0..moves.len()).filter(|&arm| moves[arm] < 0.0).collect();
        let rises = moves.iter().any(|x| *x > 0.0);
        let text = || format!("a higher `{name}` lowers the cost under {}", arms(model, &falls));
        // Without a decision nobody has said that this outcome is a cost.
        match rises || evidence.scenario.decision.is_none() {
            true => comparisons.advisable(name, falls.is_empty(), text),
            false => comparisons.holds(name, falls.is_empty(), text),
        };
        let most = moves.iter().fold(0.0, |a: f64, x| a.max(*x));
        if most > dearest.0 {
            dearest = (most, name.clone());
        }
    }
    if dearest.0 > 0.0 {
        comparisons.note(format!("a tenth more of `{}` matters most, by {}", dearest.1, number(dearest.0)));
    }
    comparisons.verdict("the parameter table has no costs")
}
