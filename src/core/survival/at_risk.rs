//! The table printed under a survival curve.

use super::table::RiskTable;

/// The numbers under one tick of the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtRiskRow {
    /// The tick.
    pub time: f64,
    /// Those still at risk just after the tick.
    pub at_risk: f64,
    /// Those censored up to and including the tick.
    pub censored: f64,
    /// Events up to and including the tick.
    pub events: f64,
    /// Those who entered late, up to and including the tick; zero when everybody is observed from the start.
    pub entered: f64,
}

/// Number at risk, censored and with the event at each tick, as KMunicate asks for (T. P. Morris et al., BMJ
/// Open 9 (2019) e030215).
///
/// The convention: **still at risk after the tick**, so that in every column at risk + censored + events is
/// the number that started (plus those who entered late), and a reader can check the sum. Someone who leaves
/// exactly at the tick counts as censored or as an event, not as at risk; R's `n.risk` and survminer count
/// that individual as still at risk there ([`RiskTable::at_risk_before`]), and then columns do not add up.
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
        // The number at risk changes between rows only by entries just after the row.
        let after = rows.peek().map_or(step.remaining(), |next| next.at_risk);
        let entered = after - step.remaining();
        // Expected counts include rounding errors, which are no patients.
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
        // At a tick where individuals leave, the other convention still counts them.
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
