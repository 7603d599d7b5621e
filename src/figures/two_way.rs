//! Two-way sensitivity analysis: regions of two parameters coloured and lettered by the best strategy.

use super::axis::{Axis, both_drawable, drawable};
use super::frame::{self, AXIS_SIZE, EDGE, SMALL_SIZE, leading};
use super::scene::{Anchor, Panel, Point, Scene, Stroke};
use super::style::{GREY, INK, Rgb, Strategy, WHITE, mix, text_on};
use super::table::{Table, number, text};
use super::text::{Weight, percent, wrap_at_most};
use super::{Figure, FigureMeta};

/// Data of the two-way sensitivity figure.
#[derive(Debug, Clone)]
pub struct TwoWayFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Name of the parameter on the x axis, with its unit.
    pub x_title: String,
    /// Name of the parameter on the y axis, with its unit.
    pub y_title: String,
    /// Values of the parameter on the x axis, increasing, at most about 100; each value is the middle of a column of cells.
    pub x: Vec<f64>,
    /// Values of the parameter on the y axis, increasing, at most about 100.
    pub y: Vec<f64>,
    /// The strategies shown, one to eight.
    pub strategies: Vec<Strategy>,
    /// Position in `strategies` of the best strategy, for each value of y (from the lowest) and each value of x.
    pub best: Vec<Vec<usize>>,
    /// Base values of both parameters, with their legend entry such as "Base values".
    pub base: Option<((f64, f64), String)>,
}

/// Draws the two-way sensitivity figure.
pub fn two_way_figure(data: &TwoWayFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &TwoWayFigure) -> Table {
    type MapCell = (f64, f64, usize);
    let columns = [
        number("first", "unit of the parameter table", "Value of the first parameter", |r: &MapCell| r.0),
        number("second", "unit of the parameter table", "Value of the second parameter", |r: &MapCell| r.1),
        text(
            "best",
            "Decision option with the highest net benefit; empty where the model is impossible",
            "",
            |r: &MapCell| data.strategies.get(r.2).map_or("", |strategy| strategy.name.as_str()),
        ),
    ];
    let rows = data
        .y
        .iter()
        .zip(&data.best)
        .flat_map(|(&y, best)| data.x.iter().zip(best).map(move |(&x, &best)| (x, y, best)));
    data.meta.table("the cells of this figure", columns, rows)
}

const HEIGHT: f64 = 250.0;
const LEGEND: f64 = 118.0;
const SWATCH: f64 = 11.0;
/// Distance in points between the letters in a region.
const SPACING: f64 = 30.0;

/// The strategy's colour, made pale enough to print a dark letter on it.
fn tint(strategy: &Strategy) -> Rgb {
    let tints = [0.45, 0.35, 0.25].map(|share| mix(WHITE, strategy.colour(), share));
    let readable = tints.into_iter().find(|tint| text_on(*tint) == INK);
    readable.unwrap_or(tints[2])
}

fn letter(position: usize) -> String {
    char::from(b'A' + (position % 26) as u8).to_string()
}

pub(super) fn scene(data: &TwoWayFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let (columns, lines) = (edges(&data.x), edges(&data.y));
    let span = |edges: &[f64]| match edges {
        [first, .., last] => (*first, *last),
        _ => (0.0, 1.0),
    };
    let (x, y) = (Axis::exact(span(&columns), 6), Axis::exact(span(&lines), 6));
    let corner = (scene.width() - EDGE - LEGEND - 12.0, top + HEIGHT);
    let panel = Panel::new((y.left_margin(), top), corner, x.ends, y.ends);
    let map = Map {
        data,
        columns: columns.iter().map(|v| panel.x.map(*v)).collect(),
        lines: lines.iter().map(|v| panel.y.map(*v)).collect(),
    };
    map.fill(&mut scene);
    map.borders(&mut scene);
    let base = data.base.as_ref().filter(|(at, _)| both_drawable(at) && inside(&panel, *at));
    let cross = base.map(|(at, _)| panel.place(&[*at])[0]);
    map.letters(&mut scene, &panel, cross);
    if let Some(at) = cross {
        draw_cross(&mut scene, at);
    }
    y.draw_left(&mut scene, &panel, &data.y_title);
    scene.line(
        vec![(panel.left, panel.top), (panel.right, panel.top), (panel.right, panel.bottom)],
        Stroke::solid(INK, 0.7),
    );
    let below = x.draw_below(&mut scene, &panel, &data.x_title);
    let shares = map.shares();
    let beside = legend(&mut scene, data, &shares, corner.0 + 12.0, top, base.map(|b| b.1.as_str()));
    scene.alt = alt_text(data, &shares);
    let note = "Percentages: share of the map in which the strategy is best.".to_string();
    frame::end(&mut scene, &data.meta, &[note], below.max(beside), &[&panel]);
    scene
}

/// The edges of the cells: halfway between consecutive values, and equally far beyond the first and the last value.
fn edges(values: &[f64]) -> Vec<f64> {
    let values: Vec<f64> = values.iter().copied().filter(|v| drawable(*v)).collect();
    match values[..] {
        [] => Vec::new(),
        [one] => {
            let (low, high) = super::axis::widened((one, one));
            vec![low, high]
        }
        [first, second, ..] => {
            let last = values[values.len() - 1];
            let before = values[values.len() - 2];
            let between = values.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0);
            let start = first - (second - first) / 2.0;
            let end = last + (last - before) / 2.0;
            std::iter::once(start).chain(between).chain([end]).collect()
        }
    }
}

fn inside(panel: &Panel, (x, y): (f64, f64)) -> bool {
    let (a, b) = (panel.x.domain(), panel.y.domain());
    x >= a.0 && x <= a.1 && y >= b.0 && y <= b.1
}

/// The grid of cells in page coordinates.
struct Map<'a> {
    data: &'a TwoWayFigure,
    columns: Vec<f64>,
    lines: Vec<f64>,
}

impl Map<'_> {
    fn size(&self) -> (usize, usize) {
        (self.columns.len().saturating_sub(1), self.lines.len().saturating_sub(1))
    }

    fn best(&self, column: usize, line: usize) -> Option<usize> {
        let best = *self.data.best.get(line)?.get(column)?;
        (best < self.data.strategies.len()).then_some(best)
    }

    /// Fills the cells with colour, as one rectangle per run of adjacent cells with the same best strategy.
    fn fill(&self, scene: &mut Scene) {
        let (across, up) = self.size();
        for line in 0..up {
            let mut column = 0;
            while column < across {
                let best = self.best(column, line);
                let run = (column..across).take_while(|k| self.best(*k, line) == best).count();
                if let Some(strategy) = best.map(|k| &self.data.strategies[k]) {
                    let (left, right) = (self.columns[column], self.columns[column + run]);
                    let (low, high) = (self.lines[line], self.lines[line + 1]);
                    // Each rectangle overlaps the line below slightly, because viewers would otherwise show a thin white gap.
                    let low = if line > 0 { low + 0.3 } else { low };
                    scene.rectangle((left, high), (right, low), tint(strategy));
                }
                column += run;
            }
        }
    }

    /// Draws dark lines between regions, one line per straight part of a border.
    fn borders(&self, scene: &mut Scene) {
        let (across, up) = self.size();
        let stroke = Stroke::solid(INK, 0.7);
        for column in 1..across {
            let differs = |line: usize| self.best(column, line) != self.best(column - 1, line);
            for (from, to) in runs(up, differs) {
                let x = self.columns[column];
                scene.line(vec![(x, self.lines[from]), (x, self.lines[to])], stroke);
            }
        }
        for line in 1..up {
            let differs = |column: usize| self.best(column, line) != self.best(column, line - 1);
            for (from, to) in runs(across, differs) {
                let y = self.lines[line];
                scene.line(vec![(self.columns[from], y), (self.columns[to], y)], stroke);
            }
        }
    }

    /// Writes a letter in every cell if all cells are large enough; otherwise at the points of a wide lattice that lie inside
    /// one strategy's region, with at least one letter per strategy.
    fn letters(&self, scene: &mut Scene, panel: &Panel, cross: Option<Point>) {
        const ROOM: f64 = 14.0;
        let narrow = |edges: &[f64]| edges.windows(2).any(|pair| (pair[1] - pair[0]).abs() < ROOM);
        if narrow(&self.columns) || narrow(&self.lines) {
            self.sparse_letters(scene, panel, cross);
            return;
        }
        let (across, up) = self.size();
        for (column, line) in (0..up).flat_map(|line| (0..across).map(move |column| (column, line))) {
            let at = self.middle(column, line);
            if let Some(best) = self.best(column, line).filter(|_| cross.is_none_or(|c| apart(c, at))) {
                write(scene, at, best);
            }
        }
    }

    /// The centre of a cell, in page coordinates.
    fn middle(&self, column: usize, line: usize) -> Point {
        let x = (self.columns[column] + self.columns[column + 1]) / 2.0;
        (x, (self.lines[line] + self.lines[line + 1]) / 2.0)
    }

    fn sparse_letters(&self, scene: &mut Scene, panel: &Panel, cross: Option<Point>) {
        let across = ((panel.right - panel.left) / SPACING).floor().max(1.0);
        let up = ((panel.bottom - panel.top) / SPACING).floor().max(1.0);
        let mut done = vec![false; self.data.strategies.len()];
        let mut places: Vec<Point> = cross.into_iter().collect();
        let free = |places: &[Point], at: Point| places.iter().all(|place| apart(*place, at));
        for i in 0..up as usize {
            for j in 0..across as usize {
                let x = panel.left + (j as f64 + 0.5) / across * (panel.right - panel.left);
                let y = panel.top + (i as f64 + 0.5) / up * (panel.bottom - panel.top);
                let around = [(0.0, 0.0), (-4.0, -4.0), (4.0, -4.0), (-4.0, 4.0), (4.0, 4.0)];
                let mut found = around.iter().map(|(dx, dy)| self.at((x + dx, y + dy)));
                let first = found.next().flatten();
                if let Some(best) = first.filter(|_| found.all(|other| other == first))
                    && free(&places, (x, y))
                {
                    write(scene, (x, y), best);
                    places.push((x, y));
                    done[best] = true;
                }
            }
        }
        // A strategy whose regions contain no lattice point has a letter in its middle cell.
        let (across, up) = self.size();
        for best in (0..done.len()).filter(|k| !done[*k]) {
            let cells = (0..up).flat_map(|line| (0..across).map(move |column| (column, line)));
            let own: Vec<Point> = cells
                .filter(|(column, line)| self.best(*column, *line) == Some(best))
                .map(|(column, line)| self.middle(column, line))
                .filter(|place| free(&places, *place))
                .collect();
            if let Some(place) = own.get(own.len() / 2) {
                write(scene, *place, best);
                places.push(*place);
            }
        }
    }

    /// The best strategy at a point on the page.
    fn at(&self, (x, y): Point) -> Option<usize> {
        let column = self.columns.windows(2).position(|c| x >= c[0] && x < c[1])?;
        let line = self.lines.windows(2).position(|l| y <= l[0] && y > l[1])?;
        self.best(column, line)
    }

    /// The share of the map on which each strategy is best.
    fn shares(&self) -> Vec<f64> {
        let (across, up) = self.size();
        let total = (self.columns.last().zip(self.columns.first())).map_or(0.0, |(b, a)| b - a)
            * (self.lines.first().zip(self.lines.last())).map_or(0.0, |(b, a)| b - a);
        let mut shares = vec![0.0; self.data.strategies.len()];
        for line in 0..up {
            for column in 0..across {
                if let Some(best) = self.best(column, line) {
                    let width = self.columns[column + 1] - self.columns[column];
                    shares[best] += width * (self.lines[line] - self.lines[line + 1]) / total;
                }
            }
        }
        shares
    }
}

/// Whether letters at both points would not touch each other.
fn apart(a: Point, b: Point) -> bool {
    (a.0 - b.0).abs() > 10.0 || (a.1 - b.1).abs() > 10.0
}

fn write(scene: &mut Scene, (x, y): Point, best: usize) {
    scene.styled((x, y + 2.7), &letter(best), AXIS_SIZE, Weight::SemiBold, INK, Anchor::Middle);
}

/// The runs of consecutive positions at which `differs` is true, each as its first position and the position after its last.
fn runs(count: usize, differs: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for k in (0..count).filter(|k| differs(*k)) {
        match runs.last_mut() {
            Some(run) if run.1 == k => run.1 = k + 1,
            _ => runs.push((k, k + 1)),
        }
    }
    runs
}

fn draw_cross(scene: &mut Scene, (x, y): Point) {
    for stroke in [Stroke::solid(WHITE, 3.2), Stroke::solid(INK, 1.6)] {
        let arm = 4.0 + (stroke.width - 1.6) / 4.0;
        scene.line(vec![(x - arm, y - arm), (x + arm, y + arm)], stroke);
        scene.line(vec![(x - arm, y + arm), (x + arm, y - arm)], stroke);
    }
}

/// Draws the legend of lettered colour samples and names; returns the lower edge of the legend.
fn legend(
    scene: &mut Scene,
    data: &TwoWayFigure,
    shares: &[f64],
    left: f64,
    top: f64,
    base: Option<&str>,
) -> f64 {
    let mut y = top;
    let words = left + SWATCH + 6.0;
    for (k, strategy) in data.strategies.iter().enumerate() {
        scene.rectangle((left, y), (left + SWATCH, y + SWATCH), tint(strategy));
        let corners = vec![(left, y), (left + SWATCH, y), (left + SWATCH, y + SWATCH), (left, y + SWATCH)];
        scene.line(super::markers::closed(corners), Stroke::solid(GREY, 0.4));
        write(scene, (left + SWATCH / 2.0, y + SWATCH / 2.0), k);
        let mut line = y - 0.6;
        let limit = scene.width() - EDGE - words;
        let names = strategy.name_lines(4, SMALL_SIZE, limit);
        for name in names {
            line += leading(SMALL_SIZE);
            let colour = strategy.text_colour();
            scene.styled((words, line), &name, SMALL_SIZE, Weight::SemiBold, colour, Anchor::Start);
        }
        line += leading(SMALL_SIZE);
        scene.text((words, line), &percent(shares[k]), SMALL_SIZE, INK, Anchor::Start);
        y = (line + 5.0).max(y + SWATCH + 4.0);
    }
    if let Some(text) = base {
        draw_cross(scene, (left + SWATCH / 2.0, y + SWATCH / 2.0));
        let limit = scene.width() - EDGE - words;
        let mut line = y - 0.6;
        for part in wrap_at_most(3, text, SMALL_SIZE, Weight::Regular, limit) {
            line += leading(SMALL_SIZE);
            scene.text((words, line), &part, SMALL_SIZE, INK, Anchor::Start);
        }
        y = line + 5.0;
    }
    y
}

fn alt_text(data: &TwoWayFigure, shares: &[f64]) -> String {
    let regions: Vec<String> = data
        .strategies
        .iter()
        .zip(shares)
        .map(|(strategy, share)| format!("{} on {}", strategy.printed(), percent(*share)))
        .collect();
    let base = data.base.as_ref().map(|(_, words)| format!(" A cross marks: {words}."));
    format!(
        "{}. Regions in which each strategy is best, {} across and {} upwards; shares of the map: {}.{}",
        data.meta.title.trim_end_matches('.'),
        data.x_title,
        data.y_title,
        regions.join("; "),
        base.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_reach_halfway_to_their_neighbours() {
        assert_eq!(edges(&[0.0, 2.0, 3.0]), vec![-1.0, 1.0, 2.5, 3.5]);
        assert_eq!(edges(&[5.0]).len(), 2);
        assert!(edges(&[]).is_empty());
        assert_eq!(runs(6, |k| k != 2 && k < 5), vec![(0, 2), (3, 5)]);
    }
}
