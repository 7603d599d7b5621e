//! Labels at the ends of curves, moved vertically as little as possible to avoid overlap.

use super::frame::{AXIS_SIZE, leading};
use super::scene::{Anchor, Panel, Point, Scene, Stroke};
use super::style::{Rgb, Strategy};
use super::text::{Weight, width, wrap_evenly};

const LABEL_WIDTH: f64 = 106.0;
/// Horizontal space between the panel and the labels.
pub(super) const LABEL_GAP: f64 = 12.0;
/// Greatest number of lines of a name. Longer names are shortened, but the alternative text contains the full name.
const MOST_LINES: usize = 5;

/// The label at the end of a curve.
pub(super) struct EndLabel {
    pub lines: Vec<(String, Weight)>,
    pub colour: Rgb,
    pub line_colour: Rgb,
    /// The curve's last point in the units of the axes.
    pub end: (f64, f64),
    /// Whether a hairline connects the label to the end of the curve; false if the curve leaves the plot before its end.
    pub tied: bool,
}

impl EndLabel {
    /// The name of a strategy with a value under it, next to the `end` of its curve.
    pub fn of(strategy: &Strategy, value: &str, end: (f64, f64)) -> Self {
        let names = strategy.name_lines(MOST_LINES, AXIS_SIZE, LABEL_WIDTH);
        let values = wrap_evenly(value, AXIS_SIZE, Weight::Regular, LABEL_WIDTH);
        let bold = names.into_iter().map(|line| (line, Weight::SemiBold));
        Self {
            lines: bold.chain(values.into_iter().map(|line| (line, Weight::Regular))).collect(),
            colour: strategy.text_colour(),
            line_colour: strategy.colour(),
            end,
            tied: true,
        }
    }

    /// A label of regular text in one colour, for a line that does not represent a strategy.
    pub fn plain(text: &str, colour: Rgb, end: (f64, f64)) -> Self {
        let lines = wrap_evenly(text, AXIS_SIZE, Weight::Regular, LABEL_WIDTH);
        Self {
            lines: lines.into_iter().map(|line| (line, Weight::Regular)).collect(),
            colour,
            line_colour: colour,
            end,
            tied: true,
        }
    }

    pub fn height(&self) -> f64 {
        self.lines.len() as f64 * leading(AXIS_SIZE) + 2.5
    }

    pub fn width(&self) -> f64 {
        let widths = self.lines.iter().map(|(line, weight)| width(line, AXIS_SIZE, *weight));
        widths.fold(0.0, f64::max)
    }
}

/// Draws each label at the height of its curve's end, or as near as the other labels allow, connected by a hairline.
pub(super) fn draw_end_labels(scene: &mut Scene, panel: &Panel, labels: &[EndLabel]) {
    let ends: Vec<Point> =
        labels.iter().map(|label| (panel.x.map(label.end.0), panel.y.map(label.end.1))).collect();
    let wished: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let heights: Vec<f64> = labels.iter().map(EndLabel::height).collect();
    let centres = spread(&wished, &heights, panel.top - 4.0, panel.bottom + 4.0);
    let x = panel.right + LABEL_GAP;
    for ((label, end), centre) in labels.iter().zip(ends).zip(centres) {
        let bend = (panel.right + 2.5).max(end.0);
        let path = vec![(end.0 + 0.8, end.1), (bend, end.1), (x - 3.5, centre), (x - 1.5, centre)];
        if label.tied {
            scene.line(path, Stroke::solid(label.line_colour, 0.5));
        }
        let mut y = centre - label.lines.len() as f64 * leading(AXIS_SIZE) / 2.0 - 2.2;
        for (line, weight) in &label.lines {
            y += leading(AXIS_SIZE);
            scene.styled((x, y), line, AXIS_SIZE, *weight, label.colour, Anchor::Start);
        }
    }
}

/// Centres of labels with the given heights, placed inside `low..=high` without overlap so that the sum of squared
/// moves from the `wished` centres is smallest. The centres are in the order of the input.
///
/// Relative to the running sum of heights, labels do not overlap if their centres never decrease, so the solution is an
/// isotonic regression (pool adjacent violators), clamped to the bounds.
pub(super) fn spread(wished: &[f64], heights: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wished.len()).collect();
    order.sort_by(|&a, &b| wished[a].total_cmp(&wished[b]));
    let mut offsets = vec![0.0; wished.len()];
    let mut used = 0.0;
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for &index in &order {
        offsets[index] = used + heights[index] / 2.0;
        used += heights[index];
        pools.push((wished[index] - offsets[index], 1));
        while let [.., (before, m), (last, n)] = pools[..]
            && before > last
        {
            pools.truncate(pools.len() - 2);
            pools.push(((before * m as f64 + last * n as f64) / (m + n) as f64, m + n));
        }
    }
    let highest = (high - used).max(low);
    let starts = pools.iter().flat_map(|&(start, members)| std::iter::repeat_n(start, members));
    let mut centres = vec![0.0; wished.len()];
    for (&index, start) in order.iter().zip(starts) {
        centres[index] = start.clamp(low, highest) + offsets[index];
    }
    centres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0], &[10.0, 10.0], 0.0, 100.0), vec![50.0, 10.0]);
    }

    #[test]
    fn crowded_labels_move_apart_evenly_and_stay_inside() {
        let centres = spread(&[50.0, 50.0, 51.0], &[10.0, 10.0, 10.0], 0.0, 100.0);
        assert!(
            (centres[1] - centres[0] - 10.0).abs() < 1e-9 && (centres[2] - centres[1] - 10.0).abs() < 1e-9
        );
        assert!((centres.iter().sum::<f64>() - 151.0).abs() < 1e-9);
        let low = spread(&[99.0, 98.0, 2.0], &[10.0, 12.0, 10.0], 0.0, 100.0);
        assert_eq!(low, vec![95.0, 84.0, 5.0]);
    }
}
