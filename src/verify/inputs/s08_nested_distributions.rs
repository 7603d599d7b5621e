use crate::prelude::*;
use arcosim_core::model::{Hazard, Model, TimeDistribution, situation};
use arcosim_scenario::parameters::Kind;

pub static S08: Check = Check {
    id: "S08",
    title: "Nested survival distributions agree, and survival never increases",
    why: "A Weibull with shape 1, a gamma with shape 1 and a Gompertz with shape 0 are exponentials, and a \
          generalised gamma with Q = 1 is a Weibull. The model's own rates and survival curves are rewritten in \
          these families and must have the same cumulative hazard at every time up to the horizon. The cumulative \
          hazard of a curve must never decrease or be undefined.",
    hint: "Check the parameterisation of the curve, because statistical packages define the same family in different \
           ways.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("the same cumulative hazard in nested families", 1e-10);
    for (row, &rate) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        if row.kind == Kind::Rate && rate > 0.0 {
            exponentials(&mut comparisons, evidence.model, &row.name, rate);
        }
    }
    curves(&mut comparisons, evidence);
    comparisons.verdict("the model has neither rates nor survival curves")
}

/// Times in years at which curves are compared.
fn points(model: &Model) -> Vec<f64> {
    let n = model.time.cycles;
    (1..=20).map(|i| model.time.years((n * i).div_ceil(20))).collect()
}

fn exponentials(comparisons: &mut Comparisons, model: &Model, name: &str, rate: f64) {
    use TimeDistribution::*;
    let scale = 1.0 / rate;
    let others = [
        ("a Weibull of shape 1", Weibull { shape: 1.0, scale }),
        ("a gamma of shape 1", Gamma { shape: 1.0, rate }),
        ("a Gompertz of shape 0", Gompertz { shape: 0.0, rate }),
    ];
    for t in points(model) {
        let due = Exponential { rate }.cumulative_hazard(t);
        for (words, other) in &others {
            // Below a survival of e^-20, families that are defined by their survival have no significant digits left.
            if due < 20.0 {
                let what =
                    format!("the cumulative hazard at year {} of `{name}`, rewritten as {words},", number(t));
                comparisons.same(name, &what, due, other.cumulative_hazard(t));
            }
        }
    }
}

fn curves(comparisons: &mut Comparisons, evidence: &Evidence) {
    use TimeDistribution::*;
    let model = evidence.model;
    for transition in &model.transitions {
        let Hazard::Distribution { time, .. } = &transition.hazard else {
            continue;
        };
        let reads_patients = time
            .expressions()
            .into_iter()
            .any(|e| arcosim_core::model::hazard::Reads::of(e) != Default::default());
        if reads_patients {
            continue;
        }
        let own = time.evaluate(&situation(model, &evidence.base, &[], 0));
        let mut last = 0.0;
        for t in points(model) {
            let h = own.cumulative_hazard(t);
            let fine = h >= last;
            comparisons.holds(&transition.name, fine, || {
                format!(
                    "the cumulative hazard of `{}` is {} at year {}, below the earlier value of {}",
                    transition.name,
                    number(h),
                    number(t),
                    number(last)
                )
            });
            if fine {
                last = h;
            }
            if let Weibull { shape, scale } = own.family
                && own.delay == 0.0
                && h < 20.0
            {
                let (mu, sigma) = (arcosim_core::math::ln(scale), 1.0 / shape);
                let wider = GeneralisedGamma { mu, sigma, q: 1.0 }.cumulative_hazard(t);
                let what = format!(
                    "the cumulative hazard at year {} of `{}`, rewritten as a generalised gamma with Q = 1,",
                    number(t),
                    transition.name
                );
                comparisons.same(&transition.name, &what, h, wider);
            }
        }
    }
}
