//! Convergence of an estimate with the number of draws or patients: the running estimate with its Monte Carlo interval.

use super::axis::{Axis, drawable, extent};
use super::columns;
use super::labels::EndLabel;
use super::line_plot::{LinePlot, Upright, draw_line, last, pressed};
use super::marks::Mark;
use super::scale::tick_places;
use super::scene::{Panel, Scene, Stroke};
use super::simplify::simplify;
use super::style::{INK, Strategy};
use super::table::{Table, number};
use super::text::amount;
use super::{Figure, FigureMeta, frame};
use arcosim_core::math::ln;

/// Data of the convergence figure.
#[derive(Debug, Clone)]
pub struct ConvergenceFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis, such as "Draws (logarithmic scale)".
    pub x_title: String,
    /// Title of the y axis with unit and comparator, such as "Incremental net benefit against A (GBP)".
    pub y_title: String,
    /// Number of decimals of printed estimates.
    pub places: usize,
    /// Meaning of the shaded bands, such as "95 % Monte Carlo intervals".
    pub band_note: String,
    /// The strategies except the comparator, one to eight.
    pub series: Vec<ConvergenceSeries>,
    /// Number of draws or patients at which a stopping rule was met, with its label.
    pub stopped: Option<Mark>,
}

/// Data of one strategy in the convergence figure.
#[derive(Debug, Clone)]
pub struct ConvergenceSeries {
    /// The strategy.
    pub strategy: Strategy,
    /// The estimates by increasing number of draws or patients.
    pub points: Vec<ConvergencePoint>,
}

/// The estimate from the first `count` draws or patients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConvergencePoint {
    /// Number of draws or patients in the estimate; positive.
    pub count: f64,
    /// Estimate from the first `count` draws or patients.
    pub value: f64,
    /// Monte Carlo standard error of the estimate.
    pub standard_error: f64,
}

/// Half-width of a 95 % interval, in standard errors.
const Z: f64 = 1.96;

impl ConvergencePoint {
    /// Lower and upper limit of the estimate's 95 % Monte Carlo interval.
    fn interval(&self) -> (f64, f64) {
        (self.value - Z * self.standard_error, self.value + Z * self.standard_error)
    }

    fn drawable(&self) -> bool {
        let (low, high) = self.interval();
        self.count > 0.0 && [self.count, self.value, low, high].into_iter().all(drawable)
    }
}

/// Draws the convergence figure.
pub fn convergence_figure(data: &ConvergenceFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &ConvergenceFigure) -> Table {
    type RunningMean<'a> = (&'a Strategy, &'a ConvergencePoint);
    let columns = [
        columns::strategy(|r: &RunningMean| r.0.name.as_str()),
        number("draws", "draws", "So many draws from the first", |r: &RunningMean| r.1.count),
        number("incremental_net_benefit", "cost", "Mean over these draws", |r: &RunningMean| r.1.value),
        number("se", "cost", "Its Monte Carlo standard error", |r: &RunningMean| r.1.standard_error),
    ];
    let rows =
        data.series.iter().flat_map(|series| series.points.iter().map(|point| (&series.strategy, point)));
    data.meta.table("the running means of this figure", columns, rows)
}

/// Logarithm to base ten.
fn log10(value: f64) -> f64 {
    ln(value) / ln(10.0)
}

pub(super) fn scene(data: &ConvergenceFigure) -> Scene {
    let series: Vec<(&Strategy, Vec<ConvergencePoint>)> = data
        .series
        .iter()
        .map(|series| {
            let points = series.points.iter().copied().filter(ConvergencePoint::drawable);
            (&series.strategy, points.collect())
        })
        .collect();
    let all = || series.iter().flat_map(|(_, points)| points);
    let (first, most) = extent(all().map(|point| point.count));
    let first = if first > 0.0 { first } else { 1.0 };
    // The y axis ignores the bands of the first draws, because these are so wide that all later values would look flat.
    let bands = all().filter(|p| p.count >= 0.1 * most).flat_map(|p| [p.interval().0, p.interval().1]);
    let values = all().filter(|p| p.count >= 0.01 * most).map(|p| p.value);
    let curve = |points: &[ConvergencePoint]| -> Vec<(f64, f64)> {
        points.iter().map(|p| (log10(p.count), p.value)).collect()
    };
    let stopped = data
        .stopped
        .as_ref()
        .filter(|mark| mark.value > 0.0)
        .map(|mark| Mark { value: log10(mark.value), label: mark.label.clone() });
    let labels = series.iter().filter_map(|(strategy, points)| {
        let end = last(&curve(points))?;
        Some(EndLabel::of(strategy, &amount(end.1, data.places), end))
    });
    let plot = LinePlot {
        meta: &data.meta,
        x_title: &data.x_title,
        y_title: &data.y_title,
        x: decades(first, most),
        y: Axis::rounded(extent(bands.chain(values).chain([0.0])), 6),
        marks: stopped.iter().map(Upright::dashed).collect(),
        labels: labels.collect(),
        right: 14.0,
    };
    let (mut scene, panel) = plot.open();
    for (strategy, points) in &series {
        draw_band(&mut scene, &panel, strategy, points);
    }
    let zero = panel.y.map(0.0);
    scene.line(vec![(panel.left, zero), (panel.right, zero)], Stroke::solid(INK, 1.0));
    for (strategy, points) in &series {
        draw_line(&mut scene, &panel, &curve(points), frame::strategy_stroke(strategy));
    }
    scene.alt = alt_text(data, &series);
    let note = format!("Shaded: {}. Numbers next to the names: last estimate.", data.band_note);
    plot.close(&mut scene, &panel, &[note]);
    scene
}

fn draw_band(scene: &mut Scene, panel: &Panel, strategy: &Strategy, points: &[ConvergencePoint]) {
    let edge = |limit: fn(&ConvergencePoint) -> f64| -> Vec<(f64, f64)> {
        points.iter().map(|p| (log10(p.count), limit(p))).collect()
    };
    let (upper, lower) = (edge(|p| p.interval().1), edge(|p| p.interval().0));
    let (low, high) = panel.y.domain();
    let mut outline = simplify(&panel.place(&pressed(&upper, low, high)));
    outline.extend(simplify(&panel.place(&pressed(&lower, low, high))).into_iter().rev());
    scene.area(outline, strategy.colour(), 0.12);
    // Each band has hairline edges, because the tints of overlapping bands mix and only edges identify the band.
    let hairline = Stroke { alpha: 0.6, ..Stroke::solid(strategy.colour(), 0.4) };
    draw_line(scene, panel, &upper, hairline);
    draw_line(scene, panel, &lower, hairline);
}

/// A logarithmic axis with ticks at the powers of ten, and also at 2 and 5 times these powers on a short axis.
fn decades(first: f64, most: f64) -> Axis {
    let ends = super::axis::widened((log10(first), log10(most.max(first))));
    let (low, high) = (ends.0.floor() as i32, ends.1.ceil() as i32);
    let factors: &[f64] = match ends.1 - ends.0 {
        span if span < 3.2 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let mut ticks = Vec::new();
    for decade in low..=high {
        for factor in factors {
            let value = factor * 10f64.powi(decade);
            let at = log10(value);
            if at >= ends.0 - 1e-9 && at <= ends.1 + 1e-9 {
                ticks.push((at, amount(value, tick_places(value))));
            }
        }
    }
    Axis { ends, ticks }
}

fn alt_text(data: &ConvergenceFigure, series: &[(&Strategy, Vec<ConvergencePoint>)]) -> String {
    let parts = series.iter().filter_map(|(strategy, points)| {
        let end = points.last()?;
        let number = |value| amount(value, data.places);
        let (low, high) = (number(end.interval().0), number(end.interval().1));
        Some(format!("{} {} ({low} to {high})", strategy.printed(), number(end.value)))
    });
    let parts: Vec<String> = parts.collect();
    let stopped = data.stopped.as_ref().map(|mark| format!(" {}.", mark.label));
    format!(
        "{}. {} against {}, with {}; at the end: {}.{}",
        data.meta.title.trim_end_matches('.'),
        data.y_title,
        data.x_title,
        data.band_note,
        parts.join("; "),
        stopped.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_decades_have_more_ticks() {
        let numbers = |axis: Axis| axis.ticks.into_iter().map(|tick| tick.1).collect::<Vec<_>>();
        assert_eq!(numbers(decades(100.0, 1000.0)), ["100", "200", "500", "1\u{202F}000"]);
        assert_eq!(numbers(decades(10.0, 100_000.0)).len(), 5);
    }
}
