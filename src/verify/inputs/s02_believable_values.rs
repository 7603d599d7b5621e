use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S02: Check = Check {
    id: "S02",
    title: "Values are possible for what they are, and believable",
    why: "Probabilities and proportions lie between 0 and 1; rates, costs and times are not negative; utilities are at most 1. \
          Beyond what is possible, values are asked about that are nearly always slips: more than 5 events a year, a mean \
          time longer than the model runs, a ratio of more than 20 or less than 0.05, a utility below 0, a loss of utility \
          with a minus sign (losses are entered as positive numbers), or one above 1.",
    hint: "Compare the value and its unit with the source: per month or per year, percent or share, gain or loss.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons =
        Comparisons::new("values that their kind allows, and that are not nearly always slips", 0.0);
    let horizon = evidence.model.time.years(evidence.model.time.cycles);
    for (row, &base) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        let (name, shown) = (&row.name, number(base));
        comparisons.holds(name, row.kind.allows(base), || {
            format!("`{name}` is {shown}, which no {} can be", row.kind.name())
        });
        let odd = match row.kind {
            Kind::Rate if base > 5.0 => {
                Some(format!("{shown} events a year: one every {} days", number(365.25 / base)))
            }
            Kind::MeanTime | Kind::MedianTime if base > horizon => {
                Some(format!("{shown} years, longer than the {} years of the model", number(horizon)))
            }
            Kind::Hr | Kind::Rr | Kind::Or if !(0.05..=20.0).contains(&base) => {
                Some(format!("{shown}: a ratio that moves a risk more than twentyfold"))
            }
            Kind::Utility if base < 0.0 => Some(format!("{shown}: a state worse than death")),
            Kind::Disutility if base < 0.0 => {
                Some(format!("{shown}: a loss is entered as a positive number, and this one is a gain"))
            }
            Kind::Disutility if base > 1.0 => Some(format!("{shown}: more than the whole worth of a year")),
            _ => None,
        };
        comparisons.advisable(name, odd.is_none(), || {
            format!("{} `{name}` is {}", row.kind.name().replace('_', " "), odd.unwrap_or_default())
        });
    }
    comparisons.verdict("there are no parameters")
}
