//! One outcome of every strategy over the range of one parameter.

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

/// Data of the one-way sensitivity figure.
#[derive(Debug, Clone)]
pub struct SensitivityLinesFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis: name of the parameter with its unit.
    pub x_title: String,
    /// Title of the y axis with its unit, such as "Net monetary benefit (GBP)".
    pub y_title: String,
    /// Number of decimals of printed values.
    pub places: usize,
    /// The strategies shown, one to eight.
    pub series: Vec<SensitivityLine>,
    /// The base value of the parameter with its label; drawn as a solid vertical line.
    pub base: Option<Mark>,
    /// The values of the parameter at which the best strategy changes, with their labels; drawn as dashed vertical lines.
    pub switches: Vec<Mark>,
}

/// Data of one strategy in the one-way sensitivity figure.
#[derive(Debug, Clone)]
pub struct SensitivityLine {
    /// The strategy.
    pub strategy: Strategy,
    /// Values of the parameter, increasing, with the outcome at each; no outcome where the value makes the model invalid.
    pub points: Vec<(f64, Option<f64>)>,
}

/// Draws the one-way sensitivity figure.
pub fn sensitivity_lines_figure(data: &SensitivityLinesFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &SensitivityLinesFigure) -> Table {
    type OutcomeAt<'a> = (&'a Strategy, f64, Option<f64>);
    let columns = [
        columns::strategy(|r: &OutcomeAt| r.0.name.as_str()),
        number("value", "unit of the parameter table", "Value of the parameter", |r: &OutcomeAt| r.1),
        number(
            "net_benefit",
            "cost",
            "Net monetary benefit; empty where the model is impossible",
            |r: &OutcomeAt| r.2,
        ),
    ];
    let rows = data
        .series
        .iter()
        .flat_map(|series| series.points.iter().map(|&(value, outcome)| (&series.strategy, value, outcome)));
    data.meta.table("the lines of this figure", columns, rows)
}

impl SensitivityLine {
    /// The points that have an outcome.
    fn line(&self) -> Vec<(f64, f64)> {
        self.points.iter().filter_map(|&(value, outcome)| Some((value, outcome?))).collect()
    }
}

pub(super) fn scene(data: &SensitivityLinesFigure) -> Scene {
    let lines: Vec<Vec<(f64, f64)>> = data.series.iter().map(SensitivityLine::line).collect();
    let points = || lines.iter().flatten();
    let labels = data.series.iter().zip(&lines).filter_map(|(series, line)| {
        let end = last(line)?;
        Some(EndLabel::of(&series.strategy, &amount(end.1, data.places), end))
    });
    let base = data.base.iter().map(Upright::solid);
    let plot = LinePlot {
        meta: &data.meta,
        x_title: &data.x_title,
        y_title: &data.y_title,
        x: Axis::exact(extent(points().map(|p| p.0)), 7),
        y: Axis::rounded(extent(points().map(|p| p.1)), 5),
        marks: base.chain(data.switches.iter().map(Upright::dashed)).collect(),
        labels: labels.collect(),
        right: 14.0,
    };
    let (mut scene, panel) = plot.open();
    if panel.y.domain().0 < 0.0 && panel.y.domain().1 > 0.0 {
        let zero = panel.y.map(0.0);
        scene.line(vec![(panel.left, zero), (panel.right, zero)], Stroke::solid(INK, 0.6));
    }
    for (series, line) in data.series.iter().zip(&lines) {
        draw_line(&mut scene, &panel, line, frame::strategy_stroke(&series.strategy));
    }
    scene.alt = alt_text(data);
    let note = ["Numbers next to the names: outcome at the upper end of the range.".to_string()];
    plot.close(&mut scene, &panel, if data.series.is_empty() { &[] } else { &note });
    scene
}

fn alt_text(data: &SensitivityLinesFigure) -> String {
    let lines = data.series.iter().filter_map(|series| {
        let line = series.line();
        let first = line.iter().find(|p| drawable(p.0) && drawable(p.1))?;
        let end = last(&line)?;
        let (from, to) = (amount(first.1, data.places), amount(end.1, data.places));
        Some(format!("{} from {from} to {to}", series.strategy.printed()))
    });
    let lines: Vec<String> = lines.collect();
    let marks = data.base.iter().chain(&data.switches);
    let marks: Vec<String> = marks.map(|mark| format!(" {}.", mark.label)).collect();
    format!(
        "{}. {} against {}, one line per strategy. {}.{}",
        data.meta.title.trim_end_matches('.'),
        data.y_title,
        data.x_title,
        lines.join("; "),
        marks.concat()
    )
}
