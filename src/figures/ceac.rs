//! Cost-effectiveness acceptability curves: the probability that each strategy is the most cost-effective at each
//! threshold. The frontier follows the curve of the strategy with the highest mean net benefit, which need not have the
//! highest probability (Fenwick, Claxton and Sculpher 2001).

use super::axis::{Axis, drawable, extent};
use super::columns;
use super::frame::SMALL_SIZE;
use super::labels::EndLabel;
use super::line_plot::{LinePlot, Upright, draw_line, last};
use super::markers::{self, square};
use super::marks::Mark;
use super::place::{self, Around, Wish};
use super::scene::{Panel, Point, Scene, Stroke};
use super::style::{INK, Strategy, WHITE};
use super::table::{Table, number, text};
use super::text::{Weight, decimal, wrap_at_most};
use super::{Figure, FigureMeta, frame};

/// Usual title of the y axis.
pub const CEAC_TITLE: &str = "Probability most cost-effective";

/// Data of the acceptability curve figure.
#[derive(Debug, Clone)]
pub struct CeacFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis with its unit, such as "Willingness to pay (GBP per QALY)".
    pub x_title: String,
    /// Title of the y axis, normally [`CEAC_TITLE`].
    pub y_title: String,
    /// The thresholds by increasing value, from 0.
    pub x: Vec<f64>,
    /// The strategies shown, one to eight.
    pub series: Vec<CeacSeries>,
    /// Thresholds marked by vertical lines.
    pub thresholds: Vec<Mark>,
    /// Whether only the acceptability frontier is drawn.
    pub frontier_only: bool,
    /// Thresholds at which the frontier changes from one strategy to another; labelled if only the frontier is drawn.
    pub switches: Vec<Mark>,
}

/// Data of one strategy in the acceptability curve figure.
#[derive(Debug, Clone)]
pub struct CeacSeries {
    /// The strategy.
    pub strategy: Strategy,
    /// Probability (0 to 1) that the strategy has the highest net benefit, at each threshold.
    pub probability: Vec<f64>,
    /// Whether the strategy has the highest mean net benefit at each threshold. The frontier is drawn only if some strategy in
    /// the figure has the highest mean net benefit at every threshold.
    pub on_frontier: Vec<bool>,
}

/// Draws the acceptability curve figure.
pub fn ceac_figure(data: &CeacFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

/// Probability of one strategy at one threshold.
struct CeacPoint<'a> {
    series: &'a CeacSeries,
    threshold: f64,
    probability: f64,
    on_frontier: bool,
}

fn table(data: &CeacFigure) -> Table {
    let columns = [
        columns::strategy(|r: &CeacPoint| r.series.strategy.name.as_str()),
        columns::threshold(|r: &CeacPoint| r.threshold),
        number("probability", "", "Probability most cost-effective", |r: &CeacPoint| r.probability),
        text("on_frontier", "Whether it has the highest mean net benefit", "yes; no", |r: &CeacPoint| {
            if r.on_frontier { "yes" } else { "no" }
        }),
    ];
    let rows = data.series.iter().flat_map(|series| {
        let points = data.x.iter().zip(&series.probability).zip(&series.on_frontier);
        points.map(move |((&threshold, &probability), &on_frontier)| CeacPoint {
            series,
            threshold,
            probability,
            on_frontier,
        })
    });
    data.meta.table("the curves of this figure", columns, rows)
}

impl CeacFigure {
    /// Position in `series` of the strategy on the frontier, for each threshold; none if any threshold has no strategy on it.
    fn best(&self) -> Option<Vec<usize>> {
        let best = |k: usize| self.series.iter().position(|s| s.on_frontier.get(k) == Some(&true));
        (0..self.x.len()).map(best).collect()
    }
}

/// A range of consecutive thresholds at which the same strategy is on the frontier.
struct Stretch<'a> {
    strategy: &'a Strategy,
    points: Vec<(f64, f64)>,
}

pub(super) fn scene(data: &CeacFigure) -> Scene {
    let curves: Vec<Vec<(f64, f64)>> = data
        .series
        .iter()
        .map(|series| data.x.iter().copied().zip(series.probability.iter().copied()).collect())
        .collect();
    let ticks = (0..=4).map(|k| f64::from(k) / 4.0);
    let y = Axis { ends: (0.0, 1.0), ticks: ticks.map(|tick| (tick, decimal(tick, 2))).collect() };
    let labels = data.series.iter().zip(&curves).filter_map(|(series, curve)| {
        let end = last(curve)?;
        Some(EndLabel::of(&series.strategy, &decimal(end.1, 2), end))
    });
    let plot = LinePlot {
        meta: &data.meta,
        x_title: &data.x_title,
        y_title: &data.y_title,
        x: Axis::exact(extent(data.x.iter().copied()), 7),
        y,
        marks: data.thresholds.iter().map(Upright::dashed).collect(),
        labels: if data.frontier_only { Vec::new() } else { labels.collect() },
        right: 14.0,
    };
    let (mut scene, panel) = plot.open();
    let stretches = stretches(data, &curves);
    if data.frontier_only {
        draw_frontier(&mut scene, &panel, &stretches, data);
    } else {
        for stretch in &stretches {
            // The frontier is a wide pale line under the strategy's thin line, so that the dashes of the thin line remain visible.
            let thick = Stroke { width: 4.5, alpha: 0.45, ..Stroke::solid(stretch.strategy.colour(), 1.0) };
            draw_line(&mut scene, &panel, &stretch.points, thick);
        }
        for (series, curve) in data.series.iter().zip(&curves) {
            draw_line(&mut scene, &panel, curve, frame::strategy_stroke(&series.strategy));
        }
    }
    let note = match (stretches.is_empty(), data.frontier_only) {
        (true, _) => Vec::new(),
        (false, true) => vec!["Strategy with the highest expected net benefit at each threshold; squares: switches between strategies.".to_string()],
        (false, false) => vec!["Thick line: strategy with the highest expected net benefit (frontier). Numbers: probability at the last threshold shown.".to_string()],
    };
    scene.alt = alt_text(data, &curves, &stretches);
    plot.close(&mut scene, &panel, &note);
    scene
}

fn stretches<'a>(data: &'a CeacFigure, curves: &[Vec<(f64, f64)>]) -> Vec<Stretch<'a>> {
    let mut stretches: Vec<(usize, Stretch<'a>)> = Vec::new();
    for (k, best) in data.best().unwrap_or_default().into_iter().enumerate() {
        let (Some(series), Some(point)) = (data.series.get(best), curves.get(best).and_then(|c| c.get(k)))
        else {
            continue;
        };
        match stretches.last_mut() {
            Some((same, stretch)) if *same == best => stretch.points.push(*point),
            _ => {
                let strategy = &series.strategy;
                let points = vec![*point];
                stretches.push((best, Stretch { strategy, points }));
            }
        }
    }
    stretches.into_iter().map(|(_, stretch)| stretch).collect()
}

/// Draws only the frontier: each stretch in the colour and dashes of its strategy with a name, and the labelled switches.
fn draw_frontier(scene: &mut Scene, panel: &Panel, stretches: &[Stretch<'_>], data: &CeacFigure) {
    let upright = |mark: &Mark| {
        let x = panel.x.map(mark.value);
        ((x, panel.top), (x, panel.bottom))
    };
    let mut runs: Vec<(Point, Point)> = data.thresholds.iter().map(upright).collect();
    let mut wishes = Vec::new();
    for stretch in stretches {
        let thick = Stroke { width: 2.4, ..frame::strategy_stroke(stretch.strategy) };
        draw_line(scene, panel, &stretch.points, thick);
        let placed = panel.place(&stretch.points);
        runs.extend(placed.windows(2).map(|pair| (pair[0], pair[1])));
        if let Some(middle) = placed.get(placed.len() / 2) {
            wishes.push(Wish {
                at: *middle,
                clear: 2.0,
                lines: stretch.strategy.name_lines(3, SMALL_SIZE, 110.0),
                weight: Weight::SemiBold,
                colour: stretch.strategy.text_colour(),
            });
        }
    }
    for pair in stretches.windows(2) {
        if let (Some(&from), Some(&to)) = (pair[0].points.last(), pair[1].points.first()) {
            let tie = panel.place(&[from, to]);
            runs.push((tie[0], tie[1]));
            scene.line(tie, Stroke { dash: &[1.0, 1.5], ..Stroke::solid(INK, 0.8) });
        }
    }
    for mark in data.switches.iter().filter(|mark| drawable(mark.value) && inside(panel, mark.value)) {
        let x = panel.x.map(mark.value);
        let after = stretches.iter().flat_map(|s| &s.points).find(|point| point.0 >= mark.value);
        let y = after.map_or(panel.bottom, |point| panel.y.map(point.1));
        markers::draw(scene, square((x, y), 3.2), WHITE, Stroke::solid(INK, 1.1));
        wishes.push(Wish {
            at: (x, y),
            clear: 3.5,
            lines: wrap_at_most(2, &mark.label, SMALL_SIZE, Weight::Regular, 90.0),
            weight: Weight::Regular,
            colour: INK,
        });
    }
    let around = Around {
        room: (panel.left + 1.0, panel.top + 1.0, panel.right, panel.bottom - 1.0),
        solid: Vec::new(),
        lines: &runs,
    };
    place::draw(scene, around, &wishes);
}

fn inside(panel: &Panel, x: f64) -> bool {
    let (low, high) = panel.x.domain();
    x >= low && x <= high
}

fn alt_text(data: &CeacFigure, curves: &[Vec<(f64, f64)>], stretches: &[Stretch<'_>]) -> String {
    let mut parts = Vec::new();
    let mut places: Vec<(f64, &str)> =
        data.thresholds.iter().map(|mark| (mark.value, mark.label.as_str())).collect();
    if places.is_empty() {
        places.extend(data.x.last().map(|x| (*x, "the last threshold shown")));
    }
    for (value, label) in places {
        let at: Vec<String> = data
            .series
            .iter()
            .zip(curves)
            .filter_map(|(series, curve)| {
                let point = curve.iter().rfind(|point| point.0 <= value && drawable(point.1))?;
                Some(format!("{} {}", series.strategy.printed(), decimal(point.1, 2)))
            })
            .collect();
        if !at.is_empty() {
            parts.push(format!(" At {label}: {}.", at.join(", ")));
        }
    }
    if !stretches.is_empty() {
        let names: Vec<String> = stretches.iter().map(|stretch| stretch.strategy.printed()).collect();
        parts.push(format!(" Highest mean net benefit as the threshold rises: {}.", names.join(", then ")));
    }
    let switches: Vec<&str> = data.switches.iter().map(|mark| mark.label.as_str()).collect();
    if !switches.is_empty() {
        parts.push(format!(" Changes: {}.", switches.join("; ")));
    }
    format!(
        "{}. {} against {}.{}",
        data.meta.title.trim_end_matches('.'),
        data.y_title,
        data.x_title,
        parts.concat()
    )
}
