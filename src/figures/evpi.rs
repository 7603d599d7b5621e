//! The expected value of perfect information over thresholds, per person and for a population.

use super::axis::{Axis, drawable, extent};
use super::columns;
use super::line_plot::{LinePlot, Upright, draw_line};
use super::markers::{self, disc};
use super::marks::Mark;
use super::place::{self, Around, Wish};
use super::scene::{Point, Scene, Stroke};
use super::style::INK;
use super::table::{Table, number};
use super::text::{Weight, amount};
use super::{Figure, FigureMeta};

/// Data of the EVPI figure.
#[derive(Debug, Clone)]
pub struct EvpiFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis with its unit.
    pub x_title: String,
    /// Title of the left axis with its unit, such as "EVPI per person (GBP)".
    pub y_title: String,
    /// Number of decimals of printed values.
    pub places: usize,
    /// Thresholds and EVPI per person by increasing threshold.
    pub points: Vec<(f64, f64)>,
    /// The right axis with EVPI for a population; no right axis if none.
    pub population: Option<PopulationAxis>,
    /// Thresholds marked by vertical lines, with the EVPI at each of these thresholds printed.
    pub thresholds: Vec<Mark>,
}

/// The right axis, which shows EVPI for a population instead of per person.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationAxis {
    /// Title of the right axis with its unit, such as "EVPI for 12 000 persons (GBP million)".
    pub title: String,
    /// The discounted number of persons.
    pub persons: f64,
    /// The size of the axis unit, such as 1 000 000 for amounts in millions.
    pub unit: f64,
}

impl PopulationAxis {
    /// The factor that converts EVPI per person to the unit of the right axis.
    fn factor(&self) -> f64 {
        self.persons / self.unit
    }
}

/// Draws the EVPI figure.
pub fn evpi_figure(data: &EvpiFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &EvpiFigure) -> Table {
    type EvpiAt = (f64, f64);
    let persons = data.population.as_ref().map(|population| population.persons);
    let columns = [
        columns::threshold(|r: &EvpiAt| r.0),
        number("evpi", "cost per person", "Expected value of perfect information", |r: &EvpiAt| r.1),
        number(
            "population_evpi",
            "cost",
            "The same for all people whom the decision concerns; empty if their number is not known",
            move |r: &EvpiAt| Some(persons? * r.1),
        ),
    ];
    data.meta.table("the curve of this figure", columns, data.points.iter().copied())
}

pub(super) fn scene(data: &EvpiFigure) -> Scene {
    let greatest = extent(data.points.iter().map(|point| point.1)).1.max(0.0);
    let y = Axis::rounded((0.0, greatest), 5);
    let population = data.population.as_ref().filter(|axis| drawable(axis.factor()) && axis.factor() > 0.0);
    let right = population.map(|axis| {
        // The right axis is not rounded, because both axes must end at the same height.
        let ends = (0.0, y.ends.1 * axis.factor());
        (Axis::exact(ends, 5), axis)
    });
    let plot = LinePlot {
        meta: &data.meta,
        x_title: &data.x_title,
        y_title: &data.y_title,
        x: Axis::exact(extent(data.points.iter().map(|point| point.0)), 7),
        y,
        marks: data.thresholds.iter().map(Upright::dashed).collect(),
        labels: Vec::new(),
        right: right.as_ref().map_or(14.0, |(axis, _)| axis.right_margin()),
    };
    let (mut scene, panel) = plot.open();
    draw_line(&mut scene, &panel, &data.points, Stroke::solid(INK, 1.6));
    let curve: Vec<Point> =
        panel.place(&data.points.iter().copied().filter(super::axis::both_drawable).collect::<Vec<_>>());
    let runs: Vec<(Point, Point)> = curve.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let mut wishes = Vec::new();
    for mark in &data.thresholds {
        if let Some(value) = at(&data.points, mark.value) {
            let place = panel.place(&[(mark.value, value)])[0];
            markers::draw(&mut scene, disc(place, 2.6), INK, Stroke::solid(INK, 0.5));
            wishes.push(Wish {
                at: place,
                clear: 3.0,
                lines: vec![amount(value, data.places)],
                weight: Weight::SemiBold,
                colour: INK,
            });
        }
    }
    let around = Around {
        room: (panel.left + 1.0, panel.top, panel.right - 1.0, panel.bottom - 1.0),
        solid: Vec::new(),
        lines: &runs,
    };
    place::draw(&mut scene, around, &wishes);
    if let Some((axis, population)) = &right {
        axis.draw_right(&mut scene, &panel, &population.title);
    }
    scene.alt = alt_text(data);
    plot.close(&mut scene, &panel, &[]);
    scene
}

/// The value at `x`, interpolated linearly between `points`.
fn at(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let after = points.partition_point(|point| point.0 < x);
    let (b, a) = (points.get(after)?, points.get(after.saturating_sub(1))?);
    let share = if b.0 > a.0 { (x - a.0) / (b.0 - a.0) } else { 0.0 };
    let value = if x < a.0 { f64::NAN } else { a.1 + share * (b.1 - a.1) };
    drawable(value).then_some(value)
}

fn alt_text(data: &EvpiFigure) -> String {
    let marks: Vec<String> = data
        .thresholds
        .iter()
        .filter_map(|mark| {
            Some(format!("{} at {}", amount(at(&data.points, mark.value)?, data.places), mark.label))
        })
        .collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" {}.", marks.join(", ")) };
    let peak = data.points.iter().filter(|point| drawable(point.1));
    let peak = peak.copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
    let peak = peak.map(|(x, y)| format!(" Greatest: {} at {}.", amount(y, data.places), amount(x, 0)));
    let right = data.population.as_ref().map(|axis| format!(" Right axis: {}.", axis.title));
    format!(
        "{}. {} against {}.{marks}{}{}",
        data.meta.title.trim_end_matches('.'),
        data.y_title,
        data.x_title,
        peak.unwrap_or_default(),
        right.unwrap_or_default()
    )
}
