//! Expected loss of choosing each strategy now. The lower envelope is the expected value of perfect information, so one
//! plot replaces the acceptability curves, their frontier and the EVPI plot (Alarid-Escudero et al. 2019).

use super::axis::{Axis, drawable, extent};
use super::columns;
use super::labels::EndLabel;
use super::line_plot::{LinePlot, Upright, draw_line, last};
use super::marks::Mark;
use super::scene::{Scene, Stroke};
use super::style::{INK, Strategy};
use super::table::{Table, number};
use super::text::amount;
use super::{Figure, FigureMeta, frame};

/// Data of the expected loss figure.
#[derive(Debug, Clone)]
pub struct ExpectedLossFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis with its unit.
    pub x_title: String,
    /// Title of the y axis with its unit, such as "Expected loss per person (GBP)".
    pub y_title: String,
    /// The thresholds by increasing value, from 0.
    pub x: Vec<f64>,
    /// The strategies shown, one to eight.
    pub series: Vec<LossSeries>,
    /// Label of the lower envelope, such as "EVPI (lowest expected loss)".
    pub envelope: String,
    /// Thresholds marked by vertical lines.
    pub thresholds: Vec<Mark>,
    /// Greatest loss shown, at which lines are cut off; if none, the axis includes the greatest loss of all strategies.
    pub y_max: Option<f64>,
}

/// Data of one strategy in the expected loss figure.
#[derive(Debug, Clone)]
pub struct LossSeries {
    /// The strategy.
    pub strategy: Strategy,
    /// Expected loss at each threshold, in the unit of cost.
    pub loss: Vec<f64>,
}

/// Draws the expected loss figure.
pub fn expected_loss_figure(data: &ExpectedLossFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &ExpectedLossFigure) -> Table {
    type LossAt<'a> = (&'a Strategy, f64, f64);
    let columns = [
        columns::strategy(|r: &LossAt| r.0.name.as_str()),
        columns::threshold(|r: &LossAt| r.1),
        number(
            "expected_loss",
            "cost per person",
            "Expected loss of choosing this strategy",
            |r: &LossAt| r.2,
        ),
    ];
    let rows = data.series.iter().flat_map(|series| {
        data.x.iter().zip(&series.loss).map(|(&threshold, &loss)| (&series.strategy, threshold, loss))
    });
    data.meta.table("the curves of this figure", columns, rows)
}

pub(super) fn scene(data: &ExpectedLossFigure) -> Scene {
    let curves: Vec<Vec<(f64, f64)>> = data
        .series
        .iter()
        .map(|series| data.x.iter().copied().zip(series.loss.iter().copied()).collect())
        .collect();
    let envelope = envelope(data);
    let greatest = extent(curves.iter().flatten().map(|point| point.1)).1.max(0.0);
    let top = data.y_max.filter(|y| drawable(*y) && *y > 0.0).unwrap_or(greatest);
    let y = Axis::rounded((0.0, top), 5);
    let labels = data.series.iter().zip(&curves).filter_map(|(series, curve)| {
        let end = last(curve)?;
        let within = end.1 <= y.ends.1;
        let beyond = if within { "" } else { " (beyond the plot)" };
        let words = format!("{}{beyond}", amount(end.1, 0));
        let label = EndLabel::of(&series.strategy, &words, end);
        Some(EndLabel { tied: within, ..label })
    });
    let mut labels: Vec<EndLabel> = labels.collect();
    labels.extend(last(&envelope).map(|end| {
        let words = format!("{}: {}", data.envelope, amount(end.1, 0));
        EndLabel::plain(&words, INK, end)
    }));
    let plot = LinePlot {
        meta: &data.meta,
        x_title: &data.x_title,
        y_title: &data.y_title,
        x: Axis::exact(extent(data.x.iter().copied()), 7),
        y: y.clone(),
        marks: data.thresholds.iter().map(Upright::dashed).collect(),
        labels,
        right: 14.0,
    };
    let (mut scene, panel) = plot.open();
    let wide = Stroke { alpha: 0.3, ..Stroke::solid(INK, 4.2) };
    draw_line(&mut scene, &panel, &envelope, wide);
    for (series, curve) in data.series.iter().zip(&curves) {
        draw_line(&mut scene, &panel, curve, frame::strategy_stroke(&series.strategy));
    }
    scene.alt = alt_text(data, &envelope);
    let notes = [format!(
        "Wide grey line: {}. Numbers next to the names: expected loss at the last threshold shown.",
        data.envelope
    )];
    plot.close(&mut scene, &panel, &notes);
    scene
}

/// The lowest expected loss of any strategy at each threshold.
fn envelope(data: &ExpectedLossFigure) -> Vec<(f64, f64)> {
    let least = |k: usize| {
        let losses = data.series.iter().filter_map(|series| series.loss.get(k));
        losses.copied().filter(|loss| drawable(*loss)).reduce(f64::min)
    };
    let points = data.x.iter().enumerate();
    points.filter_map(|(k, &x)| Some((x, least(k)?))).collect()
}

fn alt_text(data: &ExpectedLossFigure, envelope: &[(f64, f64)]) -> String {
    let mut parts = Vec::new();
    for mark in &data.thresholds {
        if let Some(k) = data.x.iter().rposition(|x| *x <= mark.value) {
            let losses = data.series.iter().filter_map(|series| {
                let loss = series.loss.get(k).filter(|loss| drawable(**loss))?;
                Some(format!("{} {}", series.strategy.printed(), amount(*loss, 0)))
            });
            let losses: Vec<String> = losses.collect();
            parts.push(format!(" At {}: {}.", mark.label, losses.join(", ")));
        }
    }
    if let Some((x, y)) = envelope.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }) {
        parts.push(format!(" {} is greatest at {}: {}.", data.envelope, amount(x, 0), amount(y, 0)));
    }
    format!(
        "{}. {} against {}, one line per strategy.{}",
        data.meta.title.trim_end_matches('.'),
        data.y_title,
        data.x_title,
        parts.concat()
    )
}
