//! Parameters that hang together: ranges that tear them apart, shares of one whole, and arms that never differ.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use super::distribution::rank_correlation;
use super::shared::{distributions, is_ratio, name, sampled};
use arcosim_analysis::psa::Draws;
use arcosim_core::model::uncertainty::{Sampling, Together, Uncertainty, factor};
use arcosim_core::model::{AttributeKind, Expr, Share, situation};

pub static U08: Check = Check {
    id: "U08",
    title: "No one-way range takes a parameter where it never is together with the others",
    why: "Parameters that are drawn together, such as the coefficients of one regression or shares of one whole, should not be \
          moved one at a time over their whole range: with the others at base, the ends may be all but impossible. For each \
          that has a range of its own, the spread that is left once the others are known is compared with it; ends more than \
          3 standard deviations away are reported, as is any share of a whole that leaves no rest to give way.",
    hint: "Read the bars of these parameters as bounds, vary the set as one, or waive this with the reason.",
    basis: "TECH-VER",
    quick: true,
    run: u08,
};

fn u08(subject: &Subject) -> Verdict {
    let uncertainty = match distributions(subject) {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut tally = Tally::new("ends of ranges are within 3 standard deviations, given the others", 0.0);
    for joint in &uncertainty.joint {
        let has_range = |&p: &usize| {
            let row = &subject.scenario.parameters[p];
            row.low.is_some() && row.high.is_some()
        };
        let ranged: Vec<usize> = (0..joint.members.len()).filter(|&i| has_range(&joint.members[i])).collect();
        match &joint.how {
            Together::Copula(lower) if !ranged.is_empty() => {
                let left = |&i: &usize| (i, spread_left(lower, i));
                let tightest = ranged.iter().map(left).min_by(|a, b| a.1.total_cmp(&b.1));
                let Some((i, left)) = tightest else { continue };
                // Ends of a 95 % interval are 1.96 standard deviations out.
                tally.advisable(&joint.name, 1.96 <= 3.0 * left, || {
                    format!(
                        "`{}` has a range of its own and is drawn together with {} others in `{}`: with those at base it has {} % \
                         of its spread left, so that the ends of its range are {} standard deviations away",
                        name(subject, joint.members[i]),
                        joint.members.len() - 1,
                        joint.name,
                        number((100.0 * left).round()),
                        if left > 0.02 { number((19.6 / left).round() / 10.0) } else { "any number of".into() }
                    )
                });
            }
            Together::Shares { rest, .. } if !ranged.is_empty() => {
                tally.advisable(&joint.name, *rest > 0.0, || {
                    format!(
                        "`{}` has a range of its own and is one of the shares of `{}`, which leave no rest: moved alone, they do \
                         not add to 1",
                        name(subject, joint.members[ranged[0]]),
                        joint.name
                    )
                });
            }
            _ => {}
        }
    }
    tally.verdict("no parameter that is drawn together with others has a range of its own")
}

/// The standard deviation of normal score `i` once the others are known, from the factor of all: the last pivot when it
/// comes last.
fn spread_left(lower: &[Vec<f64>], i: usize) -> f64 {
    let n = lower.len();
    let order: Vec<usize> = (0..n).filter(|&j| j != i).chain([i]).collect();
    let product = |a: usize, b: usize| lower[a].iter().zip(&lower[b]).map(|(x, y)| x * y).sum::<f64>();
    let matrix: Vec<Vec<f64>> =
        order.iter().map(|&a| order.iter().map(|&b| product(a, b)).collect()).collect();
    factor(&matrix).map_or(0.0, |factor| factor[n - 1][n - 1])
}

pub static U16: Check = Check {
    id: "U16",
    title: "Shares of one whole leave room for each other in every draw",
    why: "Where two or more shares of one whole (branches, categories, states at the start) are drawn each for itself, some draws \
          may make them add to more than one, and what is left for the rest is negative. Shares that fill the whole have to \
          add to one in every draw, which they only do if they are drawn as one.",
    hint: "Make them one dirichlet: distribution dirichlet, counts in `events` and `total`, and the same group.",
    basis: "own",
    quick: true,
    run: u16,
};

fn u16(subject: &Subject) -> Verdict {
    let uncertainty = match distributions(subject) {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let model = subject.model;
    let mut wholes: Vec<(String, String, Vec<&Share>, Option<usize>)> = Vec::new();
    for attribute in &model.attributes {
        if let AttributeKind::Categorical { shares, .. } = &attribute.kind {
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
    let mut tally = Tally::new("shares of one whole never add to more than 1", 0.0);
    if wholes.is_empty() {
        return tally.verdict("no shares of one whole are drawn each for itself");
    }
    let count = if subject.quick { 300 } else { 2000 };
    let draws = Draws::new(model, &subject.base, uncertainty, Sampling::Random, (subject.seed, count));
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
                "{words} are drawn each for itself and do not fit into 1 in {} % of {count} draws (worst sum {})",
                number(share),
                number(worst)
            )
        };
        match share > 1.0 {
            true => tally.holds(about, false, text),
            false => tally.advisable(about, odd == 0, text),
        };
    }
    tally.verdict("no shares of one whole are drawn each for itself")
}

/// Whether two or more of the shares vary and not as one, and read nothing but parameters.
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

pub static U18: Check = Check {
    id: "U18",
    title: "Effects of different strategies are not drawn as one",
    why: "If the ratios of two strategies have the same rank in every draw, the comparison between the two has no uncertainty: \
          when one does well, so does the other. That is right for one drug in two doses and wrong for two estimates from two \
          trials. Columns of a file of draws that are the same throughout have usually been copied by mistake.",
    hint: "Look at the correlation of the two, or at the columns of the file.",
    basis: "own",
    quick: true,
    run: u18,
};

fn u18(subject: &Subject) -> Verdict {
    let psa = match sampled(subject) {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let mut tally = Tally::new("no two strategies have effects of which the draws have the same ranks", 0.0);
    let (model, uncertainty) = (subject.model, &subject.scenario.uncertainty);
    for joint in &uncertainty.joint {
        let Together::Given(rows) = &joint.how else {
            continue;
        };
        for i in 0..joint.members.len() {
            for j in 0..i {
                let (a, b) = (joint.members[j], joint.members[i]);
                let same = rows.len() > 1
                    && rows.iter().all(|row| row[i] == row[j])
                    && rows[0][i] != rows[rows.len() - 1][i];
                tally.advisable(name(subject, b), !same, || {
                    format!(
                        "`{}` and `{}` have the same value in every row of `{}`",
                        name(subject, a),
                        name(subject, b),
                        joint.name
                    )
                });
            }
        }
    }
    // Per ratio of an effect: the strategies that it acts under.
    let acts = |p: usize| -> Vec<usize> {
        let under = |s: &usize| {
            model.strategies[*s].effects.iter().any(|e| parameters_in(&e.ratio, None).contains(&p))
        };
        (0..model.strategies.len()).filter(under).collect()
    };
    let ratios = uncertainty.varying().into_iter().filter(|&p| is_ratio(subject.kind(p)));
    let ratios: Vec<(usize, Vec<usize>)> =
        ratios.map(|p| (p, acts(p))).filter(|(_, arms)| !arms.is_empty()).collect();
    for (i, (a, arms_a)) in ratios.iter().enumerate() {
        for (b, arms_b) in &ratios[i + 1..] {
            if arms_a.iter().any(|s| arms_b.contains(s)) {
                continue;
            }
            let r = rank_correlation(&psa.parameter(*a), &psa.parameter(*b));
            tally.advisable(name(subject, *b), r.abs() < 0.99, || {
                format!(
                    "`{}` under `{}` and `{}` under `{}` are drawn with a rank correlation of {}: the two strategies have no \
                     uncertainty against each other",
                    name(subject, *a),
                    model.strategies[arms_a[0]].name,
                    name(subject, *b),
                    model.strategies[arms_b[0]].name,
                    number(r)
                )
            });
        }
    }
    tally.verdict("no two strategies have effects that are drawn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_the_others_leaves_less_spread() {
        let of = |r: f64| factor(&[vec![1.0, r], vec![r, 1.0]]).expect("a correlation");
        assert_eq!(spread_left(&of(0.0), 0), 1.0);
        assert!((spread_left(&of(0.6), 0) - 0.8).abs() < 1e-12);
        assert!(spread_left(&of(1.0), 1) < 1e-6);
    }
}
