use crate::distribution::Distribution;
use crate::prelude::*;
use crate::statistics::moments;
use arcosim_analysis::psa::Psa;

pub static U12: Check = Check {
    id: "U12",
    title: "The draws form one cloud without outliers, gaps or clusters",
    why: "Costs and effects of each strategy, and their differences from the reference, are examined over all draws. \
          A draw that causes more than a third of the variance, or a gap wider than a standard deviation with at \
          least a tenth of the draws on either side, is due to a wrong standard error or to a formula that switches \
          between values (`if`, `min`, `max`). If truncation removes more than a fifth of a distribution, or many \
          draws of a file have the same extreme value, the draws do not follow the intended distribution. Means and \
          intervals are then unreliable.",
    hint: "Check the distribution of the parameter in the finding, or run the model with the values of the draw in \
           the finding.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Draws],
    run,
};

/// Share of the variance above which one draw dominates. The largest of 500 normal draws has a share of 2%, and of 500
/// exponential draws 6%.
const ALONE: f64 = 1.0 / 3.0;

/// Share of a distribution that truncation may remove without a warning.
const CUT: f64 = 0.2;

/// Share of draws that may have the same extreme value without a warning.
const HEAP: f64 = 0.05;

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new(
        "no dominant draw, no gap between draws, and no distribution that is mostly truncated",
        0.0,
    );
    let model = evidence.model;
    let reference = model.reference();
    let mut told: Vec<usize> = Vec::new();
    for outcome in [evidence.cost(), evidence.effect()].into_iter().flatten() {
        for (s, strategy) in model.strategies.iter().enumerate() {
            let less = (s != reference).then_some(reference);
            let value =
                |totals: &Vec<Vec<f64>>| totals[s][outcome] - less.map_or(0.0, |r| totals[r][outcome]);
            let values: Vec<f64> = psa.totals.iter().map(value).collect();
            let what = format!(
                "`{}` under `{}`{}",
                model.outcomes[outcome].name,
                strategy.name,
                if less.is_some() { " minus that of the reference" } else { "" }
            );
            comparisons.advisable(&strategy.name, true, String::new);
            if let Some((draw, share)) = alone(&values)
                && !told.contains(&draw)
            {
                told.push(draw);
                let (p, rank) = oddest(evidence, psa, draw);
                comparisons.warn(
                    &strategy.name,
                    format!(
                        "draw {} causes {}% of the variance of {what} (its value is {}, the mean is {}); its most \
                         extreme parameter is `{}` ({}, {rank})",
                        draw + 1,
                        number(100.0 * share),
                        number(values[draw]),
                        number(moments(&values).0),
                        evidence.name(p),
                        number(psa.values[draw][p])
                    ),
                );
            }
            if let Some((below, above)) = gap(&values) {
                comparisons.warn(
                    &strategy.name,
                    format!(
                        "the draws of {what} form two clusters, without any draws between {} and {}",
                        number(below),
                        number(above)
                    ),
                );
            }
        }
    }
    for p in evidence.scenario.uncertainty.varying() {
        heaps(evidence, psa, p, &mut comparisons);
    }
    comparisons.verdict("no parameter is drawn")
}

/// Draw that causes the largest share of the variance, if this share is too large.
fn alone(values: &[f64]) -> Option<(usize, f64)> {
    let (mean, sd) = moments(values);
    let all = sd * sd * (values.len() as f64 - 1.0);
    let size = mean.abs().max(values.iter().fold(0.0, |most: f64, x| most.max(x.abs())));
    if values.len() < 100 || sd <= 1e-9 * size {
        return None;
    }
    let share = |x: f64| (x - mean) * (x - mean) / all;
    let shares = values.iter().map(|&x| share(x)).enumerate();
    shares.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, share)| *share > ALONE)
}

/// Widest gap with at least a tenth of the draws on either side, if the gap is wider than a standard deviation.
fn gap(values: &[f64]) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (mean, sd) = moments(values);
    let tenth = sorted.len() / 10;
    let inner = sorted.get(tenth..sorted.len() - tenth)?;
    let pairs = inner.windows(2).map(|pair| (pair[0], pair[1]));
    let widest = pairs.max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))?;
    (sorted.len() >= 100 && sd > 1e-9 * mean.abs() && widest.1 - widest.0 > sd).then_some(widest)
}

/// Parameter with the largest deviation from its mean in a draw, in standard deviations, and a description of the
/// deviation.
fn oddest(evidence: &Evidence, psa: &Psa, draw: usize) -> (usize, String) {
    let far = |p: usize| {
        let (mean, sd) = moments(&psa.parameter(p));
        if sd > 0.0 { (psa.values[draw][p] - mean) / sd } else { 0.0 }
    };
    let all = evidence.scenario.uncertainty.varying().into_iter().map(|p| (p, far(p)));
    let oddest = all.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    oddest
        .map_or((0, String::new()), |(p, z)| (p, format!("{} standard deviations from its mean", number(z))))
}

fn heaps(evidence: &Evidence, psa: &Psa, p: usize, comparisons: &mut Comparisons) {
    let name = evidence.name(p);
    match evidence.distribution(p) {
        Some(Distribution::Margin(margin)) => {
            let cut = margin.cut_off();
            comparisons.advisable(name, cut <= CUT, || {
                format!(
                    "truncation removes {}% of the {} distribution of `{name}`: the mean of the remaining \
                     distribution is {}, compared with {} before truncation and a base value of {}",
                    number(100.0 * cut),
                    margin.family.name(),
                    number(Distribution::Margin(margin).moments().0),
                    number(margin.family.mean()),
                    number(evidence.base[p])
                )
            });
        }
        Some(Distribution::Given(_)) => {
            let values = psa.parameter(p);
            let extreme = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap_or(0.0);
            for end in [extreme(f64::min), extreme(f64::max)] {
                let share = values.iter().filter(|x| **x == end).count() as f64 / values.len() as f64;
                comparisons.advisable(name, share <= HEAP || share == 1.0, || {
                    format!(
                        "{}% of the draws of `{name}` are exactly {}, an extreme of its values",
                        number(100.0 * share),
                        number(end)
                    )
                });
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_that_stands_alone_is_found() {
        let mut values: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(alone(&values), None);
        values[7] = 5000.0;
        assert_eq!(alone(&values).map(|found| found.0), Some(7));
        assert_eq!(alone(&[3.0; 200]), None);
    }

    #[test]
    fn two_clouds_are_found() {
        let one: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(gap(&one), None);
        let two: Vec<f64> = (0..200).map(|i| f64::from(i) + if i < 60 { 0.0 } else { 500.0 }).collect();
        assert_eq!(gap(&two), Some((59.0, 560.0)));
    }
}
