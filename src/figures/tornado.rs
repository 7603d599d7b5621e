//! Tornado diagram of a one-way sensitivity analysis: the outcome at the low and the high value of each parameter.

use super::axis::{Axis, drawable, extent};
use super::frame::{self, EDGE, SMALL_SIZE};
use super::markers::{self, closed, diamond};
use super::marks::{MARK_LINE, Mark, TopLabels};
use super::rows::{self, Rows};
use super::scene::{Anchor, Panel, Scene, Stroke};
use super::style::{GREY, INK, Rgb, WHITE};
use super::table::{Table, number, text};
use super::text::{Weight, amount, cut, width};
use super::{Figure, FigureMeta};

/// Data of the tornado diagram.
#[derive(Debug, Clone)]
pub struct TornadoFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the value axis with its unit, such as "Incremental net benefit of B against A (GBP)".
    pub x_title: String,
    /// Number of decimals of the outcome in the alternative text.
    pub places: usize,
    /// The outcome at the base values of all parameters.
    pub base: f64,
    /// Label of the line at the base value, such as "Base: 1 234".
    pub base_label: String,
    /// Label of the line at zero, where the decision changes, such as "No difference"; no line is drawn if none.
    pub zero_label: Option<String>,
    /// Legend entries for the two ends of a range, such as "Low value" and "High value".
    pub ends: (String, String),
    /// Meaning of the diamond after a name, such as "changes the decision".
    pub flip_note: String,
    /// The parameters by decreasing width of their bar, at most about 15.
    pub bars: Vec<TornadoBar>,
}

/// One bar of the tornado diagram: a parameter with the outcomes at both ends of its range.
#[derive(Debug, Clone)]
pub struct TornadoBar {
    /// Name of the parameter in the table of parameters.
    pub parameter: String,
    /// Unit of the parameter in the table of parameters.
    pub unit: String,
    /// Printed name.
    pub name: String,
    /// Outcome at the low value of the parameter.
    pub at_low: f64,
    /// Outcome at the high value of the parameter.
    pub at_high: f64,
    /// The low value of the parameter, with its printed form.
    pub low: Mark,
    /// The high value of the parameter, with its printed form.
    pub high: Mark,
    /// Whether the decision changes within the range of the parameter.
    pub flips: bool,
}

/// Draws the tornado diagram.
pub fn tornado_figure(data: &TornadoFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &TornadoFigure) -> Table {
    type Moved<'a> = &'a TornadoBar;
    let columns = [
        text("parameter", "Parameter, as its table names it", "", |bar: &Moved| &bar.parameter),
        text("unit", "Unit of the parameter in its table", "", |bar: &Moved| &bar.unit),
        number("low", "as `unit`", "Lower end of its range", |bar: &Moved| bar.low.value),
        number("high", "as `unit`", "Upper end of its range", |bar: &Moved| bar.high.value),
        number("at_low", "cost", "Incremental net benefit with the parameter at `low`", |bar: &Moved| {
            bar.at_low
        }),
        number("at_high", "cost", "The same at `high`", |bar: &Moved| bar.at_high),
        number("base", "cost", "The same at base", |_: &Moved| data.base),
        text(
            "decision_changes",
            "Whether another strategy is best at either end",
            "yes; no",
            |bar: &Moved| if bar.flips { "yes" } else { "no" },
        ),
    ];
    data.meta.table("the bars of this figure", columns, &data.bars)
}

/// Colour of the low end, lighter than the high end so that the two differ in greyscale as well.
const LOW: Rgb = Rgb(0xE6, 0x9F, 0x00);
const HIGH: Rgb = Rgb(0x00, 0x72, 0xB2);
const BAR: f64 = 11.0;
/// Height of a row in which both ends lie on the same side of the base value; each end has half of this height.
const DOUBLE: f64 = 18.0;
const VALUE_WIDTH: f64 = 70.0;
const FLIP: f64 = 3.4;

impl TornadoBar {
    /// Whether both ends lie on the same side of the base value, where one bar would hide the other.
    fn same_side(&self, base: f64) -> bool {
        (self.at_low - base) * (self.at_high - base) > 0.0
    }

    fn height(&self, base: f64) -> f64 {
        if self.same_side(base) { DOUBLE } else { BAR }
    }

    /// Whether the bars of the low and the high end extend to the left of the base value.
    fn leftwards(&self, base: f64) -> (bool, bool) {
        let (low, high) = (self.at_low - base, self.at_high - base);
        (low < 0.0 || (low == 0.0 && high >= 0.0), high < 0.0 || (high == 0.0 && low > 0.0))
    }

    fn drawable(&self) -> bool {
        drawable(self.at_low) && drawable(self.at_high)
    }
}

pub(super) fn scene(data: &TornadoFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let base = if drawable(data.base) { data.base } else { 0.0 };
    let bars: Vec<&TornadoBar> = data.bars.iter().filter(|bar| bar.drawable()).collect();
    let legend = [(data.ends.0.as_str(), LOW), (data.ends.1.as_str(), HIGH)];
    let mut top = frame::legend(&mut scene, &legend, top) + 2.0;
    let names: Vec<(&str, Weight)> = bars.iter().map(|bar| (bar.name.as_str(), Weight::Regular)).collect();
    let heights: Vec<f64> = bars.iter().map(|bar| bar.height(base)).collect();
    let rows = Rows::new(&names, &heights);
    let ends = bars.iter().flat_map(|bar| [bar.at_low, bar.at_high]);
    let axis = Axis::exact(extent(ends.chain([base])), 6);
    let decision = data.zero_label.as_deref().filter(|_| axis.ends.0 <= 0.0 && axis.ends.1 >= 0.0);
    // The panel leaves room on both sides, because values are printed outside the ends of the bars.
    let cut_value = |text: &str| cut(text, SMALL_SIZE, Weight::Regular, VALUE_WIDTH);
    let widest = bars.iter().flat_map(|bar| [cut_value(&bar.low.label), cut_value(&bar.high.label)]);
    let room = widest.map(|text| width(&text, SMALL_SIZE, Weight::Regular)).fold(10.0, f64::max) + 5.0;
    let names_end = rows.left_margin() + 2.0 * FLIP + 2.0;
    let (left, right) = (names_end + room, scene.width() - EDGE - room);
    let mut texts = vec![(data.base_label.as_str(), INK)];
    texts.extend(decision.map(|text| (text, GREY)));
    let words = TopLabels::new(&texts, right - left);
    top += words.height();
    let panel = Panel::new((left, top), (right, top + rows.height()), axis.ends, (0.0, 1.0));
    rows::upright_grid(&mut scene, &panel, &axis);
    rows.draw_names(&mut scene, names_end - 2.0 * FLIP - 7.0, top);
    let mut at = vec![panel.x.map(base)];
    if decision.is_some() {
        at.push(panel.x.map(0.0));
    }
    for (bar, edges) in bars.iter().zip(rows.edges(top)) {
        let middle = (edges.0 + edges.1) / 2.0;
        draw_bar(&mut scene, &panel, bar, base, middle);
        if bar.flips {
            let place = (names_end - FLIP - 3.0, middle);
            markers::draw(&mut scene, diamond(place, FLIP), INK, Stroke::solid(INK, 0.5));
        }
    }
    for &x in at.iter().skip(1) {
        scene.line(vec![(x, panel.top), (x, panel.bottom)], MARK_LINE);
    }
    scene.line(vec![(at[0], panel.top), (at[0], panel.bottom)], Stroke::solid(INK, 1.0));
    for (bar, edges) in bars.iter().zip(rows.edges(top)) {
        write_values(&mut scene, &panel, bar, base, (edges.0 + edges.1) / 2.0, &cut_value);
    }
    words.draw(&mut scene, &panel, &at);
    let below = axis.draw_below(&mut scene, &panel, &data.x_title);
    scene.alt = alt_text(data);
    let mut notes = vec!["Numbers at the ends of the bars: parameter values.".to_string()];
    if bars.iter().any(|bar| bar.flips) {
        notes[0].push_str(&format!(" Diamond: {}.", data.flip_note));
    }
    frame::end(&mut scene, &data.meta, &notes, below, &[&panel]);
    scene
}

/// Upper and lower edges of the bar's low part and of its high part.
fn halves(bar: &TornadoBar, base: f64, middle: f64) -> [(f64, f64); 2] {
    let half = bar.height(base) / 2.0;
    match bar.same_side(base) {
        true => [(middle - half, middle), (middle, middle + half)],
        false => [(middle - half, middle + half); 2],
    }
}

fn draw_bar(scene: &mut Scene, panel: &Panel, bar: &TornadoBar, base: f64, middle: f64) {
    let parts = [(bar.at_low, LOW), (bar.at_high, HIGH)];
    for ((value, colour), (top, bottom)) in parts.into_iter().zip(halves(bar, base, middle)) {
        if value != base {
            let corners = rows::bar(panel, base, value, top, bottom);
            scene.area(corners.clone(), colour, 1.0);
            scene.line(closed(corners), Stroke::solid(WHITE, 0.4));
        }
    }
}

fn write_values(
    scene: &mut Scene,
    panel: &Panel,
    bar: &TornadoBar,
    base: f64,
    middle: f64,
    cut_value: &impl Fn(&str) -> String,
) {
    let (low, high) = bar.leftwards(base);
    let parts = [(bar.at_low, &bar.low.label, low), (bar.at_high, &bar.high.label, high)];
    for ((value, text, leftwards), (top, bottom)) in parts.into_iter().zip(halves(bar, base, middle)) {
        let x = panel.x.map(value);
        let y = (top + bottom) / 2.0 + 2.4;
        let text = cut_value(text);
        let length = width(&text, SMALL_SIZE, Weight::Regular);
        let left = if leftwards { x - 2.5 - length } else { x + 2.5 };
        // The number has a white ground, so that no vertical line crosses it.
        let (above, below) = (y - 0.75 * SMALL_SIZE, y + 0.25 * SMALL_SIZE);
        let ground = vec![(left, above), (left + length, above), (left + length, below), (left, below)];
        scene.area(ground, WHITE, 0.9);
        scene.text((left, y), &text, SMALL_SIZE, INK, Anchor::Start);
    }
}

fn alt_text(data: &TornadoFigure) -> String {
    let bars: Vec<String> = data
        .bars
        .iter()
        .filter(|bar| bar.drawable())
        .map(|bar| {
            let flips = if bar.flips { format!(" ({})", data.flip_note) } else { String::new() };
            let (low, high) = (amount(bar.at_low, data.places), amount(bar.at_high, data.places));
            format!("{}: {low} at {}, {high} at {}{flips}", bar.name, bar.low.label, bar.high.label)
        })
        .collect();
    format!(
        "{}. Horizontal bars around the base value of {}; {}. {}.",
        data.meta.title.trim_end_matches('.'),
        amount(data.base, data.places),
        data.x_title,
        bars.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_on_the_side_to_which_the_bar_points() {
        let none = || Mark { value: 0.0, label: String::new() };
        let bar = |at_low, at_high| TornadoBar {
            parameter: String::new(),
            unit: String::new(),
            name: String::new(),
            at_low,
            at_high,
            low: none(),
            high: none(),
            flips: false,
        };
        assert_eq!(bar(1.0, 3.0).leftwards(2.0), (true, false));
        assert_eq!(bar(3.0, 1.0).leftwards(2.0), (false, true));
        assert_eq!(bar(2.0, 2.0).leftwards(2.0), (true, false));
        assert_eq!(bar(2.0, 1.0).leftwards(2.0), (false, true));
        assert_eq!(bar(3.0, 2.0).leftwards(2.0), (false, true));
        assert!(bar(3.0, 4.0).same_side(2.0) && !bar(1.0, 4.0).same_side(2.0));
    }
}
