//! Regression test of a scenario: compares its expected numbers (published results of a replicated model, or the
//! documented course of a disease) with the current exact results.

use super::curves::Solution;
use super::landmarks::{grid_point, on_grid};
use super::outcomes::{Breakdown, Discounting};
use arcosim_core::model::{Component, Model};

/// Smallest tolerance of a row that compares with a documented number; a row with a smaller tolerance guards against
/// changes in the results of this program. The tolerance is absolute for shares of patients, and relative for outcome
/// totals and event counts.
const DOCUMENTED: f64 = 0.001;

/// Quantity whose expected number is compared with the current result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedQuantity {
    /// Kaplan–Meier survival of the endpoint with this index.
    Survival(usize),
    /// Cumulative incidence of the endpoint with this index.
    Incidence(usize),
    /// Share of patients in the state with this index.
    Occupancy(usize),
    /// Total of the outcome with this index, discounted or undiscounted.
    Outcome(usize, Discounting),
    /// Standard deviation between patients of the discounted total over the horizon of the outcome with this index.
    OutcomeSd(usize),
    /// Increment versus the reference strategy of the discounted total of the outcome with this index.
    Increment(usize),
    /// Increment of the first outcome divided by the increment of the second (an ICER).
    Ratio(usize, usize),
    /// Discounted total of the component with this index.
    Component(usize),
    /// Mean number of times that a patient makes the transition with this index.
    Firings(usize),
}

/// Names of all quantities in a table of expected numbers.
const QUANTITIES: [&str; 10] = [
    "kaplan_meier_survival",
    "cumulative_incidence",
    "occupancy",
    "outcome",
    "outcome_undiscounted",
    "outcome_sd",
    "increment",
    "incremental_ratio",
    "component",
    "firings",
];

impl ExpectedQuantity {
    /// Name of the quantity in the table of expected numbers.
    pub fn name(self) -> &'static str {
        QUANTITIES[match self {
            ExpectedQuantity::Survival(_) => 0,
            ExpectedQuantity::Incidence(_) => 1,
            ExpectedQuantity::Occupancy(_) => 2,
            ExpectedQuantity::Outcome(_, Discounting::Discounted) => 3,
            ExpectedQuantity::Outcome(_, Discounting::Undiscounted) => 4,
            ExpectedQuantity::OutcomeSd(_) => 5,
            ExpectedQuantity::Increment(_) => 6,
            ExpectedQuantity::Ratio(..) => 7,
            ExpectedQuantity::Component(_) => 8,
            ExpectedQuantity::Firings(_) => 9,
        }]
    }

    /// Finds a quantity by its name and its subject: an endpoint, state, outcome, category or transition of the model.
    fn named(name: &str, subject: &str, model: &Model) -> Result<ExpectedQuantity, String> {
        let unknown = |what: &str, name: &str| format!("there is no {what} `{name}` in this scenario");
        let endpoint = || {
            let found = model.endpoints.iter().position(|e| e.name == subject);
            found.ok_or_else(|| unknown("endpoint", subject))
        };
        let outcome = |name: &str| {
            let found = model.outcomes.iter().position(|o| o.name == name.trim());
            found.ok_or_else(|| unknown("outcome", name.trim()))
        };
        Ok(match name {
            "kaplan_meier_survival" => ExpectedQuantity::Survival(endpoint()?),
            "cumulative_incidence" => ExpectedQuantity::Incidence(endpoint()?),
            "occupancy" => {
                let found = model.states.iter().position(|s| s.name == subject);
                ExpectedQuantity::Occupancy(found.ok_or_else(|| unknown("state", subject))?)
            }
            "outcome" => ExpectedQuantity::Outcome(outcome(subject)?, Discounting::Discounted),
            "outcome_undiscounted" => ExpectedQuantity::Outcome(outcome(subject)?, Discounting::Undiscounted),
            "outcome_sd" => ExpectedQuantity::OutcomeSd(outcome(subject)?),
            "increment" => ExpectedQuantity::Increment(outcome(subject)?),
            "incremental_ratio" => {
                let Some((of, over)) = subject.split_once('/') else {
                    return Err(format!(
                        "`{subject}` is not a pair of outcomes: write `cost/qaly` for the increment of `cost` divided by that of `qaly`"
                    ));
                };
                ExpectedQuantity::Ratio(outcome(of)?, outcome(over)?)
            }
            "component" => {
                let Some((of, category)) = subject.split_once(':') else {
                    return Err(format!(
                        "`{subject}` is not a category of an outcome: write `cost: Drugs` for the category `Drugs` of `cost`"
                    ));
                };
                let (of, category) = (outcome(of)?, category.trim());
                let own = |c: &Component| c.outcome == of && c.category == category;
                let found = model.components.iter().position(own);
                ExpectedQuantity::Component(found.ok_or_else(|| {
                    let own = model.components.iter().filter(|c| c.outcome == of);
                    let there: Vec<String> = own.map(|c| format!("`{}`", c.category)).collect();
                    format!(
                        "the outcome `{}` has no category `{category}`; it has {}",
                        model.outcomes[of].name,
                        there.join(", ")
                    )
                })?)
            }
            "firings" => {
                let found = model.transitions.iter().position(|t| t.name == subject);
                ExpectedQuantity::Firings(found.ok_or_else(|| unknown("transition", subject))?)
            }
            _ => {
                let (last, others) = QUANTITIES.split_last().expect("a list of names");
                return Err(format!("`{name}` is not a quantity; choose {} or {last}", others.join(", ")));
            }
        })
    }

    /// Name of the subject (endpoint, state, outcome, category or transition) in the scenario.
    pub fn subject(self, model: &Model) -> String {
        let outcome = |o: usize| model.outcomes[o].name.clone();
        match self {
            ExpectedQuantity::Survival(e) | ExpectedQuantity::Incidence(e) => model.endpoints[e].name.clone(),
            ExpectedQuantity::Occupancy(s) => model.states[s].name.clone(),
            ExpectedQuantity::Outcome(o, _)
            | ExpectedQuantity::OutcomeSd(o)
            | ExpectedQuantity::Increment(o) => outcome(o),
            ExpectedQuantity::Ratio(of, over) => format!("{}/{}", outcome(of), outcome(over)),
            ExpectedQuantity::Component(c) => {
                let component = &model.components[c];
                format!("{}: {}", outcome(component.outcome), component.category)
            }
            ExpectedQuantity::Firings(t) => model.transitions[t].name.clone(),
        }
    }

    /// Unit of the quantity.
    pub fn unit(self, model: &Model) -> String {
        let outcome = |o: usize| model.outcomes[o].unit.clone();
        match self {
            ExpectedQuantity::Survival(_)
            | ExpectedQuantity::Incidence(_)
            | ExpectedQuantity::Occupancy(_) => "proportion".into(),
            ExpectedQuantity::Outcome(o, _)
            | ExpectedQuantity::OutcomeSd(o)
            | ExpectedQuantity::Increment(o) => outcome(o),
            ExpectedQuantity::Ratio(of, over) => format!("{} per {}", outcome(of), outcome(over)),
            ExpectedQuantity::Component(c) => outcome(model.components[c].outcome),
            ExpectedQuantity::Firings(_) => "per patient".into(),
        }
    }

    /// Whether the quantity is a share of patients.
    fn is_share(self) -> bool {
        matches!(
            self,
            ExpectedQuantity::Survival(_) | ExpectedQuantity::Incidence(_) | ExpectedQuantity::Occupancy(_)
        )
    }
}

/// One row of a table of expected numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Index of the strategy.
    pub strategy: usize,
    /// Quantity that the row compares.
    pub quantity: ExpectedQuantity,
    /// Years since the start or, for an endpoint, since its origin; the horizon if the cell in the table is empty.
    pub years: f64,
    /// The expected number.
    pub expected: f64,
    /// Largest difference allowed between the result and the expected number.
    pub tolerance: f64,
    /// Source of the expected number.
    pub source: String,
    /// Remark on the row.
    pub note: String,
}

impl Expected {
    /// Tolerance divided by the expected number; for a share of patients or an expected number of 0, the tolerance
    /// itself.
    pub fn relative_tolerance(&self) -> f64 {
        match self.quantity.is_share() || self.expected == 0.0 {
            true => self.tolerance,
            false => self.tolerance / self.expected.abs(),
        }
    }

    /// Whether the row compares with a documented number; otherwise it guards against changes in the results of this
    /// program.
    pub fn is_documented(&self) -> bool {
        self.relative_tolerance() >= DOCUMENTED
    }
}

/// An expected number and the current result.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedComparison {
    /// Row of the table of expected numbers.
    pub row: Expected,
    /// Current exact result; `None` if undefined, or if the model is too large to compute a standard deviation.
    pub result: Option<f64>,
}

impl ExpectedComparison {
    /// Whether the result was skipped because the model is too large to compute a standard deviation.
    pub fn not_worked_out(&self) -> bool {
        self.result.is_none() && matches!(self.row.quantity, ExpectedQuantity::OutcomeSd(_))
    }

    /// Whether the row counts as a failure: the result is outside the tolerance or unexpectedly undefined.
    pub fn misses(&self) -> bool {
        !self.passes() && !self.not_worked_out()
    }

    /// Verdict on the row, as written in output tables.
    pub fn verdict(&self) -> &'static str {
        match (self.passes(), self.not_worked_out()) {
            (true, _) => "pass",
            (_, true) => "not worked out",
            _ => "miss",
        }
    }

    /// Whether the result is within the tolerance.
    pub fn passes(&self) -> bool {
        self.result.is_some_and(|r| (r - self.row.expected).abs() <= self.row.tolerance)
    }

    /// Status of the result: "ok", or the reason why the result is missing.
    pub fn status(&self) -> &'static str {
        match (self.result, self.row.quantity) {
            (Some(_), _) => "ok",
            (None, ExpectedQuantity::Ratio(..)) => NO_RATIO,
            (None, ExpectedQuantity::OutcomeSd(_)) => NOT_WORKED_OUT,
            (None, _) => "nobody is at risk",
        }
    }
}

/// Status of a standard deviation that was not computed because it would take too long; the limit is [`MOST_VALUES`] of
/// the exact engine.
const NOT_WORKED_OUT: &str = "not worked out: the model has more than 4,000,000 values per strategy (states by cycles by groups of patients)";

/// Status of a ratio with an increment of zero in its denominator.
const NO_RATIO: &str = "no difference to divide by";

/// Reads a CSV table with the columns `strategy,quantity,subject,years,expected,tolerance,source,note` (the subject
/// column may also be called `endpoint_or_state`). Error messages contain the line number.
pub fn read(text: &str, model: &Model) -> Result<Vec<Expected>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().map_err(|e| e.to_string())?.clone();
    let column = |name: &str| headers.iter().position(|h| h == name);
    let mut columns = [0; 6];
    let names = ["strategy", "quantity", "subject", "years", "expected", "tolerance"];
    for (place, name) in columns.iter_mut().zip(names) {
        let found = match name {
            "subject" => column(name).or_else(|| column("endpoint_or_state")),
            _ => column(name),
        };
        *place = found.ok_or_else(|| format!("line 1: there is no column `{name}`"))?;
    }
    let known =
        |h: &str| names.contains(&h) || h == "endpoint_or_state" || h == "source" || h.starts_with("note");
    if let Some(other) = headers.iter().find(|h| !h.is_empty() && !known(h)) {
        return Err(format!(
            "line 1: column `{other}` is not known and would be ignored; use the columns {}, source, and your own with names that begin with `note`",
            names.join(", ")
        ));
    }
    let optional = ["source", "note"].map(column);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, |p| p.line());
        let [strategy, quantity, subject, years, expected, tolerance] = columns.map(|c| &record[c]);
        let optional = optional.map(|c| c.map_or(String::new(), |c| record[c].to_string()));
        let row = row(model, [strategy, quantity, subject], [years, expected, tolerance], optional);
        rows.push(row.map_err(|problem| format!("line {line}: {problem}"))?);
    }
    Ok(rows)
}

fn row(
    model: &Model,
    names: [&str; 3],
    numbers: [&str; 3],
    [source, note]: [String; 2],
) -> Result<Expected, String> {
    let [strategy, quantity, subject] = names;
    let [years, expected, tolerance] = numbers;
    let number = |text: &str| match text.parse::<f64>() {
        Ok(x) if x.is_finite() => Ok(x),
        _ => Err(format!("`{text}` is not a number")),
    };
    let from_zero = |text: &str| match number(text) {
        Ok(x) if x >= 0.0 => Ok(x),
        _ => Err(format!("`{text}` is not a number of 0 or more")),
    };
    let years = match years {
        "" => None,
        _ => Some(from_zero(years)?),
    };
    let (strategy, quantity, years) = asked(model, [strategy, quantity, subject], years)?;
    let row = Expected {
        strategy,
        quantity,
        years,
        expected: number(expected)?,
        tolerance: from_zero(tolerance)?,
        source,
        note,
    };
    if row.quantity.is_share() && row.expected < 0.0 {
        return Err(format!("`{expected}` is negative, and a share of patients cannot be"));
    }
    Ok(row)
}

/// Resolves the names of strategy, quantity and subject to indices, and replaces missing `years` by the horizon. The
/// error message contains the name that is unknown, or the year at which the quantity is not available.
pub fn asked(
    model: &Model,
    [strategy, quantity, subject]: [&str; 3],
    years: Option<f64>,
) -> Result<(usize, ExpectedQuantity, f64), String> {
    let found = model.strategies.iter().position(|s| s.name == strategy);
    let quantity = ExpectedQuantity::named(quantity, subject, model);
    let horizon = model.time.years(model.time.cycles);
    let found = found.ok_or_else(|| format!("there is no strategy `{strategy}` in this scenario"))?;
    let quantity = quantity?;
    let years = years.unwrap_or(horizon);
    // A year beyond the horizon is refused, because the model has no result there and the expected number would be compared with the result at the horizon.
    if years > horizon + 0.5 / model.time.cycles_per_year {
        return Err(format!("year {years} is beyond the horizon of {horizon} years"));
    }
    if matches!(quantity, ExpectedQuantity::OutcomeSd(_))
        && grid_point(&model.time, years) < model.time.cycles
    {
        return Err(format!(
            "`outcome_sd` is known at the horizon only: leave `years` empty instead of `{years}`"
        ));
    }
    Ok((found, quantity, years))
}

/// Compares every row of expected numbers with the exact results.
pub fn compare(rows: Vec<Expected>, model: &Model, exact: &Solution) -> Vec<ExpectedComparison> {
    let breakdown = Breakdown::new(model, &exact.counts);
    let found = |row: &Expected| result(row.quantity, (row.strategy, row.years), model, exact, &breakdown);
    rows.into_iter().map(|row| ExpectedComparison { result: found(&row), row }).collect()
}

/// A quantity under one strategy at a time in years; `None` if it is undefined, or was not worked out.
pub fn result(
    quantity: ExpectedQuantity,
    (s, years): (usize, f64),
    model: &Model,
    solution: &Solution,
    breakdown: &Breakdown,
) -> Option<f64> {
    let (point, years) = (grid_point(&model.time, years), on_grid(&model.time, years));
    let counts = &solution.counts.strategies[s];
    let curves = |e: usize| solution.curves[s][e].as_ref();
    let increment = |o: usize| breakdown.increment(Discounting::Discounted, s, o, point);
    match quantity {
        ExpectedQuantity::Survival(e) => curves(e)?.survival.at(years).map(|s| s.survival),
        ExpectedQuantity::Incidence(e) => curves(e)?.incidence.at(0, years).map(|i| i.probability),
        ExpectedQuantity::Occupancy(state) => Some(counts.occupancy[state][point] / solution.counts.patients),
        ExpectedQuantity::Outcome(o, discounting) => Some(breakdown.total(discounting, s, o, point)),
        ExpectedQuantity::OutcomeSd(o) => solution.totals.strategies.get(s)?.outcomes.get(o)?.sd,
        ExpectedQuantity::Increment(o) => Some(increment(o)),
        ExpectedQuantity::Ratio(of, over) => {
            // The increment of equal totals is zero only up to rounding error.
            let total = breakdown.total(Discounting::Discounted, s, over, point).abs();
            let difference = increment(over);
            (difference.abs() > 1e-12 * total).then(|| increment(of) / difference)
        }
        ExpectedQuantity::Component(c) => Some(breakdown.component(Discounting::Discounted, s, c, point)),
        ExpectedQuantity::Firings(t) => {
            let edges = model.paths().edges.iter().zip(&counts.moves);
            let own = edges.filter(|(edge, _)| edge.transition == t);
            let fired: f64 = own.flat_map(|(_, moves)| &moves[..=point]).sum();
            Some(fired / solution.counts.patients)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(quantity: ExpectedQuantity, result: Option<f64>) -> ExpectedComparison {
        let row = Expected {
            strategy: 0,
            quantity,
            years: 1.0,
            expected: 10.0,
            tolerance: 0.5,
            source: String::new(),
            note: String::new(),
        };
        ExpectedComparison { row, result }
    }

    #[test]
    fn what_was_not_worked_out_is_no_miss() {
        let unknown = compared(ExpectedQuantity::OutcomeSd(0), None);
        assert!(!unknown.passes() && !unknown.misses());
        assert_eq!(unknown.verdict(), "not worked out");
        // The status contains the size limit of the exact engine.
        assert_eq!(arcosim_core::engine::cohort::MOST_VALUES, 4_000_000);
        assert!(unknown.status().contains("4,000,000"));
        // An undefined ratio, or survival with no patient at risk, is a miss because a number was expected.
        for quantity in [ExpectedQuantity::Ratio(0, 1), ExpectedQuantity::Survival(0)] {
            let missing = compared(quantity, None);
            assert!(missing.misses());
            assert_eq!(missing.verdict(), "miss");
        }
        let [near, far] = [10.4, 10.6].map(|x| compared(ExpectedQuantity::OutcomeSd(0), Some(x)));
        assert_eq!((near.verdict(), far.verdict()), ("pass", "miss"));
    }
}
