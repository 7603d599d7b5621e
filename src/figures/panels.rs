//! Small multiples: one panel per strategy on shared axes.

use super::frame::{self, AXIS_SIZE, EDGE, SMALL_SIZE, leading};
use super::scale::year_ticks;
use super::scene::{Anchor, Panel, Scene};
use super::style::{GREY, Strategy};
use super::text::Weight;

/// Arrangement of the panels of a figure.
pub(super) struct Grid {
    /// Space left of the first column for the numbers and the title of the value axis.
    pub left: f64,
    /// Space right of each panel.
    pub right: f64,
    /// Height of a panel.
    pub height: f64,
    /// Last year on the time axis.
    pub x_max: f64,
    /// Lowest and highest value on the value axis.
    pub y: (f64, f64),
}

/// Space between the panels of a row, in addition to [`Grid::right`].
const GAP: f64 = 10.0;

/// Greatest number of lines of a name. Longer names are shortened, but the alternative text contains the full name.
const MOST_LINES: usize = 5;

fn columns(panels: usize) -> usize {
    match panels {
        0..=3 => panels.max(1),
        4 => 2,
        5 | 6 => 3,
        _ => 4,
    }
}

/// Lays out one panel per heading below `top` and writes the headings (a strategy's name with an optional small line under
/// it). Returns the panels and the vertical position below them.
pub(super) fn lay_out(
    scene: &mut Scene,
    grid: &Grid,
    headings: &[(&Strategy, Option<String>)],
    top: f64,
) -> (Vec<Panel>, f64) {
    let across = columns(headings.len());
    let cell = (scene.width() - EDGE - grid.left + GAP) / across as f64;
    let width = cell - GAP - grid.right;
    let mut panels = Vec::with_capacity(headings.len());
    let mut row_top = top;
    for row in headings.chunks(across) {
        let names: Vec<Vec<String>> = row
            .iter()
            .map(|(strategy, _)| strategy.name_lines(MOST_LINES, AXIS_SIZE, width + grid.right))
            .collect();
        let lines = names.iter().map(Vec::len).max().unwrap_or(1);
        let under = if row.iter().any(|heading| heading.1.is_some()) { leading(SMALL_SIZE) } else { 0.0 };
        let panel_top = row_top + lines as f64 * leading(AXIS_SIZE) + under + 3.0;
        for (column, ((strategy, small), name)) in row.iter().zip(&names).enumerate() {
            let left = grid.left + column as f64 * cell;
            // Names with few lines are placed directly above their panel.
            let mut y = panel_top - 4.0 - under - name.len() as f64 * leading(AXIS_SIZE);
            for line in name {
                y += leading(AXIS_SIZE);
                let colour = strategy.text_colour();
                scene.styled((left, y), line, AXIS_SIZE, Weight::SemiBold, colour, Anchor::Start);
            }
            if let Some(small) = small {
                scene.text((left, y + leading(SMALL_SIZE)), small, SMALL_SIZE, GREY, Anchor::Start);
            }
            let corners = ((left, panel_top), (left + width, panel_top + grid.height));
            panels.push(Panel::new(corners.0, corners.1, (0.0, grid.x_max), grid.y));
        }
        row_top = panel_top + grid.height + 14.0;
    }
    (panels, row_top)
}

/// The panels of hypothetical strategies.
pub(super) fn hypothetical<'a>(
    panels: &'a [Panel],
    headings: &[(&Strategy, Option<String>)],
) -> Vec<&'a Panel> {
    let both = panels.iter().zip(headings);
    both.filter(|(_, (strategy, _))| strategy.hypothetical).map(|(panel, _)| panel).collect()
}

/// Draws the axes: the value axis at the first panel of each row, the time axis at the last panel of each column.
pub(super) fn axes(
    scene: &mut Scene,
    panels: &[Panel],
    x_max: f64,
    values: &[(f64, String)],
    titles: (&str, &str),
) {
    let across = columns(panels.len());
    let ticks = year_ticks(x_max);
    for (k, panel) in panels.iter().enumerate() {
        frame::x_axis(scene, panel, &ticks, k + across >= panels.len());
        let blank: Vec<(f64, String)> = values.iter().map(|(tick, _)| (*tick, String::new())).collect();
        frame::y_axis(scene, panel, if k % across == 0 { values } else { &blank });
    }
    if let (Some(first), Some(last)) = (panels.first(), panels.last()) {
        let right = panels.iter().map(|panel| panel.right).fold(0.0, f64::max);
        frame::x_title(scene, titles.0, (first.left, right), last.bottom);
        frame::y_title(scene, titles.1, first.top, last.bottom);
    }
}
