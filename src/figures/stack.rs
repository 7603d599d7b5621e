//! Outcomes of 100 patients under each strategy: stacked groups of states, one small panel per strategy.

use super::columns;
use super::frame::{self, SMALL_SIZE, leading};
use super::labels::spread;
use super::occupancy::{Layer, Occupancy, Share, Stack, proportion};
use super::panels::{self, Grid};
use super::scene::{Anchor, Scene};
use super::style::{INK, Rgb, Strategy};
use super::table::{Table, text};
use super::text::{THIN, counted, percent, whole_percentages, years};
use super::{Figure, FigureMeta};

/// Data of the figure of stacked outcomes.
#[derive(Debug, Clone)]
pub struct StackFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the shared time axis.
    pub x_title: String,
    /// Title of the shared value axis with its unit.
    pub y_title: String,
    /// Last year on the time axis.
    pub x_max: f64,
    /// The groups by increasing severity.
    pub layers: Vec<Layer>,
    /// The strategies shown, one to eight.
    pub panels: Vec<StackPanel>,
}

/// Data of one strategy in the figure of stacked outcomes.
#[derive(Debug, Clone)]
pub struct StackPanel {
    /// The strategy.
    pub strategy: Strategy,
    /// Occupancy of the figure's groups.
    pub occupancy: Occupancy,
}

/// Draws the figure of stacked outcomes.
pub fn stack_figure(data: &StackFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &StackFigure) -> Table {
    type StackShare<'a> = (&'a Strategy, Share<'a>);
    let columns = [
        columns::strategy(|r: &StackShare| r.0.name.as_str()),
        columns::time(|r: &StackShare| r.1.time),
        text("group", "State or group of states, as the scenario names it", "", |r: &StackShare| {
            &r.1.layer.name
        }),
        proportion(|r: &StackShare| r.1.share),
    ];
    let rows = data
        .panels
        .iter()
        .flat_map(|panel| panel.occupancy.shares(&data.layers).map(|share| (&panel.strategy, share)));
    data.meta.table("the bands of this figure", columns, rows)
}

pub(super) fn scene(data: &StackFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let stack = Stack::new(&data.layers);
    let labels = stack.order.iter().map(|&layer| data.layers[layer].label.as_str());
    let samples: Vec<(&str, Rgb)> = labels.zip(stack.colours.iter().copied()).collect();
    let legend_bottom = frame::legend(&mut scene, &samples, top);
    let height = if data.panels.len() <= 3 { 170.0 } else { 128.0 };
    let grid = Grid { left: 46.0, right: 13.0, height, x_max: data.x_max, y: (0.0, 1.0) };
    let headings: Vec<(&Strategy, Option<String>)> =
        data.panels.iter().map(|p| (&p.strategy, None)).collect();
    let (panels, bottom) = panels::lay_out(&mut scene, &grid, &headings, legend_bottom + 4.0);
    for (panel, data_panel) in panels.iter().zip(&data.panels) {
        let edges = stack.edges(&data_panel.occupancy);
        stack.draw(&mut scene, panel, &edges);
        let last: Vec<f64> = edges.iter().map(|edge| edge.at(data.x_max).unwrap_or(0.0)).collect();
        let shares: Vec<f64> = last.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let numbers = whole_percentages(&shares);
        let shown: Vec<usize> = (0..numbers.len()).filter(|&band| numbers[band] > 0).collect();
        let wished: Vec<f64> =
            shown.iter().map(|&band| panel.y.map((last[band] + last[band + 1]) / 2.0)).collect();
        let heights = vec![leading(SMALL_SIZE) - 0.8; shown.len()];
        let centres = spread(&wished, &heights, panel.top - 2.0, panel.bottom + 2.0);
        for (&band, centre) in shown.iter().zip(centres) {
            let at = (panel.right + 2.5, centre + 2.4);
            scene.text(at, &numbers[band].to_string(), SMALL_SIZE, INK, Anchor::Start);
        }
    }
    let titles = (data.x_title.as_str(), data.y_title.as_str());
    panels::axes(&mut scene, &panels, data.x_max, &frame::percent_ticks(), titles);
    scene.alt = alt_text(data, &stack);
    let note = format!("Numbers next to the panels: percent at {}\u{A0}y.", years(data.x_max));
    let marked = panels::hypothetical(&panels, &headings);
    frame::end(&mut scene, &data.meta, &[note], bottom + 16.0, &marked);
    scene
}

fn alt_text(data: &StackFigure, stack: &Stack) -> String {
    let mut text = format!(
        "{}. Stacked areas over {}, one panel per strategy; {}. At {} y:",
        data.meta.title.trim_end_matches('.'),
        counted(data.x_max, "year", "years"),
        data.y_title,
        years(data.x_max),
    );
    for panel in &data.panels {
        let last = |k: usize| panel.occupancy.layer(k).at(data.x_max).unwrap_or(0.0);
        let shares: Vec<f64> = stack.order.iter().map(|&k| last(k)).collect();
        let parts: Vec<String> = stack
            .order
            .iter()
            .zip(whole_percentages(&shares))
            .zip(&shares)
            .map(|((&k, number), share)| format!("{} {}", data.layers[k].label, whole(number, *share)))
            .collect();
        text.push_str(&format!(" {}: {}.", panel.strategy.printed(), parts.join(", ")));
    }
    text
}

/// The percentage printed next to the panel; 0 and 100 are printed only if the share is exactly none or all.
fn whole(number: u32, share: f64) -> String {
    match number {
        0 | 100 => percent(share),
        _ => format!("{number}{THIN}%"),
    }
}
