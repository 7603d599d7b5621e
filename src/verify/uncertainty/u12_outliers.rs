use crate::distribution::Distribution;
use crate::prelude::*;
use crate::statistics::moments;
use arcosim_analysis::psa::Psa;

pub static U12: Check = Check {
    id: "U12",
    title: "The draws form one cloud without outliers, gaps or clusters",
    why: "Costs and effects of each strategy, and their differences from the reference, are looked at over all draws. One draw \
          that makes up a third of all variance, or a gap wider than a standard deviation with a tenth of the draws on either \
          side, comes from a distribution with a mistaken spread or from a rule that switches (`if`, `min`, `max`). Where a \
          range cuts away more than a fifth of a distribution, or many draws of a file share one extreme value, what is drawn \
          is not the distribution that was meant.",
    hint: "Run the draw that is named with its values, or look at the distribution of the parameter that is named with it.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Draws],
    run,
};

/// A draw with this share of the variance stands alone: of 500 normal draws the largest has 2 %, of exponential ones 6 %.
const ALONE: f64 = 1.0 / 3.0;

/// Share of a distribution that may be cut away unremarked.
const CUT: f64 = 0.2;

/// Share of draws that may have one extreme value.
const HEAP: f64 = 0.05;

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new(
        "no draw dominates, no gap parts the draws, no distribution is mostly cut away",
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
                if less.is_some() { " less that of the reference" } else { "" }
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
                        "draw {} makes up {} % of the variance of {what} ({}, on average {}); it is the one with the most extreme \
                         value of `{}` ({}, {rank})",
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
                        "the draws of {what} form two clouds: none lies between {} and {}",
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
    comparisons.verdict("nothing is drawn")
}

/// The draw that makes up most of the variance, if that is too much.
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

/// The widest gap with a tenth of the draws on either side, if it is wider than a standard deviation.
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

/// The parameter that is furthest from the middle of its draws, in standard deviations, and how far in words.
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
                    "{} % of the {} distribution of `{name}` lie outside what it is cut to; what is left has mean {} where the \
                     distribution has {} and base is {}",
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
                        "{} % of the draws of `{name}` are exactly {}",
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
