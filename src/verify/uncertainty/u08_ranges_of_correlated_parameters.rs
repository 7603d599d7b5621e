use crate::prelude::*;
use arcosim_core::model::uncertainty::{Together, factor};

pub static U08: Check = Check {
    id: "U08",
    title: "One-way ranges of correlated parameters stay within their joint distribution",
    why: "Parameters that are drawn together, such as the coefficients of one regression or shares of one whole, should not be \
          moved one at a time over their whole range: with the others at base, the ends may be all but impossible. For each \
          that has a range of its own, the spread that is left once the others are known is compared with it; ends more than \
          3 standard deviations away are reported, as is any share of a whole that leaves no rest to give way.",
    hint: "Read the bars of these parameters as bounds, vary the set as one, or waive this with the reason.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let uncertainty = match evidence.distributions() {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons =
        Comparisons::new("ends of ranges are within 3 standard deviations, given the others", 0.0);
    for joint in &uncertainty.joint {
        let has_range = |&p: &usize| {
            let row = &evidence.scenario.parameters[p];
            row.low.is_some() && row.high.is_some()
        };
        let ranged: Vec<usize> = (0..joint.members.len()).filter(|&i| has_range(&joint.members[i])).collect();
        match &joint.how {
            Together::Copula(lower) if !ranged.is_empty() => {
                let left = |&i: &usize| (i, spread_left(lower, i));
                let tightest = ranged.iter().map(left).min_by(|a, b| a.1.total_cmp(&b.1));
                let Some((i, left)) = tightest else { continue };
                // Ends of a 95 % interval are 1.96 standard deviations out.
                comparisons.advisable(&joint.name, 1.96 <= 3.0 * left, || {
                    format!(
                        "`{}` has a range of its own and is drawn together with {} others in `{}`: with those at base it has {} % \
                         of its spread left, so that the ends of its range are {} standard deviations away",
                        evidence.name(joint.members[i]),
                        joint.members.len() - 1,
                        joint.name,
                        number((100.0 * left).round()),
                        if left > 0.02 { number((19.6 / left).round() / 10.0) } else { "any number of".into() }
                    )
                });
            }
            Together::Shares { rest, .. } if !ranged.is_empty() => {
                comparisons.advisable(&joint.name, *rest > 0.0, || {
                    format!(
                        "`{}` has a range of its own and is one of the shares of `{}`, which leave no rest: moved alone, they do \
                         not add to 1",
                        evidence.name(joint.members[ranged[0]]),
                        joint.name
                    )
                });
            }
            _ => {}
        }
    }
    comparisons.verdict("no parameter that is drawn together with others has a range of its own")
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
