//! Number-at-risk table shown below a survival curve.

use super::table::RiskTable;

/// Row of a number-at-risk table: the numbers at one tick of the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtRiskRow {
    /// Time of the tick.
    pub time: f64,
    /// Number still at risk just after the tick.
    pub at_risk: f64,
    /// Cumulative number censored up to and including the tick.
    pub censored: f64,
    /// Cumulative number of events up to and including the tick.
    pub events: f64,
    /// Cumulative number of late entries up to and including the tick; zero if all individuals are observed from the
    /// start.
    pub entered: f64,
}

/// Number at risk, censored and with the event at each tick, as recommended by KMunicate (T. P. Morris et al., BMJ
/// Open 9 (2019) e030215).
///
/// Convention: the table counts individuals **still at risk just after the tick**, so that at risk + censored + events
/// equals the number at the start (plus late entries) at every tick, and a reader can check the sum. An individual who
/// leaves exactly at the tick is counted as censored or as an event, not as at risk. R's `n.risk` and survminer count
/// this individual as still at risk ([`RiskTable::at_risk_before`]), so that the numbers do not add up.
pub fn number_at_risk(table: &RiskTable, ticks: &[f64]) -> Vec<AtRiskRow> {
    ticks.iter().map(|&tick| row_at(table, tick)).collect()
}

fn row_at(table: &RiskTable, tick: f64) -> AtRiskRow {
    let mut row =
        AtRiskRow { time: tick, at_risk: table.initial(), censored: 0.0, events: 0.0, entered: 0.0 };
    let mut rows = table.rows().peekable();
    while let Some(step) = rows.next_if(|step| step.time <= tick) {
        row.censored += step.censored;
        row.events += step.events;
        // Late entries just after a row are the only change in the number at risk between two rows.
        let after = rows.peek().map_or(step.remaining(), |next| next.at_risk);
        let entered = after - step.remaining();
        // Expected counts include rounding errors, which must not be counted as late entries.
        if entered > 1e-9 * after {
            row.entered += entered;
        }
        row.at_risk = after;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_adds_up_to_the_number_that_started() {
        let times = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 7.0, 8.0];
        let events = [true, true, false, false, true, true, false, true];
        let table = RiskTable::from_individuals(&times, &events).unwrap();
        let rows = number_at_risk(&table, &[0.0, 1.0, 2.0, 2.5, 3.0, 7.5, 8.0, 20.0]);
        for row in &rows {
            assert_eq!(row.at_risk + row.censored + row.events, 8.0, "{row:?}");
            assert_eq!(row.entered, 0.0);
        }
        // R's convention counts individuals who leave exactly at a tick as still at risk.
        assert_eq!((rows[2].at_risk, table.at_risk_before(2.0)), (5.0, 7.0));
        assert_eq!((rows[7].at_risk, rows[7].censored, rows[7].events), (0.0, 3.0, 5.0));
    }

    #[test]
    fn latecomers_add_to_the_sum() {
        let table = RiskTable::from_delayed_entry(
            &[0.0, 0.0, 2.0, 3.0],
            &[2.0, 4.0, 5.0, 6.0],
            &[true, true, false, true],
        )
        .unwrap();
        for (row, entered) in
            number_at_risk(&table, &[1.0, 2.0, 3.0, 5.0, 6.0]).iter().zip([0.0, 1.0, 2.0, 2.0, 2.0])
        {
            assert_eq!(row.entered, entered);
            assert_eq!(row.at_risk + row.censored + row.events, 2.0 + entered, "{row:?}");
        }
    }

    #[test]
    fn an_empty_table_prints_zeros() {
        let rows = number_at_risk(&RiskTable::default(), &[0.0, 1.0]);
        assert!(rows.iter().all(|r| [r.at_risk, r.censored, r.events, r.entered] == [0.0; 4]));
    }
}
