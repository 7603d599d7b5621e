//! Time from the start of a clock to an event: a distribution, which may begin after a delay.

use super::distribution::{TimeDistribution, spent};
use super::expression::{Expr, Situation};

/// Time to an event in years. `T` is `Expr` in the model and `f64` once evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeToEvent<T> {
    /// Distribution of the time after the delay.
    pub family: TimeDistribution<T>,
    /// Years during which the event is impossible.
    pub delay: T,
}

impl From<TimeDistribution<Expr>> for TimeToEvent<Expr> {
    fn from(family: TimeDistribution<Expr>) -> TimeToEvent<Expr> {
        TimeToEvent { family, delay: Expr::Number(0.0) }
    }
}

impl From<TimeDistribution<f64>> for TimeToEvent<f64> {
    fn from(family: TimeDistribution<f64>) -> TimeToEvent<f64> {
        TimeToEvent { family, delay: 0.0 }
    }
}

impl<T> TimeToEvent<T> {
    /// The same time to event, with `f` applied to the delay and to each parameter of the distribution.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> TimeToEvent<U> {
        TimeToEvent { delay: f(&self.delay), family: self.family.map(f) }
    }
}

impl TimeToEvent<Expr> {
    /// Evaluates the delay and the distribution in situation `s`.
    pub fn evaluate(&self, s: &Situation) -> TimeToEvent<f64> {
        self.map(|e| e.value(s))
    }

    /// Expressions of the delay and of all parameters of the distribution.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut all = self.family.expressions();
        all.push(&self.delay);
        all
    }

    /// Whether the hazard is the same at all times.
    pub fn is_constant(&self) -> bool {
        matches!(self.family, TimeDistribution::Exponential { .. }) && self.delay == Expr::Number(0.0)
    }
}

impl TimeToEvent<f64> {
    /// Cumulative hazard at `t` years, H(t - delay).
    pub fn cumulative_hazard(&self, t: f64) -> f64 {
        self.family.cumulative_hazard(t - self.delay)
    }

    /// Time in years at which the cumulative hazard is `h`; `None` for families without a closed form.
    pub fn time_of(&self, h: f64) -> Option<f64> {
        Some(self.delay + self.family.time_of(h)?)
    }

    /// Cumulative hazard between two times. The value is limited to a finite maximum at which the event is
    /// certain, so that cumulative hazards can be added up.
    pub fn hazard_between(&self, from: f64, to: f64) -> f64 {
        spent(self.cumulative_hazard(from), self.cumulative_hazard(to))
    }

    /// The time to event of patients for whom all times, the delay included, are `ratio` times as long.
    pub fn stretched(&self, ratio: f64) -> TimeToEvent<f64> {
        match ratio == 1.0 {
            true => self.clone(),
            false => TimeToEvent { family: self.family.stretched(ratio), delay: self.delay * ratio },
        }
    }

    /// Whether the hazard is the same at all times.
    pub fn is_constant(&self) -> bool {
        matches!(self.family, TimeDistribution::Exponential { .. }) && self.delay == 0.0
    }
}
