//! Rules for combining kinds of numbers, and the kind of the result.
//!
//! The rules are strict for errors that would change results without a trace (hazard ratios on probabilities,
//! probabilities over different periods) and lenient elsewhere: [`Quantity::Number`] can be combined with everything.

use crate::parameters::Kind;
use crate::read::life_table_file::TableKind;

/// Kind of quantity that an expression represents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Quantity {
    /// A plain number, coefficient, shape or any number whose kind is not tracked.
    Number,
    /// A time in years from a clock, which a formula may use as a plain number or as a length of time.
    Clock,
    /// A length of time in years.
    Time,
    /// True or false.
    Condition,
    /// Events per year.
    Rate,
    /// A rate accumulated over a period of time.
    CumulativeHazard,
    /// A hazard ratio.
    Ratio,
    /// A relative risk.
    RelativeRisk,
    /// An odds ratio.
    OddsRatio,
    /// A probability with its period in years, if the period is known.
    Probability(Option<f64>),
    /// A share without a period.
    Proportion,
    /// Money.
    Cost,
    /// Money per year.
    CostPerYear,
    /// Money from a table that does not state whether it is per year or per occasion, so that both uses are allowed.
    TableCost,
    /// Utility or disutility.
    Utility,
}

use Quantity::*;

/// Reason why two quantities cannot be combined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clash {
    /// A probability is multiplied by a hazard ratio.
    RatioOnProbability,
    /// A probability is multiplied by an odds ratio.
    OddsOnProbability,
    /// A hazard is multiplied by a relative risk or odds ratio, where only a hazard ratio makes sense.
    RiskOnHazard,
    /// A time is multiplied by a hazard ratio.
    RatioOnTime,
    /// A probability is divided by a time.
    ProbabilityOverTime,
    /// Probabilities over different periods (in years) are combined.
    Periods(f64, f64),
    /// Any other combination of different quantities.
    Different,
}

impl Quantity {
    /// Quantity of a parameter.
    pub(super) fn of(kind: Kind, period_years: Option<f64>, cycle_years: f64) -> Quantity {
        match kind {
            Kind::Rate => Rate,
            // A probability without a period in years has the unit `per cycle`.
            Kind::Probability => Probability(Some(period_years.unwrap_or(cycle_years))),
            Kind::Hr => Ratio,
            Kind::Rr => RelativeRisk,
            Kind::Or => OddsRatio,
            Kind::MeanTime | Kind::MedianTime | Kind::Duration => Time,
            Kind::Cost => Cost,
            Kind::Utility | Kind::Disutility => Utility,
            Kind::Proportion => Proportion,
            Kind::Count | Kind::Score | Kind::Coefficient | Kind::Shape | Kind::Number => Number,
        }
    }

    /// Quantity of a number in a table.
    pub(super) fn of_table(kind: TableKind, per_year: Option<bool>) -> Quantity {
        match kind {
            TableKind::Cost if per_year == Some(true) => CostPerYear,
            TableKind::Cost if per_year == Some(false) => Cost,
            TableKind::AnnualProbability => Probability(Some(1.0)),
            TableKind::RatePerYear => Rate,
            // These values are converted to the annual probability with the same hazard.
            TableKind::GroupProbability => Probability(Some(1.0)),
            TableKind::Cost => TableCost,
            TableKind::Utility => Utility,
            TableKind::Number => Number,
        }
    }

    /// Description of the quantity with an article, such as "a rate".
    pub(super) fn words(self) -> String {
        match self {
            Number => "a plain number".into(),
            Clock => "a time in years".into(),
            Time => "a length of time".into(),
            Condition => "a condition".into(),
            Rate => "a rate".into(),
            CumulativeHazard => "a cumulative hazard".into(),
            Ratio => "a hazard ratio".into(),
            RelativeRisk => "a relative risk".into(),
            OddsRatio => "an odds ratio".into(),
            Probability(Some(years)) => format!("a probability per {}", period(years)),
            Probability(None) => "a probability".into(),
            Proportion => "a proportion".into(),
            Cost | TableCost => "a cost".into(),
            CostPerYear => "a cost per year".into(),
            Utility => "a utility".into(),
        }
    }

    /// What a quantity says, as a clause such as "a rate says how often an event happens".
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Number => "a plain number has no unit",
            Clock => "a time in years says when something happens",
            Time => "a length of time says how long something takes",
            Condition => "a condition is true or false",
            Rate => "a rate says how often an event happens",
            CumulativeHazard => "a cumulative hazard is a rate added up over a length of time",
            Ratio => "a hazard ratio compares two rates",
            RelativeRisk => "a relative risk compares two risks",
            OddsRatio => "an odds ratio compares two odds",
            Probability(_) => "a probability is a risk over a period",
            Proportion => "a proportion is a share without a period",
            Cost | TableCost => "a cost is an amount of money",
            CostPerYear => "a cost per year accrues over time",
            Utility => "a utility measures quality of life",
        }
    }
}

/// A period in words, such as `year`, `5 years` or `6 months`.
pub(super) fn period(years: f64) -> String {
    // A week is 1/52 and a month 1/12 of a year; both are exact only up to rounding.
    let whole = |x: f64| ((x - x.round()).abs() < 1e-9 * x.abs() && x.round() >= 1.0).then(|| x.round());
    for (unit, per_year) in [("year", 1.0), ("month", 12.0), ("week", 52.0), ("day", 365.25)] {
        if let Some(n) = whole(years * per_year) {
            return if n == 1.0 { unit.into() } else { format!("{n} {unit}s") };
        }
    }
    format!("{} years", short(years))
}

/// A number for messages, with about four significant digits.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    if x != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{x:.3e}");
    }
    if size >= 1000.0 {
        return format!("{}", (x * 10.0).round() / 10.0);
    }
    // Rounding by way of the text avoids digits such as `0.30000000000000004` for `0.3`.
    format!("{x:.3e}").parse::<f64>().map_or_else(|_| x.to_string(), |rounded| rounded.to_string())
}

/// Whether two periods are equal except for rounding.
pub(super) fn same_period(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Whether a quantity only scales the quantity that it multiplies.
fn scales(q: Quantity) -> bool {
    matches!(q, Number | Clock | Condition | Proportion)
}

/// Quantity of a cost from a table after scaling: still a cost without a stated period.
fn of_table(q: Quantity) -> Quantity {
    if q == Cost { TableCost } else { q }
}

/// Quantity of a product.
pub(super) fn product(a: Quantity, b: Quantity) -> Result<Quantity, Clash> {
    match (a, b) {
        (TableCost, x) | (x, TableCost) => product(Cost, x).map(of_table),
        (Condition, Condition) => Ok(Condition),
        (Clock, Time) | (Time, Clock) | (Clock, Proportion) | (Proportion, Clock) => Ok(Number),
        (Clock, Number | Clock) | (Number, Clock) => Ok(Clock),
        (Proportion, Proportion) => Ok(Proportion),
        (Number | Condition, x) | (x, Number | Condition) => Ok(x),
        (CostPerYear, Time) | (Time, CostPerYear) => Ok(Cost),
        (CostPerYear, Clock) | (Clock, CostPerYear) => Ok(Number),
        (Rate, Cost) | (Cost, Rate) => Ok(CostPerYear),
        (x, y) if scales(x) => Ok(y),
        (x, y) if scales(y) => Ok(x),
        (Ratio, Ratio) => Ok(Ratio),
        (RelativeRisk, RelativeRisk) => Ok(RelativeRisk),
        (OddsRatio, OddsRatio) => Ok(OddsRatio),
        (Ratio, Rate) | (Rate, Ratio) => Ok(Rate),
        (Ratio, CumulativeHazard) | (CumulativeHazard, Ratio) => Ok(CumulativeHazard),
        (Rate, Time) | (Time, Rate) => Ok(CumulativeHazard),
        (Ratio, Probability(_)) | (Probability(_), Ratio) => Err(Clash::RatioOnProbability),
        (OddsRatio, Probability(_)) | (Probability(_), OddsRatio) => Err(Clash::OddsOnProbability),
        (RelativeRisk, Probability(p)) | (Probability(p), RelativeRisk) => Ok(Probability(p)),
        (Ratio, Time) | (Time, Ratio) => Err(Clash::RatioOnTime),
        (RelativeRisk | OddsRatio, Rate | CumulativeHazard | Ratio) => Err(Clash::RiskOnHazard),
        (Rate | CumulativeHazard | Ratio, RelativeRisk | OddsRatio) => Err(Clash::RiskOnHazard),
        (RelativeRisk, OddsRatio) | (OddsRatio, RelativeRisk) => Err(Clash::Different),
        (Probability(_), Probability(_)) => common(a, b),
        (Utility, Utility) => Ok(Utility),
        _ => Ok(Number),
    }
}

/// Quantity of a quotient.
pub(super) fn quotient(a: Quantity, b: Quantity) -> Result<Quantity, Clash> {
    match (a, b) {
        (TableCost, x) => quotient(Cost, x).map(of_table),
        (x, TableCost) => quotient(x, Cost),
        (Probability(_), Ratio) => Err(Clash::RatioOnProbability),
        (Probability(_), OddsRatio) => Err(Clash::OddsOnProbability),
        (Probability(_), Time) => Err(Clash::ProbabilityOverTime),
        (Rate | CumulativeHazard | Ratio, RelativeRisk | OddsRatio) => Err(Clash::RiskOnHazard),
        (RelativeRisk | OddsRatio, Ratio) => Err(Clash::RiskOnHazard),
        (Probability(_), Probability(_)) => common(a, b).map(|_| RelativeRisk),
        // The total rate out of a state divided by the total probability, multiplied by the probability of one
        // transition, is the rate of that transition.
        (Rate, Probability(_)) => Ok(Rate),
        (Rate, Rate) | (CumulativeHazard, CumulativeHazard) => Ok(Ratio),
        (Ratio | RelativeRisk | OddsRatio, _) if a == b => Ok(a),
        (Clock, Time | Clock) | (Time, Clock | Time) => Ok(Number),
        (Number | Ratio | Proportion | Condition, Time) => Ok(Rate),
        (CumulativeHazard, Time) => Ok(Rate),
        (Cost, Time) => Ok(CostPerYear),
        // A cumulative hazard divided by the length of its period, which is written as a plain number.
        (CumulativeHazard, Number | Clock) => Ok(Number),
        (Number | Condition, Rate) => Ok(Time),
        (Number | Condition, Ratio | RelativeRisk | OddsRatio) => Ok(b),
        (Clock, Number) => Ok(Clock),
        (Proportion, Clock) => Ok(Number),
        (x, y) if scales(y) => Ok(if x == Condition { Number } else { x }),
        (Rate, Ratio) => Ok(Rate),
        (CumulativeHazard, Ratio) => Ok(CumulativeHazard),
        (Probability(p), RelativeRisk) => Ok(Probability(p)),
        (Time, Ratio) => Ok(Time),
        _ => Ok(Number),
    }
}

/// Quantity of a sum, difference, minimum, maximum, or of a choice between cases.
pub(super) fn common(a: Quantity, b: Quantity) -> Result<Quantity, Clash> {
    match (a, b) {
        (Probability(Some(x)), Probability(Some(y))) if !same_period(x, y) => Err(Clash::Periods(x, y)),
        (Probability(Some(x)), Probability(_)) | (Probability(_), Probability(Some(x))) => {
            Ok(Probability(Some(x)))
        }
        _ if a == b => Ok(a),
        (TableCost, x @ (Cost | CostPerYear)) | (x @ (Cost | CostPerYear), TableCost) => Ok(x),
        (TableCost, x) | (x, TableCost) => common(Cost, x).map(of_table),
        (Number | Condition, x) | (x, Number | Condition) => Ok(x),
        (Clock, x) | (x, Clock) => Ok(if x == Time { Time } else { Number }),
        (Proportion, x @ (Ratio | RelativeRisk | Utility | Probability(_))) => Ok(x),
        (x @ (Ratio | RelativeRisk | Utility | Probability(_)), Proportion) => Ok(x),
        _ => Err(Clash::Different),
    }
}

/// Whether two quantities may be compared: they are of the same kind, or one is a plain number.
pub(super) fn comparable(a: Quantity, b: Quantity) -> Result<(), Clash> {
    match (a, b) {
        (Clock, x) | (x, Clock) if !matches!(x, Clock | Time | Number | Condition) => Err(Clash::Different),
        _ => common(a, b).map(|_| ()),
    }
}

/// Whether years from a clock can never be added to this quantity directly; a coefficient converts them to the
/// quantity.
pub(super) fn apart_from_years(q: Quantity) -> bool {
    !matches!(q, Number | Clock | Time | Condition | CumulativeHazard)
}

/// Quantity of a power.
pub(super) fn power(base: Quantity) -> Quantity {
    match base {
        Ratio | RelativeRisk | OddsRatio => base,
        _ => Number,
    }
}
