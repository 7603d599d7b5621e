//! Figure "treat whom": for each subgroup of patients, the probability that each strategy has the highest net benefit, and the
//! strategy with the highest expected net benefit.

use super::axis::{Axis, drawable};
use super::frame;
use super::markers::closed;
use super::rows;
use super::scene::{Panel, Scene, Stroke};
use super::style::{Strategy, WHITE};
use super::subgroup_rows::{self, SubgroupDivision, SubgroupRow, SubgroupRows};
use super::table::Table;
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
    /// Divisions of the patients, from top to bottom; the values are probabilities of the highest net benefit, and the best
    /// strategy is that with the highest expected net benefit.
    pub divisions: Vec<SubgroupDivision>,
    /// Notes below the figure.
    pub notes: Vec<String>,
}

/// Draws the figure.
pub fn treat_whom_figure(data: &TreatWhomFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &TreatWhomFigure) -> Table {
    let meaning = "Probability that the strategy has the highest net benefit in the subgroup";
    let columns = subgroup_rows::table_columns(
        ["probability", "proportion", meaning],
        "Strategy with the highest expected net benefit in the subgroup",
    );
    let rows = subgroup_rows::cells(&data.divisions, &data.strategies);
    data.meta.table("the parts of the bars of this figure", columns, rows)
}

const BAR: f64 = 9.0;
const BEST: &str = "Best expected choice";

fn scene(data: &TreatWhomFigure) -> Scene {
    let (mut scene, top) = subgroup_rows::begin(&data.meta, &data.strategies);
    let rows = SubgroupRows::new(&data.divisions, BAR);
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
fn draw_bar(scene: &mut Scene, panel: &Panel, data: &TreatWhomFigure, row: &SubgroupRow, middle: f64) {
    let mut from = 0.0;
    for (strategy, &probability) in data.strategies.iter().zip(&row.values) {
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
    let value = |probability: f64| (probability > 0.0).then(|| percent(probability));
    let divisions = subgroup_rows::in_words(&data.divisions, &data.strategies, "best expected", value);
    format!("{}. {}. {divisions}.", data.meta.title.trim_end_matches('.'), data.x_title)
}
