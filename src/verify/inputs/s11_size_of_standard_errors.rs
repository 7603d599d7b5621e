use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S11: Check = Check {
    id: "S11",
    title: "Distributions reflect the standard error of the mean, not the variation between patients",
    why: "The width of a distribution should match the standard error of the estimate. The standard deviation \
          between patients is far too wide: more than 60% of the mean for a cost or time, more than 0.15 for a \
          utility, or a 95% interval of a ratio whose limits differ more than fiftyfold. A standard error below one \
          thousandth of the mean leaves practically no uncertainty.",
    hint: "Divide the standard deviation by the square root of the number of patients, and check p1 and p2 of the \
           distribution.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("plausible standard errors", 0.0);
    for (p, row) in evidence.scenario.parameters.iter().enumerate() {
        let Some(Some(margin)) = evidence.scenario.uncertainty.margins.get(p) else {
            continue;
        };
        let (mean, sd) = (margin.family.mean(), margin.family.sd());
        let relative = sd / mean.abs();
        let (name, kind) = (&row.name, row.kind.name().replace('_', " "));
        match row.kind {
            Kind::Cost | Kind::MeanTime | Kind::MedianTime | Kind::Duration | Kind::Score | Kind::Count => {
                comparisons.advisable(name, relative <= 0.6, || {
                    format!(
                        "the standard error of {kind} `{name}` is {}% of its mean: is it the standard deviation between patients?",
                        number((100.0 * relative).round())
                    )
                });
            }
            Kind::Utility | Kind::Disutility => {
                comparisons.advisable(name, sd <= 0.15, || {
                    format!(
                        "the standard error of {kind} `{name}` is {}: is it the standard deviation between patients?",
                        number(sd)
                    )
                });
            }
            Kind::Hr | Kind::Rr | Kind::Or => {
                let (low, high) = (margin.quantile(0.025), margin.quantile(0.975));
                comparisons.advisable(name, high <= 50.0 * low, || {
                    format!(
                        "the 95% interval of {kind} `{name}` is {} to {}, more than fiftyfold",
                        number(low),
                        number(high)
                    )
                });
            }
            _ => {}
        }
        comparisons.advisable(name, relative >= 0.001 || mean == 0.0, || {
            format!(
                "the standard error of {kind} `{name}` is only {}, with a mean of {}",
                number(sd),
                number(mean)
            )
        });
    }
    comparisons.verdict("no parameter has its own distribution")
}
