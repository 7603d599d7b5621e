use crate::prelude::*;
use arcosim_core::model::{Binary, Expr, Model};

pub static S25: Check = Check {
    id: "S25",
    title: "Numeric inputs are in the parameter table, not in formulas",
    why: "Rates, ratios and amounts are searched for numbers typed into their formulas. These numbers have no \
          source, unit or range, are excluded from every sensitivity analysis, and are easily overlooked. Whole \
          numbers up to 100, powers of ten, months, weeks and days of a year, exponents, and limits of conditions \
          are ignored.",
    hint: "Add the number to the parameter table and use its name in the formula.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("no numbers typed into rates, ratios and amounts", 0.0);
    let mut look = |name: &str, place: String, expr: &Expr| {
        let mut typed = Vec::new();
        collect(model, expr, true, &mut typed);
        comparisons.advisable(name, typed.is_empty(), || {
            let typed: Vec<String> = typed.iter().map(|x| number(*x)).collect();
            format!("{place} has {} typed into its formula", typed.join(", "))
        });
    };
    for transition in &model.transitions {
        transition
            .expressions(&mut |e| look(&transition.name, format!("transition `{}`", transition.name), e));
    }
    for strategy in &model.strategies {
        let place = |what: &str| format!("{what} of strategy `{}`", strategy.name);
        for effect in &strategy.effects {
            look(&strategy.name, place("an effect"), &effect.ratio);
        }
        for (_, expr) in &strategy.substitutions {
            look(&strategy.name, place("a replaced parameter"), expr);
        }
    }
    for reward in &model.rewards {
        look(&reward.name, format!("reward `{}`", reward.name), &reward.amount);
    }
    comparisons.verdict("the model has no formulas")
}

/// Numbers in a formula that look like data. `alone` means that the formula is only this number.
fn collect(model: &Model, expr: &Expr, alone: bool, into: &mut Vec<f64>) {
    match expr {
        // NaN is the placeholder for a case that cannot occur.
        Expr::Number(x) if x.is_nan() => {}
        Expr::Number(x) => {
            let plain = match alone {
                true => [0.0, 1.0, -1.0].contains(x),
                false => harmless(model, *x),
            };
            if !plain {
                into.push(*x);
            }
        }
        Expr::Binary(operator, _) if operator.is_comparison() => {}
        Expr::Binary(Binary::Power, parts) => collect(model, &parts[0], false, into),
        Expr::If(parts) => {
            // The value of each case is treated as a separate formula.
            collect(model, &parts[1], alone, into);
            collect(model, &parts[2], alone, into);
        }
        Expr::Select(_, cases) => cases.iter().for_each(|e| collect(model, e, alone, into)),
        Expr::Lookup(..) => {}
        _ => expr.children().iter().for_each(|e| collect(model, e, false, into)),
    }
}

/// Whether a number within a formula is a count, a scale or a unit conversion.
fn harmless(model: &Model, x: f64) -> bool {
    let size = x.abs();
    let cycles = model.time.cycles_per_year;
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
    let known = [2.0, 4.0, 12.0, 24.0, 52.0, 365.0, 365.25, 100.0, 1000.0, 10_000.0, 100_000.0, 1e6, cycles];
    let whole = size.fract() == 0.0 && size <= 100.0;
    whole || known.iter().any(|k| close(size, *k) || size > 0.0 && close(1.0 / size, *k))
}
