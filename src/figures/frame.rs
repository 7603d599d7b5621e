//! Common parts of every figure: title, axes, notes, footer and watermark.

use super::FigureMeta;
use super::scale::mm_to_hold;
use super::scene::{Anchor, Panel, Scene, Shape, Stroke, Text};
use super::style::{GREY, GRID, INK, Rgb, Strategy};
use super::text::{Weight, cut, width, wrap, wrap_at_most, wrap_evenly, years};

/// Width of every figure, equal to two columns of a journal.
pub(super) const WIDTH_MM: u32 = 180;
/// Blank margin of the page in points.
pub(super) const EDGE: f64 = 8.0;

pub(super) const TITLE_SIZE: f64 = 9.0;
pub(super) const AXIS_SIZE: f64 = 8.0;
pub(super) const SMALL_SIZE: f64 = 7.0;
const FOOTER_SIZE: f64 = 6.5;

/// Colour of the watermark: a medium grey, so that the watermark is visible on both pale and dark bands.
const MARK: Rgb = Rgb(0x88, 0x88, 0x88);

/// Distance between the baselines of consecutive lines of text of a given size.
pub(super) fn leading(size: f64) -> f64 {
    size * 1.2
}

/// Starts a page with its title; returns the page and the vertical position below the title.
pub(super) fn begin(meta: &FigureMeta) -> (Scene, f64) {
    let mut scene = Scene::new(WIDTH_MM, &meta.title);
    let mut bottom = EDGE;
    for line in wrap(&meta.title, TITLE_SIZE, Weight::SemiBold, scene.width() - 2.0 * EDGE) {
        bottom += leading(TITLE_SIZE);
        scene.styled((EDGE, bottom - 2.0), &line, TITLE_SIZE, Weight::SemiBold, INK, Anchor::Start);
    }
    (scene, bottom + 8.0)
}

/// Writes the notes and the footer below `top`, sets the height of the page, and draws the watermark over the
/// `marked` panels.
pub(super) fn end(scene: &mut Scene, meta: &FigureMeta, notes: &[String], top: f64, marked: &[&Panel]) {
    let limit = scene.width() - 2.0 * EDGE;
    let mut y = top;
    for (text, size, colour) in notes.iter().map(|note| (note, SMALL_SIZE, INK)).chain(std::iter::once((
        &meta.footer,
        FOOTER_SIZE,
        GREY,
    ))) {
        for line in wrap_evenly(text, size, Weight::Regular, limit) {
            y += leading(size);
            scene.text((EDGE, y), &line, size, colour, Anchor::Start);
        }
    }
    scene.height_mm = mm_to_hold(y + EDGE);
    if let Some(mark) = &meta.watermark {
        marked.iter().for_each(|panel| watermark(scene, panel, mark));
    }
}

/// Draws the watermark inside the panel, so that a copied plot of hypothetical inputs is still marked as hypothetical.
fn watermark(scene: &mut Scene, panel: &Panel, mark: &str) {
    const MOST: f64 = 44.0;
    // Cosine and sine of 20 degrees, the slope of the watermark's text.
    let (cos, sin) = (0.94, 0.342);
    let length = width(mark, 1.0, Weight::SemiBold).max(1.0);
    let across = (panel.right - panel.left) / (length * cos + sin);
    let down = (panel.bottom - panel.top) / (length * sin + cos);
    let size = (0.92 * across.min(down)).min(MOST);
    let middle = ((panel.left + panel.right) / 2.0, (panel.top + panel.bottom) / 2.0);
    // The text is shifted by a third of its size, because it is positioned by its baseline and not by the middle of its letters.
    let at = (middle.0 + 0.33 * size * sin, middle.1 + 0.33 * size * cos);
    scene.shapes.push(Shape::Text(Text {
        at,
        text: mark.to_string(),
        size,
        weight: Weight::SemiBold,
        colour: MARK,
        alpha: 0.3,
        anchor: Anchor::Middle,
        turn: -20.0,
    }));
}

/// Draws light horizontal lines at the values of `ticks`, before the data are drawn over them.
pub(super) fn grid(scene: &mut Scene, panel: &Panel, ticks: &[f64]) {
    for &tick in ticks {
        let y = panel.y.map(tick);
        scene.line(vec![(panel.left, y), (panel.right, y)], Stroke::solid(GRID, 0.5));
    }
}

/// Draws the time axis: baseline, ticks and their numbers. Returns the horizontal positions of the ticks, so that
/// other elements (such as numbers at risk) can be aligned with the ticks.
pub(super) fn x_axis(scene: &mut Scene, panel: &Panel, ticks: &[f64], numbers: bool) -> Vec<f64> {
    let stroke = Stroke::solid(INK, 0.7);
    scene.line(vec![(panel.left, panel.bottom), (panel.right, panel.bottom)], stroke);
    let mut positions = Vec::with_capacity(ticks.len());
    for &tick in ticks {
        let x = panel.x.map(tick);
        scene.line(vec![(x, panel.bottom), (x, panel.bottom + 3.0)], stroke);
        if numbers {
            scene.text((x, panel.bottom + 11.5), &years(tick), AXIS_SIZE, INK, Anchor::Middle);
        }
        positions.push(x);
    }
    positions
}

/// Writes the title of the horizontal axis under the numbers of panels whose lower edge is at `bottom`.
pub(super) fn x_title(scene: &mut Scene, text: &str, (left, right): (f64, f64), bottom: f64) {
    scene.text(((left + right) / 2.0, bottom + 23.0), text, AXIS_SIZE, INK, Anchor::Middle);
}

/// Draws the value axis: ticks and numbers left of the panel.
pub(super) fn y_axis(scene: &mut Scene, panel: &Panel, ticks: &[(f64, String)]) {
    let stroke = Stroke::solid(INK, 0.7);
    scene.line(vec![(panel.left, panel.top), (panel.left, panel.bottom)], stroke);
    for (tick, number) in ticks {
        let y = panel.y.map(*tick);
        scene.line(vec![(panel.left - 3.0, y), (panel.left, y)], stroke);
        scene.text((panel.left - 5.0, y + 2.7), number, AXIS_SIZE, INK, Anchor::End);
    }
}

/// Writes the title of the value axis upwards along the left edge of the page, between `top` and `bottom`.
pub(super) fn y_title(scene: &mut Scene, text: &str, top: f64, bottom: f64) {
    // Next to a low panel a long title may extend further, because the strategy's name above the panel leaves room there.
    let beyond = if bottom - top < 200.0 { 30.0 } else { 8.0 };
    // The title has at most two lines, because a third would overlap the numbers of the axis.
    let lines = wrap_at_most(2, text, AXIS_SIZE, Weight::Regular, bottom - top + beyond);
    for (k, line) in lines.iter().enumerate() {
        scene.shapes.push(Shape::Text(Text {
            at: (EDGE + AXIS_SIZE * 0.8 + k as f64 * leading(AXIS_SIZE), (top + bottom) / 2.0),
            text: line.clone(),
            size: AXIS_SIZE,
            weight: Weight::Regular,
            colour: INK,
            alpha: 1.0,
            anchor: Anchor::Middle,
            turn: -90.0,
        }));
    }
}

/// Side length of a colour sample in the legend.
const SWATCH: f64 = 7.0;

/// Draws the legend, colour samples with their names, on as many lines as necessary; returns its lower edge.
pub(super) fn legend(scene: &mut Scene, samples: &[(&str, Rgb)], top: f64) -> f64 {
    let (mut x, mut y) = (EDGE, top);
    for &(label, colour) in samples {
        let room = scene.width() - 2.0 * EDGE - SWATCH - 4.0;
        let label = &cut(label, AXIS_SIZE, Weight::Regular, room);
        let entry = SWATCH + 4.0 + width(label, AXIS_SIZE, Weight::Regular);
        if x > EDGE && x + entry > scene.width() - EDGE {
            (x, y) = (EDGE, y + leading(AXIS_SIZE) + 2.0);
        }
        scene.rectangle((x, y), (x + SWATCH, y + SWATCH), colour);
        let (right, low) = (x + SWATCH, y + SWATCH);
        scene.line(vec![(x, y), (right, y), (right, low), (x, low), (x, y)], Stroke::solid(GREY, 0.3));
        scene.text((x + SWATCH + 4.0, y + SWATCH - 0.6), label, AXIS_SIZE, INK, Anchor::Start);
        x += entry + 12.0;
    }
    y + leading(AXIS_SIZE)
}

/// Ticks at 0, 20, …, 100 % of an axis of proportions.
pub(super) fn percent_ticks() -> Vec<(f64, String)> {
    (0..=5).map(|k| (f64::from(k) / 5.0, (k * 20).to_string())).collect()
}

/// Draws a short sample of a strategy's line next to the strategy's name.
pub(super) fn line_sample(scene: &mut Scene, strategy: &Strategy, left: f64, right: f64, y: f64) {
    let stroke = strategy_stroke(strategy);
    scene.line(vec![(left, y), (right, y)], stroke);
}

/// The stroke of a strategy's line, the same in every figure.
pub(super) fn strategy_stroke(strategy: &Strategy) -> Stroke {
    Stroke { colour: strategy.colour(), width: strategy.line_width(), alpha: 1.0, dash: strategy.dash() }
}
