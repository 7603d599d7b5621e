//! Numerical axes: rounded ticks for any range of data, with room for tick numbers and axis titles.

use super::frame::{AXIS_SIZE, EDGE, grid, leading, y_axis, y_title};
use super::scale::{nice_step, tick_places, ticks};
use super::scene::{Anchor, Panel, Scene, Stroke, Text};
use super::style::INK;
use super::text::{Weight, amount, width, wrap_at_most};

/// The ends of an axis and its numbered ticks.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub ends: (f64, f64),
    pub ticks: Vec<(f64, String)>,
}

/// Largest absolute value that can be drawn on an axis.
const MOST: f64 = 1e15;

/// Whether `value` can be drawn on an axis: a number below the greatest drawable amount.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() < MOST
}

/// Whether both coordinates of the point can be drawn on axes.
pub(super) fn both_drawable(point: &(f64, f64)) -> bool {
    drawable(point.0) && drawable(point.1)
}

/// The least and the greatest of the drawable values; 0 and 1 if none of the values is drawable.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let drawn = values.into_iter().filter(|value| drawable(*value));
    let (low, high) = drawn
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

/// The interval, widened if its ends are equal, because an axis must have a positive length.
pub(super) fn widened((low, high): (f64, f64)) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > (1e-6 * size).max(5e-6) {
        return (low, high);
    }
    let pad = if size > 0.0 { 0.1 * size } else { 1.0 };
    (low - pad.max(1e-4), high + pad.max(1e-4))
}

impl Axis {
    /// An axis with exactly the given ends and at most about `most` ticks.
    pub fn exact(ends: (f64, f64), most: usize) -> Self {
        let ends = widened(ends);
        let step = nice_step(ends.1 - ends.0, most);
        Self::stepped(ends, step)
    }

    /// An axis that is extended to the next tick at or beyond each of the given ends.
    pub fn rounded(ends: (f64, f64), most: usize) -> Self {
        let (low, high) = widened(ends);
        let step = nice_step(high - low, most);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil().max(first + 1.0);
        Self::stepped((first * step, last * step), step)
    }

    fn stepped(ends: (f64, f64), step: f64) -> Self {
        let places = tick_places(step);
        let ticks = ticks(ends.0, ends.1, step).into_iter();
        Self { ends, ticks: ticks.map(|tick| (tick, amount(tick, places))).collect() }
    }

    fn widest(&self) -> f64 {
        let widths = self.ticks.iter().map(|(_, number)| width(number, AXIS_SIZE, Weight::Regular));
        widths.fold(0.0, f64::max)
    }

    /// Space left of a panel for the axis numbers and a title of two lines.
    pub fn left_margin(&self) -> f64 {
        EDGE + 2.0 * leading(AXIS_SIZE) + 8.0 + self.widest()
    }

    /// Space right of a panel for the axis numbers and a title of two lines.
    pub fn right_margin(&self) -> f64 {
        self.left_margin()
    }

    /// Draws light horizontal lines at the ticks.
    pub fn draw_grid(&self, scene: &mut Scene, panel: &Panel) {
        grid(scene, panel, &self.ticks.iter().map(|tick| tick.0).collect::<Vec<_>>());
    }

    /// Draws the axis left of the panel with its title.
    pub fn draw_left(&self, scene: &mut Scene, panel: &Panel, title: &str) {
        y_axis(scene, panel, &self.ticks);
        y_title(scene, title, panel.top, panel.bottom);
    }

    /// Draws the axis right of the panel with its title, on a scale of its own.
    pub fn draw_right(&self, scene: &mut Scene, panel: &Panel, title: &str) {
        let own =
            Panel::new((panel.left, panel.top), (panel.right, panel.bottom), panel.x.domain(), self.ends);
        let stroke = Stroke::solid(INK, 0.7);
        scene.line(vec![(panel.right, panel.top), (panel.right, panel.bottom)], stroke);
        for (tick, number) in &self.ticks {
            let y = own.y.map(*tick);
            scene.line(vec![(panel.right, y), (panel.right + 3.0, y)], stroke);
            scene.text((panel.right + 5.0, y + 2.7), number, AXIS_SIZE, INK, Anchor::Start);
        }
        let height = panel.bottom - panel.top + 8.0;
        let lines = wrap_at_most(2, title, AXIS_SIZE, Weight::Regular, height);
        let first = panel.right + self.widest() + 12.0 + AXIS_SIZE * 0.8;
        for (k, line) in lines.iter().enumerate() {
            let at = (first + k as f64 * leading(AXIS_SIZE), (panel.top + panel.bottom) / 2.0);
            scene.turned(at, line, AXIS_SIZE, -90.0);
        }
    }

    /// Draws the axis under the panel with its title; returns the lower edge of the title.
    pub fn draw_below(&self, scene: &mut Scene, panel: &Panel, title: &str) -> f64 {
        let stroke = Stroke::solid(INK, 0.7);
        let y = panel.bottom;
        scene.line(vec![(panel.left, y), (panel.right, y)], stroke);
        for (tick, number) in &self.ticks {
            let x = panel.x.map(*tick);
            scene.line(vec![(x, y), (x, y + 3.0)], stroke);
            scene.text((x, y + 11.5), number, AXIS_SIZE, INK, Anchor::Middle);
        }
        title_below(scene, panel, title)
    }
}

/// Writes the title under the numbers of the horizontal axis; returns the lower edge of the title.
pub(super) fn title_below(scene: &mut Scene, panel: &Panel, title: &str) -> f64 {
    let mut y = panel.bottom + 23.0 - leading(AXIS_SIZE);
    let limit = panel.right - panel.left + 20.0;
    let middle = (panel.left + panel.right) / 2.0;
    for line in wrap_at_most(2, title, AXIS_SIZE, Weight::Regular, limit) {
        y += leading(AXIS_SIZE);
        scene.text((middle, y), &line, AXIS_SIZE, INK, Anchor::Middle);
    }
    y + 6.0
}

impl Scene {
    /// Adds one line of text rotated around the middle of its baseline.
    pub fn turned(&mut self, at: (f64, f64), text: &str, size: f64, turn: f64) {
        self.shapes.push(super::scene::Shape::Text(Text {
            at,
            text: text.to_string(),
            size,
            weight: Weight::Regular,
            colour: INK,
            alpha: 1.0,
            anchor: Anchor::Middle,
            turn,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_a_length_and_round_ticks_whatever_the_data() {
        assert_eq!(extent([f64::NAN, 3.0, f64::INFINITY, -1.0, 1e300]), (-1.0, 3.0));
        assert_eq!(extent([]), (0.0, 1.0));
        for value in [0.0, 7.0, -3.0, 1e14, 1e-9] {
            let axis = Axis::rounded((value, value), 5);
            assert!(axis.ends.0 < axis.ends.1 && axis.ticks.len() >= 2, "{value}");
            assert!(axis.ticks.len() < 12);
        }
        let axis = Axis::rounded((-3.0, 17.0), 5);
        assert_eq!(axis.ends, (-5.0, 20.0));
        assert_eq!(axis.ticks[0].1, "\u{2212}5");
    }
}
