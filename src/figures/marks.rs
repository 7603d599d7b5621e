//! Values marked on an axis, such as willingness-to-pay thresholds: a line through the panel with a label above it.

use super::frame::{SMALL_SIZE, leading};
use super::labels::spread;
use super::scene::{Anchor, Panel, Point, Scene, Stroke};
use super::style::{GREY, Rgb};
use super::text::{Weight, width, wrap_at_most};

/// A value marked in a figure, with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The marked value, in the unit of its axis.
    pub value: f64,
    /// The label of the marked value, such as "GBP 25 000 per QALY".
    pub label: String,
}

/// The stroke of the line at a marked value.
pub(super) const MARK_LINE: Stroke = Stroke { colour: GREY, width: 0.8, alpha: 1.0, dash: &[3.0, 2.0] };

/// Labels above a panel, each with its lines of text and its colour.
pub(super) struct TopLabels {
    labels: Vec<(Vec<String>, Rgb)>,
}

/// Horizontal space between two labels.
const GAP: f64 = 8.0;

impl TopLabels {
    /// Labels with line breaks so that all labels fit side by side within `room`.
    pub fn new(texts: &[(&str, Rgb)], room: f64) -> Self {
        let limit = (room / texts.len().max(1) as f64 - GAP).max(20.0);
        let break_up = |text: &str| wrap_at_most(3, text, SMALL_SIZE, Weight::Regular, limit);
        Self { labels: texts.iter().map(|(text, colour)| (break_up(text), *colour)).collect() }
    }

    /// Height of the labels above the panel.
    pub fn height(&self) -> f64 {
        let lines = self.labels.iter().map(|label| label.0.len()).max().unwrap_or(0);
        if lines == 0 { 0.0 } else { lines as f64 * leading(SMALL_SIZE) + 7.0 }
    }

    /// Writes each label above its position `at` on the upper edge of the panel, or as near as the other labels allow.
    pub fn draw(&self, scene: &mut Scene, panel: &Panel, at: &[f64]) {
        let widths: Vec<f64> = self
            .labels
            .iter()
            .map(|(lines, _)| {
                let widths = lines.iter().map(|line| width(line, SMALL_SIZE, Weight::Regular));
                widths.fold(0.0, f64::max) + GAP
            })
            .collect();
        let centres = spread(at, &widths, panel.left - GAP / 2.0, panel.right + GAP / 2.0);
        for (((lines, colour), x), centre) in self.labels.iter().zip(at).zip(centres) {
            let tie: Vec<Point> = vec![(*x, panel.top), (centre, panel.top - 4.5)];
            scene.line(tie, Stroke::solid(*colour, 0.5));
            let mut y = panel.top - 6.5 - (lines.len() as f64 - 1.0) * leading(SMALL_SIZE);
            for line in lines {
                scene.text((centre, y), line, SMALL_SIZE, *colour, Anchor::Middle);
                y += leading(SMALL_SIZE);
            }
        }
    }
}
