//! Common parts of figures with one line per strategy: labels of marked values above, axes, names at the ends of the lines.

use super::FigureMeta;
use super::axis::{Axis, both_drawable};
use super::frame;
use super::labels::{EndLabel, LABEL_GAP, draw_end_labels};
use super::marks::{MARK_LINE, Mark, TopLabels};
use super::scene::{Panel, Point, Scene, Stroke};
use super::simplify::simplify;
use super::style::{GREY, INK, Rgb};

/// Axes, marked values and labels of a line plot, without the lines.
pub(super) struct LinePlot<'a> {
    pub meta: &'a FigureMeta,
    pub x_title: &'a str,
    pub y_title: &'a str,
    pub x: Axis,
    pub y: Axis,
    /// Marked values of x.
    pub marks: Vec<Upright<'a>>,
    pub labels: Vec<EndLabel>,
    /// Space right of the panel in a figure without labels at line ends.
    pub right: f64,
}

/// A vertical line at a marked value of x.
pub(super) struct Upright<'a> {
    mark: &'a Mark,
    stroke: Stroke,
    colour: Rgb,
}

impl<'a> Upright<'a> {
    /// A dashed grey vertical line, for thresholds.
    pub fn dashed(mark: &'a Mark) -> Self {
        Self { mark, stroke: MARK_LINE, colour: GREY }
    }

    /// A solid vertical line, for base values.
    pub fn solid(mark: &'a Mark) -> Self {
        Self { mark, stroke: Stroke::solid(INK, 0.8), colour: INK }
    }
}

const HEIGHT: f64 = 236.0;

impl LinePlot<'_> {
    /// Starts the page with its title, grid and marked values; returns the page and its panel.
    pub fn open(&self) -> (Scene, Panel) {
        let (mut scene, top) = frame::begin(self.meta);
        let left = self.y.left_margin();
        let beside = self.labels.iter().map(EndLabel::width).reduce(f64::max);
        let right =
            scene.width() - frame::EDGE - beside.map_or(self.right, |w| LABEL_GAP + w).max(self.right);
        let (low, high) = self.x.ends;
        let shown: Vec<&Upright<'_>> = self
            .marks
            .iter()
            .filter(|upright| upright.mark.value >= low && upright.mark.value <= high)
            .collect();
        let texts: Vec<(&str, Rgb)> =
            shown.iter().map(|upright| (upright.mark.label.as_str(), upright.colour)).collect();
        let words = TopLabels::new(&texts, right - left);
        let top = top + words.height();
        let needed: f64 = self.labels.iter().map(EndLabel::height).sum();
        let corner = (right, top + HEIGHT.max(needed));
        let panel = Panel::new((left, top), corner, self.x.ends, self.y.ends);
        self.y.draw_grid(&mut scene, &panel);
        let at: Vec<f64> = shown.iter().map(|upright| panel.x.map(upright.mark.value)).collect();
        for (x, upright) in at.iter().zip(&shown) {
            scene.line(vec![(*x, panel.top), (*x, panel.bottom)], upright.stroke);
        }
        words.draw(&mut scene, &panel, &at);
        (scene, panel)
    }

    /// Draws the axes, the names of the lines and the notes below the panel.
    pub fn close(&self, scene: &mut Scene, panel: &Panel, notes: &[String]) {
        self.y.draw_left(scene, panel, self.y_title);
        let below = self.x.draw_below(scene, panel, self.x_title);
        draw_end_labels(scene, panel, &self.labels);
        frame::end(scene, self.meta, notes, below, &[panel]);
    }
}

/// The parts of the line through `points` that lie between `low` and `high`, cut exactly at these limits; points that
/// cannot be drawn are left out.
pub(super) fn clipped(points: &[(f64, f64)], low: f64, high: f64) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open: Vec<(f64, f64)> = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    let within = |y: f64| y >= low && y <= high;
    for &point in points.iter().filter(|point| both_drawable(point)) {
        if let Some(last) = before {
            let crossing = |limit: f64| {
                let share = (limit - last.1) / (point.1 - last.1);
                (share > 0.0 && share < 1.0).then_some((share, (last.0 + share * (point.0 - last.0), limit)))
            };
            let mut cuts: Vec<(f64, (f64, f64))> =
                [crossing(low), crossing(high)].into_iter().flatten().collect();
            cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, cut) in cuts {
                open.push(cut);
                // Each cut either ends a part or begins a new part, because the line crosses a limit at the cut.
                if open.len() > 1 {
                    parts.push(std::mem::take(&mut open));
                }
            }
        }
        if within(point.1) {
            open.push(point);
        } else {
            parts.push(std::mem::take(&mut open));
        }
        before = Some(point);
    }
    parts.push(open);
    parts.retain(|part| part.len() > 1);
    parts
}

/// The line through `points`, clamped to the limits: beyond a limit the line follows this limit from the exact crossing point.
pub(super) fn pressed(points: &[(f64, f64)], low: f64, high: f64) -> Vec<(f64, f64)> {
    let mut line: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    let mut before: Option<(f64, f64)> = None;
    for &(x, y) in points.iter().filter(|point| both_drawable(point)) {
        if let Some((x0, y0)) = before {
            let shares = [low, high].map(|limit| (limit - y0) / (y - y0));
            let mut cuts: Vec<f64> = shares.into_iter().filter(|s| *s > 0.0 && *s < 1.0).collect();
            cuts.sort_by(f64::total_cmp);
            let cut = |s: f64| (x0 + s * (x - x0), (y0 + s * (y - y0)).clamp(low, high));
            line.extend(cuts.into_iter().map(cut));
        }
        line.push((x, y.clamp(low, high)));
        before = Some((x, y));
    }
    line
}

/// Draws the line through `points` where it lies within the panel.
pub(super) fn draw_line(scene: &mut Scene, panel: &Panel, points: &[(f64, f64)], stroke: Stroke) {
    let (low, high) = panel.y.domain();
    for part in clipped(points, low, high) {
        let placed: Vec<Point> = panel.place(&part);
        scene.line(simplify(&placed), stroke);
    }
}

/// The last point that can be drawn.
pub(super) fn last(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    points.iter().rev().copied().find(both_drawable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_limits() {
        let points = [(0.0, 5.0), (1.0, -5.0), (2.0, -5.0), (3.0, f64::NAN), (4.0, 15.0)];
        let parts = clipped(&points, 0.0, 10.0);
        assert_eq!(parts, vec![vec![(0.0, 5.0), (0.5, 0.0)], vec![(2.5, 0.0), (3.5, 10.0)]]);
        assert_eq!(clipped(&[(0.0, 1.0), (1.0, 1.0)], 0.0, 1.0).len(), 1);
        assert_eq!(pressed(&points[..3], 0.0, 10.0), vec![(0.0, 5.0), (0.5, 0.0), (1.0, 0.0), (2.0, 0.0)]);
        assert!(clipped(&[(0.0, 2.0), (1.0, 3.0)], 0.0, 1.0).is_empty());
        let touching = [(0.0, 2.0), (1.0, 1.0), (2.0, 0.5), (3.0, 1.0), (4.0, 2.0)];
        assert_eq!(clipped(&touching, 0.0, 1.0), vec![vec![(1.0, 1.0), (2.0, 0.5), (3.0, 1.0)]]);
    }
}
