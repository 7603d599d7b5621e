//! The cost-effectiveness plane: incremental QALYs and costs of every draw against one comparator.

use super::axis::{Axis, both_drawable, drawable, title_below, widened};
use super::columns;
use super::frame::{self, AXIS_SIZE, EDGE, SMALL_SIZE, leading};
use super::labels::{EndLabel, LABEL_GAP, draw_end_labels};
use super::markers::{self, diamond, ellipse};
use super::marks::{MARK_LINE, Mark, TopLabels};
use super::place::{self, Around, Wish};
use super::scene::{Anchor, Panel, Point, Scene, Stroke};
use super::style::{GREY, INK, Rgb, SHADE, Strategy};
use super::table::{Table, number};
use super::text::{Weight, amount, counted, cut, wrap_at_most};
use super::{Figure, FigureMeta};

/// Data of the cost-effectiveness plane.
#[derive(Debug, Clone)]
pub struct CePlaneFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis with unit and comparator, such as "Incremental QALYs against A".
    pub x_title: String,
    /// Title of the y axis with unit and comparator, such as "Incremental cost against A (GBP)".
    pub y_title: String,
    /// Number of decimals of mean QALYs and of mean cost in the alternative text.
    pub places: (usize, usize),
    /// Thresholds in units of cost per QALY; each is a line through the origin.
    pub thresholds: Vec<Mark>,
    /// Index of the threshold below whose line the plot is shaded as cost-effective.
    pub shaded: Option<usize>,
    /// The strategies except the comparator, one to eight.
    pub clouds: Vec<Cloud>,
    /// Headings of the table below the plot, such as "North-east" or "Below GBP 25 000"; no table if empty.
    pub columns: Vec<String>,
}

/// Data of one strategy in the cost-effectiveness plane.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// The strategy.
    pub strategy: Strategy,
    /// Incremental QALYs and incremental cost of each draw, for at most about 2 000 draws.
    pub points: Vec<(f64, f64)>,
    /// Mean incremental QALYs and mean incremental cost over all draws.
    pub mean: (f64, f64),
    /// Variance of QALYs, covariance, and variance of costs over all draws; no ellipse is drawn if none.
    pub covariance: Option<(f64, f64, f64)>,
    /// The printed cells of the strategy's row in the table.
    pub cells: Vec<String>,
}

/// Draws the cost-effectiveness plane.
pub fn ce_plane_figure(data: &CePlaneFigure) -> Figure {
    Figure::of(&data.meta, scene(data), draws_table(data))
}

/// Incremental effect and cost of a strategy in one draw.
struct DrawnPoint<'a> {
    strategy: &'a Strategy,
    draw: usize,
    effect: f64,
    cost: f64,
}

fn draws_table(data: &CePlaneFigure) -> Table {
    let columns = [
        columns::strategy(|r: &DrawnPoint| r.strategy.name.as_str()),
        number("draw", "", "Number of the draw", |r: &DrawnPoint| r.draw as f64),
        number("incremental_effect", "effect", "Against the reference", |r: &DrawnPoint| r.effect),
        number("incremental_cost", "cost", "Against the reference", |r: &DrawnPoint| r.cost),
    ];
    let rows = data.clouds.iter().flat_map(|cloud| {
        let points = cloud.points.iter().enumerate();
        points.map(|(k, &(effect, cost))| DrawnPoint { strategy: &cloud.strategy, draw: k + 1, effect, cost })
    });
    data.meta.table("the points of the cost-effectiveness plane", columns, rows)
}

const HEIGHT: f64 = 262.0;
const DIAMOND: f64 = 4.6;
const NAME_LINES: usize = 3;
const NAME_WIDTH: f64 = 110.0;

pub(super) fn scene(data: &CePlaneFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let (x_ends, y_ends) = ends(data);
    let (x, y) = (Axis::exact(x_ends, 7), Axis::exact(y_ends, 6));
    let lines: Vec<Threshold<'_>> = thresholds(data, x.ends, y.ends);
    let beside: Vec<EndLabel> = lines
        .iter()
        .filter(|line| line.beside)
        .map(|line| EndLabel::plain(&line.mark.label, GREY, line.end))
        .collect();
    let above: Vec<&Threshold<'_>> = lines.iter().filter(|line| !line.beside).collect();
    let left = y.left_margin();
    let room = beside.iter().map(EndLabel::width).reduce(f64::max);
    let right = scene.width() - EDGE - room.map_or(8.0, |w| LABEL_GAP + w);
    let texts: Vec<(&str, Rgb)> = above.iter().map(|line| (line.mark.label.as_str(), GREY)).collect();
    let words = TopLabels::new(&texts, right - left);
    let top = top + words.height();
    let panel = Panel::new((left, top), (right, top + HEIGHT), x.ends, y.ends);

    if let Some(line) = data.shaded.and_then(|k| data.thresholds.get(k)) {
        scene.area(panel.place(&below(line.value, x.ends, y.ends)), SHADE, 1.0);
    }
    y.draw_grid(&mut scene, &panel);
    let shown = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        let inside = |p: &&(f64, f64)| within(p.0, x.ends) && within(p.1, y.ends);
        points.iter().filter(inside).copied().collect()
    };
    let mut left_out = 0;
    for cloud in &data.clouds {
        let points = shown(&cloud.points);
        left_out += cloud.points.iter().filter(|p| both_drawable(p)).count() - points.len();
        scene.dots(&panel.place(&points), 2.2, cloud.strategy.colour(), 0.25);
    }
    for line in &lines {
        scene.line(panel.place(&[line.start, line.end]), MARK_LINE);
    }
    let zero: Point = (panel.x.map(0.0), panel.y.map(0.0));
    let bold = Stroke::solid(INK, 1.2);
    scene.line(vec![(zero.0, panel.top), (zero.0, panel.bottom)], bold);
    scene.line(vec![(panel.left, zero.1), (panel.right, zero.1)], bold);
    for cloud in &data.clouds {
        draw_ellipse(&mut scene, &panel, cloud);
    }
    let meant: Vec<&Cloud> = data.clouds.iter().filter(|c| both_drawable(&c.mean)).collect();
    for cloud in &meant {
        let at = panel.place(&[cloud.mean])[0];
        draw_mean(&mut scene, at, &cloud.strategy);
    }
    y.draw_left(&mut scene, &panel, &data.y_title);
    x.draw_below(&mut scene, &panel, "");
    let mut bottom = title_below(&mut scene, &panel, &data.x_title);
    let at: Vec<f64> = above.iter().map(|line| panel.x.map(line.end.0)).collect();
    words.draw(&mut scene, &panel, &at);
    draw_end_labels(&mut scene, &panel, &beside);
    name(&mut scene, &panel, &meant);
    if !data.columns.is_empty() && !data.clouds.is_empty() {
        bottom = table(&mut scene, data, bottom + 6.0);
    }
    scene.alt = alt_text(data);
    let mut note = "Dots: draws; diamonds: means".to_string();
    if data.clouds.iter().any(|cloud| cloud.covariance.is_some()) {
        note.push_str(
            "; ellipses: 95\u{202F}% of a normal distribution with the draws’ means and covariances",
        );
    }
    if data.shaded.is_some_and(|k| k < data.thresholds.len()) {
        note.push_str("; shaded: cost-effective at that threshold");
    }
    note.push('.');
    if left_out > 0 {
        let many = counted(left_out as f64, "draw lies", "draws lie");
        note.push_str(&format!(" {many} outside the plot."));
    }
    frame::end(&mut scene, &data.meta, &[note], bottom + 2.0, &[&panel]);
    scene
}

fn within(value: f64, (low, high): (f64, f64)) -> bool {
    value >= low && value <= high
}

/// Ends of the x and y axes: they include the means, the ellipses and all but the most extreme hundredth of every cloud, with
/// the origin well inside so that all four quadrants are visible.
fn ends(data: &CePlaneFigure) -> ((f64, f64), (f64, f64)) {
    let along = |pick: fn(&(f64, f64)) -> f64| {
        let (mut low, mut high) = (0.0f64, 0.0f64);
        for cloud in &data.clouds {
            let mut values: Vec<f64> = cloud.points.iter().map(pick).filter(|v| drawable(*v)).collect();
            values.sort_by(f64::total_cmp);
            let tail = values.len() / 200;
            let central = values.get(tail).into_iter().chain(values.iter().rev().nth(tail));
            let outline = outline(cloud);
            let all = central.copied().chain(outline.iter().map(pick)).chain([pick(&cloud.mean)]);
            for value in all.filter(|v| drawable(*v)) {
                (low, high) = (low.min(value), high.max(value));
            }
        }
        let (low, high) = widened((low, high));
        let span = high - low;
        ((low - 0.04 * span).min(-0.12 * span), (high + 0.04 * span).max(0.12 * span))
    };
    (along(|p| p.0), along(|p| p.1))
}

fn outline(cloud: &Cloud) -> Vec<(f64, f64)> {
    let sound = |c: &(f64, f64, f64)| [c.0, c.1, c.2].iter().all(|v| drawable(*v));
    match cloud.covariance.filter(sound) {
        Some(covariance) if both_drawable(&cloud.mean) => ellipse(cloud.mean, covariance),
        _ => Vec::new(),
    }
}

/// The line of a threshold through the origin, from edge to edge of the plot.
struct Threshold<'a> {
    mark: &'a Mark,
    start: (f64, f64),
    end: (f64, f64),
    /// Whether the line leaves the plot at the right edge rather than at the top.
    beside: bool,
}

fn thresholds(data: &CePlaneFigure, x: (f64, f64), y: (f64, f64)) -> Vec<Threshold<'_>> {
    let sound = |mark: &&Mark| mark.value >= 0.0 && drawable(mark.value);
    data.thresholds.iter().filter(sound).map(|mark| threshold(mark, x, y)).collect()
}

fn threshold(mark: &Mark, x: (f64, f64), y: (f64, f64)) -> Threshold<'_> {
    let slope = mark.value;
    let beside = slope * x.1 <= y.1;
    let below = slope * x.0 >= y.0;
    Threshold {
        mark,
        start: if below { (x.0, slope * x.0) } else { (y.0 / slope, y.0) },
        end: if beside { (x.1, slope * x.1) } else { (y.1 / slope, y.1) },
        beside,
    }
}

/// The part of the rectangle below the line through the origin with the given slope.
fn below(slope: f64, x: (f64, f64), y: (f64, f64)) -> Vec<(f64, f64)> {
    let corners = [(x.0, y.0), (x.1, y.0), (x.1, y.1), (x.0, y.1)];
    let over = |p: (f64, f64)| p.1 - slope * p.0;
    let mut kept = Vec::new();
    for (k, &a) in corners.iter().enumerate() {
        let b = corners[(k + 1) % 4];
        if over(a) <= 0.0 {
            kept.push(a);
        }
        if (over(a) <= 0.0) != (over(b) <= 0.0) {
            let share = over(a) / (over(a) - over(b));
            kept.push((a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1)));
        }
    }
    kept
}

fn draw_ellipse(scene: &mut Scene, panel: &Panel, cloud: &Cloud) {
    let outline = markers::closed(panel.place(&outline(cloud)));
    scene.line(outline, frame::strategy_stroke(&cloud.strategy));
}

fn draw_mean(scene: &mut Scene, at: Point, strategy: &Strategy) {
    // A white rim around the dark rim separates black diamonds from black lines.
    markers::draw(
        scene,
        diamond(at, DIAMOND + 1.0),
        super::style::WHITE,
        Stroke::solid(super::style::WHITE, 0.8),
    );
    markers::draw(scene, diamond(at, DIAMOND), strategy.colour(), Stroke::solid(INK, 1.0));
}

/// Writes the strategies' names next to the diamonds of their means.
fn name(scene: &mut Scene, panel: &Panel, clouds: &[&Cloud]) {
    let wishes: Vec<Wish> = clouds
        .iter()
        .map(|cloud| Wish {
            at: panel.place(&[cloud.mean])[0],
            clear: DIAMOND,
            lines: cloud.strategy.name_lines(NAME_LINES, SMALL_SIZE, NAME_WIDTH),
            weight: Weight::SemiBold,
            colour: cloud.strategy.text_colour(),
        })
        .collect();
    let zero = (panel.x.map(0.0), panel.y.map(0.0));
    let axes = [((zero.0, panel.top), (zero.0, panel.bottom)), ((panel.left, zero.1), (panel.right, zero.1))];
    let around = Around {
        room: (panel.left + 1.0, panel.top + 1.0, panel.right - 1.0, panel.bottom - 1.0),
        solid: Vec::new(),
        lines: &axes,
    };
    place::draw(scene, around, &wishes);
}

/// Writes the table below the plot, one row of `cells` per strategy; returns the lower edge of the table.
fn table(scene: &mut Scene, data: &CePlaneFigure, top: f64) -> f64 {
    const NAMES: f64 = 172.0;
    let column = (scene.width() - EDGE - NAMES) / data.columns.len() as f64;
    let right = |k: usize| NAMES + (k + 1) as f64 * column;
    let headings: Vec<Vec<String>> = data
        .columns
        .iter()
        .map(|text| wrap_at_most(4, text, SMALL_SIZE, Weight::SemiBold, column - 7.0))
        .collect();
    let lines = headings.iter().map(Vec::len).max().unwrap_or(1);
    for (k, heading) in headings.iter().enumerate() {
        let mut y = top + (lines - heading.len()) as f64 * leading(SMALL_SIZE);
        for line in heading {
            y += leading(SMALL_SIZE);
            scene.styled((right(k), y), line, SMALL_SIZE, Weight::SemiBold, INK, Anchor::End);
        }
    }
    let mut y = top + lines as f64 * leading(SMALL_SIZE) + 4.0;
    let width = scene.width();
    scene.line(vec![(EDGE, y), (width - EDGE, y)], Stroke::solid(INK, 0.6));
    y += 3.0;
    for cloud in &data.clouds {
        let names = cloud.strategy.name_lines(2, SMALL_SIZE, NAMES - EDGE - 26.0);
        let height = names.len() as f64 * leading(SMALL_SIZE) + 3.0;
        let middle = y + height / 2.0;
        frame::line_sample(scene, &cloud.strategy, EDGE, EDGE + 20.0, middle);
        draw_mean(scene, (EDGE + 10.0, middle), &cloud.strategy);
        let mut line = y - 0.2;
        for text in &names {
            line += leading(SMALL_SIZE);
            let colour = cloud.strategy.text_colour();
            scene.styled((EDGE + 26.0, line), text, SMALL_SIZE, Weight::SemiBold, colour, Anchor::Start);
        }
        for (k, cell) in cloud.cells.iter().take(data.columns.len()).enumerate() {
            let cell = cut(cell, SMALL_SIZE, Weight::Regular, column - 7.0);
            scene.text((right(k), middle + 2.4), &cell, SMALL_SIZE, INK, Anchor::End);
        }
        y += height;
    }
    y + AXIS_SIZE * 0.3
}

fn alt_text(data: &CePlaneFigure) -> String {
    let clouds: Vec<String> = data
        .clouds
        .iter()
        .map(|cloud| {
            let mean = (amount(cloud.mean.0, data.places.0), amount(cloud.mean.1, data.places.1));
            let cells = data.columns.iter().zip(&cloud.cells);
            let cells: Vec<String> = cells.map(|(column, cell)| format!("{column} {cell}")).collect();
            let cells = if cells.is_empty() { String::new() } else { format!(" ({})", cells.join(", ")) };
            format!("{}: mean {}, {}{cells}", cloud.strategy.printed(), mean.0, mean.1)
        })
        .collect();
    let lines: Vec<&str> = data.thresholds.iter().map(|mark| mark.label.as_str()).collect();
    let lines = match lines.is_empty() {
        true => String::new(),
        false => format!(" Threshold lines: {}.", lines.join(", ")),
    };
    format!(
        "{}. Clouds of draws on the cost-effectiveness plane, {} across and {} upwards.{lines} {}.",
        data.meta.title.trim_end_matches('.'),
        data.x_title,
        data.y_title,
        clouds.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shaded_part_lies_below_the_threshold() {
        let part = below(2.0, (-1.0, 1.0), (-1.0, 1.0));
        assert_eq!(part, vec![(-0.5, -1.0), (1.0, -1.0), (1.0, 1.0), (0.5, 1.0)]);
    }
}
