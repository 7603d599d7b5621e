//! Forest figure of subgroups: the incremental net benefit of every strategy in each subgroup of patients, and the best
//! strategy of each.

use super::axis::{Axis, drawable, extent};
use super::frame;
use super::markers::{self, disc, square};
use super::rows;
use super::scene::{Panel, Scene, Stroke};
use super::style::{INK, Strategy};
use super::subgroup_rows::{self, SubgroupDivision, SubgroupRow, SubgroupRows};
use super::table::Table;
use super::text::amount;
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
    /// Divisions of the patients, from top to bottom; the values are incremental net benefits versus the reference, which may be
    /// the best strategy itself.
    pub divisions: Vec<SubgroupDivision>,
    /// Notes below the figure.
    pub notes: Vec<String>,
}

/// Draws the forest figure of subgroups.
pub fn subgroups_figure(data: &SubgroupsFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &SubgroupsFigure) -> Table {
    let columns = subgroup_rows::table_columns(
        ["incremental_nmb", "cost", "Net monetary benefit minus that of the reference strategy"],
        "Strategy with the highest net benefit in the subgroup",
    );
    let rows = subgroup_rows::cells(&data.divisions, &data.strategies);
    data.meta.table("the marks of this figure", columns, rows)
}

const RADIUS: f64 = 3.2;
const ROW: f64 = 12.0;
const BEST: &str = "Best strategy";

fn scene(data: &SubgroupsFigure) -> Scene {
    let (mut scene, top) = subgroup_rows::begin(&data.meta, &data.strategies);
    let rows = SubgroupRows::new(&data.divisions, ROW);
    let all = || data.divisions.iter().flat_map(|division| &division.rows);
    let values = all().flat_map(|row| row.values.iter().copied());
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
fn draw_row(scene: &mut Scene, panel: &Panel, data: &SubgroupsFigure, row: &SubgroupRow, middle: f64) {
    let is_best = |strategy: &Strategy| strategy.name == row.best.name;
    for last in [false, true] {
        let pairs = data.strategies.iter().zip(&row.values);
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
    let value = |benefit: f64| Some(amount(benefit, data.places));
    let divisions = subgroup_rows::in_words(&data.divisions, &data.strategies, "best", value);
    format!("{}. {}. {divisions}.", data.meta.title.trim_end_matches('.'), data.x_title)
}
