//! Survival curves with direct labels and, aligned with the ticks of the time axis, the numbers at risk.

use super::columns;
use super::curve::{Band, Curve};
use super::frame::{self, EDGE, SMALL_SIZE};
use super::labels::{EndLabel, LABEL_GAP, draw_end_labels};
use super::risk_table::{self, RiskCount};
use super::scale::{points_from_mm, year_ticks};
use super::scene::{Anchor, Panel, Scene, Stroke};
use super::simplify::simplify;
use super::style::{GREY, SHADE, Strategy};
use super::table::{Table, number};
use super::text::{Weight, counted, percent, width, years};
use super::{Figure, FigureMeta};

/// Data of the survival figure.
#[derive(Debug, Clone)]
pub struct SurvivalFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the time axis, such as "Years since treatment".
    pub x_title: String,
    /// Title of the value axis with its unit, such as "Units without event (%)".
    pub y_title: String,
    /// Last year on the time axis.
    pub x_max: f64,
    /// Year at which the survival is printed in each label, before the survival at the end.
    pub label_at: Option<f64>,
    /// Title of the table of numbers at risk, such as "Number of units (per 500 treated)".
    pub risk_title: String,
    /// What the bands around the curves show.
    pub band: SurvivalBand,
    /// Meaning of the shaded bands, such as "95 % of parameter uncertainty".
    pub band_note: Option<String>,
    /// The strategies shown, one to eight.
    pub series: Vec<SurvivalSeries>,
}

/// What the bands of a survival figure show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurvivalBand {
    /// Monte Carlo error of simulated patients.
    MonteCarlo,
    /// Uncertainty of the parameters: where the curve lies in most of the draws.
    Parameters,
}

impl SurvivalBand {
    /// Meaning of the lower (or upper) limit, for the table of the figure.
    fn limit(self, which: &str) -> String {
        match self {
            SurvivalBand::MonteCarlo => format!("{which} 95 % limit of the Monte Carlo error"),
            SurvivalBand::Parameters => {
                format!("{which} limit of 95 % of the draws of the parameters, at this time by itself")
            }
        }
    }
}

/// Data of one strategy in the survival figure.
#[derive(Debug, Clone)]
pub struct SurvivalSeries {
    /// The strategy.
    pub strategy: Strategy,
    /// The exact survival. A strategy with neither an exact nor a simulated curve is listed in a note and not drawn.
    pub exact: Option<Vec<SurvivalPoint>>,
    /// The simulated survival with its shaded limits; drawn as a pale line under the exact line, or as the main line without one.
    pub monte_carlo: Option<Vec<SurvivalPoint>>,
    /// Year at which the follow-up of the evidence for the strategy ends.
    pub evidence_until: Option<f64>,
    /// Numbers at risk, preferably at exactly the times of [`year_ticks`]; the strategy is left out of the table if empty.
    pub at_risk: Vec<RiskCount>,
}

/// Survival of a strategy at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalPoint {
    /// Time in years.
    pub time: f64,
    /// Proportion (0 to 1) without the event.
    pub survival: f64,
    /// Lower and upper limit of the band.
    pub limits: Option<(f64, f64)>,
}

/// Draws the survival figure.
pub fn survival_figure(data: &SurvivalFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &SurvivalFigure) -> Table {
    type CurvePoint<'a> = (&'a Strategy, &'static str, &'a SurvivalPoint);
    let columns = [
        columns::strategy(|r: &CurvePoint| r.0.name.as_str()),
        columns::source(|r: &CurvePoint| r.1),
        columns::time(|r: &CurvePoint| r.2.time),
        number(
            "survival",
            "proportion",
            "Kaplan-Meier survival, competing events censored",
            |r: &CurvePoint| r.2.survival,
        ),
        number("low", "proportion", data.band.limit("Lower"), |r: &CurvePoint| Some(r.2.limits?.0)),
        number("high", "proportion", data.band.limit("Upper"), |r: &CurvePoint| Some(r.2.limits?.1)),
    ];
    let rows = data.series.iter().flat_map(|series| {
        let sources = [("exact", &series.exact), ("microsimulation", &series.monte_carlo)];
        sources.into_iter().flat_map(move |(source, points)| {
            points.iter().flatten().map(move |point| (&series.strategy, source, point))
        })
    });
    data.meta.table("the curves of this figure", columns, rows)
}

/// The curves and the band drawn for one strategy.
struct Lines<'a> {
    series: &'a SurvivalSeries,
    exact: Option<Curve>,
    monte_carlo: Option<Curve>,
    band: Option<Band>,
}

impl<'a> Lines<'a> {
    fn of(series: &'a SurvivalSeries) -> Lines<'a> {
        // The simulated survival is a step curve, unless it is only the background of the smooth exact curve.
        let step = series.exact.is_none();
        let line = |points: &Vec<SurvivalPoint>, step| Curve {
            points: points.iter().map(|p| (p.time, p.survival)).collect(),
            step,
        };
        let limits = |p: &SurvivalPoint| p.limits.map(|(low, high)| (p.time, low, high));
        Lines {
            series,
            exact: series.exact.as_ref().map(|points| line(points, false)),
            monte_carlo: series.monte_carlo.as_ref().map(|points| line(points, step)),
            band: series
                .monte_carlo
                .as_ref()
                .or(series.exact.as_ref())
                .map(|points| Band { points: points.iter().filter_map(limits).collect(), step })
                .filter(|band| !band.points.is_empty()),
        }
    }

    /// The main curve of the strategy: exact if available, otherwise simulated.
    fn main(&self) -> Option<&Curve> {
        [&self.exact, &self.monte_carlo].into_iter().flatten().find(|curve| curve.points.len() > 1)
    }
}

const PLOT_HEIGHT: f64 = 236.0;
const LEAST_HEIGHT_MM: f64 = 150.0;

pub(super) fn scene(data: &SurvivalFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let lines: Vec<Lines> = data.series.iter().map(Lines::of).collect();
    let drawn: Vec<(&Lines, &Curve)> =
        lines.iter().filter_map(|lines| Some((lines, lines.main()?))).collect();
    let labels: Vec<EndLabel> = drawn.iter().map(|(lines, curve)| label(data, lines.series, curve)).collect();
    let at_risk: Vec<(&Strategy, &[RiskCount])> = data
        .series
        .iter()
        .filter(|series| !series.at_risk.is_empty())
        .map(|series| (&series.strategy, series.at_risk.as_slice()))
        .collect();
    let missing = lines.iter().filter(|lines| lines.main().is_none());
    let missing: Vec<String> = missing.map(|lines| lines.series.strategy.printed()).collect();
    let notes = notes(data, &drawn, &missing);

    let counts: Vec<&[RiskCount]> = at_risk.iter().map(|(_, counts)| *counts).collect();
    let left = risk_table::left_margin(&counts).max(46.0);
    let right = scene.width() - EDGE - LABEL_GAP - labels.iter().map(EndLabel::width).fold(20.0, f64::max);
    let needed: f64 = labels.iter().map(EndLabel::height).sum();
    let table_height = if at_risk.is_empty() { 0.0 } else { 16.0 + 37.1 * at_risk.len() as f64 };
    let spare = points_from_mm(LEAST_HEIGHT_MM) - top - table_height - 34.0 - 10.0 * (notes.len() + 2) as f64;
    let bottom = top + PLOT_HEIGHT.max(needed).max(spare);
    let panel = Panel::new((left, top), (right, bottom), (0.0, data.x_max), (0.0, 1.0));

    shade_extrapolation(&mut scene, &panel, &drawn);
    let y_ticks = frame::percent_ticks();
    frame::grid(&mut scene, &panel, &y_ticks.iter().skip(1).map(|tick| tick.0).collect::<Vec<_>>());
    for (lines, _) in &drawn {
        draw_band(&mut scene, &panel, lines, data.band);
    }
    for (lines, curve) in &drawn {
        draw_curves(&mut scene, &panel, lines, curve);
    }
    frame::y_axis(&mut scene, &panel, &y_ticks);
    frame::y_title(&mut scene, &data.y_title, panel.top, panel.bottom);
    let ticks = year_ticks(data.x_max);
    let positions = frame::x_axis(&mut scene, &panel, &ticks, true);
    frame::x_title(&mut scene, &data.x_title, (panel.left, panel.right), panel.bottom);
    draw_end_labels(&mut scene, &panel, &labels);

    let mut below = panel.bottom + 28.0;
    if !at_risk.is_empty() {
        let ticks_at: Vec<(f64, f64)> = ticks.into_iter().zip(positions).collect();
        below = risk_table::draw(&mut scene, &data.risk_title, &at_risk, &ticks_at, below + 3.0);
    }
    scene.alt = alt_text(data, &drawn, &missing);
    frame::end(&mut scene, &data.meta, &notes, below, &[&panel]);
    scene
}

/// The longest follow-up of any strategy. The follow-up of bounds counts only if all strategies are bounds, because it says
/// nothing about real options.
fn longest_evidence(drawn: &[(&Lines, &Curve)]) -> Option<f64> {
    let series = drawn.iter().map(|(lines, _)| lines.series);
    let only_bounds = series.clone().all(|series| series.strategy.bound);
    series
        .filter(|series| only_bounds || !series.strategy.bound)
        .filter_map(|series| series.evidence_until)
        .reduce(f64::max)
}

/// Shades the panel grey beyond the longest follow-up, where survival is extrapolated.
fn shade_extrapolation(scene: &mut Scene, panel: &Panel, drawn: &[(&Lines, &Curve)]) {
    if let Some(longest) = longest_evidence(drawn).filter(|years| *years < panel.x.end()) {
        let x = panel.x.map(longest);
        scene.rectangle((x, panel.top), (panel.right, panel.bottom), SHADE);
        let word = "extrapolated";
        if width(word, SMALL_SIZE, Weight::Regular) + 8.0 <= panel.right - x {
            // The word is above the 100 % line, where no curve can cross it.
            scene.text((panel.right - 2.0, panel.top - 2.5), word, SMALL_SIZE, GREY, Anchor::End);
        }
    }
}

fn draw_band(scene: &mut Scene, panel: &Panel, lines: &Lines, kind: SurvivalBand) {
    if let Some(band) = &lines.band {
        let strategy = &lines.series.strategy;
        let (lower, upper) = band.limits();
        let edge = |limit: &Curve| simplify(&panel.place(&limit.until(panel.x.end())));
        let (lower, upper) = (edge(&lower), edge(&upper));
        let outline = upper.iter().chain(lower.iter().rev()).copied().collect();
        scene.area(outline, strategy.colour(), 0.15);
        // Each band has hairline edges, because the tints of overlapping bands mix and only edges identify the band.
        let hairline = Stroke { alpha: 0.6, ..Stroke::solid(strategy.colour(), 0.4) };
        // Bands of the parameters have dotted edges, so that nobody takes them for Monte Carlo error.
        let hairline = match kind {
            SurvivalBand::MonteCarlo => hairline,
            SurvivalBand::Parameters => Stroke { width: 0.7, dash: &[1.0, 2.0], ..hairline },
        };
        scene.line(upper, hairline);
        scene.line(lower, hairline);
    }
}

fn draw_curves(scene: &mut Scene, panel: &Panel, lines: &Lines, main: &Curve) {
    let series = lines.series;
    let end = panel.x.end();
    let stroke = frame::strategy_stroke(&series.strategy);
    if let (Some(exact), Some(simulated)) = (&lines.exact, &lines.monte_carlo)
        && exact.points.len() > 1
    {
        let halo = Stroke { width: 2.2, alpha: 0.3, dash: &[], ..stroke };
        scene.line(simplify(&panel.place(&simulated.until(end))), halo);
    }
    scene.line(simplify(&panel.place(&main.until(end))), stroke);
    if let Some(until) = series.evidence_until
        && until < end
        && let Some(value) = main.at(until)
    {
        let (x, y) = (panel.x.map(until), panel.y.map(value));
        scene.line(vec![(x, y - 3.5), (x, y + 3.5)], Stroke::solid(series.strategy.text_colour(), 1.0));
    }
}

fn label(data: &SurvivalFigure, series: &SurvivalSeries, curve: &Curve) -> EndLabel {
    let end = curve.until(data.x_max).last().copied();
    let value = value_text(data, curve);
    EndLabel::of(&series.strategy, &value, end.unwrap_or((data.x_max, 0.0)))
}

/// The values printed in a curve's label: at the chosen year and at the curve's end, which determines the label's position.
fn value_text(data: &SurvivalFigure, curve: &Curve) -> String {
    let landmark = data.label_at.and_then(|at| Some((at, curve.at(at)?)));
    let end = curve.until(data.x_max).last().copied();
    let mut values: Vec<(f64, f64)> = landmark.into_iter().chain(end).collect();
    values.dedup_by(|a, b| (a.0 - b.0).abs() < 1e-6);
    let value = |(at, value): &(f64, f64)| format!("{}\u{A0}at\u{A0}{}\u{A0}y", percent(*value), years(*at));
    values.iter().map(value).collect::<Vec<_>>().join(", ")
}

/// Notes under the figure: explanation of the marks, and the strategies without a curve.
fn notes(data: &SurvivalFigure, drawn: &[(&Lines, &Curve)], missing: &[String]) -> Vec<String> {
    let any = |test: fn(&Lines) -> bool| drawn.iter().any(|(lines, _)| test(lines));
    let mut marks = Vec::new();
    match (any(|s| s.exact.is_some()), any(|s| s.monte_carlo.is_some())) {
        (true, true) => marks.push("Lines: exact solution; pale lines: Monte Carlo.".to_string()),
        (true, false) => marks.push("Lines: exact solution.".to_string()),
        (false, true) => marks.push("Lines: Monte Carlo.".to_string()),
        (false, false) => {}
    }
    if any(|s| s.band.is_some()) {
        marks.extend(data.band_note.as_ref().map(|note| format!("Shaded bands: {note}.")));
    }
    let ends = |until: Option<f64>| until.is_some_and(|until| until < data.x_max);
    let grey = longest_evidence(drawn);
    let until = drawn.iter().map(|(lines, _)| lines.series.evidence_until);
    let longer = until.clone().any(|until| ends(grey) && until > grey);
    if until.clone().any(ends) {
        let grey = match (ends(grey), longer) {
            (false, _) => "",
            (true, false) => ". Grey: beyond all follow-up",
            (true, true) => ". Grey: beyond all follow-up (bounds excluded)",
        };
        marks.push(format!("Vertical ticks: end of follow-up of each strategy{grey}."));
    }
    let mut notes = Vec::new();
    if !marks.is_empty() {
        notes.push(marks.join(" "));
    }
    if !missing.is_empty() {
        notes.push(format!("Not drawn (none at risk): {}.", missing.join(", ")));
    }
    notes
}

fn alt_text(data: &SurvivalFigure, drawn: &[(&Lines, &Curve)], missing: &[String]) -> String {
    let mut text = format!(
        "{}. Survival curves over {} for {}; {} against {}.",
        data.meta.title.trim_end_matches('.'),
        counted(data.x_max, "year", "years"),
        counted(drawn.len() as f64, "strategy", "strategies"),
        data.y_title,
        data.x_title,
    );
    let values: Vec<String> = drawn
        .iter()
        .map(|(lines, curve)| format!("{} {}", lines.series.strategy.printed(), value_text(data, curve)))
        .collect();
    if !values.is_empty() {
        text.push_str(&format!(" {}.", values.join("; ")));
    }
    if !missing.is_empty() {
        text.push_str(&format!(" Not drawn because none are at risk: {}.", missing.join(", ")));
    }
    if data.series.iter().any(|series| !series.at_risk.is_empty()) {
        text.push_str(" Below: numbers at risk, censored and with the event at each tick.");
    }
    text
}
