//! Linear scales from data values to page positions, axis ticks, and conversion of lengths to virtual pixels.

/// Virtual pixels per typographic point. The plotting back end accepts whole pixels only; with twenty pixels per
/// point a slowly falling curve has no visible steps at any print resolution.
const UNITS_PER_POINT: f64 = 20.0;

/// A linear map from data values to typographic points (1/72 inch) on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Scale {
    /// The linear map from `domain` to `range`; every value maps to the start of the range if the domain is empty.
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        Self { domain, range }
    }

    /// The position of `value`, clamped to the range because nothing may be drawn outside its panel.
    pub fn map(&self, value: f64) -> f64 {
        let span = self.domain.1 - self.domain.0;
        let share = if span > 0.0 { ((value - self.domain.0) / span).clamp(0.0, 1.0) } else { 0.0 };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// The first and the last value of the domain.
    pub fn domain(&self) -> (f64, f64) {
        self.domain
    }

    /// The last value of the domain.
    pub fn end(&self) -> f64 {
        self.domain.1
    }
}

/// Converts a length in points to whole virtual pixels.
pub(super) fn units(points: f64) -> i32 {
    (points * UNITS_PER_POINT).round() as i32
}

/// Converts millimetres to points.
pub(super) fn points_from_mm(mm: f64) -> f64 {
    mm * 72.0 / 25.4
}

/// Converts points to whole millimetres, rounded up.
pub(super) fn mm_to_hold(points: f64) -> u32 {
    (points * 25.4 / 72.0).ceil() as u32
}

/// Ticks of a time axis that starts at zero: every year up to 5 years, every second year up to 10, every
/// fifth year beyond (every tenth beyond 60), fractions of a year below 2. Numbers at risk are printed at these times.
pub fn year_ticks(x_max: f64) -> Vec<f64> {
    let step = match x_max {
        x if x <= 1.0 => 0.25,
        x if x < 2.0 => 0.5,
        x if x <= 5.0 => 1.0,
        x if x <= 10.0 => 2.0,
        x if x <= 60.0 => 5.0,
        _ => 10.0,
    };
    ticks(0.0, x_max, step)
}

/// The multiples of `step` between `low` and `high`, inclusive.
pub(super) fn ticks(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

/// The smallest step of the form 1, 2 or 5 times a power of ten with at most `most` steps up to `reach`.
pub(super) fn nice_step(reach: f64, most: usize) -> f64 {
    let mut decade = 1e-6;
    while decade < 1e15 {
        for factor in [1.0, 2.0, 5.0] {
            let step = factor * decade;
            if reach <= step * most as f64 * (1.0 + 1e-9) {
                return step;
            }
        }
        decade *= 10.0;
    }
    decade
}

/// The number of decimals needed to distinguish the multiples of `step`.
pub(super) fn tick_places(step: f64) -> usize {
    let whole = |places: &usize| {
        let scaled = step * 10f64.powi(*places as i32);
        (scaled - scaled.round()).abs() < 1e-6 * scaled
    };
    (0..6).find(whole).unwrap_or(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_follow_the_length_of_the_axis() {
        assert_eq!(year_ticks(5.0), vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(year_ticks(9.0), vec![0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(year_ticks(20.0), vec![0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(year_ticks(1.5), vec![0.0, 0.5, 1.0, 1.5]);
    }

    #[test]
    fn nothing_is_mapped_outside_the_range() {
        let scale = Scale::new((0.0, 1.0), (100.0, 0.0));
        assert_eq!(scale.map(0.25), 75.0);
        assert_eq!(scale.map(-3.0), 100.0);
        assert_eq!(scale.map(7.0), 0.0);
        assert_eq!(Scale::new((0.0, 0.0), (1.0, 2.0)).map(0.0), 1.0);
    }

    #[test]
    fn steps_are_round_numbers() {
        assert_eq!(nice_step(0.37, 2), 0.2);
        assert_eq!(nice_step(4.0, 4), 1.0);
    }
}
