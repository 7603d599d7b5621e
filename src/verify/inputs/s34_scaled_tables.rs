use crate::prelude::*;
use arcosim_core::model::{Binary, Expr};

pub static S34: Check = Check {
    id: "S34",
    title: "Tables of risks are used without rescaling",
    why: "A table of probabilities contains shares. Dividing it by 1,000 or by the number of cycles per year is an \
          error of the unit, or rescales a probability by division, which is valid for rates only.",
    hint: "Remove the factor from the formula; to change the period, use `prob(rate(p, 1), years)`.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("no constant factors on tables in hazards", 0.0);
    for transition in &model.transitions {
        transition.expressions(&mut |expr| {
            expr.walk(&mut |e| {
                if let Expr::Lookup(table, _) = e {
                    comparisons.advisable(&table.name, true, String::new);
                }
                if let Some((table, factor)) = scaled(e) {
                    comparisons.warn(
                        &transition.name,
                        format!(
                            "transition `{}` multiplies table `{table}` by {}",
                            transition.name,
                            number(factor)
                        ),
                    );
                }
            });
        });
    }
    comparisons.verdict("no hazard uses a table")
}

/// A table and the constant factor that multiplies it.
fn scaled(expr: &Expr) -> Option<(&str, f64)> {
    let Expr::Binary(operator, sides) = expr else {
        return None;
    };
    let (table, factor) = match (operator, sides.as_ref()) {
        (Binary::Multiply, [Expr::Lookup(table, _), Expr::Number(x)]) => (table, *x),
        (Binary::Multiply, [Expr::Number(x), Expr::Lookup(table, _)]) => (table, *x),
        (Binary::Divide, [Expr::Lookup(table, _), Expr::Number(x)]) => (table, 1.0 / x),
        _ => return None,
    };
    (factor != 1.0).then_some((table.name.as_str(), factor))
}
