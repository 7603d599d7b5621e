//! The cohort trace: occupancy of the model's states over time under one strategy.

use super::columns;
use super::curve::Curve;
use super::frame::{self, AXIS_SIZE, EDGE, leading};
use super::labels::spread;
use super::occupancy::{Layer, Occupancy, Share, Stack, proportion, room_inside};
use super::scale::year_ticks;
use super::scene::{Anchor, Panel, Point, Scene, Stroke};
use super::style::{GREY, INK, text_on};
use super::table::{Table, text};
use super::text::{Weight, counted, decimal, percent, width, wrap_at_most, years};
use super::{Figure, FigureMeta};

/// Data of the trace figure.
#[derive(Debug, Clone)]
pub struct TraceFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the time axis.
    pub x_title: String,
    /// Title of the value axis with its unit, such as "Units in each state (%)".
    pub y_title: String,
    /// Last year on the time axis.
    pub x_max: f64,
    /// The states by increasing severity.
    pub layers: Vec<Layer>,
    /// State occupancy over time.
    pub occupancy: Occupancy,
}

/// Draws the trace figure.
pub fn trace_figure(data: &TraceFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &TraceFigure) -> Table {
    let columns = [
        columns::time(|r: &Share| r.time),
        text("state", "State, as the scenario names it", "", |r: &Share| &r.layer.name),
        proportion(|r: &Share| r.share),
    ];
    data.meta.table("the bands of this figure", columns, data.occupancy.shares(&data.layers))
}

const PLOT_HEIGHT: f64 = 240.0;
const LABEL_WIDTH: f64 = 104.0;
const LABEL_GAP: f64 = 12.0;
/// Greatest number of lines of a name. Longer names are shortened, but the alternative text contains the full name.
const MOST_LINES: usize = 5;
const SWATCH: f64 = 6.0;
/// Least peak share of a visible layer; layers that never reach this share are not labelled.
const VISIBLE: f64 = 0.001;
/// Least thickness, in points at the right edge, of a band that is connected to its name by a line.
const THINNEST_TIED: f64 = 0.5;

/// A layer's name and its position: inside its band or next to the panel.
struct Name {
    band: usize,
    lines: Vec<String>,
    inside: Option<Point>,
}

pub(super) fn scene(data: &TraceFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let stack = Stack::new(&data.layers);
    let edges = stack.edges(&data.occupancy);
    let (left, bottom) = (46.0, top + PLOT_HEIGHT);
    let panel_up_to = |right: f64| Panel::new((left, top), (right, bottom), (0.0, data.x_max), (0.0, 1.0));

    // The first layout leaves room for every name next to the panel; names that fit inside it also fit inside a wider panel.
    let widest = scene.width() - EDGE - LABEL_GAP - SWATCH - 4.0;
    let narrow = panel_up_to(widest - LABEL_WIDTH);
    let (visible, hidden): (Vec<usize>, Vec<usize>) =
        (0..stack.order.len()).partition(|&band| peak(&data.occupancy.layer(stack.order[band])).1 >= VISIBLE);
    let fits_inside = |panel: &Panel, band: usize| {
        let label = &data.layers[stack.order[band]].label;
        let size = (width(label, AXIS_SIZE, Weight::Regular), leading(AXIS_SIZE) + 1.0);
        room_inside(panel, &edges[band], &edges[band + 1], size.0, size.1)
    };
    let beside = |band: usize| {
        wrap_at_most(
            MOST_LINES,
            &beside_text(data, stack.order[band]),
            AXIS_SIZE,
            Weight::Regular,
            LABEL_WIDTH,
        )
    };
    let margin = visible
        .iter()
        .filter(|&&band| fits_inside(&narrow, band).is_none())
        .flat_map(|&band| beside(band))
        .map(|line| width(&line, AXIS_SIZE, Weight::Regular))
        .fold(0.0, f64::max);
    let panel = panel_up_to(if margin > 0.0 { widest - margin } else { scene.width() - EDGE - 6.0 });
    let names: Vec<Name> = visible
        .iter()
        .map(|&band| match fits_inside(&panel, band) {
            Some(at) if fits_inside(&narrow, band).is_some() => {
                let lines = vec![data.layers[stack.order[band]].label.clone()];
                Name { band, lines, inside: Some(at) }
            }
            _ => Name { band, lines: beside(band), inside: None },
        })
        .collect();

    stack.draw(&mut scene, &panel, &edges);
    frame::y_axis(&mut scene, &panel, &frame::percent_ticks());
    frame::y_title(&mut scene, &data.y_title, panel.top, panel.bottom);
    frame::x_axis(&mut scene, &panel, &year_ticks(data.x_max), true);
    frame::x_title(&mut scene, &data.x_title, (panel.left, panel.right), panel.bottom);
    for name in &names {
        if let Some((x, y)) = name.inside {
            let colour = text_on(stack.colours[name.band]);
            scene.text((x, y + 2.7), &name.lines[0], AXIS_SIZE, colour, Anchor::Middle);
        }
    }
    draw_beside(&mut scene, &panel, &stack, &edges, &names);

    let mut notes = Vec::new();
    if !hidden.is_empty() {
        let labels: Vec<&str> = hidden.iter().map(|&k| data.layers[stack.order[k]].label.as_str()).collect();
        notes.push(format!("Never above 0.1\u{202F}%, not labelled: {}.", labels.join(", ")));
    }
    scene.alt = alt_text(data, &stack);
    frame::end(&mut scene, &data.meta, &notes, panel.bottom + 30.0, &[&panel]);
    scene
}

/// The name next to the panel, with the time and height of the band's peak if the band is nearly empty at the right edge.
fn beside_text(data: &TraceFigure, layer: usize) -> String {
    let curve = data.occupancy.layer(layer);
    let (time, most) = peak(&curve);
    let label = &data.layers[layer].label;
    match curve.at(data.x_max) {
        Some(last) if last < 0.01 && most > 2.0 * last => {
            format!("{label} (peak\u{A0}{} at\u{A0}{}\u{A0}y)", percent(most), decimal(time, 1))
        }
        _ => label.clone(),
    }
}

fn draw_beside(scene: &mut Scene, panel: &Panel, stack: &Stack, edges: &[Curve], names: &[Name]) {
    let names: Vec<&Name> = names.iter().filter(|name| name.inside.is_none()).collect();
    let end = panel.x.end();
    let height = |band: usize| panel.y.map(edges[band].at(end).unwrap_or(0.0));
    let wished: Vec<f64> = names.iter().map(|n| (height(n.band) + height(n.band + 1)) / 2.0).collect();
    let heights: Vec<f64> = names.iter().map(|n| n.lines.len() as f64 * leading(AXIS_SIZE) + 2.0).collect();
    let centres = spread(&wished, &heights, panel.top - 4.0, panel.bottom + 4.0);
    let swatch = panel.right + LABEL_GAP;
    for ((name, from), centre) in names.iter().zip(wished).zip(centres) {
        let path = vec![(panel.right + 0.5, from), (panel.right + 2.5, from), (swatch - 2.0, centre)];
        // A band that is empty at the right edge has no connecting line, so only the colour sample identifies the band.
        if height(name.band) - height(name.band + 1) > THINNEST_TIED {
            scene.line(path, Stroke::solid(GREY, 0.5));
        }
        let half = SWATCH / 2.0;
        let (low, high) = ((swatch, centre - half), (swatch + SWATCH, centre + half));
        scene.rectangle(low, high, stack.colours[name.band]);
        let frame = vec![low, (high.0, low.1), high, (low.0, high.1), low];
        scene.line(frame, Stroke::solid(GREY, 0.3));
        let mut y = centre - name.lines.len() as f64 * leading(AXIS_SIZE) / 2.0 - 2.0;
        for line in &name.lines {
            y += leading(AXIS_SIZE);
            scene.text((high.0 + 4.0, y), line, AXIS_SIZE, INK, Anchor::Start);
        }
    }
}

/// Time and value of the curve's maximum.
fn peak(curve: &Curve) -> (f64, f64) {
    curve.points.iter().fold((0.0, 0.0), |best, &point| if point.1 > best.1 { point } else { best })
}

fn alt_text(data: &TraceFigure, stack: &Stack) -> String {
    let shares = |time: f64| -> String {
        let parts: Vec<String> = stack
            .order
            .iter()
            .filter_map(|&k| {
                let share = data.occupancy.layer(k).at(time)?;
                Some(format!("{} {}", data.layers[k].label, percent(share)))
            })
            .collect();
        parts.join(", ")
    };
    format!(
        "{}. Stacked areas over {}; {}. At the start: {}. At {} y: {}.",
        data.meta.title.trim_end_matches('.'),
        counted(data.x_max, "year", "years"),
        data.y_title,
        shares(0.0),
        years(data.x_max),
        shares(data.x_max),
    )
}
