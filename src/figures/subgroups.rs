//! Forest figure of subgroups: the incremental net benefit of every strategy in each subgroup of patients, and the best
//! strategy of each.

use super::axis::{Axis, drawable, extent};
use super::columns;
use super::frame::{self, AXIS_SIZE, leading};
use super::markers::{self, disc, square};
use super::rows;
use super::scene::{Panel, Scene, Stroke};
use super::style::{INK, Strategy};
use super::subgroup_rows::SubgroupRows;
use super::table::{Table, number, text};
use super::text::{amount, percent};
use super::{Figure, FigureMeta};

/// Data of the forest figure of subgroups.
#[derive(Debug, Clone)]
pub struct SubgroupsFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the value axis with its unit.
    pub x_title: String,
    /// Number of decimals of amounts in the alternative text.
    pub places: usize,
    /// The strategies shown, except the reference.
    pub strategies: Vec<Strategy>,
    /// Divisions of the patients, from top to bottom.
    pub divisions: Vec<ForestDivision>,
    /// Notes below the figure.
    pub notes: Vec<String>,
}

/// A division of the patients in the forest figure.
#[derive(Debug, Clone)]
pub struct ForestDivision {
    /// Printed name.
    pub name: String,
    /// Its subgroups.
    pub rows: Vec<ForestRow>,
}

/// A subgroup in the forest figure.
#[derive(Debug, Clone)]
pub struct ForestRow {
    /// Printed name.
    pub name: String,
    /// Share of all patients.
    pub share: f64,
    /// Incremental net benefit of each of the figure's strategies versus the reference.
    pub benefits: Vec<f64>,
    /// The best strategy of the subgroup, which may be the reference.
    pub best: Strategy,
}

/// Draws the forest figure of subgroups.
pub fn subgroups_figure(data: &SubgroupsFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &SubgroupsFigure) -> Table {
    type Point<'a> = (&'a ForestDivision, &'a ForestRow, &'a Strategy, f64);
    let columns = [
        text("division", "Division of the patients", "", |p: &Point| &p.0.name),
        text("subgroup", "Subgroup of the division", "", |p: &Point| &p.1.name),
        number("share", "proportion", "Share of all patients", |p: &Point| p.1.share),
        columns::strategy(|p: &Point| p.2.name.as_str()),
        number(
            "incremental_nmb",
            "cost",
            "Net monetary benefit minus that of the reference strategy",
            |p: &Point| p.3,
        ),
        text("best", "Strategy with the highest net benefit in the subgroup", "", |p: &Point| &p.1.best.name),
    ];
    let rows = data.divisions.iter().flat_map(|division| {
        division.rows.iter().flat_map(move |row| {
            let pairs = data.strategies.iter().zip(&row.benefits);
            pairs.map(move |(strategy, &benefit)| (division, row, strategy, benefit))
        })
    });
    data.meta.table("the marks of this figure", columns, rows)
}

const RADIUS: f64 = 3.2;
const ROW: f64 = 12.0;
const BEST: &str = "Best strategy";

fn scene(data: &SubgroupsFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let labels: Vec<String> = data.strategies.iter().map(Strategy::printed).collect();
    let samples: Vec<_> =
        labels.iter().map(String::as_str).zip(data.strategies.iter().map(Strategy::colour)).collect();
    let top = frame::legend(&mut scene, &samples, top) + leading(AXIS_SIZE) + 4.0;
    let divisions = data.divisions.iter().map(|division| {
        let rows = division.rows.iter().map(|row| (row.name.as_str(), row.share, &row.best));
        (division.name.as_str(), rows.collect())
    });
    let rows = SubgroupRows::new(divisions, ROW);
    let all = || data.divisions.iter().flat_map(|division| &division.rows);
    let values = all().flat_map(|row| row.benefits.iter().copied());
    let axis = Axis::rounded(extent(values.filter(|x| drawable(*x)).chain([0.0])), 5);
    let (left, right) = rows.sides(&scene);
    let panel = Panel::new((left, top), (right, top + rows.height()), axis.ends, (0.0, 1.0));
    rows::upright_grid(&mut scene, &panel, &axis);
    let zero = panel.x.map(0.0);
    scene.line(vec![(zero, panel.top), (zero, panel.bottom)], Stroke::solid(INK, 0.8));
    rows.draw(&mut scene, BEST, top);
    for (row, middle) in all().zip(rows.middles(top)) {
        draw_row(&mut scene, &panel, data, row, middle);
    }
    let below = axis.draw_below(&mut scene, &panel, &data.x_title);
    scene.alt = alt_text(data);
    frame::end(&mut scene, &data.meta, &data.notes, below, &[&panel]);
    scene
}

/// Draws the marks of a subgroup; the best strategy is filled and drawn last, so that no other mark hides it.
fn draw_row(scene: &mut Scene, panel: &Panel, data: &SubgroupsFigure, row: &ForestRow, middle: f64) {
    let is_best = |strategy: &Strategy| strategy.name == row.best.name;
    for last in [false, true] {
        let pairs = data.strategies.iter().zip(&row.benefits);
        for (strategy, &benefit) in pairs.filter(|(s, b)| is_best(s) == last && drawable(**b)) {
            let at = (panel.x.map(benefit), middle);
            let colour = strategy.colour();
            match (last, strategy.bound) {
                (true, _) => markers::draw(scene, disc(at, RADIUS), colour, Stroke::solid(INK, 0.7)),
                (_, true) => markers::draw_hollow(scene, square(at, RADIUS), Stroke::solid(colour, 1.2)),
                _ => markers::draw_hollow(scene, disc(at, RADIUS), Stroke::solid(colour, 1.2)),
            }
        }
    }
}

fn alt_text(data: &SubgroupsFigure) -> String {
    let row = |row: &ForestRow| {
        let pairs = data.strategies.iter().zip(&row.benefits);
        let values: Vec<String> =
            pairs.map(|(s, b)| format!("{} {}", s.printed(), amount(*b, data.places))).collect();
        format!(
            "{} ({} of patients): {}; best: {}",
            row.name,
            percent(row.share),
            values.join(", "),
            row.best.printed()
        )
    };
    let division = |division: &ForestDivision| {
        let rows: Vec<String> = division.rows.iter().map(row).collect();
        format!("By {}: {}", division.name, rows.join("; "))
    };
    let divisions: Vec<String> = data.divisions.iter().map(division).collect();
    format!("{}. {}. {}.", data.meta.title.trim_end_matches('.'), data.x_title, divisions.join(". "))
}
