use crate::prelude::*;
use crate::reading::{COUNTED, parameters_in};
use arcosim_core::model::{Binary, Expr};
use arcosim_scenario::parameters::Kind;

pub static R29: Check = Check {
    id: "R29",
    title: "Amounts are per year, not per cycle",
    why: "Amounts `in` a state are per year, and arcosim multiplies them by the cycle length. A formula that also \
          multiplies by the cycle length, or by the number of cycles per year, makes the amount wrong by that factor. \
          A single price with another period than all other recurring prices is reported as well: a yearly price \
          entered as monthly is twelve times too high.",
    hint: "Write the amount per year; a cost per cycle can be entered as such in the unit of the parameter.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let cycles = model.time.cycles_per_year;
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-3 * y;
    let mut comparisons = Comparisons::new("no yearly amounts that are multiplied by the cycle length", 0.0);
    for reward in model.rewards.iter().filter(|r| r.when.accrues()) {
        let mut found: Option<f64> = None;
        reward.amount.walk(&mut |e| {
            let Expr::Binary(operator, parts) = e else { return };
            let [left, right] = parts.as_ref();
            let constant = |e: &Expr| match e {
                Expr::Number(x) | Expr::CycleLength(x) => Some(*x),
                _ => None,
            };
            let factor = match (operator, constant(left), constant(right)) {
                (Binary::Multiply, Some(x), _) => Some((x, right)),
                (Binary::Multiply, None, Some(x)) => Some((x, left)),
                (Binary::Divide, _, Some(x)) => Some((1.0 / x, left)),
                _ => None,
            };
            let Some((factor, other)) = factor else { return };
            let prices = parameters_in(other, None);
            let counts = prices.iter().any(|&p| COUNTED.contains(&evidence.kind(p)));
            // A formula rightly converts a cost per cycle to a cost per year.
            let row = |p: &usize| evidence.scenario.parameters[*p].unit.to_lowercase().contains("cycle");
            let converted = prices.iter().any(row);
            if cycles != 1.0 && counts && !converted && (near(factor, 1.0 / cycles) || near(factor, cycles)) {
                found = Some(factor);
            }
        });
        comparisons.advisable(&reward.name, found.is_none(), || {
            let factor = found.unwrap_or(1.0);
            let words =
                if factor < 1.0 { "the cycle length in years" } else { "the number of cycles per year" };
            format!("reward `{}` multiplies a yearly amount by {}, {words}", reward.name, number(factor))
        });
    }
    if let Some((p, unit, others)) = odd_period(evidence) {
        let name = &model.parameters[p].name;
        comparisons.warn(
            name,
            format!("`{name}` is the only price in `{unit}`; all other recurring prices are in `{others}`"),
        );
    }
    comparisons.verdict("the model has no yearly rewards")
}

/// The only price with another period than all other recurring prices (at least two), with its unit and the unit of the
/// others.
fn odd_period<'s>(evidence: &'s Evidence) -> Option<(usize, &'s str, &'s str)> {
    let unit = |p: usize| &evidence.scenario.parameters[p].unit[..];
    let period = |p: usize| unit(p).split_once(" per ").map(|(_, period)| period.trim().to_lowercase());
    let recurring: Vec<usize> =
        evidence.of_kind(Kind::Cost).into_iter().filter(|&p| period(p).is_some()).collect();
    let alone = |p: &usize| recurring.iter().filter(|&&q| period(q) == period(*p)).count() == 1;
    let odd: Vec<usize> = recurring.iter().copied().filter(|p| alone(p)).collect();
    let &[odd] = &odd[..] else { return None };
    let mut others = recurring.iter().copied().filter(|&p| p != odd);
    let first = others.next()?;
    let alike = others.clone().count() >= 1 && others.all(|p| period(p) == period(first));
    alike.then(|| (odd, unit(odd), unit(first)))
}
