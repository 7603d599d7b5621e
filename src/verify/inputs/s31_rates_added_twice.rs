use crate::prelude::*;
use arcosim_core::model::{Binary, Expr};
use arcosim_scenario::parameters::Kind;

pub static S31: Check = Check {
    id: "S31",
    title: "No hazard adds the same rate twice",
    why: "A hazard such as `rate.die + rate.die * hr.sick` counts background mortality twice if the ratio describes \
          all-cause mortality, as it usually does. Weighted averages, that is, terms with a share or a difference, \
          are ignored.",
    hint: "Multiply the rate by the ratio only, or add a separate excess rate.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("every rate at most once in a sum", 0.0);
    for transition in &evidence.model.transitions {
        transition.expressions(&mut |expr| {
            let twice = added_twice(evidence, expr);
            comparisons.advisable(&transition.name, twice.is_none(), || {
                format!(
                    "transition `{}` adds {} to a multiple of itself",
                    transition.name,
                    twice.unwrap_or_default()
                )
            });
        });
    }
    comparisons.verdict("no transition has a formula")
}

/// Terms of a sum.
fn terms<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary(Binary::Add, parts) => parts.iter().for_each(|part| terms(part, into)),
        other => into.push(other),
    }
}

/// A rate, probability or table that occurs in two terms of one sum anywhere in a formula.
fn added_twice(evidence: &Evidence, expr: &Expr) -> Option<String> {
    let mut sums: Vec<&Expr> = Vec::new();
    terms(expr, &mut sums);
    let mixes = |term: &Expr| {
        let mut mixes = false;
        term.walk(&mut |e| {
            mixes |= match e {
                Expr::Parameter(p) => evidence.kind(*p) == Kind::Proportion,
                Expr::Binary(Binary::Subtract, _) | Expr::If(_) | Expr::Among(..) => true,
                _ => false,
            }
        });
        mixes
    };
    let rates = |term: &Expr| {
        let mut names = Vec::new();
        term.walk(&mut |e| match e {
            Expr::Parameter(p) if matches!(evidence.kind(*p), Kind::Rate | Kind::Probability) => {
                names.push(format!("`{}`", evidence.model.parameters[*p].name));
            }
            Expr::Lookup(table, _) => names.push(format!("table `{}`", table.name)),
            _ => {}
        });
        names
    };
    if sums.len() > 1 && !sums.iter().any(|term| mixes(term)) {
        for (i, term) in sums.iter().enumerate() {
            let own = rates(term);
            let again = |other: &&Expr| rates(other).into_iter().find(|name| own.contains(name));
            if let Some(name) = sums[..i].iter().find_map(again) {
                return Some(name);
            }
        }
    }
    let inner = match sums.len() {
        1 => expr.children().iter().collect(),
        _ => sums,
    };
    inner.into_iter().find_map(|part| added_twice(evidence, part))
}
