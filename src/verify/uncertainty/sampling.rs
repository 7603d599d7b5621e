//! Whether draws come from the distributions, and the distributions from the base values.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::distribution::{self, Distribution, cdf, moments, rank_correlation};
use super::shared::{distributions, evaluate, evaluator, name, sampled, sizes};
use arcosim_analysis::psa::{self, DrawEngine, Draws};
use arcosim_core::math::sqrt;
use arcosim_core::model::uncertainty::{Family, Margin, Sampling, Together, Uncertainty};
use arcosim_scenario::parameters::Kind;

pub static U01: Check = Check {
    id: "U01",
    title: "Without any spread, the probabilistic analysis gives the base case",
    why: "Two things are done. Every distribution is squeezed onto the base value of its parameter and drawn from: the totals \
          must be exactly those of the base case. Then every parameter is set to the middle of its own distribution (mean or \
          median, whichever is nearer to base): the totals should hardly move. Where they do, a distribution lies around \
          another value than the base case uses, and the two analyses answer different questions.",
    hint: "Compare base and distribution of the parameters that are named; often one of the two was updated and the other forgotten.",
    basis: "own",
    quick: true,
    run: u01,
};

/// A change of a total by more than this share is worth a look.
const NOTICEABLE: f64 = 0.02;

fn u01(subject: &Subject) -> Verdict {
    let uncertainty = match distributions(subject) {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut tally = Tally::new(
        "without spread every draw has the totals of the base case, and the middles of all distributions nearly so",
        EXACT,
    );
    let base = subject.totals();
    let sizes = sizes(&base);
    let squeezed = squeezed(uncertainty, &subject.base);
    let draws = Draws::new(subject.model, &subject.base, &squeezed, Sampling::Random, (subject.seed, 3));
    let how = (DrawEngine::Cohort(subject.integration), false);
    match psa::run(subject.model, &draws, how, &|_| (), subject.stop()) {
        Err(_) => {
            tally.fail("base", "the model cannot be run with every distribution squeezed onto its base value")
        }
        Ok(psa) => {
            for totals in &psa.totals {
                for ((strategy, own), base) in subject.model.strategies.iter().zip(totals).zip(&base) {
                    for (o, outcome) in subject.model.outcomes.iter().enumerate() {
                        let what =
                            format!("`{}` under `{}` in a draw without spread", outcome.name, strategy.name);
                        tally.same_by(&strategy.name, &what, (base[o], own[o]), sizes[o]);
                    }
                }
            }
        }
    }
    middles(subject, &base, &sizes, &mut tally);
    tally.verdict("nothing is counted")
}

/// Every margin is its base value; what is drawn together otherwise than by its margins is drawn apart.
fn squeezed(uncertainty: &Uncertainty, base: &[f64]) -> Uncertainty {
    let on_base = |p: usize| {
        let (low, high) = (base[p], base[p]);
        uncertainty.varies(p).then(|| Margin::whole(Family::Uniform { low, high }))
    };
    let by_margins = uncertainty.joint.iter().filter(|j| matches!(j.how, Together::Copula(_)));
    Uncertainty { margins: (0..base.len()).map(on_base).collect(), joint: by_margins.cloned().collect() }
}

/// The totals at the middle of every distribution.
fn middles(subject: &Subject, base: &[Vec<f64>], sizes: &[f64], tally: &mut Tally) {
    let varying = subject.scenario.uncertainty.varying();
    let centre =
        |p: usize| distribution::of(subject, p).map_or(subject.base[p], |d| d.centre(subject.base[p]));
    let mut values = subject.base.clone();
    varying.iter().for_each(|&p| values[p] = centre(p));
    let mut evaluator = evaluator(subject);
    let Ok(totals) = evaluate(&mut evaluator, subject, &values) else {
        return;
    };
    let change = |totals: &[Vec<f64>], s: usize, o: usize| (totals[s][o] - base[s][o]).abs();
    let places = (0..base.len()).flat_map(|s| (0..sizes.len()).map(move |o| (s, o)));
    let relative = |&(s, o): &(usize, usize)| match sizes[o] {
        0.0 => 0.0,
        size => change(&totals, s, o) / size,
    };
    let Some((s, o)) = places.max_by(|a, b| relative(a).total_cmp(&relative(b))) else {
        return;
    };
    if relative(&(s, o)) <= NOTICEABLE {
        tally.advisable("base", true, String::new);
        return;
    }
    let alone = |&p: &usize| {
        let mut values = subject.base.clone();
        values[p] = centre(p);
        let totals = evaluate(&mut evaluator, subject, &values).ok();
        (p, totals.map_or(0.0, |totals| change(&totals, s, o)))
    };
    let of_each: Vec<(usize, f64)> = varying.iter().map(alone).collect();
    let Some(&(p, _)) = of_each.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return;
    };
    tally.advisable(name(subject, p), false, || {
        format!(
            "with every parameter in the middle of its distribution, `{}` under `{}` is {} and in the base case {}; most of \
             that comes from `{}`, drawn around {} with a base of {}",
            subject.model.outcomes[o].name,
            subject.model.strategies[s].name,
            number(totals[s][o]),
            number(base[s][o]),
            name(subject, p),
            number(centre(p)),
            number(subject.base[p])
        )
    });
}

pub static U02: Check = Check {
    id: "U02",
    title: "Draws follow their distributions, and base values lie inside them",
    why: "The model is drawn from as in a probabilistic analysis. The draws of each parameter must spread over its distribution \
          as chance allows (5 standard errors), parameters that are drawn together must have the correlations that were asked \
          for, and the base value must lie in the 95 % interval of its own distribution. A base outside it means that base \
          case and probabilistic analysis are about different numbers: a value was updated in one place only, or the \
          distribution has a wrong unit or a swapped parameter (rate for scale, log scale for natural scale).",
    hint: "Look at base, `distribution`, `p1`, `p2` and `se` of the parameter. A base at the very end of what is possible, such as a \
           utility of 1, cannot be the middle of any distribution: say so in a waiver, or take the mean as the base.",
    basis: "TECH-VER",
    quick: true,
    run: u02,
};

/// So many standard errors are no longer chance: a hundred parameters in a hundred scenarios exceed them once in 200.
const CHANCE: f64 = 5.0;

fn u02(subject: &Subject) -> Verdict {
    let psa = match sampled(subject) {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let uncertainty = &subject.scenario.uncertainty;
    let mut tally = Tally::new(
        "draws spread over each distribution within 5 standard errors, correlations are as stated, and base lies in the 95 % interval",
        0.0,
    );
    let n = psa.values.len() as f64;
    for p in uncertainty.varying() {
        let Some(own) = distribution::of(subject, p) else {
            continue;
        };
        is_around_base(subject, p, &own, &mut tally);
        // Draws that were drawn again are no sample of their distributions.
        if let (Distribution::Margin(margin), true) = (&own, psa.redrawn.is_empty()) {
            // What the distribution makes of its own draws is uniform: mean 1/2 with variance 1/12, and the square of the
            // distance from the middle has mean 1/12 with variance 1/180.
            let uniform = psa.values.iter().map(|values| cdf(margin, values[p]) - 0.5);
            let (first, second) = uniform.fold((0.0, 0.0), |(a, b), u| (a + u, b + u * u));
            let middle = first / n * sqrt(12.0 * n);
            let width = (second / n - 1.0 / 12.0) * sqrt(180.0 * n);
            let (sampled, _) = moments(&psa.parameter(p));
            tally.holds(name(subject, p), middle.abs() < CHANCE && width.abs() < CHANCE, || {
                format!(
                    "`{}` is not drawn from its distribution: mean {} of {} draws where {} is expected, {} standard errors off in \
                     the middle and {} in the width",
                    name(subject, p),
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
        correlations(subject, psa, &mut tally);
    }
    tally.verdict("nothing is drawn")
}

fn is_around_base(subject: &Subject, p: usize, own: &Distribution, tally: &mut Tally) {
    let (base, name) = (subject.base[p], name(subject, p));
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
    if outside && !at_cut && !at_an_end(subject.kind(p), base) {
        tally.holds(name, false, text);
        return;
    }
    let far = |centre: f64| (base - centre).abs() > 0.5 * sd;
    let aside = far(mean) && far(own.quantile(0.5));
    tally.advisable(name, !outside && !aside, text);
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
fn correlations(subject: &Subject, psa: &psa::Psa, tally: &mut Tally) {
    let n = psa.values.len() as f64;
    for joint in &subject.scenario.uncertainty.joint {
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
                tally.holds(&joint.name, (got - wanted).abs() <= chance, || {
                    format!(
                        "the draws of `{}` and `{}` have a rank correlation of {} and should have {}",
                        name(subject, a),
                        name(subject, b),
                        number(got),
                        number(wanted)
                    )
                });
            }
        }
    }
}
