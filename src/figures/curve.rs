//! Curves of proportions over time with their uncertainty bands, cut at the last year that a figure shows.

/// A proportion over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Curve {
    /// Years and proportions (0 to 1), by increasing time.
    pub points: Vec<(f64, f64)>,
    /// Whether each value is constant until the next time (a finite cohort) instead of changing linearly to the next value.
    pub step: bool,
}

impl Curve {
    /// The value at `time`, if the curve reaches it.
    pub fn at(&self, time: f64) -> Option<f64> {
        let after = self.points.partition_point(|point| point.0 <= time);
        let (t0, v0) = *self.points.get(after.checked_sub(1)?)?;
        let value = match self.points.get(after) {
            Some(&(t1, v1)) if !self.step && t1 > t0 => v0 + (time - t0) / (t1 - t0) * (v1 - v0),
            Some(_) => v0,
            None if time - t0 <= 1e-6 => v0,
            None => return None,
        };
        value.is_finite().then_some(value)
    }

    /// The corners of the curve's line up to the time `end`; points that are not finite are left out.
    pub(super) fn until(&self, end: f64) -> Vec<(f64, f64)> {
        let mut out: Vec<(f64, f64)> = Vec::with_capacity(self.points.len() + 1);
        for &(time, value) in self.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()) {
            if time > end {
                out.extend(self.at(end).map(|value| (end, value)));
                break;
            }
            if self.step
                && let Some(&(_, before)) = out.last()
            {
                out.push((time, before));
            }
            out.push((time, value));
        }
        out
    }
}

/// An interval around a proportion over time: years, lower and upper limit, by increasing time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Band {
    /// Years, lower and upper limit.
    pub points: Vec<(f64, f64, f64)>,
    /// Whether the limits are constant until the next time, as for a step curve.
    pub step: bool,
}

impl Band {
    /// The lower and the upper limit as curves.
    pub(super) fn limits(&self) -> (Curve, Curve) {
        let lower = self.points.iter().map(|&(time, low, _)| (time, low)).collect();
        let upper = self.points.iter().map(|&(time, _, high)| (time, high)).collect();
        (Curve { points: lower, step: self.step }, Curve { points: upper, step: self.step })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_points_follow_the_kind_of_curve() {
        let points = vec![(0.0, 1.0), (2.0, 0.5)];
        let line = Curve { points: points.clone(), step: false };
        let steps = Curve { points, step: true };
        assert_eq!((line.at(1.0), steps.at(1.0)), (Some(0.75), Some(1.0)));
        assert_eq!((line.at(2.0), line.at(3.0), line.at(-1.0)), (Some(0.5), None, None));
        assert_eq!(line.until(1.0), vec![(0.0, 1.0), (1.0, 0.75)]);
        assert_eq!(steps.until(2.0), vec![(0.0, 1.0), (2.0, 1.0), (2.0, 0.5)]);
    }
}
