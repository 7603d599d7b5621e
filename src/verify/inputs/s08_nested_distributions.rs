use crate::prelude::*;
use arcosim_core::model::{Hazard, Model, TimeDistribution, situation};
use arcosim_scenario::parameters::Kind;

pub static S08: Check = Check {
    id: "S08",
    title: "Families of curves agree where one contains the other, and every curve only falls",
    why: "A Weibull of shape 1 is an exponential, a generalised gamma with Q = 1 is a Weibull, a gamma of shape 1 and a Gompertz of \
          shape 0 are exponentials. The model's own rates and curves are put into these families, and must give the same \
          cumulative hazard at every point up to the horizon; and no curve of the model may ever rise or end in no number.",
    hint: "Check the meaning of the curve's parameters: packages write the same family in different ways.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons =
        Comparisons::new("the same cumulative hazard from a family and from the one that contains it", 1e-10);
    for (row, &rate) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        if row.kind == Kind::Rate && rate > 0.0 {
            exponentials(&mut comparisons, evidence.model, &row.name, rate);
        }
    }
    curves(&mut comparisons, evidence);
    comparisons.verdict("the model has neither rates nor curves")
}

/// Points in time at which curves are compared, in years.
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
            // Survival of less than e^-20 has no digits left in families that are known by their survival.
            if due < 20.0 {
                let what = format!("the hazard by year {} of `{name}` as {words}", number(t));
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
                    "the cumulative hazard of `{}` is {} by year {} after {}",
                    transition.name,
                    number(h),
                    number(t),
                    number(last)
                )
            });
            if fine {
                last = h;
            }
            if let Weibull { shape, scale } = own
                && h < 20.0
            {
                let (mu, sigma) = (arcosim_core::math::ln(scale), 1.0 / shape);
                let wider = GeneralisedGamma { mu, sigma, q: 1.0 }.cumulative_hazard(t);
                let what = format!(
                    "the hazard by year {} of `{}` as a generalised gamma with Q = 1",
                    number(t),
                    transition.name
                );
                comparisons.same(&transition.name, &what, h, wider);
            }
        }
    }
}
