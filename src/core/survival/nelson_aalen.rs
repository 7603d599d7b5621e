//! The Nelson–Aalen estimate of the cumulative hazard.
//!
//! W. Nelson, Technometrics 14 (1972) 945–966; O. Aalen, Annals of Statistics 6 (1978) 701–726.

use super::table::RiskTable;
use crate::math::sqrt;

/// A cumulative hazard: a right-continuous step function that starts at zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NelsonAalen {
    /// All times of the table, with and without events.
    pub times: Vec<f64>,
    /// Cumulative hazard at each time, constant up to the next time.
    pub estimates: Vec<CumulativeHazard>,
    follow_up: Option<f64>,
    exhausted: bool,
}

/// The cumulative hazard at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CumulativeHazard {
    /// Sum over times of events divided by number at risk.
    pub cumulative: f64,
    /// Aalen's variance: the sum of events divided by the squared number at risk (R's default).
    pub variance: f64,
}

impl CumulativeHazard {
    const START: Self = Self { cumulative: 0.0, variance: 0.0 };

    /// Standard error of the cumulative hazard.
    pub fn se(&self) -> f64 {
        sqrt(self.variance)
    }
}

impl NelsonAalen {
    /// Estimates the cumulative hazard from a table of counts.
    pub fn new(table: &RiskTable) -> Self {
        let mut curve = Self { follow_up: table.follow_up(), ..Self::default() };
        let mut now = CumulativeHazard::START;
        for row in table.rows() {
            if row.at_risk > 0.0 {
                let share = row.event_share();
                now.cumulative += share;
                now.variance += share / row.at_risk;
                curve.exhausted = share >= 1.0;
            }
            curve.times.push(row.time);
            curve.estimates.push(now);
        }
        curve
    }

    /// Cumulative hazard at time `t`. `None` before zero, after the last time at which an individual was at risk
    /// (unless the last individuals at risk had the event, because the sum is then complete), and everywhere if no
    /// patient was ever at risk.
    pub fn at(&self, t: f64) -> Option<CumulativeHazard> {
        let follow_up = self.follow_up?;
        if !(t >= 0.0 && (t <= follow_up || self.exhausted)) {
            return None;
        }
        let steps = self.times.partition_point(|&time| time <= t);
        Some(steps.checked_sub(1).map_or(CumulativeHazard::START, |last| self.estimates[last]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sums_events_over_number_at_risk() {
        let table = RiskTable::from_individuals(&[1.0, 2.0, 2.0, 4.0], &[true, true, false, true]).unwrap();
        let curve = NelsonAalen::new(&table);
        let at = |t: f64| curve.at(t).map(|h| (h.cumulative, h.variance));
        assert_eq!(at(0.5), Some((0.0, 0.0)));
        assert_eq!(at(1.0), Some((0.25, 0.0625)));
        assert_eq!(at(4.0), Some((0.25 + 1.0 / 3.0 + 1.0, 0.0625 + 1.0 / 9.0 + 1.0)));
        assert_eq!(at(99.0), at(4.0));
    }

    /// Expected counts with a constant hazard: the estimate is the rate per interval times the number of intervals.
    #[test]
    fn a_constant_share_adds_up_linearly() {
        let alive = |k: i32| 100.0 * crate::math::pow(0.9, f64::from(k));
        let table = RiskTable::new(
            (1..=30).map(f64::from).collect(),
            (1..=30).map(|k| alive(k - 1)).collect(),
            (1..=30).map(|k| 0.1 * alive(k - 1)).collect(),
            vec![0.0; 30],
        )
        .unwrap();
        let curve = NelsonAalen::new(&table);
        for k in 1..=30 {
            assert!((curve.at(f64::from(k)).unwrap().cumulative - 0.1 * f64::from(k)).abs() < 1e-13);
        }
        assert_eq!(curve.at(31.0), None);
    }

    #[test]
    fn nothing_breaks_on_nothing() {
        assert_eq!(NelsonAalen::new(&RiskTable::default()).at(0.0), None);
        let censored = RiskTable::from_individuals(&[1.0], &[false]).unwrap();
        assert_eq!(NelsonAalen::new(&censored).at(1.0), Some(CumulativeHazard::START));
        assert_eq!(NelsonAalen::new(&censored).at(2.0), None);
    }
}
