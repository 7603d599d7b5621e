use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::Expr;

pub static S32: Check = Check {
    id: "S32",
    title: "Hazards that share a time limit use the same value",
    why: "If two hazards change in the same way after a number of years (`if(time < 5, 1, late_slowing)`), this \
          number is typed into both formulas. If only one of them was updated, at least one formula no longer agrees \
          with the source.",
    hint: "Make the limit a parameter of kind duration and use its name in both formulas.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same time limit for the same change", 0.0);
    let mut seen: Vec<(String, f64, &str)> = Vec::new();
    for transition in &model.transitions {
        transition.expressions(&mut |expr| {
            expr.walk(&mut |e| {
                let Some((change, limit)) = change_at_a_limit(e) else {
                    return;
                };
                let other = seen.iter().find(|(known, ..)| *known == change);
                comparisons.advisable(&transition.name, other.is_none_or(|(_, x, _)| *x == limit), || {
                    let (_, x, place) = other.map_or(("", 0.0, ""), |(c, x, place)| (c, *x, place));
                    format!(
                        "transition `{}` changes at {}, but transition `{place}` changes in the same way at {}",
                        transition.name,
                        number(limit),
                        number(x)
                    )
                });
                if other.is_none() {
                    seen.push((change, limit, &transition.name));
                }
            });
        });
    }
    comparisons.verdict("no hazard has a time limit")
}

/// The two cases of a condition on time, and its limit. `None` unless one of the cases uses a parameter.
fn change_at_a_limit(expr: &Expr) -> Option<(String, f64)> {
    let Expr::If(parts) = expr else { return None };
    let [condition, yes, no] = parts.as_ref();
    let Expr::Binary(operator, sides) = condition else {
        return None;
    };
    let [Expr::Clock(clock), Expr::Number(limit) | Expr::CycleLength(limit)] = sides.as_ref() else {
        return None;
    };
    let named = [yes, no].iter().any(|e| !parameters_in(e, None).is_empty());
    named.then(|| (format!("{operator:?} {clock:?} {yes:?} {no:?}"), *limit))
}
