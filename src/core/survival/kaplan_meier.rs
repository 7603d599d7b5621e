//! The Kaplan–Meier estimate of survival with Greenwood's variance.
//!
//! E. L. Kaplan and P. Meier, JASA 53 (1958) 457–481; M. Greenwood, Reports on Public Health 33 (1926).

use super::confidence_limits::{Interval, Limits, limits};
use super::table::RiskTable;
use crate::math::sqrt;

/// A survival curve: a right-continuous step function that starts at 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KaplanMeier {
    /// All times of the table, with and without events.
    pub times: Vec<f64>,
    /// Survival estimate at each time, constant up to the next time.
    pub estimates: Vec<Estimate>,
    /// Whether survival changes within the intervals between times, so that straight lines join the estimates; otherwise it is
    /// constant up to the next time.
    pub joined: bool,
    follow_up: Option<f64>,
}

/// Estimated survival at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Probability of no event up to this time.
    pub survival: f64,
    /// Greenwood's variance of the logarithm of survival; `None` once survival is zero, because the variance is then
    /// infinite.
    pub variance_ln: Option<f64>,
}

impl Estimate {
    const START: Self = Self { survival: 1.0, variance_ln: Some(0.0) };

    /// Standard error of survival; zero at survival 1 and, by the usual convention, at 0.
    pub fn se(&self) -> f64 {
        self.variance_ln.map_or(0.0, |variance| self.survival * sqrt(variance))
    }

    /// Pointwise confidence limits at `level` (such as 0.95). As in R, both limits are 1 before the first event, and
    /// the result is `None` once survival is zero.
    pub fn limits(&self, interval: Interval, level: f64) -> Option<Limits> {
        let variance = self.variance_ln?;
        if self.survival == 1.0 && level > 0.0 && level < 1.0 {
            return Some(Limits { lower: 1.0, upper: 1.0 });
        }
        limits(self.survival, sqrt(variance), interval, level)
    }
}

impl KaplanMeier {
    /// Estimates survival from a table of counts.
    ///
    /// With delayed entry, events may exhaust the patients at risk early. Survival is then zero from that time on, even
    /// if other individuals enter later. As in R, only the number-at-risk table shows the later entries.
    pub fn new(table: &RiskTable) -> Self {
        let mut curve = Self { follow_up: table.follow_up(), ..Self::default() };
        let mut now = Estimate::START;
        for row in table.rows() {
            let share = row.event_share();
            if share > 0.0 {
                let left = (row.at_risk - row.events).max(0.0);
                now.survival *= left / row.at_risk;
                now.variance_ln = match now.variance_ln {
                    Some(variance) if now.survival > 0.0 => Some(variance + share / left),
                    _ => None,
                };
            }
            curve.times.push(row.time);
            curve.estimates.push(now);
        }
        curve
    }

    /// Survival estimate at time `t`. `None` before zero, after the last time at which an individual was at risk
    /// (unless survival was zero by then), and everywhere if no patient was ever at risk.
    pub fn at(&self, t: f64) -> Option<Estimate> {
        let follow_up = self.follow_up?;
        let steps = self.times.partition_point(|&time| time <= t);
        let estimate = match steps.checked_sub(1) {
            Some(last) => self.estimates[last],
            None => Estimate::START,
        };
        let known = t >= 0.0 && (t <= follow_up || estimate.survival == 0.0);
        known.then_some(estimate)
    }

    /// Median time to the event; `None` if survival never reaches one half.
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// Confidence limits of the median: the times at which the pointwise limits cross one half, each `None` if not
    /// reached.
    pub fn median_limits(&self, interval: Interval, level: f64) -> (Option<f64>, Option<f64>) {
        self.quantile_limits(0.5, interval, level)
    }

    /// Time by which the proportion `share` has had the event, by R's rule: the first time with survival below `1 −
    /// share`; if survival equals exactly this value over an interval, the middle of the interval.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        self.first_crossing(share, |estimate| Some(estimate.survival))
    }

    /// Confidence limits of a quantile: the times at which the pointwise limits cross `1 − share`.
    pub fn quantile_limits(&self, share: f64, interval: Interval, level: f64) -> (Option<f64>, Option<f64>) {
        let lower = self.first_crossing(share, |e| e.limits(interval, level).map(|l| l.lower));
        let upper = self.first_crossing(share, |e| e.limits(interval, level).map(|l| l.upper));
        (lower, upper)
    }

    /// The same curve with its estimates joined by straight lines, for events within intervals.
    pub fn joined(self) -> Self {
        Self { joined: true, ..self }
    }

    fn first_crossing(&self, share: f64, value: impl Fn(&Estimate) -> Option<f64>) -> Option<f64> {
        // Tolerance for comparing survival with a round number, because products of fractions differ in the last bits;
        // R also uses the square root of epsilon.
        const TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;
        if !(share > 0.0 && share < 1.0) {
            return None;
        }
        let target = 1.0 - share;
        let mut reached =
            self.times.iter().zip(&self.estimates).filter_map(|(&time, e)| Some((time, value(e)?)));
        if self.joined {
            let mut before = (0.0, 1.0);
            for (time, level) in reached {
                if level <= target {
                    let part = (before.1 - target) / (before.1 - level).max(f64::MIN_POSITIVE);
                    return Some(before.0 + part.clamp(0.0, 1.0) * (time - before.0));
                }
                before = (time, level);
            }
            return None;
        }
        let (time, level) = reached.find(|&(_, v)| v < target + TOLERANCE)?;
        if (level - target).abs() >= TOLERANCE {
            return Some(time);
        }
        // If no later step ends the plateau, the plateau has no middle, and its start is returned.
        Some(reached.find(|&(_, v)| v < level).map_or(time, |(next, _)| 0.5 * (time + next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::exp;

    fn curve(times: &[f64], events: &[bool]) -> KaplanMeier {
        KaplanMeier::new(&RiskTable::from_individuals(times, events).unwrap())
    }

    /// Expected counts of an exponential distribution: the estimate equals the exponential survival and, without
    /// censoring, Greenwood's variance equals the binomial variance.
    #[test]
    fn expected_counts_of_an_exponential_give_it_back() {
        let n = 1000.0;
        let alive = |k: usize| n * exp(-0.1 * k as f64);
        let table = RiskTable::new(
            (1..=40).map(|k| k as f64).collect(),
            (1..=40).map(|k| alive(k - 1)).collect(),
            (1..=40).map(|k| alive(k - 1) - alive(k)).collect(),
            vec![0.0; 40],
        )
        .unwrap();
        let curve = KaplanMeier::new(&table);
        for k in 1..=40 {
            let s = exp(-0.1 * k as f64);
            let e = curve.at(k as f64 + if k < 40 { 0.5 } else { 0.0 }).unwrap();
            assert!((e.survival - s).abs() < 1e-13);
            assert!((e.se() - sqrt(s * (1.0 - s) / n)).abs() < 1e-13);
        }
        assert_eq!(curve.median(), Some(7.0));
        assert_eq!(curve.at(40.1), None);
    }

    #[test]
    fn median_is_the_middle_of_a_plateau_at_one_half() {
        assert_eq!(curve(&[1.0, 2.0, 5.0, 9.0], &[true; 4]).median(), Some(3.5));
        // Censoring within the plateau does not end the plateau.
        assert_eq!(curve(&[1.0, 2.0, 3.0, 9.0], &[true, true, false, true]).median(), Some(5.5));
        assert_eq!(curve(&[1.0, 2.0, 5.0, 9.0], &[true, true, false, false]).median(), Some(2.0));
        assert_eq!(curve(&[1.0, 2.0, 5.0], &[true; 3]).median(), Some(2.0));
        assert_eq!(curve(&[1.0, 2.0, 5.0], &[true, false, false]).median(), None);
        assert_eq!(curve(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).quantile(0.25), Some(1.5));
        assert_eq!(curve(&[1.0], &[true]).quantile(f64::NAN), None);
    }

    #[test]
    fn the_ends_of_the_curve_are_defined() {
        let curve = curve(&[1.0, 2.0], &[true; 2]);
        let start = curve.at(0.0).unwrap();
        assert_eq!(start.limits(Interval::LogLog, 0.95), Some(Limits { lower: 1.0, upper: 1.0 }));
        let end = curve.at(100.0).unwrap();
        assert_eq!((end.survival, end.se(), end.variance_ln), (0.0, 0.0, None));
        for interval in [Interval::Plain, Interval::Log, Interval::LogLog] {
            assert_eq!(end.limits(interval, 0.95), None);
            assert_eq!(curve.at(1.0).unwrap().limits(interval, f64::NAN), None);
        }
        assert_eq!(curve.at(-1.0), None);
        assert_eq!(curve.at(f64::NAN), None);
    }

    #[test]
    fn nothing_breaks_on_nothing() {
        assert_eq!(curve(&[], &[]).at(0.0), None);
        assert_eq!(curve(&[], &[]).median(), None);
        let censored = curve(&[1.0, 2.0], &[false; 2]);
        assert_eq!(censored.at(2.0), Some(Estimate::START));
        assert_eq!(censored.at(2.1), None);
        let nobody = RiskTable::new(vec![1.0], vec![0.0], vec![0.0], vec![0.0]).unwrap();
        assert_eq!(KaplanMeier::new(&nobody).at(0.5), None);
    }
}
