//! Components of the total of an outcome: one horizontal bar per strategy, stacked by category.

use super::columns;
use super::frame::{self, AXIS_SIZE, EDGE, SMALL_SIZE, leading};
use super::rows::lines_beside;
use super::scale::{nice_step, tick_places, ticks};
use super::scene::{Anchor, Panel, Scene, Stroke};
use super::style::{GREY, GRID, INK, Rgb, Strategy, WHITE, severity_colour, text_on};
use super::table::{Table, number, text};
use super::text::{Weight, amount, cut, width};
use super::{Figure, FigureMeta};

/// Data of the figure of outcome components.
#[derive(Debug, Clone)]
pub struct BarsFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the value axis with its unit.
    pub x_title: String,
    /// Unit of the amounts.
    pub unit: String,
    /// Number of decimals of printed amounts.
    pub places: usize,
    /// Names of the categories, in the order in which they are stacked.
    pub categories: Vec<String>,
    /// The strategies shown, one to eight.
    pub bars: Vec<Bar>,
}

/// Data of one strategy in the figure of outcome components.
#[derive(Debug, Clone)]
pub struct Bar {
    /// The strategy.
    pub strategy: Strategy,
    /// The amount of each category; losses and savings are negative.
    pub amounts: Vec<f64>,
}

impl Bar {
    fn drawn(&self) -> impl Iterator<Item = f64> + '_ {
        self.amounts.iter().map(|x| if x.is_finite() { *x } else { 0.0 })
    }

    /// The sums of the negative and of the positive amounts: the ends of the bar below and above zero.
    fn reach(&self) -> (f64, f64) {
        self.drawn().fold((0.0, 0.0), |(low, high), x| match x < 0.0 {
            true => (low + x, high),
            false => (low, high + x),
        })
    }

    fn total(&self) -> f64 {
        self.amounts.iter().sum()
    }
}

/// Draws the figure of outcome components.
pub fn bars_figure(data: &BarsFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &BarsFigure) -> Table {
    type BarPart<'a> = (&'a Strategy, &'a String, f64);
    let columns = [
        columns::strategy(|r: &BarPart| r.0.name.as_str()),
        text("category", "Part of the outcome", "", |r: &BarPart| r.1),
        text("unit", "Unit of the amount", "", |_: &BarPart| &data.unit),
        number(
            "amount",
            "as `unit`",
            "Expected amount per patient by the horizon, discounted as the outcome says",
            |r: &BarPart| r.2,
        ),
    ];
    let rows = data.bars.iter().flat_map(|bar| {
        let parts = data.categories.iter().zip(&bar.amounts);
        parts.map(|(category, &amount)| (&bar.strategy, category, amount))
    });
    data.meta.table("the parts of the bars of this figure", columns, rows)
}

/// Width of the strategies' names, which are left of the bars (totals are on the right).
const NAMES: f64 = 128.0;
const TOTAL: &str = "Total";
const BAR: f64 = 15.0;
const GAP: f64 = 8.0;
const MOST_LINES: usize = 3;

pub(super) fn scene(data: &BarsFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let count = data.categories.len();
    let colours: Vec<Rgb> = (0..count).map(|k| severity_colour(k, count)).collect();
    let labels = data.categories.iter().map(String::as_str);
    let samples: Vec<(&str, Rgb)> = labels.zip(colours.iter().copied()).collect();
    let legend_bottom = match single(data) {
        true => top,
        false => frame::legend(&mut scene, &samples, top),
    };

    let total = |bar: &Bar| amount(bar.total(), data.places);
    let bold = |text: &str| width(text, AXIS_SIZE, Weight::SemiBold);
    let widest = data.bars.iter().map(|bar| bold(&total(bar)));
    let right = scene.width() - EDGE - widest.fold(bold(TOTAL), f64::max) - 10.0;
    let names: Vec<Vec<String>> = data
        .bars
        .iter()
        .map(|bar| bar.strategy.name_lines(MOST_LINES, AXIS_SIZE, NAMES - EDGE - 8.0))
        .collect();
    let rows: Vec<f64> =
        names.iter().map(|lines| (lines.len() as f64 * leading(AXIS_SIZE)).max(BAR) + GAP).collect();
    let plot_top = legend_bottom + leading(AXIS_SIZE) + 4.0;
    let plot_bottom = plot_top + rows.iter().sum::<f64>();
    let (ends, step) = axis(data);
    let panel = Panel::new((NAMES, plot_top), (right, plot_bottom), ends, (0.0, 1.0));
    let marks = ticks(ends.0, ends.1, step);
    for x in marks.iter().map(|&mark| panel.x.map(mark)) {
        scene.line(vec![(x, plot_top), (x, plot_bottom)], Stroke::solid(GRID, 0.5));
    }
    let total_at = scene.width() - EDGE;
    let heading = (total_at, plot_top - 4.0);
    scene.styled(heading, TOTAL, AXIS_SIZE, Weight::SemiBold, INK, Anchor::End);
    let mut hypothetical = Vec::new();
    let mut row_top = plot_top;
    for ((bar, name), row) in data.bars.iter().zip(&names).zip(&rows) {
        let middle = row_top + row / 2.0;
        let style = (Weight::SemiBold, bar.strategy.text_colour());
        lines_beside(&mut scene, (NAMES - 6.0, middle), name, style, Anchor::End);
        draw(&mut scene, &panel, bar, &colours, middle, |x| (!single(data)).then(|| amount(x, data.places)));
        let at = (total_at, middle + 2.7);
        scene.styled(at, &total(bar), AXIS_SIZE, Weight::SemiBold, INK, Anchor::End);
        if bar.strategy.hypothetical {
            let corners = ((panel.left, row_top), (panel.right, row_top + row));
            hypothetical.push(Panel::new(corners.0, corners.1, ends, (0.0, 1.0)));
        }
        row_top += row;
    }
    let ink = Stroke::solid(INK, 0.7);
    let zero = panel.x.map(0.0);
    scene.line(vec![(zero, plot_top), (zero, plot_bottom)], ink);
    scene.line(vec![(panel.left, plot_bottom), (panel.right, plot_bottom)], ink);
    for &mark in &marks {
        let x = panel.x.map(mark);
        scene.line(vec![(x, plot_bottom), (x, plot_bottom + 3.0)], ink);
        let number = amount(mark, tick_places(step));
        scene.text((x, plot_bottom + 11.5), &number, AXIS_SIZE, INK, Anchor::Middle);
    }
    let title = cut(&data.x_title, AXIS_SIZE, Weight::Regular, panel.right - panel.left);
    frame::x_title(&mut scene, &title, (panel.left, panel.right), plot_bottom);
    scene.alt = alt_text(data);
    let note = "Values are shown where space allows; all values are in the CSV file of this figure.";
    let notes: Vec<String> = (!single(data)).then(|| note.to_string()).into_iter().collect();
    let marked: Vec<&Panel> = hypothetical.iter().collect();
    frame::end(&mut scene, &data.meta, &notes, plot_bottom + 26.0, &marked);
    scene
}

/// Whether the figure has a single category; a legend and numbers inside the bars would then only repeat the totals.
fn single(data: &BarsFigure) -> bool {
    data.categories.len() == 1
}

/// The ends of the value axis, which always includes zero, and the step of its ticks.
fn axis(data: &BarsFigure) -> ((f64, f64), f64) {
    let reaches = data.bars.iter().map(Bar::reach);
    let (low, high) = reaches.fold((0.0f64, 0.0f64), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    let step = match high - low {
        0.0 => 1.0,
        span => nice_step(span, 6),
    };
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil().max(first + 1.0);
    // A small loss extends the axis only by its own size, not by a whole step.
    let left = if low < -0.5 * step { first * step } else { low };
    ((left, last * step), step)
}

/// Draws the parts of one bar: gains to the right of zero, losses to the left, both in the order of the legend.
fn draw(
    scene: &mut Scene,
    panel: &Panel,
    bar: &Bar,
    colours: &[Rgb],
    middle: f64,
    number: impl Fn(f64) -> Option<String>,
) {
    let (top, bottom) = (middle - BAR / 2.0, middle + BAR / 2.0);
    let (mut below, mut above) = (0.0, 0.0);
    for (x, &colour) in bar.drawn().zip(colours).filter(|(x, _)| *x != 0.0) {
        let from = if x < 0.0 { &mut below } else { &mut above };
        let (a, b) = (panel.x.map(*from), panel.x.map(*from + x));
        *from += x;
        let (left, right) = (a.min(b), a.max(b));
        scene.rectangle((left, top), (right, bottom), colour);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        // Very narrow parts have a grey edge, because a white edge would hide them.
        let edge = if right - left > 2.0 { WHITE } else { GREY };
        scene.line(corners.to_vec(), Stroke::solid(edge, 0.4));
        let room = |text: &String| width(text, SMALL_SIZE, Weight::Regular) + 4.0 < right - left;
        if let Some(number) = number(x).filter(room) {
            let at = ((left + right) / 2.0, middle + 2.4);
            scene.text(at, &number, SMALL_SIZE, text_on(colour), Anchor::Middle);
        }
    }
}

fn alt_text(data: &BarsFigure) -> String {
    let bars: Vec<String> = data
        .bars
        .iter()
        .map(|bar| {
            let parts = data.categories.iter().zip(&bar.amounts);
            let parts: Vec<String> =
                parts.map(|(category, x)| format!("{category} {}", amount(*x, data.places))).collect();
            let total = amount(bar.total(), data.places);
            format!("{}: {total} in all ({})", bar.strategy.printed(), parts.join(", "))
        })
        .collect();
    format!(
        "{}. Horizontal bars, one per strategy, stacked by category; {}. {}.",
        data.meta.title.trim_end_matches('.'),
        data.x_title,
        bars.join("; ")
    )
}
