//! Risk table with events by cause, from which cumulative incidences are estimated.

use super::individuals::{BadObservations, count};
use super::table::RiskTable;

/// A [`RiskTable`] with the events of competing causes in separate columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompetingTable {
    /// Distinct times in increasing order.
    pub times: Vec<f64>,
    /// Number at risk just before each time.
    pub at_risk: Vec<f64>,
    /// Events at each time, one column per cause.
    pub events: Vec<Vec<f64>>,
    /// Number censored at each time.
    pub censored: Vec<f64>,
}

impl CompetingTable {
    /// Builds the table from individuals observed from zero to `times`, each with the cause of the event (0 to
    /// `n_causes` − 1) or `None` if censored.
    pub fn from_individuals(
        times: &[f64],
        causes: &[Option<usize>],
        n_causes: usize,
    ) -> Result<Self, BadObservations> {
        Self::from_delayed_entry(&[], times, causes, n_causes)
    }

    /// Builds the table from individuals observed from `starts` on, who are at risk at t if start < t <= stop.
    pub fn from_delayed_entry(
        starts: &[f64],
        stops: &[f64],
        causes: &[Option<usize>],
        n_causes: usize,
    ) -> Result<Self, BadObservations> {
        if causes.len() != stops.len() {
            return Err(BadObservations::Lengths);
        }
        count(starts, stops, |i| causes[i], n_causes)
    }

    /// Risk table in which an event of any cause counts as an event.
    pub fn all_causes(&self) -> RiskTable {
        let any = |i: usize| self.events.iter().filter_map(|column| column.get(i)).sum();
        RiskTable {
            times: self.times.clone(),
            at_risk: self.at_risk.clone(),
            events: (0..self.times.len()).map(any).collect(),
            censored: self.censored.clone(),
        }
    }

    pub(super) fn empty(causes: usize) -> Self {
        Self { events: vec![Vec::new(); causes], ..Self::default() }
    }

    pub(super) fn open_row(&mut self, time: f64, at_risk: f64) {
        self.times.push(time);
        self.at_risk.push(at_risk);
        self.censored.push(0.0);
        for column in &mut self.events {
            column.push(0.0);
        }
    }

    /// Adds one exit to the last row: an event by `cause`, or a censoring if `cause` is `None`.
    pub(super) fn add_exit(&mut self, cause: Option<usize>) {
        let column = match cause {
            Some(k) => self.events.get_mut(k),
            None => Some(&mut self.censored),
        };
        if let Some(last) = column.and_then(|c| c.last_mut()) {
            *last += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_counted_apart_and_together() {
        let causes = [Some(1), Some(0), None, Some(1)];
        let table = CompetingTable::from_individuals(&[2.0, 2.0, 2.0, 3.0], &causes, 2).unwrap();
        assert_eq!(table.events, [[1.0, 0.0], [1.0, 1.0]]);
        let all = table.all_causes();
        assert_eq!(all.events, [2.0, 1.0]);
        assert_eq!((all.at_risk, all.censored), (vec![4.0, 1.0], vec![1.0, 0.0]));
    }

    #[test]
    fn bad_input_is_named_and_nothing_breaks_on_nothing() {
        assert_eq!(CompetingTable::from_individuals(&[1.0], &[Some(2)], 2), Err(BadObservations::Cause(0)));
        assert_eq!(CompetingTable::from_individuals(&[1.0], &[], 2), Err(BadObservations::Lengths));
        assert_eq!(CompetingTable::default().all_causes(), RiskTable::default());
    }
}
