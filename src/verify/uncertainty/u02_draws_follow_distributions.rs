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
    why: "The model is drawn from as in a probabilistic analysis. The draws of each parameter must spread over its distribution \
          as chance allows (5 standard errors), parameters that are drawn together must have the correlations that were asked \
          for, and the base value must lie in the 95 % interval of its own distribution. A base outside it means that base \
          case and probabilistic analysis are about different numbers: a value was updated in one place only, or the \
          distribution has a wrong unit or a swapped parameter (rate for scale, log scale for natural scale).",
    hint: "Look at base, `distribution`, `p1`, `p2` and `se` of the parameter. A base at the very end of what is possible, such as a \
           utility of 1, cannot be the middle of any distribution: say so in a waiver, or take the mean as the base.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Draws],
    run,
};

/// So many standard errors are no longer chance: a hundred parameters in a hundred scenarios exceed them once in 200.
const CHANCE: f64 = 5.0;

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let uncertainty = &evidence.scenario.uncertainty;
    let mut comparisons = Comparisons::new(
        "draws spread over each distribution within 5 standard errors, correlations are as stated, and base lies in the 95 % interval",
        0.0,
    );
    let n = psa.values.len() as f64;
    for p in uncertainty.varying() {
        let Some(own) = evidence.distribution(p) else {
            continue;
        };
        is_around_base(evidence, p, &own, &mut comparisons);
        // Draws that were drawn again are no sample of their distributions.
        if let (Distribution::Margin(margin), true) = (&own, psa.redrawn.is_empty()) {
            // What the distribution makes of its own draws is uniform: mean 1/2 with variance 1/12, and the square of the
            // distance from the middle has mean 1/12 with variance 1/180.
            let uniform = psa.values.iter().map(|values| cdf(margin, values[p]) - 0.5);
            let (first, second) = uniform.fold((0.0, 0.0), |(a, b), u| (a + u, b + u * u));
            let middle = first / n * sqrt(12.0 * n);
            let width = (second / n - 1.0 / 12.0) * sqrt(180.0 * n);
            let (sampled, _) = moments(&psa.parameter(p));
            comparisons.holds(evidence.name(p), middle.abs() < CHANCE && width.abs() < CHANCE, || {
                format!(
                    "`{}` is not drawn from its distribution: mean {} of {} draws where {} is expected, {} standard errors off in \
                     the middle and {} in the width",
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
    comparisons.verdict("nothing is drawn")
}

fn is_around_base(evidence: &Evidence, p: usize, own: &Distribution, comparisons: &mut Comparisons) {
    let (base, name) = (evidence.base[p], evidence.name(p));
    let (low, high) = (own.quantile(0.025), own.quantile(0.975));
    let (mean, sd) = own.moments();
    // Rounded base values of narrow distributions are not outside them.
    let slack = 1e-6 * base.abs();
    let outside = base < low - slack || base > high + slack;
    let text = || {
        format!(
            "`{name}` has the base value {} and is drawn with mean {} and 95 % interval {} to {}",
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

/// Whether a value is the last that its kind allows: no distribution has its mean there, nor at an end to which it is cut.
fn at_an_end(kind: Kind, value: f64) -> bool {
    match kind {
        Kind::Probability | Kind::Proportion => value == 0.0 || value == 1.0,
        Kind::Utility => value == 1.0,
        Kind::Rate | Kind::Cost | Kind::Count => value == 0.0,
        _ => false,
    }
}

/// Correlations of ranks: of a Gaussian copula with correlation r they are 6/π asin(r/2) (W. H. Kruskal, J. Am. Stat.
/// Assoc. 53 (1958) 814–861).
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
                        "the draws of `{}` and `{}` have a rank correlation of {} and should have {}",
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
