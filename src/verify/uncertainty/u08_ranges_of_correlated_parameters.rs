use crate::prelude::*;
use arcosim_core::model::uncertainty::{Together, factor};

pub static U08: Check = Check {
    id: "U08",
    title: "One-way ranges of correlated parameters stay within their joint distribution",
    why: "Parameters that are drawn jointly, such as the coefficients of one regression or shares of one whole, \
          should not be varied alone over their full range: with the other parameters at their base values, the ends \
          of the range may be almost impossible, and the one-way analysis shows too much uncertainty. Each range is \
          compared with the standard deviation of the parameter given the others. Ends that are more than 3 standard \
          deviations away are reported, and ranges of shares that leave no remainder.",
    hint: "Interpret the bars of these parameters as bounds, vary the parameters together, or waive the finding with \
           the reason.",
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
        Comparisons::new("ends of ranges within 3 standard deviations, given the other parameters", 0.0);
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
                // The ends of a 95% interval are 1.96 standard deviations from the mean.
                comparisons.advisable(&joint.name, 1.96 <= 3.0 * left, || {
                    format!(
                        "`{}` has its own range, but is drawn jointly with {} others in `{}`: given the others, {}% \
                         of its standard deviation remains, so that the ends of its range are {} standard deviations \
                         away",
                        evidence.name(joint.members[i]),
                        joint.members.len() - 1,
                        joint.name,
                        number((100.0 * left).round()),
                        if left > 0.02 { number((19.6 / left).round() / 10.0) } else { "very many".into() }
                    )
                });
            }
            Together::Shares { rest, .. } if !ranged.is_empty() => {
                comparisons.advisable(&joint.name, *rest > 0.0, || {
                    format!(
                        "`{}` has its own range, but is one of the shares of `{}`, which leave no remainder: if it is \
                         varied alone, the shares do not add up to 1",
                        evidence.name(joint.members[ranged[0]]),
                        joint.name
                    )
                });
            }
            _ => {}
        }
    }
    comparisons.verdict("no jointly drawn parameter has its own range")
}

/// Standard deviation of normal score `i` given all others: the last pivot of the factor of the correlation matrix with
/// `i` in the last place.
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
