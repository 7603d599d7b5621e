use super::changes::sizes;
use crate::evidence::draw;
use crate::prelude::*;
use crate::statistics::moments;
use arcosim_analysis::psa::Psa;
use arcosim_core::math::sqrt;

pub static U11: Check = Check {
    id: "U11",
    title: "Probabilistic results with another seed agree within sampling error",
    why: "The draws are repeated with another seed. The means of all totals and increments must agree within 5 \
          standard errors of their difference. Otherwise, the draws are not independent, or distributions have tails \
          so heavy that the mean does not converge, and the reported means depend on the seed.",
    hint: "Check for distributions with a standard deviation far above the mean, and for outcomes that a few draws \
           dominate (U12).",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts, Need::Draws],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let Ok(other) = draw(evidence, evidence.seed.wrapping_add(1), psa.values.len() as u64 / 2) else {
        return Verdict::skip("the draws with another seed cannot be run");
    };
    let mut comparisons = Comparisons::new("means of two seeds within 5 standard errors", 0.0);
    let base = evidence.totals();
    let sizes = sizes(&base);
    let reference = evidence.model.reference();
    let mut worst: f64 = 0.0;
    for (o, outcome) in evidence.model.outcomes.iter().enumerate() {
        for (s, strategy) in evidence.model.strategies.iter().enumerate() {
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
                comparisons.holds(&strategy.name, gap <= 5.0 * se + rounding, || {
                    format!(
                        "the mean of `{}` under `{}`{} is {} with one seed and {} with another; the standard error of \
                         the difference is {}",
                        outcome.name,
                        strategy.name,
                        if against.is_some() { ", minus that of the reference," } else { "" },
                        number(one),
                        number(two),
                        number(se)
                    )
                });
            }
        }
    }
    comparisons.note(format!("the largest difference is {} standard errors", number(worst)));
    comparisons.verdict("the model has no outcomes")
}
