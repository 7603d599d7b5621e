//! Layout of figures with horizontal bars: one named row per bar, light vertical lines at the ticks, axis below.

use super::axis::Axis;
use super::frame::{AXIS_SIZE, EDGE, leading};
use super::scene::{Anchor, Panel, Point, Scene, Stroke};
use super::style::{GRID, INK, Rgb};
use super::text::{Weight, width, wrap_at_most};

const MOST_LINES: usize = 3;
const MOST_WIDTH: f64 = 150.0;
const GAP: f64 = 5.0;

/// Named rows from top to bottom.
pub(super) struct Rows {
    names: Vec<(Vec<String>, Weight)>,
    heights: Vec<f64>,
}

impl Rows {
    /// One row per name, each at least as high as its bar.
    pub fn new(names: &[(&str, Weight)], bars: &[f64]) -> Self {
        let lines = |name: &str, weight| wrap_at_most(MOST_LINES, name, AXIS_SIZE, weight, MOST_WIDTH);
        let names: Vec<(Vec<String>, Weight)> =
            names.iter().map(|(name, weight)| (lines(name, *weight), *weight)).collect();
        let heights = names.iter().zip(bars);
        let heights =
            heights.map(|((lines, _), bar)| (lines.len() as f64 * leading(AXIS_SIZE)).max(*bar) + GAP);
        Self { heights: heights.collect(), names }
    }

    /// Width of the names left of the panel.
    pub fn left_margin(&self) -> f64 {
        let widths = self
            .names
            .iter()
            .flat_map(|(lines, weight)| lines.iter().map(|line| width(line, AXIS_SIZE, *weight)));
        EDGE + widths.fold(40.0, f64::max) + 8.0
    }

    /// Total height of the rows.
    pub fn height(&self) -> f64 {
        self.heights.iter().sum::<f64>().max(20.0)
    }

    /// Upper and lower edge of each row, from `top` downwards.
    pub fn edges(&self, top: f64) -> Vec<(f64, f64)> {
        let mut y = top;
        let edge = |height: &f64| {
            let above = y;
            y += height;
            (above, y)
        };
        self.heights.iter().map(edge).collect()
    }

    /// Writes the names of the rows, right-aligned at `right`.
    pub fn draw_names(&self, scene: &mut Scene, right: f64, top: f64) {
        for ((lines, weight), (above, below)) in self.names.iter().zip(self.edges(top)) {
            lines_beside(scene, (right, (above + below) / 2.0), lines, (*weight, INK), Anchor::End);
        }
    }
}

/// Writes lines of text at `x`, the block centred on `middle`.
pub(super) fn lines_beside(
    scene: &mut Scene,
    (x, middle): Point,
    lines: &[String],
    (weight, colour): (Weight, Rgb),
    anchor: Anchor,
) {
    let mut y = middle - (lines.len() as f64 - 1.0) / 2.0 * leading(AXIS_SIZE) + 2.7;
    for line in lines {
        scene.styled((x, y), line, AXIS_SIZE, weight, colour, anchor);
        y += leading(AXIS_SIZE);
    }
}

/// Draws light vertical lines at the ticks of the horizontal axis.
pub(super) fn upright_grid(scene: &mut Scene, panel: &Panel, axis: &Axis) {
    for (tick, _) in &axis.ticks {
        let x = panel.x.map(*tick);
        scene.line(vec![(x, panel.top), (x, panel.bottom)], Stroke::solid(GRID, 0.5));
    }
}

/// The corners of a horizontal bar between two values of x.
pub(super) fn bar(panel: &Panel, from: f64, to: f64, top: f64, bottom: f64) -> Vec<Point> {
    let (a, b) = (panel.x.map(from), panel.x.map(to));
    let (left, right) = (a.min(b), a.max(b));
    vec![(left, top), (right, top), (right, bottom), (left, bottom)]
}
