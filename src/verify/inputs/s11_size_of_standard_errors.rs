use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S11: Check = Check {
    id: "S11",
    title: "Distributions are as wide as a mean is uncertain, not as patients differ",
    why: "A distribution should be as wide as the standard error of the estimate. Taken from the standard deviation between \
          patients, it is far too wide: more than 60 % of a cost or time, more than 0.15 of a utility, a 95 % interval of a \
          ratio that spans more than fiftyfold. And one that is narrower than a thousandth of its mean is hardly one at all.",
    hint: "Divide the standard deviation by the square root of the number of patients; check p1 and p2 of the distribution.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("standard errors of the size that estimates have", 0.0);
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
                        "the standard error of {kind} `{name}` is {} % of its mean: is it the standard deviation between patients?",
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
                        "the 95 % interval of {kind} `{name}` goes from {} to {}",
                        number(low),
                        number(high)
                    )
                });
            }
            _ => {}
        }
        comparisons.advisable(name, relative >= 0.001 || mean == 0.0, || {
            format!(
                "the standard error of {kind} `{name}` is only {} of a mean of {}",
                number(sd),
                number(mean)
            )
        });
    }
    comparisons.verdict("no parameter has a distribution of its own")
}
