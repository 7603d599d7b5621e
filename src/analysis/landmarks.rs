//! Landmark estimates: survival, cumulative incidence and restricted mean survival time at chosen years, and median
//! times to an event.

use super::curves::Curves;
use super::curves::Source;
use arcosim_core::model::TimeGrid;
use arcosim_core::model::grid::HAIR;
use arcosim_core::survival::{Interval, Limits, rmst};

/// Confidence level of all intervals.
pub const LEVEL: f64 = 0.95;

/// Index of the last grid point at or before `years`.
pub fn grid_point(time: &TimeGrid, years: f64) -> usize {
    // A landmark such as 7/12 of a year is a whole number of months only up to rounding error.
    let point = (years * time.cycles_per_year + HAIR).floor();
    (point.max(0.0) as usize).min(time.cycles)
}

/// Time of the last grid point at or before `years`.
pub fn on_grid(time: &TimeGrid, years: f64) -> f64 {
    time.years(grid_point(time, years))
}

/// An estimate with its sampling error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Point estimate.
    pub estimate: f64,
    /// Standard error; `None` for an expected value from the exact engine.
    pub se: Option<f64>,
    /// 95 % confidence limits; `None` for an expected value, a restricted mean, or a survival of 0.
    pub limits: Option<Limits>,
}

impl Value {
    fn of(source: Source, estimate: f64, se: f64, limits: Option<Limits>) -> Value {
        let sampled = source == Source::Microsimulation;
        Value { estimate, se: sampled.then_some(se), limits: limits.filter(|_| sampled) }
    }
}

/// Kaplan–Meier survival at `years`; `None` beyond the follow-up.
pub fn survival(curves: &Curves, source: Source, years: f64) -> Option<Value> {
    let e = curves.survival.at(years)?;
    Some(Value::of(source, e.survival, e.se(), e.limits(Interval::LogLog, LEVEL)))
}

/// Cumulative incidence of the event at `years`; `None` beyond the follow-up.
pub fn incidence(curves: &Curves, source: Source, years: f64) -> Option<Value> {
    let i = curves.incidence.at(0, years)?;
    Some(Value::of(source, i.probability, i.se(), i.limits(Interval::LogLog, LEVEL)))
}

/// Restricted mean survival time up to `years`; `None` beyond the follow-up.
pub fn restricted_mean(curves: &Curves, source: Source, years: f64) -> Option<Value> {
    let r = match curves.survival.joined {
        true => rmst(&curves.table.within_intervals().at_midpoints(), years)?,
        false => rmst(&curves.table, years)?,
    };
    Some(Value::of(source, r.mean, r.se, None))
}

/// Median time to an event with its confidence limits; each time is `None` if the curve does not reach it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// Years by which half of the patients have had the event.
    pub years: Option<f64>,
    /// Lower confidence limit of the median, in years.
    pub low: Option<f64>,
    /// Upper confidence limit of the median, in years.
    pub high: Option<f64>,
}

/// Median time to the event, with competing events censored.
pub fn median(curves: &Curves, source: Source) -> Median {
    let (low, high) = match source {
        Source::Exact => (None, None),
        Source::Microsimulation => curves.survival.median_limits(Interval::LogLog, LEVEL),
    };
    Median { years: curves.survival.median(), low, high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arcosim_core::model::Moves;

    #[test]
    fn landmarks_fall_on_the_grid_in_spite_of_rounding() {
        let monthly = TimeGrid { cycles: 120, cycles_per_year: 12.0, moves: Moves::OnceACycle };
        assert_eq!(grid_point(&monthly, 1.0 / 12.0 * 7.0), 7);
        assert_eq!(grid_point(&monthly, 5.0), 60);
        assert_eq!(grid_point(&monthly, 0.99), 11);
        assert_eq!(grid_point(&monthly, 99.0), 120);
    }
}
