//! Agreement of exact and Monte Carlo results: the difference between two independent computations of the same model
//! over time, compared with the difference that chance can explain.

use super::columns;
use super::frame;
use super::panels::{self, Grid};
use super::scale::{nice_step, tick_places, ticks};
use super::scene::{Panel, Scene, Stroke};
use super::simplify::simplify;
use super::style::{INK, Strategy};
use super::table::{Table, number};
use super::text::{counted, decimal};
use super::{Figure, FigureMeta};

/// Data of the agreement figure (exact versus Monte Carlo).
#[derive(Debug, Clone)]
pub struct AgreementFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the shared time axis.
    pub x_title: String,
    /// Title of the shared value axis, such as "Monte Carlo minus exact (percentage points)".
    pub y_title: String,
    /// Last year on the time axis.
    pub x_max: f64,
    /// The strategies shown, one to eight.
    pub series: Vec<AgreementSeries>,
}

/// Data of one strategy in the agreement figure (exact versus Monte Carlo).
#[derive(Debug, Clone)]
pub struct AgreementSeries {
    /// The strategy.
    pub strategy: Strategy,
    /// Exact and simulated result at each time, by increasing time.
    pub points: Vec<AgreementPoint>,
}

/// The same proportion computed exactly and by simulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgreementPoint {
    /// Time in years.
    pub time: f64,
    /// Exact proportion (0 to 1).
    pub exact: f64,
    /// Simulated proportion (0 to 1).
    pub monte_carlo: f64,
    /// Standard error of the simulated proportion.
    pub standard_error: f64,
}

impl AgreementPoint {
    /// Monte Carlo result minus exact result, in percentage points.
    fn difference(&self) -> f64 {
        100.0 * (self.monte_carlo - self.exact)
    }

    /// The absolute difference in standard errors; infinite if the results differ although the standard error is zero.
    fn z(&self) -> f64 {
        let difference = (self.monte_carlo - self.exact).abs();
        if difference <= 1e-12 { 0.0 } else { difference / self.standard_error.max(0.0) }
    }

    fn is_finite(&self) -> bool {
        [self.time, self.exact, self.monte_carlo, self.standard_error].iter().all(|value| value.is_finite())
    }
}

impl AgreementSeries {
    fn finite(&self, x_max: f64) -> Vec<AgreementPoint> {
        self.points.iter().copied().filter(|point| point.is_finite() && point.time <= x_max + 1e-9).collect()
    }

    /// Time and size, in standard errors, of the largest difference among the points up to `x_max`.
    pub fn largest_z(&self, x_max: f64) -> Option<(f64, f64)> {
        let sizes = self.finite(x_max).into_iter().map(|point| (point.time, point.z()));
        sizes.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Draws the agreement figure (exact versus Monte Carlo).
pub fn agreement_figure(data: &AgreementFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &AgreementFigure) -> Table {
    type Compared<'a> = (&'a Strategy, &'a AgreementPoint);
    let columns = [
        columns::strategy(|r: &Compared| r.0.name.as_str()),
        columns::time(|r: &Compared| r.1.time),
        number(
            "exact",
            "proportion",
            "Cumulative incidence by the cohort engine, of all patients",
            |r: &Compared| r.1.exact,
        ),
        number(
            "monte_carlo",
            "proportion",
            "Cumulative incidence by the microsimulation, of all patients",
            |r: &Compared| r.1.monte_carlo,
        ),
        columns::se(|r: &Compared| r.1.standard_error),
    ];
    let rows =
        data.series.iter().flat_map(|series| series.points.iter().map(|point| (&series.strategy, point)));
    data.meta.table("exact and simulated cumulative incidence of the first endpoint", columns, rows)
}

pub(super) fn scene(data: &AgreementFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let reach = data
        .series
        .iter()
        .flat_map(|series| series.finite(data.x_max))
        .map(|point| point.difference().abs().max(200.0 * point.standard_error))
        .fold(0.01, f64::max);
    let step = nice_step(reach, 3);
    let limit = (reach / step - 1e-9).ceil() * step;
    let values: Vec<(f64, String)> =
        ticks(-limit, limit, step).into_iter().map(|tick| (tick, decimal(tick, tick_places(step)))).collect();

    let height = if data.series.len() <= 3 { 130.0 } else { 92.0 };
    let grid = Grid { left: 50.0, right: 7.0, height, x_max: data.x_max, y: (-limit, limit) };
    let headings: Vec<(&Strategy, Option<String>)> =
        data.series.iter().map(|series| (&series.strategy, Some(summary(series, data.x_max)))).collect();
    let (panels, bottom) = panels::lay_out(&mut scene, &grid, &headings, top);
    for (panel, series) in panels.iter().zip(&data.series) {
        let inner: Vec<f64> = values.iter().map(|value| value.0).collect();
        frame::grid(&mut scene, panel, &inner);
        draw_series(&mut scene, panel, series, data.x_max);
    }
    let titles = (data.x_title.as_str(), data.y_title.as_str());
    panels::axes(&mut scene, &panels, data.x_max, &values, titles);
    scene.alt = alt_text(data);
    let note = "Shaded: ±2 standard errors of the Monte Carlo estimate, which holds about 95\u{202F}% of \
                differences at any single time; |z|: difference in standard errors."
        .to_string();
    let marked = panels::hypothetical(&panels, &headings);
    frame::end(&mut scene, &data.meta, &[note], bottom + 16.0, &marked);
    scene
}

fn draw_series(scene: &mut Scene, panel: &Panel, series: &AgreementSeries, x_max: f64) {
    let points = series.finite(x_max);
    let line = |value: &dyn Fn(&AgreementPoint) -> f64| {
        let data: Vec<(f64, f64)> = points.iter().map(|point| (point.time, value(point))).collect();
        simplify(&panel.place(&data))
    };
    let mut band = line(&|point| 200.0 * point.standard_error);
    band.extend(line(&|point| -200.0 * point.standard_error).into_iter().rev());
    scene.area(band, series.strategy.colour(), 0.15);
    let zero = panel.y.map(0.0);
    scene.line(vec![(panel.left, zero), (panel.right, zero)], Stroke::solid(INK, 0.6));
    // All lines are solid, because each panel shows its strategy's name and dashes would hide small changes.
    scene.line(line(&AgreementPoint::difference), Stroke::solid(series.strategy.colour(), 1.0));
}

fn summary(series: &AgreementSeries, x_max: f64) -> String {
    match series.largest_z(x_max) {
        None => "no results".into(),
        Some((_, 0.0)) => "no difference at any time".into(),
        Some((time, size)) => format!("max |z| = {} at {}\u{A0}y", decimal(size, 1), decimal(time, 1)),
    }
}

fn alt_text(data: &AgreementFigure) -> String {
    let parts: Vec<String> = data
        .series
        .iter()
        .map(|series| format!("{} {}", series.strategy.printed(), summary(series, data.x_max)))
        .collect();
    format!(
        "{}. {} over {}, one panel per strategy, with a band of two standard errors around zero. {}.",
        data.meta.title.trim_end_matches('.'),
        data.y_title,
        counted(data.x_max, "year", "years"),
        parts.join("; "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_chance_cannot_make_is_infinite() {
        let point = |monte_carlo, standard_error| AgreementPoint {
            time: 1.0,
            exact: 0.5,
            monte_carlo,
            standard_error,
        };
        assert_eq!(point(0.5, 0.0).z(), 0.0);
        assert_eq!(point(0.6, 0.0).z(), f64::INFINITY);
        assert!((point(0.52, 0.01).z() - 2.0).abs() < 1e-9);
    }
}
