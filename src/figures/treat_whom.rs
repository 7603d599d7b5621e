//! Figure "treat whom": for each subgroup of patients, the probability that each strategy has the highest net benefit, and the
//! strategy with the highest expected net benefit.

use super::axis::{Axis, drawable};
use super::columns;
use super::frame::{self, AXIS_SIZE, leading};
use super::markers::closed;
use super::rows;
use super::scene::{Panel, Scene, Stroke};
use super::style::{Strategy, WHITE};
use super::subgroup_rows::SubgroupRows;
use super::table::{Table, number, text};
use super::text::percent;
use super::{Figure, FigureMeta};

/// Data of the figure.
#[derive(Debug, Clone)]
pub struct TreatWhomFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the axis of probabilities.
    pub x_title: String,
    /// The strategies shown, in the order of the parts of each bar.
    pub strategies: Vec<Strategy>,
    /// Divisions of the patients, from top to bottom.
    pub divisions: Vec<TreatDivision>,
    /// Notes below the figure.
    pub notes: Vec<String>,
}

/// A division of the patients.
#[derive(Debug, Clone)]
pub struct TreatDivision {
    /// Printed name.
    pub name: String,
    /// Its subgroups.
    pub rows: Vec<TreatRow>,
}

/// A subgroup.
#[derive(Debug, Clone)]
pub struct TreatRow {
    /// Printed name.
    pub name: String,
    /// Share of all patients.
    pub share: f64,
    /// Probability of the highest net benefit of each of the figure's strategies.
    pub probabilities: Vec<f64>,
    /// The strategy with the highest expected net benefit.
    pub best: Strategy,
}

/// Draws the figure.
pub fn treat_whom_figure(data: &TreatWhomFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &TreatWhomFigure) -> Table {
    type Part<'a> = (&'a TreatDivision, &'a TreatRow, &'a Strategy, f64);
    let columns = [
        text("division", "Division of the patients", "", |p: &Part| &p.0.name),
        text("subgroup", "Subgroup of the division", "", |p: &Part| &p.1.name),
        number("share", "proportion", "Share of all patients", |p: &Part| p.1.share),
        columns::strategy(|p: &Part| p.2.name.as_str()),
        number(
            "probability",
            "proportion",
            "Probability that the strategy has the highest net benefit in the subgroup",
            |p: &Part| p.3,
        ),
        text("best", "Strategy with the highest expected net benefit in the subgroup", "", |p: &Part| {
            &p.1.best.name
        }),
    ];
    let rows = data.divisions.iter().flat_map(|division| {
        division.rows.iter().flat_map(move |row| {
            let pairs = data.strategies.iter().zip(&row.probabilities);
            pairs.map(move |(strategy, &probability)| (division, row, strategy, probability))
        })
    });
    data.meta.table("the parts of the bars of this figure", columns, rows)
}

const BAR: f64 = 9.0;
const BEST: &str = "Best expected choice";

fn scene(data: &TreatWhomFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let labels: Vec<String> = data.strategies.iter().map(Strategy::printed).collect();
    let samples: Vec<_> =
        labels.iter().map(String::as_str).zip(data.strategies.iter().map(Strategy::colour)).collect();
    let top = frame::legend(&mut scene, &samples, top) + leading(AXIS_SIZE) + 4.0;
    let divisions = data.divisions.iter().map(|division| {
        let rows = division.rows.iter().map(|row| (row.name.as_str(), row.share, &row.best));
        (division.name.as_str(), rows.collect())
    });
    let rows = SubgroupRows::new(divisions, BAR);
    let (left, right) = rows.sides(&scene);
    let axis = Axis::exact((0.0, 100.0), 5);
    let panel = Panel::new((left, top), (right, top + rows.height()), axis.ends, (0.0, 1.0));
    rows::upright_grid(&mut scene, &panel, &axis);
    rows.draw(&mut scene, BEST, top);
    for (row, middle) in data.divisions.iter().flat_map(|division| &division.rows).zip(rows.middles(top)) {
        draw_bar(&mut scene, &panel, data, row, middle);
    }
    let below = axis.draw_below(&mut scene, &panel, &data.x_title);
    scene.alt = alt_text(data);
    frame::end(&mut scene, &data.meta, &data.notes, below, &[&panel]);
    scene
}

/// Draws the bar of a subgroup: one part for each strategy, side by side.
fn draw_bar(scene: &mut Scene, panel: &Panel, data: &TreatWhomFigure, row: &TreatRow, middle: f64) {
    let mut from = 0.0;
    for (strategy, &probability) in data.strategies.iter().zip(&row.probabilities) {
        if !drawable(probability) || probability <= 0.0 {
            continue;
        }
        let to = from + 100.0 * probability;
        let corners = rows::bar(panel, from, to, middle - BAR / 2.0, middle + BAR / 2.0);
        scene.area(corners.clone(), strategy.colour(), 1.0);
        scene.line(closed(corners), Stroke::solid(WHITE, 0.5));
        from = to;
    }
}

fn alt_text(data: &TreatWhomFigure) -> String {
    let row = |row: &TreatRow| {
        let pairs = data.strategies.iter().zip(&row.probabilities);
        let parts: Vec<String> = pairs
            .filter(|(_, probability)| **probability > 0.0)
            .map(|(strategy, probability)| format!("{} {}", strategy.printed(), percent(*probability)))
            .collect();
        format!(
            "{} ({} of patients): {}; best expected: {}",
            row.name,
            percent(row.share),
            parts.join(", "),
            row.best.printed()
        )
    };
    let division = |division: &TreatDivision| {
        let rows: Vec<String> = division.rows.iter().map(row).collect();
        format!("By {}: {}", division.name, rows.join("; "))
    };
    let divisions: Vec<String> = data.divisions.iter().map(division).collect();
    format!("{}. {}. {}.", data.meta.title.trim_end_matches('.'), data.x_title, divisions.join(". "))
}
