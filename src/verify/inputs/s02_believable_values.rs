use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S02: Check = Check {
    id: "S02",
    title: "Parameter values are possible for their kind, and plausible",
    why: "Probabilities and proportions must lie between 0 and 1, rates, costs and times must not be negative, and \
          utilities must be at most 1. Possible values that are nearly always input errors are reported as warnings: \
          more than 5 events per year, a mean time longer than the time horizon, a ratio above 20 or below 0.05, a \
          utility below 0, a negative disutility (losses are entered as positive numbers), or a disutility above 1.",
    hint: "Compare the value and its unit with the source: per month or per year, percentage or share, gain or loss.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons =
        Comparisons::new("possible and plausible values for the kind of each parameter", 0.0);
    let horizon = evidence.model.time.years(evidence.model.time.cycles);
    for (row, &base) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        let (name, shown) = (&row.name, number(base));
        comparisons.holds(name, row.kind.allows(base), || {
            format!("`{name}` is {shown}, which is impossible for a {}", row.kind.name())
        });
        let odd = match row.kind {
            Kind::Rate if base > 5.0 => {
                Some(format!("{shown} events a year, that is, one every {} days", number(365.25 / base)))
            }
            Kind::MeanTime | Kind::MedianTime if base > horizon => {
                Some(format!("{shown} years, longer than the time horizon of {} years", number(horizon)))
            }
            Kind::Hr | Kind::Rr | Kind::Or if !(0.05..=20.0).contains(&base) => {
                Some(format!("{shown}, a ratio that changes a risk more than twentyfold"))
            }
            Kind::Utility if base < 0.0 => Some(format!("{shown}, a state worse than death")),
            Kind::Disutility if base < 0.0 => {
                Some(format!("{shown}; losses are entered as positive numbers, so this one is a gain"))
            }
            Kind::Disutility if base > 1.0 => Some(format!("{shown}, more than the utility of full health")),
            _ => None,
        };
        comparisons.advisable(name, odd.is_none(), || {
            format!("{} `{name}` is {}", row.kind.name().replace('_', " "), odd.unwrap_or_default())
        });
    }
    comparisons.verdict("there are no parameters")
}
