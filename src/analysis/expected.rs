//! Numbers that a scenario is known to give, beside what it gives now: published results of a replicated model,
//! or the documented course of a disease.

use super::curves::Solution;
use super::landmarks::{grid_point, on_grid};
use super::outcomes::{Breakdown, Worth};
use arcosim_core::model::{Component, Model};

/// A row whose tolerance is at least this compares with what is documented; a smaller one guards the digits. Shares
/// are compared as they are, the totals of outcomes and numbers of events by their size.
const DOCUMENTED: f64 = 0.001;

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Kaplan–Meier survival of the endpoint with this index.
    Survival(usize),
    /// Cumulative incidence of the endpoint with this index.
    Incidence(usize),
    /// Share of patients in the state with this index.
    Occupancy(usize),
    /// Total of the outcome with this index, discounted or not.
    Outcome(usize, Worth),
    /// Standard deviation between patients of the discounted total of this outcome by the horizon.
    OutcomeSd(usize),
    /// Discounted total of this outcome beyond that under the reference strategy.
    Increment(usize),
    /// Increment of the first outcome over that of the second.
    Ratio(usize, usize),
    /// Discounted total of the component with this index.
    Component(usize),
    /// Firings per patient of the transition with this index.
    Firings(usize),
}

/// The words for quantities, in the order in which they are listed.
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

impl Quantity {
    /// The word in tables.
    pub fn name(self) -> &'static str {
        QUANTITIES[match self {
            Quantity::Survival(_) => 0,
            Quantity::Incidence(_) => 1,
            Quantity::Occupancy(_) => 2,
            Quantity::Outcome(_, Worth::Discounted) => 3,
            Quantity::Outcome(_, Worth::Undiscounted) => 4,
            Quantity::OutcomeSd(_) => 5,
            Quantity::Increment(_) => 6,
            Quantity::Ratio(..) => 7,
            Quantity::Component(_) => 8,
            Quantity::Firings(_) => 9,
        }]
    }

    /// The quantity of this name with this subject.
    fn named(name: &str, subject: &str, model: &Model) -> Result<Quantity, String> {
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
            "kaplan_meier_survival" => Quantity::Survival(endpoint()?),
            "cumulative_incidence" => Quantity::Incidence(endpoint()?),
            "occupancy" => {
                let found = model.states.iter().position(|s| s.name == subject);
                Quantity::Occupancy(found.ok_or_else(|| unknown("state", subject))?)
            }
            "outcome" => Quantity::Outcome(outcome(subject)?, Worth::Discounted),
            "outcome_undiscounted" => Quantity::Outcome(outcome(subject)?, Worth::Undiscounted),
            "outcome_sd" => Quantity::OutcomeSd(outcome(subject)?),
            "increment" => Quantity::Increment(outcome(subject)?),
            "incremental_ratio" => {
                let Some((of, over)) = subject.split_once('/') else {
                    return Err(format!(
                        "`{subject}` is no pair of outcomes: write `cost/qaly` for the increment of `cost` over that of `qaly`"
                    ));
                };
                Quantity::Ratio(outcome(of)?, outcome(over)?)
            }
            "component" => {
                let Some((of, category)) = subject.split_once(':') else {
                    return Err(format!(
                        "`{subject}` names no part of an outcome: write `cost: Drugs` for the category `Drugs` of `cost`"
                    ));
                };
                let (of, category) = (outcome(of)?, category.trim());
                let own = |c: &Component| c.outcome == of && c.category == category;
                let found = model.components.iter().position(own);
                Quantity::Component(found.ok_or_else(|| {
                    let own = model.components.iter().filter(|c| c.outcome == of);
                    let there: Vec<String> = own.map(|c| format!("`{}`", c.category)).collect();
                    format!(
                        "the outcome `{}` has no category `{category}`; there are {}",
                        model.outcomes[of].name,
                        there.join(", ")
                    )
                })?)
            }
            "firings" => {
                let found = model.transitions.iter().position(|t| t.name == subject);
                Quantity::Firings(found.ok_or_else(|| unknown("transition", subject))?)
            }
            _ => {
                let (last, others) = QUANTITIES.split_last().expect("a list of names");
                return Err(format!("`{name}` is no quantity; there are {} and {last}", others.join(", ")));
            }
        })
    }

    /// The subject as the scenario names it.
    pub fn subject(self, model: &Model) -> String {
        let outcome = |o: usize| model.outcomes[o].name.clone();
        match self {
            Quantity::Survival(e) | Quantity::Incidence(e) => model.endpoints[e].name.clone(),
            Quantity::Occupancy(s) => model.states[s].name.clone(),
            Quantity::Outcome(o, _) | Quantity::OutcomeSd(o) | Quantity::Increment(o) => outcome(o),
            Quantity::Ratio(of, over) => format!("{}/{}", outcome(of), outcome(over)),
            Quantity::Component(c) => {
                let component = &model.components[c];
                format!("{}: {}", outcome(component.outcome), component.category)
            }
            Quantity::Firings(t) => model.transitions[t].name.clone(),
        }
    }

    /// Its unit.
    pub fn unit(self, model: &Model) -> String {
        let outcome = |o: usize| model.outcomes[o].unit.clone();
        match self {
            Quantity::Survival(_) | Quantity::Incidence(_) | Quantity::Occupancy(_) => "proportion".into(),
            Quantity::Outcome(o, _) | Quantity::OutcomeSd(o) | Quantity::Increment(o) => outcome(o),
            Quantity::Ratio(of, over) => format!("{} per {}", outcome(of), outcome(over)),
            Quantity::Component(c) => outcome(model.components[c].outcome),
            Quantity::Firings(_) => "per patient".into(),
        }
    }

    /// Whether it is a share of patients.
    fn is_share(self) -> bool {
        matches!(self, Quantity::Survival(_) | Quantity::Incidence(_) | Quantity::Occupancy(_))
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Strategy.
    pub strategy: usize,
    /// Quantity.
    pub quantity: Quantity,
    /// Years since the start (or since the endpoint's origin); the horizon where the table leaves them empty.
    pub years: f64,
    /// The number that is expected.
    pub expected: f64,
    /// How far off it may be.
    pub tolerance: f64,
    /// Where it comes from.
    pub source: String,
    /// Remark.
    pub note: String,
}

impl Expected {
    /// Its tolerance, beside the size of the number where that is no share of patients.
    pub fn relative_tolerance(&self) -> f64 {
        match self.quantity.is_share() || self.expected == 0.0 {
            true => self.tolerance,
            false => self.tolerance / self.expected.abs(),
        }
    }

    /// Whether it compares with what is documented, rather than guarding the digits.
    pub fn is_documented(&self) -> bool {
        self.relative_tolerance() >= DOCUMENTED
    }
}

/// An expected number and what came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was expected.
    pub row: Expected,
    /// The exact result, if there is one.
    pub result: Option<f64>,
}

impl Comparison {
    /// Whether there is nothing to compare with: the standard deviation of a model too large for it.
    pub fn not_worked_out(&self) -> bool {
        self.result.is_none() && matches!(self.row.quantity, Quantity::OutcomeSd(_))
    }

    /// Whether there is a result, or should be one, and it does not lie within the tolerance.
    pub fn misses(&self) -> bool {
        !self.passes() && !self.not_worked_out()
    }

    /// The verdict of tables.
    pub fn verdict(&self) -> &'static str {
        match (self.passes(), self.not_worked_out()) {
            (true, _) => "pass",
            (_, true) => "not worked out",
            _ => "miss",
        }
    }

    /// Whether the result lies within the tolerance.
    pub fn passes(&self) -> bool {
        self.result.is_some_and(|r| (r - self.row.expected).abs() <= self.row.tolerance)
    }

    /// Why there is no result.
    pub fn status(&self) -> &'static str {
        match (self.result, self.row.quantity) {
            (Some(_), _) => "ok",
            (None, Quantity::Ratio(..)) => NO_RATIO,
            (None, Quantity::OutcomeSd(_)) => NOT_WORKED_OUT,
            (None, _) => "nobody is at risk",
        }
    }
}

/// Status of a standard deviation that would take too long; the limit is [`MOST_VALUES`] of the exact engine.
const NOT_WORKED_OUT: &str = "not worked out: the model has more than 4,000,000 values per strategy (states by cycles by groups of patients)";

/// Status of a ratio that does not exist.
const NO_RATIO: &str = "no difference to divide by";

/// Reads `strategy,quantity,subject,years,expected,tolerance,source,note` (the subject may also be headed
/// `endpoint_or_state`). The error names the line.
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
            "line 1: column `{other}` is not known and would not be read; the columns are {}, source, and your own that begin with `note`",
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
        _ => Err(format!("`{text}` is not a number from 0 upwards")),
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
        return Err(format!("`{expected}` is no share of patients: it is below 0"));
    }
    Ok(row)
}

/// What is asked for by the words for strategy, quantity and subject and by the years since the start: indices, and the
/// horizon where no years are given. The error names what is unknown or cannot be known then.
pub fn asked(
    model: &Model,
    [strategy, quantity, subject]: [&str; 3],
    years: Option<f64>,
) -> Result<(usize, Quantity, f64), String> {
    let found = model.strategies.iter().position(|s| s.name == strategy);
    let quantity = Quantity::named(quantity, subject, model);
    let horizon = model.time.years(model.time.cycles);
    let found = found.ok_or_else(|| format!("there is no strategy `{strategy}` in this scenario"))?;
    let quantity = quantity?;
    let years = years.unwrap_or(horizon);
    // Put on the nearest end of a cycle, it would be compared with what is there at the horizon.
    if years > horizon + 0.5 / model.time.cycles_per_year {
        return Err(format!("year {years} lies beyond the horizon, which is {horizon}"));
    }
    if matches!(quantity, Quantity::OutcomeSd(_)) && grid_point(&model.time, years) < model.time.cycles {
        return Err(format!(
            "`outcome_sd` is known at the horizon only: leave `years` empty instead of `{years}`"
        ));
    }
    Ok((found, quantity, years))
}

/// Compares every row with the exact results.
pub fn compare(rows: Vec<Expected>, model: &Model, exact: &Solution) -> Vec<Comparison> {
    let breakdown = Breakdown::new(model, &exact.counts);
    let paths = model.paths();
    let result = |row: &Expected| {
        let s = row.strategy;
        let (point, years) = (grid_point(&model.time, row.years), on_grid(&model.time, row.years));
        let counts = &exact.counts.strategies[s];
        let curves = |e: usize| exact.curves[s][e].as_ref();
        let increment = |o: usize| breakdown.increment(Worth::Discounted, s, o, point);
        match row.quantity {
            Quantity::Survival(e) => curves(e)?.survival.at(years).map(|s| s.survival),
            Quantity::Incidence(e) => curves(e)?.incidence.at(0, years).map(|i| i.probability),
            Quantity::Occupancy(state) => Some(counts.occupancy[state][point]),
            Quantity::Outcome(o, worth) => Some(breakdown.total(worth, s, o, point)),
            Quantity::OutcomeSd(o) => exact.totals.strategies.get(s)?.outcomes.get(o)?.sd,
            Quantity::Increment(o) => Some(increment(o)),
            Quantity::Ratio(of, over) => {
                // A difference of equal totals is zero up to rounding only.
                let total = breakdown.total(Worth::Discounted, s, over, point).abs();
                let difference = increment(over);
                (difference.abs() > 1e-12 * total).then(|| increment(of) / difference)
            }
            Quantity::Component(c) => Some(breakdown.component(Worth::Discounted, s, c, point)),
            Quantity::Firings(t) => {
                let edges = paths.edges.iter().zip(&counts.moves);
                let own = edges.filter(|(edge, _)| edge.transition == t);
                let fired: f64 = own.flat_map(|(_, moves)| &moves[..=point]).sum();
                Some(fired / exact.counts.patients)
            }
        }
    };
    rows.into_iter().map(|row| Comparison { result: result(&row), row }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(quantity: Quantity, result: Option<f64>) -> Comparison {
        let row = Expected {
            strategy: 0,
            quantity,
            years: 1.0,
            expected: 10.0,
            tolerance: 0.5,
            source: String::new(),
            note: String::new(),
        };
        Comparison { row, result }
    }

    #[test]
    fn what_was_not_worked_out_is_no_miss() {
        let unknown = compared(Quantity::OutcomeSd(0), None);
        assert!(!unknown.passes() && !unknown.misses());
        assert_eq!(unknown.verdict(), "not worked out");
        // The limit that is named is that of the engine.
        assert_eq!(arcosim_core::engine::cohort::MOST_VALUES, 4_000_000);
        assert!(unknown.status().contains("4,000,000"));
        // A ratio that does not exist, or a survival of nobody, was expected to be a number.
        for quantity in [Quantity::Ratio(0, 1), Quantity::Survival(0)] {
            let missing = compared(quantity, None);
            assert!(missing.misses());
            assert_eq!(missing.verdict(), "miss");
        }
        let [near, far] = [10.4, 10.6].map(|x| compared(Quantity::OutcomeSd(0), Some(x)));
        assert_eq!((near.verdict(), far.verdict()), ("pass", "miss"));
    }
}
