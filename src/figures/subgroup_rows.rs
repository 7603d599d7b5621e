//! Rows of subgroups, each below the name of its division, with the best strategy of the subgroup beside the panel.

use super::frame::{AXIS_SIZE, EDGE, leading};
use super::rows::{self, Rows};
use super::scene::{Anchor, Scene};
use super::style::{INK, Strategy};
use super::text::{Weight, percent};

/// Width of the column with the best strategies.
const BEST_WIDTH: f64 = 135.0;
const BEST_GAP: f64 = 12.0;
const MOST_LINES: usize = 2;

/// A subgroup in a row: its name, its share of all patients, and its best strategy.
pub(super) type SubgroupRow<'a> = (&'a str, f64, &'a Strategy);

/// The rows of a figure from top to bottom.
pub(super) struct SubgroupRows<'a> {
    /// Best strategy of each row; `None` for the name of a division.
    best: Vec<Option<&'a Strategy>>,
    rows: Rows,
}

impl<'a> SubgroupRows<'a> {
    /// Rows for divisions with their subgroups, each at least as high as `bar`.
    pub fn new(divisions: impl Iterator<Item = (&'a str, Vec<SubgroupRow<'a>>)>, bar: f64) -> Self {
        let mut lines: Vec<(String, Weight, Option<&'a Strategy>)> = Vec::new();
        for (division, subgroups) in divisions {
            lines.push((division.to_string(), Weight::SemiBold, None));
            lines.extend(subgroups.into_iter().map(|(name, share, best)| {
                (format!("{name} ({})", percent(share)), Weight::Regular, Some(best))
            }));
        }
        let height = |best: &Option<&Strategy>| {
            let lines = best.map_or(1, |best| lines_of(best).len());
            (lines as f64 * leading(AXIS_SIZE)).max(bar)
        };
        let heights: Vec<f64> = lines.iter().map(|(_, _, best)| height(best)).collect();
        let names: Vec<(&str, Weight)> =
            lines.iter().map(|(name, weight, _)| (name.as_str(), *weight)).collect();
        let rows = Rows::new(&names, &heights);
        SubgroupRows { rows, best: lines.into_iter().map(|(_, _, best)| best).collect() }
    }

    /// Left and right edge of the panel.
    pub fn sides(&self, scene: &Scene) -> (f64, f64) {
        (self.rows.left_margin() + 4.0, scene.width() - EDGE - BEST_WIDTH)
    }

    /// Total height of the rows.
    pub fn height(&self) -> f64 {
        self.rows.height()
    }

    /// Middle of the row of every subgroup, from top to bottom.
    pub fn middles(&self, top: f64) -> Vec<f64> {
        let edges = self.best.iter().zip(self.rows.edges(top));
        edges.filter(|(best, _)| best.is_some()).map(|(_, (above, below))| (above + below) / 2.0).collect()
    }

    /// Writes the names to the left of the panel, and to its right the best strategies below `heading`.
    pub fn draw(&self, scene: &mut Scene, heading: &str, top: f64) {
        let (left, right) = self.sides(scene);
        self.rows.draw_names(scene, left - 8.0, top);
        let x = right + BEST_GAP;
        scene.styled((x, top - 4.0), heading, AXIS_SIZE, Weight::SemiBold, INK, Anchor::Start);
        for (best, middle) in self.best.iter().flatten().zip(self.middles(top)) {
            let style = (Weight::Regular, best.text_colour());
            rows::lines_beside(scene, (x, middle), &lines_of(best), style, Anchor::Start);
        }
    }
}

fn lines_of(best: &Strategy) -> Vec<String> {
    best.name_lines(MOST_LINES, AXIS_SIZE, BEST_WIDTH - BEST_GAP)
}
