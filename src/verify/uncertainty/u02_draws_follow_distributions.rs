use crate::distribution::{Distribution, cdf};
use crate::prelude::*;
use crate::statistics::{moments, rank_correlation};
use arcosim_analysis::psa;
use arcosim_core::math::sqrt;
use arcosim_core::model::uncertainty::Together;
use arcosim_scenario::parameters::Kind;

pub static U02: Check = Check {
    id: "U02",
    title: "Draws follow their distributions, and base values are within them",
    why: "Parameters are drawn as in a probabilistic analysis. The draws of each parameter must follow its \
          distribution except for chance (5 standard errors), jointly drawn parameters must have the stated \
          correlations, and each base value must lie in the 95% interval of its distribution. A base value outside it \
          means that the base case and the probabilistic analysis use different numbers: one of them was not updated, \
          or the distribution has a wrong unit or a wrong parameter (rate or scale, log scale or natural scale).",
    hint: "Check the base value, `distribution`, `p1`, `p2` and `se` of the parameter. A base value at the limit of \
           what is possible, such as a utility of 1, cannot be the centre of a distribution: use the mean as the base \
           value, or waive the finding.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Draws],
    run,
};

/// Number of standard errors above which a difference is not due to chance. The probability that any of 10,000
/// parameters exceeds it by chance is about 1 in 200.
const CHANCE: f64 = 5.0;

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let uncertainty = &evidence.scenario.uncertainty;
    let mut comparisons = Comparisons::new(
        "draws within 5 standard errors of their distributions, correlations as stated, and base values within 95% \
         intervals",
        0.0,
    );
    let n = psa.values.len() as f64;
    for p in uncertainty.varying() {
        let Some(own) = evidence.distribution(p) else {
            continue;
        };
        is_around_base(evidence, p, &own, &mut comparisons);
        // Redrawn draws are excluded, because they are not a random sample of the distributions.
        if let (Distribution::Margin(margin), true) = (&own, psa.redrawn.is_empty()) {
            // The distribution function maps draws to a uniform distribution. Its mean is 1/2 with variance 1/12, and
            // the squared distance from 1/2 has mean 1/12 with variance 1/180.
            let uniform = psa.values.iter().map(|values| cdf(margin, values[p]) - 0.5);
            let (first, second) = uniform.fold((0.0, 0.0), |(a, b), u| (a + u, b + u * u));
            let middle = first / n * sqrt(12.0 * n);
            let width = (second / n - 1.0 / 12.0) * sqrt(180.0 * n);
            let (sampled, _) = moments(&psa.parameter(p));
            comparisons.holds(evidence.name(p), middle.abs() < CHANCE && width.abs() < CHANCE, || {
                format!(
                    "`{}` is not drawn from its distribution: the mean is {} in {} draws, but should be {}; the \
                     location is off by {} standard errors, and the width by {}",
                    evidence.name(p),
                    number(sampled),
                    psa.values.len(),
                    number(own.moments().0),
                    number(middle),
                    number(width)
                )
            });
        }
    }
    if psa.redrawn.is_empty() {
        correlations(evidence, psa, &mut comparisons);
    }
    comparisons.verdict("no parameter is drawn")
}

fn is_around_base(evidence: &Evidence, p: usize, own: &Distribution, comparisons: &mut Comparisons) {
    let (base, name) = (evidence.base[p], evidence.name(p));
    let (low, high) = (own.quantile(0.025), own.quantile(0.975));
    let (mean, sd) = own.moments();
    // Rounding of the base value is tolerated, because it may lie just outside a narrow distribution.
    let slack = 1e-6 * base.abs();
    let outside = base < low - slack || base > high + slack;
    let text = || {
        format!(
            "`{name}` has a base value of {}, but is drawn with a mean of {} and a 95% interval of {} to {}",
            number(base),
            number(mean),
            number(low),
            number(high)
        )
    };
    let at_cut = match own {
        Distribution::Margin(margin) => base == margin.within.0 || base == margin.within.1,
        Distribution::Given(_) => false,
    };
    if outside && !at_cut && !at_an_end(evidence.kind(p), base) {
        comparisons.holds(name, false, text);
        return;
    }
    let far = |centre: f64| (base - centre).abs() > 0.5 * sd;
    let aside = far(mean) && far(own.quantile(0.5));
    comparisons.advisable(name, !outside && !aside, text);
}

/// Whether a value is at the limit of its kind, where no distribution can have its mean.
fn at_an_end(kind: Kind, value: f64) -> bool {
    match kind {
        Kind::Probability | Kind::Proportion => value == 0.0 || value == 1.0,
        Kind::Utility => value == 1.0,
        Kind::Rate | Kind::Cost | Kind::Count => value == 0.0,
        _ => false,
    }
}

/// Compares the rank correlations of the draws with the stated correlations. The rank correlation of a Gaussian copula
/// with correlation r is 6/π asin(r/2) (W. H. Kruskal, J. Am. Stat. Assoc. 53 (1958) 814–861).
fn correlations(evidence: &Evidence, psa: &psa::Psa, comparisons: &mut Comparisons) {
    let n = psa.values.len() as f64;
    for joint in &evidence.scenario.uncertainty.joint {
        let Together::Copula(lower) = &joint.how else {
            continue;
        };
        for i in 0..joint.members.len() {
            for j in 0..i {
                let (a, b) = (joint.members[i], joint.members[j]);
                let r: f64 = lower[i].iter().zip(&lower[j]).map(|(x, y)| x * y).sum();
                let wanted = 6.0 / std::f64::consts::PI * libm::asin((0.5 * r).clamp(-0.5, 0.5));
                let got = rank_correlation(&psa.parameter(a), &psa.parameter(b));
                let chance = CHANCE * 1.1 * (1.0 - wanted * wanted) / sqrt(n - 1.0) + 1e-6;
                comparisons.holds(&joint.name, (got - wanted).abs() <= chance, || {
                    format!(
                        "the draws of `{}` and `{}` have a rank correlation of {}, but should have {}",
                        evidence.name(a),
                        evidence.name(b),
                        number(got),
                        number(wanted)
                    )
                });
            }
        }
    }
}
