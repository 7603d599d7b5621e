use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::Expr;

pub static S32: Check = Check {
    id: "S32",
    title: "A limit of time that several hazards share is the same in all of them",
    why: "Where two hazards change alike after so many years (`if(time < 5, 1, late_slowing)`), the number of years stands in both \
          formulas. If it was changed in one and forgotten in the other, neither is what the source says.",
    hint: "Make the limit a parameter of kind duration, and name it in both places.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same limit wherever the same change is read", 0.0);
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
                        "transition `{}` changes at {} and transition `{place}` changes in the same way at {}",
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
    comparisons.verdict("no hazard changes at a limit of time")
}

/// What a choice by a clock chooses from, and the limit, where parameters are among it.
fn change_at_a_limit(expr: &Expr) -> Option<(String, f64)> {
    let Expr::If(parts) = expr else { return None };
    let [condition, yes, no] = parts.as_ref();
    let Expr::Binary(operator, sides) = condition else {
        return None;
    };
    let [Expr::Clock(clock), Expr::Number(limit)] = sides.as_ref() else {
        return None;
    };
    let named = [yes, no].iter().any(|e| !parameters_in(e, None).is_empty());
    named.then(|| (format!("{operator:?} {clock:?} {yes:?} {no:?}"), *limit))
}
