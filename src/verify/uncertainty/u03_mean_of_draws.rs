use super::changes::sizes;
use crate::prelude::*;
use crate::statistics::moments;
use arcosim_analysis::psa::Psa;
use arcosim_core::math::sqrt;

pub static U03: Check = Check {
    id: "U03",
    title: "The mean of the probabilistic analysis is close to the base case",
    why: "The mean of each cost and effect over all draws is compared with the base case. A difference of more than 4 \
          standard errors and more than 5% needs an explanation: a skewed distribution (the mean of a log-normal is \
          above its median), a nonlinear model (survival is not linear in a hazard), or a distribution that is not \
          centred on its base value. An increment over the reference that changes its sign is reported as well. \
          Decisions are based on expected values, so a base case that differs from the mean may lead to the wrong \
          decision.",
    hint: "Check the parameter in the finding first, because it explains most of the difference. If the difference is \
           correct, report the means of the probabilistic analysis as the main results.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Draws],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons =
        Comparisons::new("mean totals within 4 standard errors or 5% of the base case", 0.0);
    let base = evidence.totals();
    let sizes = sizes(&base);
    let reference = evidence.model.reference();
    let n = sqrt(psa.totals.len() as f64);
    let mut largest = (0.0, String::new());
    for (o, outcome) in evidence.model.outcomes.iter().enumerate() {
        let mut off: Vec<(usize, f64)> = Vec::new();
        for (s, strategy) in evidence.model.strategies.iter().enumerate() {
            let values: Vec<f64> = psa.totals.iter().map(|totals| totals[s][o]).collect();
            let (mean, sd) = moments(&values);
            let gap = mean - base[s][o];
            let share = gap.abs() / sizes[o].max(f64::MIN_POSITIVE);
            if share > largest.0 {
                let text = format!(
                    "`{}` under `{}`: {} versus {}",
                    outcome.name,
                    strategy.name,
                    number(mean),
                    number(base[s][o])
                );
                largest = (share, text);
            }
            let fine = share <= 0.05 || gap.abs() <= 4.0 * sd / n;
            comparisons.advisable(&outcome.name, true, String::new);
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
            comparisons.advisable(&strategy.name, !turned, || {
                format!(
                    "`{}` under `{}` minus that under `{}` is {} in the base case, but {} on average over the draws \
                     (standard error {}): the increment changes its sign",
                    outcome.name,
                    strategy.name,
                    evidence.model.strategies[reference].name,
                    number(own),
                    number(mean),
                    number(sd / n)
                )
            });
        }
        // Only the strategy with the largest difference is reported, because the others usually differ for the same
        // reason.
        if let Some(&(s, gap)) = off.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
            let because = explained(evidence, psa, (s, o), &base);
            comparisons.warn(
                &outcome.name,
                format!(
                    "the mean of `{}` over the draws differs from the base case by {}% of its largest total (under \
                     `{}`, {} instead of {}){}{because}",
                    outcome.name,
                    number(100.0 * gap / sizes[o]),
                    evidence.model.strategies[s].name,
                    number(base[s][o] + gap),
                    number(base[s][o]),
                    match off.len() {
                        1 => String::new(),
                        n => format!(", and also under {} other strategies", n - 1),
                    }
                ),
            );
        }
    }
    if largest.0 > 0.0 {
        comparisons.note(format!("the largest difference is {}% ({})", number(100.0 * largest.0), largest.1));
    }
    comparisons.verdict("the model has no outcomes")
}

/// Describes the parameter that explains most of the difference if it alone is set to the mean of its draws.
fn explained(evidence: &Evidence, psa: &Psa, (s, o): (usize, usize), base: &[Vec<f64>]) -> String {
    let mut evaluator = evidence.evaluator();
    let of_each = evidence.scenario.uncertainty.varying().into_iter().filter_map(|p| {
        let mut values = evidence.base.clone();
        values[p] = moments(&psa.parameter(p)).0;
        let totals = evidence.evaluate(&mut evaluator, &values).ok()?;
        Some((p, totals[s][o] - base[s][o]))
    });
    match of_each.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
        Some((p, alone)) if alone != 0.0 => format!(
            "; setting `{}` alone to the mean of its draws changes the result by {}",
            evidence.name(p),
            number(alone)
        ),
        _ => String::new(),
    }
}
