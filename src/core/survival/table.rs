//! Risk table, the input of all estimators: number at risk, events and censorings at each time.
//!
//! Counts are `f64` because the cohort engine computes expected counts. Times are measured from zero.

use super::individuals::{BadObservations, check_values, count};

/// Numbers at risk, events and censorings at each time. Nothing changes between two rows, except that late entries
/// occur just after a row, which may have no events and no censorings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RiskTable {
    /// Distinct times in increasing order.
    pub times: Vec<f64>,
    /// Number at risk just before each time.
    pub at_risk: Vec<f64>,
    /// Number of events at each time; at the same time, events precede censorings.
    pub events: Vec<f64>,
    /// Number censored at each time.
    pub censored: Vec<f64>,
}

/// One row of a [`RiskTable`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskRow {
    /// Time of the row.
    pub time: f64,
    /// Number at risk just before the time.
    pub at_risk: f64,
    /// Number of events at the time.
    pub events: f64,
    /// Number censored at the time.
    pub censored: f64,
}

impl RiskRow {
    /// Number still at risk after the events and censorings of this row, before late entries.
    pub fn remaining(&self) -> f64 {
        (self.at_risk - self.events - self.censored).max(0.0)
    }

    /// Share of the patients at risk who have the event: zero if no patient is at risk, and never above one.
    pub(super) fn event_share(&self) -> f64 {
        if self.at_risk > 0.0 { (self.events / self.at_risk).min(1.0) } else { 0.0 }
    }
}

impl RiskTable {
    /// Builds a table from counts, such as the expected counts of a cohort. All patients who leave must be counted as
    /// events or as censored; an increase in the number at risk is counted as late entries.
    pub fn new(
        times: Vec<f64>,
        at_risk: Vec<f64>,
        events: Vec<f64>,
        censored: Vec<f64>,
    ) -> Result<Self, BadObservations> {
        let n = times.len();
        if [at_risk.len(), events.len(), censored.len()] != [n; 3] {
            return Err(BadObservations::Lengths);
        }
        for column in [&times, &at_risk, &events, &censored] {
            check_values(column)?;
        }
        if let Some(i) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(BadObservations::Order(i + 1));
        }
        let table = Self { times, at_risk, events, censored };
        // A tolerance for rounding error is needed, because expected counts are sums of many numbers.
        let too_many = |row: RiskRow| row.events + row.censored > row.at_risk * (1.0 + 1e-9) + 1e-12;
        if let Some(i) = table.rows().position(too_many) {
            return Err(BadObservations::Exits(i));
        }
        let vanished =
            |(row, next): (RiskRow, RiskRow)| next.at_risk < row.remaining() * (1.0 - 1e-9) - 1e-12;
        let vanished = table.rows().zip(table.rows().skip(1)).position(vanished);
        vanished.map_or(Ok(table), |i| Err(BadObservations::Vanished(i + 1)))
    }

    /// Builds a table from individuals observed from zero to `times`, each with an event (`true`) or censored
    /// (`false`).
    pub fn from_individuals(times: &[f64], events: &[bool]) -> Result<Self, BadObservations> {
        Self::from_delayed_entry(&[], times, events)
    }

    /// Builds a table from individuals observed from `starts` (left truncation) to `stops`, who are at risk at t if
    /// start < t <= stop. Empty `starts` mean that all individuals are observed from zero.
    pub fn from_delayed_entry(
        starts: &[f64],
        stops: &[f64],
        events: &[bool],
    ) -> Result<Self, BadObservations> {
        if events.len() != stops.len() {
            return Err(BadObservations::Lengths);
        }
        Ok(count(starts, stops, |i| events[i].then_some(0), 1)?.all_causes())
    }

    /// Builds one table per group, in the order of the groups' labels.
    pub fn by_group<G: Ord + Copy>(
        times: &[f64],
        events: &[bool],
        groups: &[G],
    ) -> Result<Vec<(G, Self)>, BadObservations> {
        if events.len() != times.len() || groups.len() != times.len() {
            return Err(BadObservations::Lengths);
        }
        let mut labels = groups.to_vec();
        labels.sort_unstable();
        labels.dedup();
        let mut members = vec![(Vec::new(), Vec::new()); labels.len()];
        for ((&time, &event), group) in times.iter().zip(events).zip(groups) {
            if let Ok(g) = labels.binary_search(group) {
                members[g].0.push(time);
                members[g].1.push(event);
            }
        }
        let table = |(label, (times, events)): (G, (Vec<f64>, Vec<bool>))| {
            Ok((label, Self::from_individuals(&times, &events)?))
        };
        labels.into_iter().zip(members).map(table).collect()
    }

    /// Rows in order of time.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = RiskRow> + ExactSizeIterator + '_ {
        // The columns are public, so a column that is too short shortens the table instead of causing a panic.
        let n = self.times.len().min(self.at_risk.len()).min(self.events.len()).min(self.censored.len());
        (0..n).map(|i| RiskRow {
            time: self.times[i],
            at_risk: self.at_risk[i],
            events: self.events[i],
            censored: self.censored[i],
        })
    }

    /// Number at risk from the start, without late entries; zero for an empty table.
    pub fn initial(&self) -> f64 {
        self.at_risk.first().copied().unwrap_or(0.0)
    }

    /// Total number of events.
    pub fn total_events(&self) -> f64 {
        self.events.iter().sum()
    }

    /// Number at risk just before `t`: individuals with an observed time of `t` or later (R's `n.risk`).
    pub fn at_risk_before(&self, t: f64) -> f64 {
        match self.at_risk.get(self.times.partition_point(|&time| time < t)) {
            Some(&at_risk) => at_risk,
            None => self.rows().next_back().map_or(0.0, |last| last.remaining()),
        }
    }

    /// End of follow-up: the last time at which an individual was at risk. Later survival is unknown, unless all
    /// individuals have had the event.
    pub fn follow_up(&self) -> Option<f64> {
        self.rows().rev().find(|row| row.at_risk > 0.0).map(|row| row.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_counted_at_one_time() {
        let table =
            RiskTable::from_individuals(&[2.0, 1.0, 2.0, 2.0, 5.0], &[true, true, false, true, false])
                .unwrap();
        assert_eq!(table.times, [1.0, 2.0, 5.0]);
        assert_eq!(table.at_risk, [5.0, 4.0, 1.0]);
        assert_eq!(table.events, [1.0, 2.0, 0.0]);
        assert_eq!(table.censored, [0.0, 1.0, 1.0]);
        assert_eq!([table.initial(), table.total_events()], [5.0, 3.0]);
        assert_eq!(
            [0.0, 1.0, 1.5, 2.0, 2.1, 9.0].map(|t| table.at_risk_before(t)),
            [5.0, 5.0, 4.0, 4.0, 1.0, 0.0]
        );
        assert_eq!(table.follow_up(), Some(5.0));
    }

    #[test]
    fn latecomers_count_only_after_their_entry() {
        // Individuals at risk at 2 must have entered before 2, so the entries at 2 and 3 are not yet counted.
        let table = RiskTable::from_delayed_entry(
            &[0.0, 0.0, 2.0, 3.0],
            &[2.0, 4.0, 5.0, 6.0],
            &[true, true, false, true],
        )
        .unwrap();
        assert_eq!(table.times, [2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(table.at_risk, [2.0, 2.0, 3.0, 2.0, 1.0]);
        assert_eq!(table.events, [1.0, 0.0, 1.0, 0.0, 1.0]);
        // Before the first entry, no individual is at risk.
        let late = RiskTable::from_delayed_entry(&[4.0, 4.0], &[5.0, 6.0], &[true, true]).unwrap();
        assert_eq!([4.0, 4.5, 5.5].map(|t| late.at_risk_before(t)), [0.0, 2.0, 1.0]);
    }

    #[test]
    fn groups_come_in_the_order_of_their_labels() {
        let groups = RiskTable::by_group(&[1.0, 2.0, 3.0], &[true, false, true], &["b", "a", "b"]).unwrap();
        assert_eq!(groups.iter().map(|g| g.0).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(groups[1].1.times, [1.0, 3.0]);
    }

    #[test]
    fn bad_input_is_named_not_computed_with() {
        let one = [true];
        assert_eq!(RiskTable::from_individuals(&[1.0, 2.0], &one), Err(BadObservations::Lengths));
        assert_eq!(RiskTable::from_individuals(&[f64::NAN], &one), Err(BadObservations::Value(0)));
        assert_eq!(RiskTable::from_individuals(&[-1.0], &one), Err(BadObservations::Value(0)));
        assert_eq!(RiskTable::from_delayed_entry(&[2.0], &[2.0], &one), Err(BadObservations::Interval(0)));
        let new =
            |t: [f64; 2], d: f64| RiskTable::new(t.to_vec(), vec![4.0, 2.0], vec![2.0, d], vec![0.0; 2]);
        assert!(new([1.0, 2.0], 2.0).is_ok());
        let lost = RiskTable::new(vec![1.0, 2.0], vec![4.0, 2.0], vec![1.0, 1.0], vec![0.0; 2]);
        assert_eq!(lost, Err(BadObservations::Vanished(1)));
        assert_eq!(new([1.0, 1.0], 2.0), Err(BadObservations::Order(1)));
        assert_eq!(new([1.0, 2.0], 3.0), Err(BadObservations::Exits(1)));
    }

    #[test]
    fn nothing_breaks_on_nothing() {
        let table = RiskTable::from_individuals(&[], &[]).unwrap();
        assert_eq!(table, RiskTable::default());
        assert_eq!((table.initial(), table.at_risk_before(1.0), table.follow_up()), (0.0, 0.0, None));
        let ragged = RiskTable { times: vec![1.0, 2.0], ..RiskTable::default() };
        assert_eq!(ragged.rows().len(), 0);
    }
}
