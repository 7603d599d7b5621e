//! Whether the probabilistic analysis agrees with the deterministic one, and with itself.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use super::distribution::moments;
use super::shared::{evaluate, evaluator, name, number_of_draws, run, sampled, sizes};
use arcosim_analysis::psa::Psa;
use arcosim_core::math::sqrt;

pub static U03: Check = Check {
    id: "U03",
    title: "The mean of the probabilistic analysis is near the deterministic result",
    why: "The mean of each cost and effect over all draws is compared with the base case. A difference of more than 4 standard \
          errors and 5 % of the total wants an explanation: skewed distributions (a lognormal around its median has a higher \
          mean), a model that bends (survival is not linear in a hazard), or a distribution that is not around its base value. \
          So does an increment against the reference whose sign turns. A mean that is off has to be reported, as decisions \
          rest on means.",
    hint: "Look first at the parameter that is named: setting it alone to the mean of its draws explains most. If the difference is \
           real, lead with the probabilistic means.",
    basis: "TECH-VER",
    quick: true,
    run: u03,
};

fn u03(subject: &Subject) -> Verdict {
    let psa = match sampled(subject) {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let mut tally = Tally::new("mean totals within 4 standard errors or 5 % of the base case", 0.0);
    let base = subject.totals();
    let sizes = sizes(&base);
    let reference = subject.model.reference();
    let n = sqrt(psa.totals.len() as f64);
    let mut largest = (0.0, String::new());
    for (o, outcome) in subject.model.outcomes.iter().enumerate() {
        let mut off: Vec<(usize, f64)> = Vec::new();
        for (s, strategy) in subject.model.strategies.iter().enumerate() {
            let values: Vec<f64> = psa.totals.iter().map(|totals| totals[s][o]).collect();
            let (mean, sd) = moments(&values);
            let gap = mean - base[s][o];
            let share = gap.abs() / sizes[o].max(f64::MIN_POSITIVE);
            if share > largest.0 {
                let text = format!(
                    "`{}` under `{}`: {} against {}",
                    outcome.name,
                    strategy.name,
                    number(mean),
                    number(base[s][o])
                );
                largest = (share, text);
            }
            let fine = share <= 0.05 || gap.abs() <= 4.0 * sd / n;
            tally.advisable(&outcome.name, true, String::new);
            if !fine {
                off.push((s, gap));
            }
            let increments: Vec<f64> =
                psa.totals.iter().map(|totals| totals[s][o] - totals[reference][o]).collect();
            let (mean, sd) = moments(&increments);
            let own = base[s][o] - base[reference][o];
            let turned = mean * own < 0.0
                && mean.abs() > 4.0 * sd / n
                && own.abs() > 1e-6 * sizes[o]
                && own.abs() > sd / n;
            tally.advisable(&strategy.name, !turned, || {
                format!(
                    "`{}` under `{}` less that under `{}` is {} in the base case and {} on average over the draws (standard error {}): \
                     the sign turns",
                    outcome.name,
                    strategy.name,
                    subject.model.strategies[reference].name,
                    number(own),
                    number(mean),
                    number(sd / n)
                )
            });
        }
        // Strategies are usually off together, and for one reason.
        if let Some(&(s, gap)) = off.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
            let because = explained(subject, psa, (s, o), &base);
            tally.warn(
                &outcome.name,
                format!(
                    "the mean of `{}` over the draws differs from the base case by {} % of the largest total under `{}` ({} instead of \
                     {}){}{because}",
                    outcome.name,
                    number(100.0 * gap / sizes[o]),
                    subject.model.strategies[s].name,
                    number(base[s][o] + gap),
                    number(base[s][o]),
                    match off.len() {
                        1 => String::new(),
                        n => format!(", and under {} other strategies", n - 1),
                    }
                ),
            );
        }
    }
    if largest.0 > 0.0 {
        tally.note(format!("the largest difference is {} % ({})", number(100.0 * largest.0), largest.1));
    }
    tally.verdict("nothing is counted")
}

/// Which parameter explains most, when it alone is set to the mean of its draws.
fn explained(subject: &Subject, psa: &Psa, (s, o): (usize, usize), base: &[Vec<f64>]) -> String {
    let mut evaluator = evaluator(subject);
    let of_each = subject.scenario.uncertainty.varying().into_iter().filter_map(|p| {
        let mut values = subject.base.clone();
        values[p] = moments(&psa.parameter(p)).0;
        let totals = evaluate(&mut evaluator, subject, &values).ok()?;
        Some((p, totals[s][o] - base[s][o]))
    });
    match of_each.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
        Some((p, alone)) if alone != 0.0 => format!(
            "; with `{}` alone at the mean of its draws it would change by {}",
            name(subject, p),
            number(alone)
        ),
        _ => String::new(),
    }
}

pub static U11: Check = Check {
    id: "U11",
    title: "Another seed gives the same probabilistic result",
    why: "The draws are made again with another seed. The means of all totals and increments must agree within 5 standard errors \
          of their difference. Where they do not, the draws of one of the runs are not independent, or the distributions are so \
          heavy-tailed that no number of draws settles the mean.",
    hint: "Look for distributions with a spread far above their mean, and for outcomes that a few draws dominate (U12).",
    basis: "TECH-VER",
    quick: false,
    run: u11,
};

fn u11(subject: &Subject) -> Verdict {
    let psa = match sampled(subject) {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let Ok(other) = run(subject, subject.seed.wrapping_add(1), number_of_draws(subject) / 2) else {
        return Verdict::skip("the draws of another seed cannot be run");
    };
    let mut tally = Tally::new("means of two seeds differ by less than 5 standard errors", 0.0);
    let base = subject.totals();
    let sizes = sizes(&base);
    let reference = subject.model.reference();
    let mut worst: f64 = 0.0;
    for (o, outcome) in subject.model.outcomes.iter().enumerate() {
        for (s, strategy) in subject.model.strategies.iter().enumerate() {
            for against in [None, Some(reference)] {
                if against == Some(s) {
                    continue;
                }
                let of = |psa: &Psa| {
                    let value = |totals: &Vec<Vec<f64>>| totals[s][o] - against.map_or(0.0, |r| totals[r][o]);
                    let values: Vec<f64> = psa.totals.iter().map(value).collect();
                    let (mean, sd) = moments(&values);
                    (mean, sd * sd / values.len() as f64)
                };
                let ((one, one_variance), (two, two_variance)) = (of(psa), of(&other));
                let se = sqrt(one_variance + two_variance);
                let rounding = 1e-9 * sizes[o];
                let gap = (one - two).abs();
                worst = worst.max(if gap > rounding { gap / se } else { 0.0 });
                tally.holds(&strategy.name, gap <= 5.0 * se + rounding, || {
                    format!(
                        "the mean of `{}` under `{}`{} is {} with one seed and {} with another; their standard error is {}",
                        outcome.name,
                        strategy.name,
                        if against.is_some() { ", less that of the reference," } else { "" },
                        number(one),
                        number(two),
                        number(se)
                    )
                });
            }
        }
    }
    tally.note(format!("the largest difference is {} standard errors", number(worst)));
    tally.verdict("nothing is counted")
}
