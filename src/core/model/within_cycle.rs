//! Continuous time: how the hazard of a distribution is spread within the cycles of its clock.

use super::hazard::stretched;
use super::time_to_event::TimeToEvent;
use super::{Clock, Hazard, Model, Situation};
use crate::math::root::root;

/// The course of a distribution's hazard within each cycle of its clock.
#[derive(Clone, Debug)]
pub struct WithinCycle {
    /// The distribution; `None` for a class without patients.
    time: Option<TimeToEvent<f64>>,
    cycles_per_year: f64,
    /// Time of the distribution in years at which its clock starts.
    origin: f64,
}

impl WithinCycle {
    /// For a distribution whose clock starts `origin` years after its time zero.
    pub fn new(time: impl Into<TimeToEvent<f64>>, cycles_per_year: f64, origin: f64) -> WithinCycle {
        WithinCycle { time: Some(time.into()), cycles_per_year, origin }
    }

    /// For the transition under `strategy` in situation `s`; `None` unless time is continuous and the transition has a distribution on a clock that
    /// is the same for all patients of a class.
    pub fn of(model: &Model, strategy: usize, transition: usize, s: &Situation) -> Option<WithinCycle> {
        let Hazard::Distribution { time, clock, .. } = &model.transitions[transition].hazard else {
            return None;
        };
        let origin = match clock {
            Clock::Age(a) => s.attributes[*a],
            _ => 0.0,
        };
        let cycles_per_year = model.time.cycles_per_year;
        let own = || {
            let time = stretched(time, model, strategy, transition, s);
            WithinCycle::new(time, cycles_per_year, origin)
        };
        model.time.continuous().then(own)
    }

    /// A placeholder for a class without patients, where [`WithinCycle::of`] would have an entry.
    pub fn none(model: &Model, transition: usize) -> Option<WithinCycle> {
        let distribution = matches!(model.transitions[transition].hazard, Hazard::Distribution { .. });
        let cycles_per_year = model.time.cycles_per_year;
        (model.time.continuous() && distribution).then_some(WithinCycle {
            time: None,
            cycles_per_year,
            origin: 0.0,
        })
    }

    /// Ratio of the hazards `values` of all cycles (one value if all are the same) to those of the distribution; `None` if it
    /// changes.
    pub fn ratio(&self, values: &[f64]) -> Option<f64> {
        self.time.as_ref()?;
        let own = |k: usize| self.cumulative(k as f64 + 1.0) - self.cumulative(k as f64);
        let ratio = values[0] / own(0);
        let near = |(k, value): (usize, &f64)| (value - ratio * own(k)).abs() <= 1e-12 * value.abs() + 1e-300;
        (ratio.is_finite() && ratio > 0.0 && values.iter().enumerate().all(near)).then_some(ratio)
    }

    /// Cumulative hazard of the distribution between two times in cycles.
    #[inline]
    pub fn between(&self, from: f64, to: f64) -> f64 {
        self.cumulative(to) - self.cumulative(from)
    }

    /// Time in cycles at which the cumulative hazard of the distribution since `from` reaches `due`.
    #[inline]
    pub fn reaches(&self, from: f64, due: f64) -> f64 {
        let Some(time) = &self.time else { return f64::INFINITY };
        let target = self.cumulative(from) + due;
        let years = match time.time_of(target) {
            Some(years) => years,
            None => {
                // The end of the search grows until the hazard is spent.
                let mut end = from.max(1.0);
                while self.cumulative(end) < target {
                    end *= 2.0;
                    if end > 1e9 {
                        return f64::INFINITY;
                    }
                }
                let left = |x: f64| Some(self.cumulative(x) - target);
                return root(left, [from, -due], [end, self.cumulative(end) - target], 1e-12).unwrap_or(end);
            }
        };
        // A distribution with a limited cumulative hazard (Gompertz with a negative shape) may never reach the target.
        if years.is_nan() { f64::INFINITY } else { (years - self.origin) * self.cycles_per_year }
    }

    /// Cumulative hazard `cycles` cycles after the clock started.
    fn cumulative(&self, cycles: f64) -> f64 {
        self.time
            .as_ref()
            .map_or(0.0, |time| time.cumulative_hazard(self.origin + cycles / self.cycles_per_year))
    }

    /// Share of the hazard of cycle `k` that is spent in the first part `u` of the cycle.
    pub fn share(&self, k: usize, u: f64) -> f64 {
        if self.time.as_ref().is_none_or(|time| time.is_constant()) {
            return u;
        }
        let (before, after) = (self.cumulative(k as f64), self.cumulative(k as f64 + 1.0));
        let whole = after - before;
        match whole > 0.0 && whole.is_finite() {
            true => ((self.cumulative(k as f64 + u) - before) / whole).clamp(0.0, 1.0),
            false => u,
        }
    }

    /// Part of cycle `k` after which this share of the hazard of the cycle is spent: the inverse of [`WithinCycle::share`].
    pub fn part(&self, k: usize, share: f64) -> f64 {
        let (before, after) = (self.cumulative(k as f64), self.cumulative(k as f64 + 1.0));
        let whole = after - before;
        let Some(time) = self.time.as_ref().filter(|_| whole > 0.0 && whole.is_finite()) else {
            return share;
        };
        let target = before + share * whole;
        let part = match time.time_of(target) {
            Some(years) => (years - self.origin) * self.cycles_per_year - k as f64,
            None => {
                let left = |u: f64| Some(self.cumulative(k as f64 + u) - target);
                root(left, [0.0, before - target], [1.0, after - target], 1e-13).unwrap_or(share)
            }
        };
        part.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_parts_are_inverse() {
        use crate::model::TimeDistribution::*;
        for time in [
            Exponential { rate: 0.3 },
            Weibull { shape: 0.6, scale: 4.0 },
            Weibull { shape: 1.7, scale: 4.0 },
            Gompertz { shape: -0.1, rate: 0.2 },
            LogLogistic { shape: 1.4, scale: 3.0 },
            LogNormal { meanlog: 0.5, sdlog: 0.8 },
            Gamma { shape: 0.7, rate: 0.4 },
            GeneralisedGamma { mu: 0.5, sigma: 0.7, q: 0.4 },
        ] {
            let within = WithinCycle::new(time.clone(), 4.0, 0.0);
            for k in [0, 1, 5, 40] {
                for u in [0.01, 0.3, 0.97] {
                    let share = within.share(k, u);
                    let again = within.share(k, within.part(k, share));
                    assert!((again - share).abs() < 1e-9, "{time:?}, cycle {k}: {u}");
                }
            }
        }
    }
}
