//! Counts the events, censorings and entries of individuals per time for risk tables, and rejects impossible
//! observations.

use std::fmt;

use super::competing::CompetingTable;

/// Reason why no risk table can be built from the observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadObservations {
    /// The slices have different lengths, so they do not describe the same individuals (or rows).
    Lengths,
    /// The number at this index is negative or not finite.
    Value(usize),
    /// The observation at this index does not end after its start.
    Interval(usize),
    /// The cause at this index is not below the stated number of causes.
    Cause(usize),
    /// The time at this index is not after the previous time.
    Order(usize),
    /// More individuals leave at this index than are at risk.
    Exits(usize),
    /// Individuals disappear between the previous index and this index without being counted as events or as censored.
    Vanished(usize),
}

impl fmt::Display for BadObservations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths => write!(f, "times, events and groups must have the same length"),
            Self::Value(i) => write!(f, "item {i}: times and counts must be finite and not negative"),
            Self::Interval(i) => write!(f, "item {i}: observation must start before it stops"),
            Self::Cause(i) => write!(f, "item {i}: there is no such cause"),
            Self::Order(i) => write!(f, "item {i}: times must increase"),
            Self::Exits(i) => write!(f, "item {i}: more events and censorings than individuals at risk"),
            Self::Vanished(i) => write!(f, "item {i}: fewer at risk than were left; count them as censored"),
        }
    }
}

impl std::error::Error for BadObservations {}

/// Rejects numbers that are negative or not finite.
pub(super) fn check_values(values: &[f64]) -> Result<(), BadObservations> {
    match values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
        Some(i) => Err(BadObservations::Value(i)),
        None => Ok(()),
    }
}

/// Counts events and censorings per time. `starts` is empty if all individuals are observed from zero; `cause(i)` is
/// `None` for a censored individual.
///
/// An individual is at risk at t if start < t <= stop. An entry after zero therefore gets a row at its time, in which
/// the individual is not yet counted as at risk, so that the number at risk never changes between two rows.
pub(super) fn count(
    starts: &[f64],
    stops: &[f64],
    cause: impl Fn(usize) -> Option<usize>,
    causes: usize,
) -> Result<CompetingTable, BadObservations> {
    check_values(stops)?;
    check_values(starts)?;
    if !starts.is_empty() {
        if starts.len() != stops.len() {
            return Err(BadObservations::Lengths);
        }
        if let Some(i) = starts.iter().zip(stops).position(|(start, stop)| start >= stop) {
            return Err(BadObservations::Interval(i));
        }
    }
    let mut exits = Vec::with_capacity(stops.len());
    for (i, &stop) in stops.iter().enumerate() {
        let cause = cause(i);
        if cause.is_some_and(|k| k >= causes) {
            return Err(BadObservations::Cause(i));
        }
        exits.push((stop, cause));
    }
    exits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut entries: Vec<f64> = starts.iter().copied().filter(|&s| s > 0.0).collect();
    entries.sort_unstable_by(f64::total_cmp);

    let mut table = CompetingTable::empty(causes);
    let mut at_risk = (stops.len() - entries.len()) as f64;
    let (mut exits, mut entries) = (exits.into_iter().peekable(), entries.into_iter().peekable());
    loop {
        let time = match (exits.peek(), entries.peek()) {
            (Some(exit), Some(&entry)) => exit.0.min(entry),
            (Some(exit), None) => exit.0,
            // No entry can remain after the last exit, because every individual exits after entering.
            (None, _) => return Ok(table),
        };
        let mut left = 0.0;
        table.open_row(time, at_risk);
        while let Some((_, cause)) = exits.next_if(|exit| exit.0 == time) {
            table.add_exit(cause);
            left += 1.0;
        }
        at_risk -= left;
        while entries.next_if(|&entry| entry == time).is_some() {
            at_risk += 1.0;
        }
    }
}
