//! Subgroups of patients with one value for each strategy, and their rows: each below the name of its division, with the best
//! strategy of the subgroup beside the panel.

use super::FigureMeta;
use super::columns;
use super::frame::{self, AXIS_SIZE, EDGE, leading};
use super::rows::{self, Rows};
use super::scene::{Anchor, Scene};
use super::style::{INK, Strategy};
use super::table::{Column, number, text};
use super::text::{Weight, percent};

/// Width of the column with the best strategies.
const BEST_WIDTH: f64 = 135.0;
const BEST_GAP: f64 = 12.0;
const MOST_LINES: usize = 2;

/// A division of the patients.
#[derive(Debug, Clone)]
pub struct SubgroupDivision {
    /// Printed name.
    pub name: String,
    /// Its subgroups.
    pub rows: Vec<SubgroupRow>,
}

/// A subgroup.
#[derive(Debug, Clone)]
pub struct SubgroupRow {
    /// Printed name.
    pub name: String,
    /// Share of all patients.
    pub share: f64,
    /// One value for each strategy of the figure.
    pub values: Vec<f64>,
    /// The best strategy of the subgroup, which the figure need not show otherwise.
    pub best: Strategy,
}

/// The value of a strategy in a subgroup.
pub(super) struct Cell<'a> {
    division: &'a SubgroupDivision,
    row: &'a SubgroupRow,
    strategy: &'a Strategy,
    value: f64,
}

/// Every value of the divisions, row by row.
pub(super) fn cells<'a>(
    divisions: &'a [SubgroupDivision],
    strategies: &'a [Strategy],
) -> impl Iterator<Item = Cell<'a>> {
    let rows = divisions.iter().flat_map(|division| division.rows.iter().map(move |row| (division, row)));
    rows.flat_map(move |(division, row)| {
        let pairs = strategies.iter().zip(&row.values);
        pairs.map(move |(strategy, &value)| Cell { division, row, strategy, value })
    })
}

/// Columns of the table of [`cells`], with the name, unit and meaning of the values and the meaning of the best strategy.
pub(super) fn table_columns<'a>(
    [name, unit, meaning]: [&'static str; 3],
    best: &'static str,
) -> [Column<'a, Cell<'a>>; 6] {
    [
        text("division", "Division of the patients", "", |cell: &Cell| &cell.division.name),
        text("subgroup", "Subgroup of the division", "", |cell: &Cell| &cell.row.name),
        number("share", "proportion", "Share of all patients", |cell: &Cell| cell.row.share),
        columns::strategy(|cell: &Cell| cell.strategy.name.as_str()),
        number(name, unit, meaning, |cell: &Cell| cell.value),
        text("best", best, "", |cell: &Cell| &cell.row.best.name),
    ]
}

/// Text of the divisions for readers who do not see the figure. `value` writes the value of a strategy, or nothing.
pub(super) fn in_words(
    divisions: &[SubgroupDivision],
    strategies: &[Strategy],
    best: &str,
    value: impl Fn(f64) -> Option<String>,
) -> String {
    let row = |row: &SubgroupRow| {
        let pairs = strategies.iter().zip(&row.values);
        let values: Vec<String> = pairs
            .filter_map(|(strategy, &x)| Some(format!("{} {}", strategy.printed(), value(x)?)))
            .collect();
        let (share, values) = (percent(row.share), values.join(", "));
        format!("{} ({share} of patients): {values}; {best}: {}", row.name, row.best.printed())
    };
    let division = |division: &SubgroupDivision| {
        let rows: Vec<String> = division.rows.iter().map(row).collect();
        format!("By {}: {}", division.name, rows.join("; "))
    };
    divisions.iter().map(division).collect::<Vec<_>>().join(". ")
}

/// Begins a figure of subgroups with the legend of its strategies. Returns the position of the panel's top edge too.
pub(super) fn begin(meta: &FigureMeta, strategies: &[Strategy]) -> (Scene, f64) {
    let (mut scene, top) = frame::begin(meta);
    let labels: Vec<String> = strategies.iter().map(Strategy::printed).collect();
    let samples: Vec<_> =
        labels.iter().map(String::as_str).zip(strategies.iter().map(Strategy::colour)).collect();
    let top = frame::legend(&mut scene, &samples, top) + leading(AXIS_SIZE) + 4.0;
    (scene, top)
}

/// The rows of a figure from top to bottom.
pub(super) struct SubgroupRows<'a> {
    /// Best strategy of each row; `None` for the name of a division.
    best: Vec<Option<&'a Strategy>>,
    rows: Rows,
}

impl<'a> SubgroupRows<'a> {
    /// Rows for divisions with their subgroups, each at least as high as `bar`.
    pub fn new(divisions: &'a [SubgroupDivision], bar: f64) -> Self {
        let mut lines: Vec<(String, Weight, Option<&'a Strategy>)> = Vec::new();
        for division in divisions {
            lines.push((division.name.clone(), Weight::SemiBold, None));
            lines.extend(division.rows.iter().map(|row| {
                let name = format!("{} ({})", row.name, percent(row.share));
                (name, Weight::Regular, Some(&row.best))
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
