//! Restricted mean survival time: the area under the Kaplan–Meier curve up to a horizon.
//!
//! P. Royston and M. K. B. Parmar, BMC Medical Research Methodology 13 (2013) 152; variance as in R's `survmean`, from
//! Greenwood's terms weighted by the squared area under the rest of the curve.

use super::table::RiskTable;
use crate::math::sqrt;

/// Restricted mean survival time: mean time without the event before `tau`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rmst {
    /// Time horizon of the restricted mean.
    pub tau: f64,
    /// Area under the curve from zero to `tau`.
    pub mean: f64,
    /// Standard error of the restricted mean.
    pub se: f64,
}

/// Computes RMST up to `tau`. `None` if no patient is ever at risk, if `tau` is not a valid time, or if `tau` is beyond
/// the follow-up of a curve that has not reached zero: survival is not observed there, and an extension of the last
/// value would be no estimate.
pub fn rmst(table: &RiskTable, tau: f64) -> Option<Rmst> {
    let follow_up = table.follow_up()?;
    if !(tau.is_finite() && tau >= 0.0) {
        return None;
    }
    // Steps of the survival curve up to tau: start, height, and Greenwood's term at the start of the step.
    let mut steps = vec![(0.0, 1.0, 0.0)];
    let mut survival = 1.0;
    for row in table.rows().take_while(|row| row.time <= tau) {
        let share = row.event_share();
        if share > 0.0 {
            let left = (row.at_risk - row.events).max(0.0);
            survival *= left / row.at_risk;
            // If all patients at risk have the event, Greenwood's term is infinite, but the area after it is zero, so
            // the term is set to zero.
            let term = if left > 0.0 { share / left } else { 0.0 };
            steps.push((row.time, survival, term));
        }
    }
    if tau > follow_up && survival > 0.0 {
        return None;
    }
    let (mut area, mut variance, mut end) = (0.0, 0.0, tau);
    for (start, height, term) in steps.into_iter().rev() {
        area += height * (end - start);
        variance += area * area * term;
        end = start;
    }
    Some(Rmst { tau, mean: area, se: sqrt(variance) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-12 * want.abs(), "{got} is not {want}");
    }

    /// Events at 1, 2, …, n: the area up to n is the plain mean, and Greenwood's variance is the plain variance
    /// divided by n.
    #[test]
    fn without_censoring_it_is_the_mean_of_a_uniform_with_its_se() {
        let n = 50_usize;
        let times: Vec<f64> = (1..=n).map(|i| i as f64).collect();
        let table = RiskTable::from_individuals(&times, &vec![true; n]).unwrap();
        let whole = rmst(&table, n as f64).unwrap();
        close(whole.mean, 25.5);
        close(whole.se, sqrt((50.0 * 50.0 - 1.0) / 12.0 / 50.0));
        // With a horizon of 20, the result is the mean of the times cut at 20.
        let cut: Vec<f64> = times.iter().map(|t| t.min(20.0)).collect();
        let mean = cut.iter().sum::<f64>() / 50.0;
        let variance = cut.iter().map(|t| (t - mean) * (t - mean)).sum::<f64>() / 50.0;
        let part = rmst(&table, 20.0).unwrap();
        close(part.mean, mean);
        close(part.se, sqrt(variance / 50.0));
        // Beyond the last event survival is zero, so no area is added.
        close(rmst(&table, 1000.0).unwrap().mean, 25.5);
    }

    #[test]
    fn where_the_area_is_not_observed_there_is_none() {
        let table = RiskTable::from_individuals(&[1.0, 3.0], &[true, false]).unwrap();
        assert_eq!(rmst(&table, 3.0).unwrap().mean, 2.0);
        for tau in [3.1, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rmst(&table, tau), None);
        }
        assert_eq!(rmst(&table, 0.0), Some(Rmst { tau: 0.0, mean: 0.0, se: 0.0 }));
        assert_eq!(rmst(&RiskTable::default(), 1.0), None);
        let censored = RiskTable::from_individuals(&[5.0, 6.0], &[false; 2]).unwrap();
        assert_eq!(rmst(&censored, 4.0), Some(Rmst { tau: 4.0, mean: 4.0, se: 0.0 }));
    }
}
