//! Waterfall diagram: an increment decomposed into steps, one per component or change, each of which adds or subtracts.

use super::axis::{Axis, drawable, extent};
use super::columns;
use super::frame::{self, AXIS_SIZE, EDGE};
use super::markers::closed;
use super::rows::{self, Rows};
use super::scene::{Anchor, Panel, Scene, Stroke};
use super::style::{GREY, INK, Rgb};
use super::table::{Table, number, text};
use super::text::{Weight, amount, width};
use super::{Figure, FigureMeta};

/// Data of the waterfall diagram.
#[derive(Debug, Clone)]
pub struct WaterfallFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// The increment that the figure decomposes.
    pub of: WaterfallOf,
    /// Title of the value axis with its unit.
    pub x_title: String,
    /// Number of decimals of printed amounts.
    pub places: usize,
    /// The total at the start with its name; the steps begin at zero if none.
    pub start: Option<(String, f64)>,
    /// The steps from top to bottom, at most about 20.
    pub steps: Vec<WaterfallStep>,
    /// The total at the end with its name.
    pub end: (String, f64),
    /// Legend entries for steps up and down, such as "Gain" and "Loss".
    pub directions: (String, String),
}

/// The increment of a waterfall, with the columns of its table.
#[derive(Debug, Clone)]
pub enum WaterfallOf {
    /// The increment of an outcome between two strategies, decomposed by category or place.
    Increment {
        /// Name of the strategy in the scenario.
        strategy: String,
        /// Name of the comparator in the scenario.
        against: String,
        /// Unit of the amounts.
        unit: String,
    },
    /// The difference in incremental net benefit between two scenarios, decomposed by change.
    NetBenefit,
}

/// One step of the waterfall diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallStep {
    /// Printed name.
    pub name: String,
    /// The amount that the step adds to the total; negative if the step reduces the total.
    pub change: f64,
}

/// Draws the waterfall diagram.
pub fn waterfall_figure(data: &WaterfallFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &WaterfallFigure) -> Table {
    type Part<'a> = (&'a str, f64);
    let steps = data.steps.iter().map(|step| (step.name.as_str(), step.change));
    match &data.of {
        WaterfallOf::Increment { strategy, against, unit } => {
            let columns = [
                columns::strategy(|_: &Part| strategy.as_str()),
                text("against", "Reference strategy, with which it is compared", "", |_: &Part| against),
                text("unit", "Unit of the amounts", "", |_: &Part| unit),
                text(
                    "part",
                    "Category of costs, or state or transition in which the effect accrues; the last row is the whole increment",
                    "",
                    |r: &Part| r.0,
                ),
                number(
                    "amount",
                    "as `unit`",
                    "Expected amount per patient above that under `against`, discounted",
                    |r: &Part| r.1,
                ),
            ];
            data.meta.table("the steps of this figure", columns, steps.chain([("increment", data.end.1)]))
        }
        WaterfallOf::NetBenefit => {
            let columns = [
                text("step", "The scenario before, what changed, or the scenario after", "", |r: &Part| r.0),
                number(
                    "net_benefit",
                    "cost",
                    "Incremental net benefit, or what the step did to it",
                    |r: &Part| r.1,
                ),
            ];
            let start = data.start.iter().map(|(name, value)| (name.as_str(), *value));
            let end = [(data.end.0.as_str(), data.end.1)];
            data.meta.table("the bars of this figure", columns, start.chain(steps).chain(end))
        }
    }
}

const BAR: f64 = 11.0;
const UP: Rgb = Rgb(0x00, 0x72, 0xB2);
/// Colour of steps down, paler than steps up so that the two differ in greyscale as well.
const DOWN: Rgb = Rgb(0xE6, 0x9F, 0x00);

/// One row of the figure: name, ends of the bar, printed number and colour.
struct Row<'a> {
    name: &'a str,
    total: bool,
    from: f64,
    to: f64,
    number: String,
    colour: Rgb,
}

pub(super) fn scene(data: &WaterfallFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let samples = [(data.directions.0.as_str(), UP), (data.directions.1.as_str(), DOWN)];
    let top = frame::legend(&mut scene, &samples, top) + 3.0;
    let shown = rows_of(data);
    let names: Vec<(&str, Weight)> = shown.iter().map(|row| (row.name, weight(row))).collect();
    let rows = Rows::new(&names, &vec![BAR; shown.len()]);
    let axis = axis(&shown);
    let from_zero = axis.ends.0 <= 0.0 && axis.ends.1 >= 0.0;
    let widths = shown.iter().map(|row| width(&row.number, AXIS_SIZE, weight(row)));
    let right = scene.width() - EDGE - widths.fold(10.0, f64::max) - 8.0;
    let left = rows.left_margin();
    let panel = Panel::new((left, top), (right, top + rows.height()), axis.ends, (0.0, 1.0));
    rows::upright_grid(&mut scene, &panel, &axis);
    rows.draw_names(&mut scene, left - 6.0, top);
    let edges = rows.edges(top);
    if from_zero {
        let zero = panel.x.map(0.0);
        scene.line(vec![(zero, panel.top), (zero, panel.bottom)], Stroke::solid(INK, 0.8));
    }
    for (k, (row, edge)) in shown.iter().zip(&edges).enumerate() {
        let middle = (edge.0 + edge.1) / 2.0;
        draw_row(&mut scene, &panel, row, middle, from_zero);
        if let Some(next) = edges.get(k + 1) {
            // A hairline connects the end of each bar with the beginning of the next bar.
            let x = panel.x.map(row.to);
            let below = (next.0 + next.1) / 2.0 - BAR / 2.0;
            scene.line(vec![(x, middle + BAR / 2.0), (x, below)], Stroke::solid(GREY, 0.5));
        }
        let at = (scene.width() - EDGE, middle + 2.7);
        scene.styled(at, &row.number, AXIS_SIZE, weight(row), INK, Anchor::End);
    }
    let below = axis.draw_below(&mut scene, &panel, &data.x_title);
    scene.alt = alt_text(data, &shown);
    let note =
        (!from_zero).then(|| "The axis does not begin at zero; totals are lines, not bars.".to_string());
    let notes: Vec<String> = note.into_iter().collect();
    frame::end(&mut scene, &data.meta, &notes, below, &[&panel]);
    scene
}

fn weight(row: &Row<'_>) -> Weight {
    if row.total { Weight::SemiBold } else { Weight::Regular }
}

/// All rows from the start to the end; a step that cannot be drawn has a name but no bar.
fn rows_of(data: &WaterfallFigure) -> Vec<Row<'_>> {
    let held = |value: f64| if drawable(value) { value } else { 0.0 };
    let mut rows = Vec::with_capacity(data.steps.len() + 2);
    let mut level = 0.0;
    if let Some(start) = &data.start {
        level = held(start.1);
        rows.push(total_row(&start.0, level, amount(start.1, data.places)));
    }
    for step in &data.steps {
        let change = held(step.change);
        rows.push(Row {
            name: &step.name,
            total: false,
            from: level,
            to: level + change,
            number: signed(step.change, data.places),
            colour: if change < 0.0 { DOWN } else { UP },
        });
        level += change;
    }
    rows.push(total_row(&data.end.0, held(data.end.1), amount(data.end.1, data.places)));
    rows
}

fn total_row(name: &str, value: f64, number: String) -> Row<'_> {
    Row { name, total: true, from: 0.0, to: value, number, colour: GREY }
}

/// A change with its sign; zero is printed without a sign.
fn signed(value: f64, places: usize) -> String {
    let text = amount(value, places);
    let something = text.chars().any(|c| ('1'..='9').contains(&c));
    if value > 0.0 && something { format!("+{text}") } else { text }
}

/// The value axis, which includes zero unless the steps would be too small to see compared with the totals.
fn axis(rows: &[Row<'_>]) -> Axis {
    let (low, high) = extent(rows.iter().flat_map(|row| match row.total {
        true => [row.to, row.to],
        false => [row.from, row.to],
    }));
    let whole = (low.min(0.0), high.max(0.0));
    match high - low < 0.2 * (whole.1 - whole.0) && high > low {
        true => Axis::rounded((low, high), 6),
        false => Axis::rounded(whole, 6),
    }
}

fn draw_row(scene: &mut Scene, panel: &Panel, row: &Row<'_>, middle: f64, from_zero: bool) {
    let (top, bottom) = (middle - BAR / 2.0, middle + BAR / 2.0);
    let end = panel.x.map(row.to);
    if (row.total && !from_zero) || row.from == row.to {
        let width = if row.total { 2.2 } else { 1.0 };
        scene.line(vec![(end, top), (end, bottom)], Stroke::solid(INK, width));
        return;
    }
    let corners = rows::bar(panel, row.from, row.to, top, bottom);
    scene.area(corners.clone(), row.colour, 1.0);
    // A dark rim keeps very narrow steps visible.
    scene.line(closed(corners), Stroke::solid(INK, 0.4));
}

fn alt_text(data: &WaterfallFigure, rows: &[Row<'_>]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("{} {}", row.name, row.number)).collect();
    format!(
        "{}. Steps from top to bottom; {}. {}.",
        data.meta.title.trim_end_matches('.'),
        data.x_title,
        rows.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_signs_and_small_ones_an_axis_of_their_own() {
        assert_eq!(signed(0.25, 2), "+0.25");
        assert_eq!(signed(-0.25, 2), "\u{2212}0.25");
        assert_eq!(signed(0.001, 2), "0.00");
        let rows = [total_row("A", 20.0, String::new()), total_row("B", 20.5, String::new())];
        assert!(axis(&rows).ends.0 > 15.0);
        assert_eq!(axis(&rows[..1]).ends.0, 0.0);
    }
}
