use super::costs::{NO_COST, raised};
use super::health_outcomes::qaly_outcomes;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R16: Check = Check {
    id: "R16",
    title: "A higher price increases the costs of the strategies that incur it, and nothing else",
    why: "Each price is raised by 10% alone. Costs must not decrease, and health outcomes must not change. A price \
          that lowers costs has the wrong sign, and a price that changes health outcomes is used in the formula of a \
          transition or utility by mistake. Either makes incremental costs or effects wrong.",
    hint: "Check every formula that uses the parameter. Enter savings as costs of the other strategies.",
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
    let mut comparisons = Comparisons::new("higher costs and unchanged effects with a higher price", EXACT);
    let mut dearest: (f64, String) = (0.0, String::new());
    for (&p, totals) in prices.iter().zip(&raised(evidence, &prices)) {
        let name = &model.parameters[p].name;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            for &o in &gains {
                let what = format!(
                    "with a higher price `{name}`, `{}` under `{}`",
                    model.outcomes[o].name, strategy.name
                );
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
        let text = || format!("a higher price `{name}` lowers the cost under {}", arms(model, &falls));
        // Without a decision, the scenario does not state which outcome is the cost.
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
        comparisons.note(format!(
            "raising `{}` by 10% has the largest effect on costs: {}",
            dearest.1,
            number(dearest.0)
        ));
    }
    comparisons.verdict("the parameter table has no costs")
}
