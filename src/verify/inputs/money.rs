//! Prices and discount rates.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::Tally;
use arcosim_scenario::parameters::Kind;

pub static S13: Check = Check {
    id: "S13",
    title: "All costs are in one currency and of one price year",
    why: "The units of all cost parameters are read for a currency and a year (`GBP 2023`, `USD (2019) per year`). Costs of several \
          years or currencies must not be added before they are inflated or exchanged, and must be in the currency of the \
          outcome to which they add.",
    hint: "Inflate and exchange the costs in the table, and say in the note what they were; the unit is that of the result.",
    basis: "TECH-VER",
    quick: true,
    run: s13,
};

fn s13(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("one currency and one price year for all costs", 0.0);
    let mut first: Option<(u32, String)> = None;
    for (outcome, own) in model.outcomes.iter().enumerate() {
        let unit = currency(&own.unit);
        for reward in model.rewards.iter().filter(|r| r.outcome(model) == outcome) {
            let read = parameters_in(&reward.amount, None);
            // A rate of exchange, an inflator: a number whose unit names a currency or a year of its own.
            let converts = read.iter().any(|&p| {
                let row = &subject.scenario.parameters[p];
                row.kind != Kind::Cost && (currency(&row.unit).is_some() || year(&row.unit).is_some())
            });
            for p in read.into_iter().filter(|&p| subject.kind(p) == Kind::Cost) {
                let row = &subject.scenario.parameters[p];
                if let (Some(is), Some(due)) = (currency(&row.unit), &unit) {
                    tally.holds(&row.name, is == *due || converts, || {
                        format!(
                            "`{}` is in {is} and adds to outcome `{}`, which is in {due}",
                            row.name, own.name
                        )
                    });
                }
                if let Some(year) = year(&row.unit) {
                    let (first, of) = first.get_or_insert_with(|| (year, row.name.clone()));
                    tally.advisable(&row.name, *first == year || converts, || {
                        format!("`{}` is at prices of {year} and `{of}` at prices of {first}", row.name)
                    });
                }
            }
        }
    }
    tally.verdict("no cost parameter says its currency or price year in its unit")
}

/// Signs of currencies with their codes.
const SIGNS: [(char, &str); 4] = [('£', "GBP"), ('€', "EUR"), ('$', "USD"), ('¥', "CNY")];

/// The currency that a unit names.
fn currency(unit: &str) -> Option<String> {
    let code = unit
        .split(|c: char| !c.is_alphabetic())
        .find(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()));
    let sign = SIGNS.iter().find(|(sign, _)| unit.contains(*sign));
    code.map(str::to_string).or_else(|| sign.map(|(_, code)| code.to_string()))
}

/// The year that a unit names.
fn year(unit: &str) -> Option<u32> {
    let mut words = unit.split(|c: char| !c.is_ascii_digit());
    words.find_map(|word| {
        let year: u32 = word.parse().ok()?;
        (word.len() == 4 && (1950..2100).contains(&year)).then_some(year)
    })
}

pub static S27: Check = Check {
    id: "S27",
    title: "Costs and effects are counted at the same moments of a cycle",
    why: "The decision divides costs by effects. If one of them counts people at the start of a cycle and the other in its middle, or \
          each is discounted at another moment of the cycle, they are about different people: half a cycle of one of them is given \
          away or added.",
    hint: "Give both outcomes of the decision the same `correction` and the same `at` of their discount.",
    basis: "TECH-VER",
    quick: true,
    run: s27,
};

fn s27(subject: &Subject) -> Verdict {
    let Some(decision) = &subject.scenario.decision else {
        return Verdict::skip("nothing is to be decided");
    };
    let (cost, effect) = (&subject.model.outcomes[decision.cost], &subject.model.outcomes[decision.effect]);
    let mut tally = Tally::new("the same within-cycle correction and moment of discounting", 0.0);
    tally.advisable(&effect.name, cost.correction == effect.correction, || {
        format!("`{}` and `{}` have different within-cycle corrections", cost.name, effect.name)
    });
    if let (Some(a), Some(b)) = (&cost.discount, &effect.discount) {
        tally.advisable(&effect.name, a.at == b.at && a.compounding == b.compounding, || {
            format!("`{}` and `{}` are discounted at different moments of a cycle", cost.name, effect.name)
        });
    }
    tally.verdict("nothing to compare")
}

pub static S28: Check = Check {
    id: "S28",
    title: "The decision weighs money against health",
    why: "The outcome that the decision calls cost must be made of costs, and the one it calls effect must not: swapped, every ratio \
          is upside down. The effect should be time lived or its quality, counted by the year: a number of events that is to be \
          avoided makes more harm look better. Where one outcome weighs time by quality of life, the decision should not be made \
          with another.",
    hint: "See `cost` and `effect` under [decision].",
    basis: "own",
    quick: true,
    run: s28,
};

fn s28(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(decision) = &subject.scenario.decision else {
        return Verdict::skip("nothing is to be decided");
    };
    let mut tally = Tally::new("a cost made of costs and an effect made of time lived", 0.0);
    let health = [Kind::Utility, Kind::Disutility];
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o].name);
    let of_health =
        subject.outcome_reads(decision.cost, &health) && !subject.outcome_reads(decision.cost, &[Kind::Cost]);
    tally.holds(cost, !of_health, || {
        format!("the decision pays `{cost}`, to which utilities add and no costs")
    });
    let of_costs = subject.outcome_reads(decision.effect, &[Kind::Cost])
        && !subject.outcome_reads(decision.effect, &health);
    tally.holds(effect, !of_costs, || {
        format!("the decision gains `{effect}`, to which costs add and no utilities")
    });
    let mut gains = model.rewards.iter().filter(|r| r.outcome(model) == decision.effect);
    let by_year = gains.any(|r| r.when.accrues());
    tally.advisable(effect, by_year, || {
        format!("the effect `{effect}` counts events and no time lived: is more of it better?")
    });
    let elsewhere = (0..model.outcomes.len())
        .find(|&o| o != decision.effect && subject.outcome_reads(o, &[Kind::Utility]));
    let other = elsewhere.filter(|_| !subject.outcome_reads(decision.effect, &health));
    tally.advisable(effect, other.is_none(), || {
        let other = other.map_or("", |o| &model.outcomes[o].name);
        format!("the decision gains `{effect}`, to which no utility adds, and not `{other}`")
    });
    tally.verdict("nothing to compare")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_name_currencies_and_years() {
        assert_eq!(currency("GBP per year").as_deref(), Some("GBP"));
        assert_eq!(currency("£ (2019)").as_deref(), Some("GBP"));
        assert_eq!(currency("per visit"), None);
        assert_eq!(year("GBP 2023"), Some(2023));
        assert_eq!(year("USD (2019 prices) per month"), Some(2019));
        assert_eq!(year("per 1000 persons"), None);
    }
}
