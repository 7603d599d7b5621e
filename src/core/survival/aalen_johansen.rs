//! Aalen–Johansen estimate of the cumulative incidence with competing causes.
//!
//! O. O. Aalen and S. Johansen, Scandinavian Journal of Statistics 5 (1978) 141–150. The variance treats the events at
//! each time as multinomial among the patients at risk ("greenwood" in R's `mstate`, not the infinitesimal jackknife of
//! R's `survfit`). With one cause the result is Greenwood's variance; without censoring it is the binomial variance.

use super::competing::CompetingTable;
use super::confidence_limits::{Interval, Limits, limits};
use crate::math::sqrt;

/// Cumulative incidences of all causes: right-continuous step functions that start at zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AalenJohansen {
    /// All times of the table, with and without events.
    pub times: Vec<f64>,
    /// Probability of no event of any cause, from each time up to the next.
    pub event_free: Vec<f64>,
    /// Cumulative incidence of each cause, from each time up to the next.
    pub causes: Vec<Vec<Incidence>>,
    follow_up: Option<f64>,
}

/// The cumulative incidence of one cause at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incidence {
    /// Probability of having had the event by this cause.
    pub probability: f64,
    /// Variance of the estimated probability.
    pub variance: f64,
}

impl Incidence {
    const START: Self = Self { probability: 0.0, variance: 0.0 };

    /// Standard error of the probability.
    pub fn se(&self) -> f64 {
        sqrt(self.variance)
    }

    /// Pointwise confidence limits at `level`, on a transformed scale of the incidence itself (as in R's `survfit`). As
    /// for a survival curve, there is no interval at the ends: both limits are 0 before the first event, and the result
    /// is `None` at incidence 1.
    pub fn limits(&self, interval: Interval, level: f64) -> Option<Limits> {
        if self.probability == 0.0 && level > 0.0 && level < 1.0 {
            return Some(Limits { lower: 0.0, upper: 0.0 });
        }
        if self.variance == 0.0 {
            return None;
        }
        limits(self.probability, self.se() / self.probability, interval, level)
    }
}

/// Variances of the event-free probability S and of one incidence F, and their covariance.
#[derive(Clone, Copy, Default)]
struct CurveVariances {
    free: f64,
    cross: f64,
    incidence: f64,
}

impl CurveVariances {
    /// Updates the variances at an event time. `share` is the proportion of the `at_risk` with an event by this cause,
    /// `total` the proportion with an event by any cause. S becomes S(1 − total), F becomes F + S·share, and both
    /// proportions are estimated from multinomial counts.
    fn step(self, free: f64, at_risk: f64, share: f64, total: f64) -> Self {
        let stay = 1.0 - total;
        let noise = free * free / at_risk;
        let change = share * (2.0 * self.cross + share * self.free) + noise * share * (1.0 - share);
        let incidence = self.incidence + change;
        Self {
            free: stay * stay * self.free + noise * total * stay,
            cross: stay * (self.cross + share * self.free - noise * share),
            // If all patients at risk have the event by one cause, its incidence is known, so the remaining variance
            // is rounding error.
            incidence: if incidence > 1e-13 * self.incidence { incidence } else { 0.0 },
        }
    }
}

impl AalenJohansen {
    /// Estimates cumulative incidences from a table of counts.
    pub fn new(table: &CompetingTable) -> Self {
        let all = table.all_causes();
        let n = table.events.len();
        let mut curve = Self { causes: vec![Vec::new(); n], follow_up: all.follow_up(), ..Self::default() };
        let mut free = 1.0;
        let mut now = vec![(CurveVariances::default(), 0.0); n];
        for (i, row) in all.rows().enumerate() {
            let total = row.event_share();
            if total > 0.0 {
                for ((moments, probability), column) in now.iter_mut().zip(&table.events) {
                    let events = column.get(i).copied().unwrap_or(0.0);
                    // Events are divided by the events of all causes first, so that the shares of all causes add up to
                    // `total`, even if `total` is cut to one.
                    let share = total * (events / row.events);
                    *moments = moments.step(free, row.at_risk, share, total);
                    *probability = (*probability + free * share).min(1.0);
                }
                free *= (row.at_risk - row.events).max(0.0) / row.at_risk;
            }
            curve.times.push(row.time);
            curve.event_free.push(free);
            for (column, (moments, probability)) in curve.causes.iter_mut().zip(&now) {
                column.push(Incidence { probability: *probability, variance: moments.incidence });
            }
        }
        curve
    }

    /// Incidence of a cause at `t`. `None` for an unknown cause, before zero, after the last time at which a patient
    /// was at risk (unless all patients had had an event by then), and if no patient was ever at risk.
    pub fn at(&self, cause: usize, t: f64) -> Option<Incidence> {
        let follow_up = self.follow_up?;
        let column = self.causes.get(cause)?;
        let steps = self.times.partition_point(|&time| time <= t);
        let (free, incidence) = match steps.checked_sub(1) {
            Some(last) => (self.event_free[last], column[last]),
            None => (1.0, Incidence::START),
        };
        (t >= 0.0 && (t <= follow_up || free == 0.0)).then_some(incidence)
    }
}

#[cfg(test)]
mod tests {
    use super::super::kaplan_meier::KaplanMeier;
    use super::super::table::RiskTable;
    use super::*;

    const TIMES: [f64; 12] = [1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 4.0, 6.0, 7.0, 7.0, 9.0, 11.0];
    const CAUSES: [Option<usize>; 12] =
        [Some(0), None, Some(1), Some(0), Some(1), None, None, Some(1), Some(0), Some(0), None, Some(1)];

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-13 + 1e-12 * want.abs(), "{got} is not {want}");
    }

    #[test]
    fn one_cause_is_one_minus_kaplan_meier_with_greenwoods_se() {
        let one = CAUSES.map(|c| c.map(|_| 0));
        let aj = AalenJohansen::new(&CompetingTable::from_individuals(&TIMES, &one, 1).unwrap());
        let km =
            KaplanMeier::new(&RiskTable::from_individuals(&TIMES, &CAUSES.map(|c| c.is_some())).unwrap());
        for t in [0.0, 1.0, 2.5, 3.0, 6.0, 7.0, 11.0, 50.0] {
            let (f, s) = (aj.at(0, t).unwrap(), km.at(t).unwrap());
            close(f.probability, 1.0 - s.survival);
            close(f.se(), s.se());
        }
        assert_eq!(aj.at(0, 11.0).unwrap().limits(Interval::Plain, 0.95), None);
    }

    #[test]
    fn without_censoring_it_is_the_proportion_with_the_binomial_variance() {
        let causes = CAUSES.map(|c| Some(c.unwrap_or(2)));
        let aj = AalenJohansen::new(&CompetingTable::from_individuals(&TIMES, &causes, 3).unwrap());
        for t in [1.0, 3.0, 7.0, 9.0, 11.0] {
            for cause in 0..3 {
                let count = (0..12).filter(|&i| TIMES[i] <= t && causes[i] == Some(cause)).count();
                let p = count as f64 / 12.0;
                let f = aj.at(cause, t).unwrap();
                close(f.probability, p);
                close(f.variance, p * (1.0 - p) / 12.0);
            }
        }
    }

    #[test]
    fn incidences_and_event_free_probability_sum_to_one() {
        let aj = AalenJohansen::new(&CompetingTable::from_individuals(&TIMES, &CAUSES, 2).unwrap());
        for (i, free) in aj.event_free.iter().enumerate() {
            close(free + aj.causes[0][i].probability + aj.causes[1][i].probability, 1.0);
        }
    }

    /// Independent check: the variance of the cumulative incidence written as sums over times (Marubini and Valsecchi,
    /// "Analysing Survival Data from Clinical Trials and Observational Studies", 1995).
    #[test]
    fn variance_equals_the_delta_method_sums() {
        let table = CompetingTable::from_individuals(&TIMES, &CAUSES, 2).unwrap();
        let all = table.all_causes();
        let aj = AalenJohansen::new(&table);
        // The last time is left out: all patients at risk have the event then, so the sums would divide by zero.
        let last = all.rows().len() - 1;
        for cause in 0..2 {
            for end in 0..last {
                let f_end = aj.causes[cause][end].probability;
                let mut variance = 0.0;
                for (j, row) in all.rows().enumerate().take(end + 1) {
                    let (n, d, dk) = (row.at_risk, row.events, table.events[cause][j]);
                    let before = if j == 0 { 1.0 } else { aj.event_free[j - 1] };
                    let rest = f_end - aj.causes[cause][j].probability;
                    variance += rest * rest * d / (n * (n - d));
                    variance += before * before * (n - dk) * dk / (n * n * n);
                    variance -= 2.0 * rest * before * dk / (n * n);
                }
                close(aj.causes[cause][end].variance, variance);
            }
        }
    }

    #[test]
    fn limits_mirror_those_of_survival() {
        let aj = AalenJohansen::new(&CompetingTable::from_individuals(&TIMES, &CAUSES, 2).unwrap());
        assert_eq!(
            aj.at(0, 0.5).unwrap().limits(Interval::Log, 0.95),
            Some(Limits { lower: 0.0, upper: 0.0 })
        );
        let l = aj.at(0, 7.0).unwrap().limits(Interval::LogLog, 0.95).unwrap();
        assert!(l.lower > 0.0 && l.lower < aj.at(0, 7.0).unwrap().probability && l.upper < 1.0);
    }

    #[test]
    fn nothing_breaks_on_nothing() {
        assert_eq!(AalenJohansen::new(&CompetingTable::default()).at(0, 0.0), None);
        let censored = CompetingTable::from_individuals(&[1.0, 2.0], &[None; 2], 2).unwrap();
        let aj = AalenJohansen::new(&censored);
        assert_eq!((aj.at(1, 2.0), aj.at(2, 1.0), aj.at(0, 3.0)), (Some(Incidence::START), None, None));
        let ragged = CompetingTable { times: vec![1.0], events: vec![vec![]], ..CompetingTable::default() };
        assert_eq!(AalenJohansen::new(&ragged).at(0, 1.0), None);
    }
}
