use super::changes::sizes;
use crate::prelude::*;
use arcosim_analysis::psa;
use arcosim_analysis::psa::{DrawEngine, Draws};
use arcosim_core::model::uncertainty::{Family, Margin, Sampling, Together, Uncertainty};

pub static U01: Check = Check {
    id: "U01",
    title: "Without parameter uncertainty, the probabilistic analysis equals the base case",
    why: "The check has two parts. First, every distribution is replaced by the base value of its parameter: all \
          totals must equal the base case. Second, every parameter is set to the centre of its distribution (mean or \
          median, whichever is closer to the base value): no total should change by more than 2%. A larger change \
          means that a distribution is centred on another value than the base value, so that the base case and the \
          probabilistic analysis answer different questions.",
    hint: "Compare the base value and the distribution of the parameter in the finding; often only one of the two was \
           updated.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Relative change of a total above which a warning is given.
const NOTICEABLE: f64 = 0.02;

fn run(evidence: &Evidence) -> Verdict {
    let uncertainty = match evidence.distributions() {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new(
        "the totals of the base case in draws without spread, and nearly the same totals at the centres of all \
         distributions",
        EXACT,
    );
    let base = evidence.totals();
    let sizes = sizes(&base);
    let squeezed = squeezed(uncertainty, &evidence.base);
    let draws = Draws::new(evidence.model, &evidence.base, &squeezed, Sampling::Random, (evidence.seed, 3));
    let how = (DrawEngine::Cohort(evidence.integration), false);
    match psa::run(evidence.model, &draws, how, &|_| (), evidence.stop()) {
        Err(_) => comparisons
            .fail("base", "the model cannot be run with every distribution replaced by its base value"),
        Ok(psa) => {
            for totals in &psa.totals {
                for ((strategy, own), base) in evidence.model.strategies.iter().zip(totals).zip(&base) {
                    for (o, outcome) in evidence.model.outcomes.iter().enumerate() {
                        let what =
                            format!("`{}` under `{}` in a draw without spread", outcome.name, strategy.name);
                        comparisons.same_by(&strategy.name, &what, (base[o], own[o]), sizes[o]);
                    }
                }
            }
        }
    }
    middles(evidence, &base, &sizes, &mut comparisons);
    comparisons.verdict("the model has no outcomes")
}

/// Distributions that always return the base value. Joint distributions other than copulas are removed, because they do
/// not use the marginal distributions.
fn squeezed(uncertainty: &Uncertainty, base: &[f64]) -> Uncertainty {
    let on_base = |p: usize| {
        let (low, high) = (base[p], base[p]);
        uncertainty.varies(p).then(|| Margin::whole(Family::Uniform { low, high }))
    };
    let by_margins = uncertainty.joint.iter().filter(|j| matches!(j.how, Together::Copula(_)));
    Uncertainty { margins: (0..base.len()).map(on_base).collect(), joint: by_margins.cloned().collect() }
}

/// Compares the totals at the centre of every distribution with the base case.
fn middles(evidence: &Evidence, base: &[Vec<f64>], sizes: &[f64], comparisons: &mut Comparisons) {
    let varying = evidence.scenario.uncertainty.varying();
    let centre = |p: usize| evidence.distribution(p).map_or(evidence.base[p], |d| d.centre(evidence.base[p]));
    let mut values = evidence.base.clone();
    varying.iter().for_each(|&p| values[p] = centre(p));
    let mut evaluator = evidence.evaluator();
    let Ok(totals) = evidence.evaluate(&mut evaluator, &values) else {
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
        comparisons.advisable("base", true, String::new);
        return;
    }
    let alone = |&p: &usize| {
        let mut values = evidence.base.clone();
        values[p] = centre(p);
        let totals = evidence.evaluate(&mut evaluator, &values).ok();
        (p, totals.map_or(0.0, |totals| change(&totals, s, o)))
    };
    let of_each: Vec<(usize, f64)> = varying.iter().map(alone).collect();
    let Some(&(p, _)) = of_each.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return;
    };
    comparisons.advisable(evidence.name(p), false, || {
        format!(
            "with every parameter at the centre of its distribution, `{}` under `{}` is {}, but {} in the base case; \
             the main cause is `{}`, whose distribution is centred on {} although its base value is {}",
            evidence.model.outcomes[o].name,
            evidence.model.strategies[s].name,
            number(totals[s][o]),
            number(base[s][o]),
            evidence.name(p),
            number(centre(p)),
            number(evidence.base[p])
        )
    });
}
