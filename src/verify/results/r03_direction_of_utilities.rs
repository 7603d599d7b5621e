use super::health_outcomes::{NO_QALYS, qaly_outcomes};
use super::itemised::Itemised;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R03: Check = Check {
    id: "R03",
    title: "Higher utilities increase QALYs, and larger disutilities reduce them",
    why: "All utilities are lowered by 10%, and QALYs must decrease under every strategy. Then each utility and each \
          disutility is raised alone. A utility that lowers QALYs, or a disutility that raises them, has the wrong \
          sign, so that harm counts as a benefit.",
    hint: "Check the rewards that use the parameter: disutilities are positive numbers, and are subtracted by `loss = \
           true` or by one minus sign, not by both.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let outcomes = qaly_outcomes(evidence);
    if outcomes.is_empty() {
        return Verdict::skip(NO_QALYS);
    }
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("QALYs that increase with every utility and decrease with every disutility", 0.0);
    let itemised = Itemised::plain(model, &outcomes);
    let mut evaluator = itemised.evaluator(evidence);
    let mut gained = |values: &[f64]| -> Vec<Vec<f64>> {
        let totals = evaluator.totals(values);
        let of = |own: &Vec<f64>| {
            outcomes.iter().map(|&o| itemised.sum(own, o, |item| item.reward.is_some())).collect()
        };
        totals.iter().map(of).collect()
    };
    let base = gained(&evidence.base);
    let lower = gained(&evidence.with_kinds(&[Kind::Utility], |x| 0.9 * x));
    for (arm, strategy) in model.strategies.iter().enumerate() {
        for (i, &o) in outcomes.iter().enumerate() {
            comparisons.holds(&strategy.name, lower[arm][i] < base[arm][i], || {
                format!(
                    "with all utilities 10% lower, `{}` under `{}` is {}, not lower than the base case of {}",
                    model.outcomes[o].name,
                    strategy.name,
                    number(lower[arm][i]),
                    number(base[arm][i])
                )
            });
        }
    }
    for p in 0..evidence.base.len() {
        let up = match evidence.kind(p) {
            Kind::Utility => 1.0,
            Kind::Disutility => -1.0,
            _ => continue,
        };
        let mut values = evidence.base.clone();
        values[p] += 0.01;
        let changed = gained(&values);
        let moves: Vec<f64> = (changed.iter().flatten().zip(base.iter().flatten()))
            .map(
                |(new, old)| {
                    if (new - old).abs() > 1e-12 * old.abs().max(1e-3) { up * (new - old) } else { 0.0 }
                },
            )
            .collect();
        let name = &model.parameters[p].name;
        if moves.iter().all(|x| *x == 0.0) {
            continue;
        }
        let against = moves.iter().any(|x| *x < 0.0);
        let text = || {
            let words = if up > 0.0 { ("utility", "fewer") } else { ("disutility", "more") };
            format!("raising the {} `{name}` by 0.01 results in {} QALYs", words.0, words.1)
        };
        match moves.iter().any(|x| *x > 0.0) {
            true => comparisons
                .advisable(name, !against, || format!("{}, but only under some strategies", text())),
            false => comparisons.holds(name, !against, text),
        };
    }
    comparisons.verdict("no reward adds QALYs")
}
