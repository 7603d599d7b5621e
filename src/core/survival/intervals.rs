//! Events within intervals: counts by interval of a process in continuous time.
//!
//! If patients leave an interval for several reasons, those who leave for another reason are at risk for part of the interval only. With
//! hazards that are proportional within the interval, the share of patients without the event is `(1 - e / n)^(d / e)`, where `d` of
//! `n` patients have the event and `e` leave for any reason. The number at risk that leads to this share replaces `n`, as the
//! effective number at risk of an actuarial life table does (E. L. Kaplan and P. Meier 1958, section 3.2).

use super::competing::CompetingTable;
use super::table::RiskTable;

impl RiskTable {
    /// The table with effective numbers at risk, for events and censorings within the intervals that end at the times. Events at time
    /// zero stay as they are, and patients censored in the last interval are at risk to its end.
    pub fn within_intervals(&self) -> RiskTable {
        let mut own = self.clone();
        let last = own.times.len().saturating_sub(1);
        for k in first(&own.times)..own.times.len() {
            let others = if k == last { 0.0 } else { own.censored[k] };
            own.at_risk[k] = effective(own.at_risk[k], own.events[k], others);
        }
        own
    }

    /// The table with the events of each interval in its middle, so that the area under the steps is that under straight lines.
    pub fn at_midpoints(&self) -> RiskTable {
        let mut own = self.clone();
        for k in first(&own.times)..own.times.len() {
            own.times[k] = 0.5 * (self.times[k] + if k == 0 { 0.0 } else { self.times[k - 1] });
        }
        own
    }
}

impl CompetingTable {
    /// Like [`RiskTable::within_intervals`], with events of any cause as the event.
    pub fn within_intervals(&self) -> CompetingTable {
        CompetingTable { at_risk: self.all_causes().within_intervals().at_risk, ..self.clone() }
    }
}

/// Index of the first interval: after time zero.
fn first(times: &[f64]) -> usize {
    usize::from(times.first() == Some(&0.0))
}

/// Effective number at risk in an interval in which `events` of `at_risk` patients have the event and `others` leave without it.
pub fn effective(at_risk: f64, events: f64, others: f64) -> f64 {
    if events <= 0.0 || others <= 0.0 || at_risk <= 0.0 {
        return at_risk;
    }
    let all = events + others;
    let exponent = match all < at_risk * (1.0 - 1e-12) {
        true => events / all * crate::math::ln_1p(-all / at_risk),
        // Everyone leaves: on average in the middle of the interval.
        false => -2.0 * events / at_risk,
    };
    events / -crate::math::exp_m1(exponent)
}

#[cfg(test)]
mod tests {
    use super::super::kaplan_meier::KaplanMeier;
    use super::*;
    use crate::math::exp;

    /// Two constant hazards: the survival of each is its own exponential, at any length of the intervals.
    #[test]
    fn constant_hazards_are_told_apart() {
        let (a, b) = (0.3, 0.2);
        for step in [0.1, 1.0, 5.0] {
            let alive = |k: f64| 1000.0 * exp(-(a + b) * step * k);
            let times: Vec<f64> = (0..=8).map(|k| step * f64::from(k)).collect();
            let left: Vec<f64> = (0..=8).map(|k| alive(f64::from(k) - 1.0).min(1000.0)).collect();
            let leave =
                |share: f64| -> Vec<f64> {
                    (0..=8)
                        .map(|k| {
                            if k == 0 {
                                0.0
                            } else {
                                share * (alive(f64::from(k) - 1.0) - alive(f64::from(k)))
                            }
                        })
                        .collect()
                };
            let table =
                RiskTable { times, at_risk: left, events: leave(a / (a + b)), censored: leave(b / (a + b)) };
            let curve = KaplanMeier::new(&table.within_intervals());
            for k in 1..8 {
                let due = exp(-a * step * f64::from(k));
                assert!((curve.estimates[k as usize].survival - due).abs() < 1e-12, "{step} {k}");
            }
        }
    }
}
