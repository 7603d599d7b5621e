use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_analysis::psa::Draws;
use arcosim_core::model::uncertainty::{Sampling, Together, Uncertainty};
use arcosim_core::model::{Expr, Share, situation};

pub static U16: Check = Check {
    id: "U16",
    title: "Shares of one whole do not exceed 1 in any draw",
    why: "If two or more shares of one whole (branches, categories, starting states) are drawn independently, their \
          sum may exceed 1 in some draws, so that the remainder is negative. Shares without a remainder must add up \
          to 1 in every draw, which is only possible if they are drawn jointly. Otherwise, the model creates or loses \
          patients in these draws.",
    hint: "Draw the shares jointly: use distribution `dirichlet` with counts in `events` and `total`, and the same \
           group for all shares.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let uncertainty = match evidence.distributions() {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let model = evidence.model;
    let mut wholes: Vec<(String, String, Vec<&Share>, Option<usize>)> = Vec::new();
    for attribute in &model.attributes {
        let shares = attribute.shares();
        if !shares.is_empty() {
            let words = format!("the categories of `{}`", attribute.name);
            wholes.push((attribute.name.clone(), words, shares.iter().collect(), None));
        }
    }
    let start = model.start.iter().map(|(_, share)| share).collect();
    wholes.push(("start".into(), "the states at the start".into(), start, None));
    for transition in &model.transitions {
        let words = format!("the branches of `{}`", transition.name);
        let shares = transition.branches.iter().map(|b| &b.share).collect();
        wholes.push((transition.name.clone(), words, shares, None));
    }
    for (s, strategy) in model.strategies.iter().enumerate() {
        let words = format!("the branches at the start of `{}`", strategy.name);
        let shares = strategy.at_start.iter().map(|b| &b.share).collect();
        wholes.push((strategy.name.clone(), words, shares, Some(s)));
    }
    wholes.retain(|(_, _, shares, _)| drawn_apart(uncertainty, shares));
    let mut comparisons = Comparisons::new("shares of one whole that never exceed 1", 0.0);
    if wholes.is_empty() {
        return comparisons.verdict("no shares of one whole are drawn independently");
    }
    let count = if evidence.quick { 300 } else { 2000 };
    let draws = Draws::new(model, &evidence.base, uncertainty, Sampling::Random, (evidence.seed, count));
    let mut over = vec![(0_u64, 0.0_f64); wholes.len()];
    for k in 1..=count {
        let values = draws.values(k, 0);
        for ((_, _, shares, strategy), (odd, worst)) in wholes.iter().zip(&mut over) {
            let own = strategy.map(|s| model.strategies[s].parameters(model, &values));
            let situation = situation(model, own.as_deref().unwrap_or(&values), &[], 0);
            let stated = shares.iter().filter_map(|share| match share {
                Share::Stated(expr) => Some(expr.value(&situation)),
                Share::Rest => None,
            });
            let sum: f64 = stated.sum();
            let has_rest = shares.iter().any(|share| **share == Share::Rest);
            let wrong = if has_rest { sum > 1.0 + 1e-9 } else { (sum - 1.0).abs() > 1e-9 };
            *odd += u64::from(wrong);
            if wrong && (sum - 1.0).abs() > (*worst - 1.0).abs() {
                *worst = sum;
            }
        }
    }
    for ((about, words, _, _), (odd, worst)) in wholes.iter().zip(over) {
        let share = 100.0 * odd as f64 / count as f64;
        let text = || {
            format!(
                "{words} are drawn independently, and their shares do not add up correctly in {}% of {count} draws \
                 (worst sum {})",
                number(share),
                number(worst)
            )
        };
        match share > 1.0 {
            true => comparisons.holds(about, false, text),
            false => comparisons.advisable(about, odd == 0, text),
        };
    }
    comparisons.verdict("no shares of one whole are drawn independently")
}

/// Whether at least one of several shares varies without a joint distribution of all shares, and all shares depend on
/// parameters only.
fn drawn_apart(uncertainty: &Uncertainty, shares: &[&Share]) -> bool {
    let stated: Vec<&Expr> = shares
        .iter()
        .filter_map(|share| match share {
            Share::Stated(expr) => Some(expr),
            Share::Rest => None,
        })
        .collect();
    let mut plain = true;
    for expr in &stated {
        expr.walk(&mut |e| {
            plain &= !matches!(
                e,
                Expr::Attribute(_) | Expr::Clock(_) | Expr::Select(..) | Expr::Among(..) | Expr::Lookup(..)
            );
        });
    }
    let varying = |expr: &&Expr| parameters_in(expr, None).into_iter().any(|p| uncertainty.varies(p));
    let together = stated.iter().all(|expr| matches!(expr, Expr::Parameter(_))) && {
        let mut wholes = stated.iter().filter_map(|expr| match expr {
            Expr::Parameter(p) => uncertainty.joint_of(*p),
            _ => None,
        });
        let first = wholes.next();
        let shares = first.is_some_and(|joint| matches!(joint.how, Together::Shares { .. }));
        let all =
            stated.iter().all(|expr| matches!(expr, Expr::Parameter(p) if uncertainty.joint_of(*p) == first));
        shares && all
    };
    stated.len() > 1 && plain && !together && stated.iter().any(varying)
}
