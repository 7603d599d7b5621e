//! Units of inputs: every kind of parameter in every unit and every place of a formula is either converted as an
//! independent computation requires, or rejected. No number is silently reinterpreted.

use arcosim::model::{Expr, Hazard, Model, Situation};
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::{Loaded, load_text};

/// Length of a cycle in years.
const CYCLE: f64 = 0.5;
/// The number in every cell of the table.
const WRITTEN: f64 = 0.3;

/// Meaning of a unit: money, a percent sign, or a time period in years.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Nothing,
    /// A length of time, in years.
    Time(f64),
    /// Per period of this number of years.
    Per(f64),
    PerCycle,
    /// Per this number of person-years.
    PersonYears(f64),
    Occasion,
    Percent,
    PercentPer(f64),
    Money,
    MoneyPer(f64),
    MoneyPerCycle,
    Qalys,
    QalysPer(f64),
    /// Per period of this number of years, in a user-defined unit.
    OtherPer(f64),
    /// A multiple, for example thousands.
    Multiple,
}

use Says::*;

const UNITS: [(&str, Says); 31] = [
    ("", Nothing),
    ("years", Time(1.0)),
    ("months", Time(1.0 / 12.0)),
    ("weeks", Time(1.0 / 52.0)),
    ("days", Time(1.0 / 365.25)),
    ("per year", Per(1.0)),
    ("per month", Per(1.0 / 12.0)),
    ("per 6 months", Per(0.5)),
    ("per 5 years", Per(5.0)),
    ("per week", Per(1.0 / 52.0)),
    ("per cycle", PerCycle),
    ("per 100 person-years", PersonYears(100.0)),
    ("per person-month", PersonYears(1.0 / 12.0)),
    ("per procedure", Occasion),
    ("%", Percent),
    ("% per year", PercentPer(1.0)),
    ("% per 6 months", PercentPer(0.5)),
    ("EUR", Money),
    ("EUR per year", MoneyPer(1.0)),
    ("EUR per month", MoneyPer(1.0 / 12.0)),
    ("EUR/week", MoneyPer(1.0 / 52.0)),
    ("EUR per cycle", MoneyPerCycle),
    ("QALYs", Qalys),
    ("QALYs per year", QalysPer(1.0)),
    ("QALYs per month", QalysPer(1.0 / 12.0)),
    ("mg per day", OtherPer(1.0 / 365.25)),
    ("per quarter", Per(0.25)),
    ("EUR per half-year", MoneyPer(0.5)),
    ("per decade", Per(10.0)),
    ("kEUR per year", Multiple),
    ("1000 EUR", Multiple),
];

/// Meaning of a parameter, with its value converted independently of arcosim.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// Rejected in every place.
    Refused,
    RatePerYear(f64),
    /// A probability and its period in years.
    Probability(f64, f64),
    Ratio(f64),
    RelativeRisk(f64),
    OddsRatio(f64),
    Years(f64),
    Price(f64),
    CostPerYear(f64),
    Discounting(f64),
    Share(f64),
    Plain(f64),
    /// A plain number, for which `check` must warn that the time in its unit is ignored.
    PlainWithAWord(f64),
}

use Meaning::*;

fn meaning(kind: &str, says: Says) -> Meaning {
    let v = match says {
        Percent | PercentPer(_) => WRITTEN / 100.0,
        _ => WRITTEN,
    };
    let of_a_year = |years: f64| (years - 1.0).abs() < 1e-12;
    // A parameter that is not converted must not have a unit with any period except a year.
    let unconverted = match says {
        Time(years) | Per(years) | PersonYears(years) | PercentPer(years) | QalysPer(years)
        | MoneyPer(years) => of_a_year(years),
        OtherPer(_) | PerCycle | MoneyPerCycle => false,
        _ => true,
    };
    match kind {
        "rate" => match says {
            Per(years) | PersonYears(years) | PercentPer(years) => RatePerYear(v / years),
            _ => Refused,
        },
        "probability" => match says {
            Per(years) | PercentPer(years) => Probability(v, years),
            PerCycle => Probability(v, CYCLE),
            _ => Refused,
        },
        "mean_time" | "median_time" | "duration" => match says {
            Time(years) => Years(v * years),
            _ => Refused,
        },
        "cost" => match says {
            Percent | PercentPer(_) | Multiple => Refused,
            Per(years) | MoneyPer(years) | QalysPer(years) | OtherPer(years) | PersonYears(years) => {
                CostPerYear(v / years)
            }
            PerCycle | MoneyPerCycle => CostPerYear(v / CYCLE),
            _ => Price(v),
        },
        "hr" | "rr" | "or" if matches!(says, Percent | PercentPer(_)) => Refused,
        "shape" | "coefficient" | "count" | "score" if matches!(says, Percent | PercentPer(_)) => Refused,
        "number" | "count" | "score" if !unconverted => PlainWithAWord(v),
        _ if !unconverted => Refused,
        "hr" => Ratio(v),
        "rr" => RelativeRisk(v),
        "or" => OddsRatio(v),
        "utility" | "disutility" => Discounting(v),
        "proportion" => Share(v),
        _ => Plain(v),
    }
}

/// Place of the parameter in the scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Rate,
    Probability,
    HazardRatio,
    RelativeRisk,
    PerYear,
    Once,
    Share,
    Discount,
    Limit,
}

const PLACES: [Place; 9] = [
    Place::Rate,
    Place::Probability,
    Place::HazardRatio,
    Place::RelativeRisk,
    Place::PerYear,
    Place::Once,
    Place::Share,
    Place::Discount,
    Place::Limit,
];

/// The value that a place must read; `None` if the place must reject the parameter.
fn wanted(meaning: Meaning, place: Place) -> Option<f64> {
    match (place, meaning) {
        (_, Refused) => None,
        // Compared with a clock, the number would be taken for years.
        (Place::Limit, PlainWithAWord(_)) => None,
        (_, Plain(v) | PlainWithAWord(v)) => Some(v),
        (Place::Rate, RatePerYear(v)) => Some(v),
        (Place::Probability, Probability(v, years)) if (years - CYCLE).abs() < 1e-12 => Some(v),
        // `1 - efficacy` is a common way to state a hazard ratio.
        (Place::HazardRatio, Ratio(v) | Share(v)) => Some(v),
        (Place::RelativeRisk, RelativeRisk(v) | Share(v)) => Some(v),
        (Place::PerYear, CostPerYear(v) | Discounting(v) | Share(v)) => Some(v),
        (Place::Once, Price(v) | Discounting(v) | Share(v)) => Some(v),
        (Place::Share, Share(v)) => Some(v),
        // Discount rates above 50 % a year are rejected.
        (Place::Discount, RatePerYear(v) | Share(v)) => (v < 0.5).then_some(v),
        (Place::Limit, Years(v)) => Some(v),
        _ => None,
    }
}

fn scenario(place: Place) -> String {
    let here = |own: Place, otherwise: &'static str| if place == own { "p" } else { otherwise };
    let move_by = match place {
        Place::Probability => "probability = \"p\"".to_string(),
        Place::RelativeRisk => "probability = 0.2".to_string(),
        _ => format!("rate = \"{}\"", here(Place::Rate, "0.2")),
    };
    let effect = match place {
        Place::RelativeRisk => "relative_risk = \"p\"".to_string(),
        Place::Probability => "relative_risk = 0.9".to_string(),
        _ => format!("hazard_ratio = \"{}\"", here(Place::HazardRatio, "0.9")),
    };
    let per_year = match place {
        Place::Limit => "if(time < p, 1, 0)",
        _ => here(Place::PerYear, "1"),
    };
    format!(
        r#"format = 1
title = "Units"
parameters = "parameters.csv"
[time]
cycle = "6 months"
horizon = "5 years"
first = "none"
[population.start]
well = "rest"
[states]
well = {{}}
ill = {{}}
dead = {{ absorbing = true }}
[transitions.fall]
from = "well"
to = {{ dead = "{share}", ill = "rest" }}
{move_by}
[transitions.die]
from = "ill"
to = "dead"
rate = 0.1
[endpoints.death]
enters = "dead"
[strategies.usual]
reference = true
[strategies.drug]
[[strategies.drug.effects]]
on = ["fall"]
{effect}
[outcomes.total]
unit = "EUR"
correction = "start"
discount = {{ rate = "{discount}", at = "start" }}
[rewards.yearly]
outcome = "total"
per_year = "{per_year}"
in = ["well"]
[rewards.once]
outcome = "total"
once = "{once}"
on = ["die"]
"#,
        share = here(Place::Share, "0.1"),
        discount = here(Place::Discount, "0.03"),
        once = here(Place::Once, "1"),
    )
}

/// The value that the compiled model has in this place.
fn read(model: &Model, place: Place) -> f64 {
    let parameters = model.base_values();
    let value = |expr: &Expr| {
        expr.value(&Situation {
            parameters: &parameters,
            attributes: &[],
            state: 0,
            cycle: 0,
            residence: &vec![0; model.groups.len()],
            cycles_per_year: model.time.cycles_per_year,
            part: 0.0,
        })
    };
    let own = |expr: &Expr| value(expr);
    match place {
        Place::Rate | Place::Probability => match &model.transitions[0].hazard {
            Hazard::Rate(expr) | Hazard::Probability(expr) => own(expr),
            other => panic!("{other:?}"),
        },
        Place::HazardRatio | Place::RelativeRisk => own(&model.strategies[1].effects[0].ratio),
        Place::PerYear => own(&model.rewards[0].amount),
        Place::Once => own(&model.rewards[1].amount),
        Place::Share => match &model.transitions[0].branches[0].share {
            arcosim::model::Share::Stated(expr) => own(expr),
            other => panic!("{other:?}"),
        },
        Place::Discount => own(&model.outcomes[0].discount.as_ref().expect("a discount").rates[0].1),
        Place::Limit => {
            let mut limit = f64::NAN;
            model.rewards[0].amount.walk(&mut |part| {
                if let Expr::Binary(operator, sides) = part
                    && operator.is_comparison()
                {
                    limit = value(&sides[1]);
                }
            });
            limit
        }
    }
}

const KINDS: [&str; 17] = [
    "rate",
    "probability",
    "hr",
    "rr",
    "or",
    "mean_time",
    "median_time",
    "cost",
    "utility",
    "disutility",
    "proportion",
    "count",
    "score",
    "coefficient",
    "shape",
    "duration",
    "number",
];

fn loaded(kind: &str, unit: &str, place: Place) -> Loaded {
    let table = format!("name,kind,base,unit,source\np,{kind},{WRITTEN},{unit},assumption\n");
    let text = scenario(place);
    load_text(&[("scenario.toml", &text), ("parameters.csv", &table)], &[])
}

#[test]
fn every_kind_in_every_unit_and_place_is_converted_or_refused() {
    let mut wrong = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for kind in KINDS {
        for (unit, says) in UNITS {
            let meant = meaning(kind, says);
            for place in PLACES {
                let loaded = loaded(kind, unit, place);
                let said = loaded.diagnostics.list.iter().any(|d| d.code == "W0540");
                let got = loaded.scenario.as_ref().map(|scenario| read(&scenario.model, place));
                let due = wanted(meant, place);
                let right = match (got, due) {
                    (None, None) => true,
                    (Some(got), Some(due)) => (got - due).abs() <= 1e-12 * due.abs().max(1.0),
                    _ => false,
                };
                let told = said == matches!(meant, PlainWithAWord(_)) || got.is_none();
                if !right || !told {
                    let text = render(&loaded.diagnostics, &loaded.sources, false);
                    let first = text.lines().next().unwrap_or_default().to_string();
                    wrong.push(format!("{kind} `{unit}` at {place:?}: {got:?}, wanted {due:?}; {first}"));
                }
                match got {
                    Some(_) => taken += 1,
                    None => refused += 1,
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(taken > 400 && refused > 1500, "{taken} taken, {refused} refused");
}
