//! EVPPI of single parameters and groups at one threshold, ranked.

use super::axis::{Axis, drawable, extent};
use super::frame::{self, AXIS_SIZE, EDGE};
use super::markers::{closed, diamond};
use super::marks::{MARK_LINE, Mark, TopLabels};
use super::rows::{self, Rows};
use super::scene::{Anchor, Panel, Scene, Stroke};
use super::style::{GREY, INK, Rgb, WHITE};
use super::table::{Table, number, text};
use super::text::{Weight, width};
use super::{Figure, FigureMeta, markers};

/// Data of the EVPPI figure.
#[derive(Debug, Clone)]
pub struct EvppiFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the value axis with unit and threshold, such as "EVPPI per person at 25 000 GBP per QALY (GBP)".
    pub x_title: String,
    /// Parameters and groups by decreasing EVPPI.
    pub bars: Vec<EvppiBar>,
    /// The EVPI at the same threshold with its label, such as "EVPI: 1 234"; no line is drawn if none.
    pub evpi: Option<Mark>,
    /// Meaning of the diamond after a number, such as "estimated above EVPI and reported as EVPI".
    pub flag_note: String,
}

/// One bar of the EVPPI figure: a parameter or a group of parameters.
#[derive(Debug, Clone)]
pub struct EvppiBar {
    /// Name of the parameter or of the group.
    pub parameters: String,
    /// Printed label.
    pub label: String,
    /// EVPPI in the unit of cost.
    pub value: f64,
    /// Standard error of the EVPPI; the whiskers extend two standard errors to each side.
    pub standard_error: Option<f64>,
    /// The EVPPI as printed.
    pub text: String,
    /// Whether the estimate exceeded the EVPI and was therefore replaced by the EVPI.
    pub as_evpi: bool,
}

/// Draws the EVPPI figure.
pub fn evppi_figure(data: &EvppiFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &EvppiFigure) -> Table {
    let columns = [
        text("parameters", "Parameter, or the name of a group", "", |bar: &&EvppiBar| bar.parameters.clone()),
        number("evppi", "cost per person", "Expected value of knowing it", |bar: &&EvppiBar| bar.value),
        number("se", "cost per person", "Standard error", |bar: &&EvppiBar| bar.standard_error),
    ];
    data.meta.table("the bars of this figure", columns, &data.bars)
}

const BAR: f64 = 9.0;
const FILL: Rgb = Rgb(0x56, 0xB4, 0xE9);
const FLAG: f64 = 3.2;

impl EvppiBar {
    /// The lower and upper ends of the whiskers, at two standard errors.
    fn whiskers(&self) -> Option<(f64, f64)> {
        let error = self.standard_error.filter(|e| drawable(*e) && *e > 0.0)?;
        Some(((self.value - 2.0 * error).max(0.0), self.value + 2.0 * error))
    }
}

pub(super) fn scene(data: &EvppiFigure) -> Scene {
    let (mut scene, mut top) = frame::begin(&data.meta);
    let bars: Vec<&EvppiBar> = data.bars.iter().filter(|bar| drawable(bar.value)).collect();
    let names: Vec<(&str, Weight)> = bars.iter().map(|bar| (bar.label.as_str(), Weight::Regular)).collect();
    let rows = Rows::new(&names, &vec![BAR; bars.len()]);
    let evpi = data.evpi.as_ref().filter(|mark| drawable(mark.value));
    let values = bars.iter().map(|bar| bar.whiskers().map_or(bar.value, |w| w.1));
    let (low, high) = extent(values.chain(evpi.map(|mark| mark.value)));
    let axis = Axis::rounded((low.min(0.0), high.max(0.0)), 6);
    let numbers = bars.iter().map(|bar| width(&bar.text, AXIS_SIZE, Weight::Regular));
    let room = numbers.fold(10.0, f64::max);
    let (left, right) = (rows.left_margin(), scene.width() - EDGE - room - 2.0 * FLAG - 12.0);
    let texts: Vec<(&str, Rgb)> = evpi.iter().map(|mark| (mark.label.as_str(), GREY)).collect();
    let words = TopLabels::new(&texts, right - left);
    top += words.height();
    let panel = Panel::new((left, top), (right, top + rows.height()), axis.ends, (0.0, 1.0));
    rows::upright_grid(&mut scene, &panel, &axis);
    rows.draw_names(&mut scene, left - 6.0, top);
    let column = scene.width() - EDGE - 2.0 * FLAG - 4.0;
    for (bar, edges) in bars.iter().zip(rows.edges(top)) {
        let middle = (edges.0 + edges.1) / 2.0;
        draw_bar(&mut scene, &panel, bar, middle);
        scene.text((column, middle + 2.7), &bar.text, AXIS_SIZE, INK, Anchor::End);
        if bar.as_evpi {
            let place = (scene.width() - EDGE - FLAG, middle);
            markers::draw(&mut scene, diamond(place, FLAG), INK, Stroke::solid(INK, 0.5));
        }
    }
    let zero = panel.x.map(0.0);
    scene.line(vec![(zero, panel.top), (zero, panel.bottom)], Stroke::solid(INK, 0.7));
    let at: Vec<f64> = evpi.iter().map(|mark| panel.x.map(mark.value)).collect();
    for &x in &at {
        scene.line(vec![(x, panel.top), (x, panel.bottom)], MARK_LINE);
    }
    words.draw(&mut scene, &panel, &at);
    let below = axis.draw_below(&mut scene, &panel, &data.x_title);
    scene.alt = alt_text(data);
    let mut notes = Vec::new();
    if bars.iter().any(|bar| bar.whiskers().is_some()) {
        notes.push("Whiskers: ±2 standard errors, truncated at zero.".to_string());
    }
    if bars.iter().any(|bar| bar.as_evpi) {
        notes.push(format!("Diamond: {}.", data.flag_note));
    }
    let notes: Vec<String> = (!notes.is_empty()).then(|| notes.join(" ")).into_iter().collect();
    frame::end(&mut scene, &data.meta, &notes, below, &[&panel]);
    scene
}

fn draw_bar(scene: &mut Scene, panel: &Panel, bar: &EvppiBar, middle: f64) {
    let (top, bottom) = (middle - BAR / 2.0, middle + BAR / 2.0);
    if bar.value != 0.0 {
        let corners = rows::bar(panel, 0.0, bar.value, top, bottom);
        scene.area(corners.clone(), FILL, 1.0);
        scene.line(closed(corners), Stroke::solid(WHITE, 0.4));
    }
    if let Some((low, high)) = bar.whiskers() {
        let (left, right) = (panel.x.map(low), panel.x.map(high));
        let ink = Stroke::solid(INK, 0.9);
        scene.line(vec![(left, middle), (right, middle)], ink);
        for x in [left, right] {
            scene.line(vec![(x, middle - 2.5), (x, middle + 2.5)], ink);
        }
    }
}

fn alt_text(data: &EvppiFigure) -> String {
    let bars: Vec<String> = data
        .bars
        .iter()
        .map(|bar| {
            let flag = if bar.as_evpi { format!(" ({})", data.flag_note) } else { String::new() };
            format!("{}: {}{flag}", bar.label, bar.text)
        })
        .collect();
    let evpi = data.evpi.as_ref().map(|mark| format!(" Reference line: {}.", mark.label));
    format!(
        "{}. Ranked bars; {}.{} {}.",
        data.meta.title.trim_end_matches('.'),
        data.x_title,
        evpi.unwrap_or_default(),
        bars.join("; ")
    )
}
