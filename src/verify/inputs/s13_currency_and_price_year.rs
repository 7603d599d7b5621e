use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_scenario::parameters::Kind;

pub static S13: Check = Check {
    id: "S13",
    title: "All costs are in one currency and one price year",
    why: "The unit of every cost parameter is searched for a currency and a year (`GBP 2023`, `USD (2019) per \
          year`). Costs in different currencies or price years must be converted or inflated before they are added, \
          and must be in the currency of their outcome.",
    hint: "Convert and inflate the costs in the parameter table, and document the original values in the note. The \
           unit is that of the converted value.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// Currency signs and their codes.
const SIGNS: [(char, &str); 4] = [('£', "GBP"), ('€', "EUR"), ('$', "USD"), ('¥', "CNY")];

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("one currency and one price year for all costs", 0.0);
    let mut first: Option<(u32, String)> = None;
    for (outcome, own) in model.outcomes.iter().enumerate() {
        let unit = currency(&own.unit);
        for reward in model.rewards.iter().filter(|r| r.outcome(model) == outcome) {
            let read = parameters_in(&reward.amount, None);
            // An exchange rate or an inflation factor has a currency or a year in its own unit.
            let converts = read.iter().any(|&p| {
                let row = &evidence.scenario.parameters[p];
                row.kind != Kind::Cost && (currency(&row.unit).is_some() || year(&row.unit).is_some())
            });
            for p in read.into_iter().filter(|&p| evidence.kind(p) == Kind::Cost) {
                let row = &evidence.scenario.parameters[p];
                if let (Some(is), Some(due)) = (currency(&row.unit), &unit) {
                    comparisons.holds(&row.name, is == *due || converts, || {
                        format!(
                            "`{}` is in {is}, but is added to outcome `{}`, which is in {due}",
                            row.name, own.name
                        )
                    });
                }
                if let Some(year) = year(&row.unit) {
                    let (first, of) = first.get_or_insert_with(|| (year, row.name.clone()));
                    comparisons.advisable(&row.name, *first == year || converts, || {
                        format!("`{}` is at prices of {year}, but `{of}` is at prices of {first}", row.name)
                    });
                }
            }
        }
    }
    comparisons.verdict("no cost parameter has a currency or price year in its unit")
}

/// The currency in a unit.
fn currency(unit: &str) -> Option<String> {
    let code = unit
        .split(|c: char| !c.is_alphabetic())
        .find(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()));
    let sign = SIGNS.iter().find(|(sign, _)| unit.contains(*sign));
    code.map(str::to_string).or_else(|| sign.map(|(_, code)| code.to_string()))
}

/// The year in a unit.
fn year(unit: &str) -> Option<u32> {
    let mut words = unit.split(|c: char| !c.is_ascii_digit());
    words.find_map(|word| {
        let year: u32 = word.parse().ok()?;
        (word.len() == 4 && (1950..2100).contains(&year)).then_some(year)
    })
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
