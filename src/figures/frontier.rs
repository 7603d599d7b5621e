//! The efficiency frontier: mean QALYs and costs of every strategy, with the ICER of each step along the frontier.

use super::axis::{Axis, both_drawable, extent, widened};
use super::columns;
use super::frame::{self, EDGE, SMALL_SIZE};
use super::markers::{self, disc, square};
use super::marks::Mark;
use super::place::{self, Around, Wish};
use super::scene::{Panel, Point, Scene, Stroke};
use super::style::{INK, Strategy};
use super::table::{Table, number, text};
use super::text::{Weight, amount, wrap_at_most};
use super::{Figure, FigureMeta};

/// Data of the efficiency frontier figure.
#[derive(Debug, Clone)]
pub struct FrontierFigure {
    /// Name, title, footer and watermark of the figure.
    pub meta: FigureMeta,
    /// Title of the x axis with its unit.
    pub x_title: String,
    /// Title of the y axis with its unit.
    pub y_title: String,
    /// Unit of cost.
    pub cost_unit: String,
    /// Unit of effect.
    pub effect_unit: String,
    /// Number of decimals of QALYs and of cost in the alternative text.
    pub places: (usize, usize),
    /// The strategies shown, one to eight.
    pub points: Vec<FrontierPoint>,
}

/// Data of one strategy in the efficiency frontier figure.
#[derive(Debug, Clone)]
pub struct FrontierPoint {
    /// The strategy.
    pub strategy: Strategy,
    /// Mean QALYs of the strategy.
    pub qaly: f64,
    /// Mean cost of the strategy.
    pub cost: f64,
    /// ICER versus the previous strategy on the frontier, as printed.
    pub icer: Option<Mark>,
    /// Status of the strategy in the incremental analysis.
    pub status: FrontierStatus,
    /// The strategy's status in words.
    pub status_words: String,
}

/// Status of a strategy in the incremental analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrontierStatus {
    /// On the frontier; drawn filled.
    Frontier,
    /// Dominated, strongly or by extended dominance; drawn hollow.
    Dominated,
    /// Not a decision option, such as a bound; drawn as a square with a dashed rim.
    NotOffered,
    /// Equal to another strategy; named at the mark of the other strategy and not drawn separately.
    Equal,
}

/// Draws the efficiency frontier figure.
pub fn frontier_figure(data: &FrontierFigure) -> Figure {
    Figure::of(&data.meta, scene(data), table(data))
}

fn table(data: &FrontierFigure) -> Table {
    let columns = [
        columns::strategy(|p: &Listed| p.strategy.name.as_str()),
        text("cost_unit", "Unit of the cost", "", |_: &Listed| &data.cost_unit),
        text("effect_unit", "Unit of the effect", "", |_: &Listed| &data.effect_unit),
        number("effect", "as `effect_unit`", "Mean effect per patient, discounted", |p: &Listed| p.qaly),
        number("cost", "as `cost_unit`", "Mean cost per patient, discounted", |p: &Listed| p.cost),
        number(
            "icer",
            "cost_unit per effect_unit",
            "Cost per unit gained above the strategy before on the frontier; empty where there is none",
            |p: &Listed| p.icer.as_ref().map(|icer| icer.value),
        ),
        text(
            "status",
            "Status of the strategy",
            "frontier; dominated by X; extendedly dominated by X and Y; equal to X; bound: not on offer",
            |p: &Listed| &p.status_words,
        ),
    ];
    data.meta.table("the strategies of this figure", columns, &data.points)
}

/// A row of the figure's table: one strategy.
type Listed<'a> = &'a FrontierPoint;

const HEIGHT: f64 = 270.0;
const RADIUS: f64 = 3.8;
const NAME_WIDTH: f64 = 118.0;
const NAME_LINES: usize = 3;

impl FrontierFigure {
    /// The strategies that have their own mark, so not those equal to another strategy.
    fn shown(&self) -> impl Iterator<Item = &FrontierPoint> {
        self.points.iter().filter(|point| point.status != FrontierStatus::Equal)
    }

    /// The printed ICER of each step along the frontier.
    fn steps(&self) -> impl Iterator<Item = &str> {
        self.points.iter().filter_map(|point| Some(point.icer.as_ref()?.label.as_str()))
    }
}

impl FrontierPoint {
    fn at(&self) -> (f64, f64) {
        (self.qaly, self.cost)
    }
}

pub(super) fn scene(data: &FrontierFigure) -> Scene {
    let (mut scene, top) = frame::begin(&data.meta);
    let drawn: Vec<&FrontierPoint> = data.shown().filter(|p| both_drawable(&p.at())).collect();
    // The axes extend beyond the points by about half the size of a label, so that labels fit.
    let padded = |ends: (f64, f64), share: f64| {
        let (low, high) = widened(ends);
        (low - share * (high - low), high + share * (high - low))
    };
    let x = Axis::exact(padded(extent(drawn.iter().map(|p| p.qaly)), 0.14), 7);
    let y = Axis::exact(padded(extent(drawn.iter().map(|p| p.cost)), 0.1), 6);
    let left = y.left_margin();
    let corner = (scene.width() - EDGE - 8.0, top + HEIGHT);
    let panel = Panel::new((left, top), corner, x.ends, y.ends);
    y.draw_grid(&mut scene, &panel);
    y.draw_left(&mut scene, &panel, &data.y_title);
    let below = x.draw_below(&mut scene, &panel, &data.x_title);

    let mut frontier: Vec<&&FrontierPoint> =
        drawn.iter().filter(|p| p.status == FrontierStatus::Frontier).collect();
    frontier.sort_by(|a, b| a.qaly.total_cmp(&b.qaly));
    let corners: Vec<Point> = panel.place(&frontier.iter().map(|p| p.at()).collect::<Vec<_>>());
    scene.line(corners.clone(), Stroke::solid(INK, 1.4));
    for point in &drawn {
        mark(&mut scene, &panel, point);
    }
    let lines: Vec<(Point, Point)> = corners.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let names = drawn.iter().map(|point| Wish {
        at: panel.place(&[point.at()])[0],
        clear: RADIUS,
        lines: point.strategy.name_lines(NAME_LINES, SMALL_SIZE, NAME_WIDTH),
        weight: Weight::SemiBold,
        colour: point.strategy.text_colour(),
    });
    let steps = lines.iter().zip(data.steps()).map(|((a, b), text)| Wish {
        at: ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0),
        clear: 0.5,
        lines: wrap_at_most(3, text, SMALL_SIZE, Weight::Regular, 90.0),
        weight: Weight::Regular,
        colour: INK,
    });
    let wishes: Vec<Wish> = names.chain(steps).collect();
    let around = Around {
        room: (panel.left + 1.0, panel.top, panel.right + 6.0, panel.bottom - 1.0),
        solid: Vec::new(),
        lines: &lines,
    };
    place::draw(&mut scene, around, &wishes);
    scene.alt = alt_text(data, &frontier);
    frame::end(&mut scene, &data.meta, &notes(&drawn), below, &[&panel]);
    scene
}

fn mark(scene: &mut Scene, panel: &Panel, point: &FrontierPoint) {
    let at = panel.place(&[point.at()])[0];
    let colour = point.strategy.colour();
    match point.status {
        FrontierStatus::Frontier => markers::draw(scene, disc(at, RADIUS), colour, Stroke::solid(INK, 0.7)),
        FrontierStatus::Dominated => {
            markers::draw_hollow(scene, disc(at, RADIUS), Stroke::solid(colour, 1.3))
        }
        FrontierStatus::Equal => {}
        FrontierStatus::NotOffered => {
            let rim = Stroke { dash: &[1.8, 1.2], ..Stroke::solid(colour, 1.2) };
            markers::draw_hollow(scene, square(at, RADIUS), rim);
        }
    }
}

fn notes(drawn: &[&FrontierPoint]) -> Vec<String> {
    let any = |status| drawn.iter().any(|point| point.status == status);
    let mut marks = vec!["Filled: on the frontier, with the ICER of each step next to its line"];
    if any(FrontierStatus::Dominated) {
        marks.push("hollow: dominated");
    }
    if any(FrontierStatus::NotOffered) {
        marks.push("broken squares: not on offer");
    }
    vec![format!("{}.", marks.join("; "))]
}

fn alt_text(data: &FrontierFigure, frontier: &[&&FrontierPoint]) -> String {
    let points: Vec<String> = data
        .shown()
        .map(|point| {
            let status = match point.status {
                FrontierStatus::Frontier => "on the frontier",
                FrontierStatus::Dominated => "dominated",
                FrontierStatus::Equal => "equal to another",
                FrontierStatus::NotOffered => "not on offer",
            };
            let (qaly, cost) = (amount(point.qaly, data.places.0), amount(point.cost, data.places.1));
            format!("{}: {qaly} and {cost}, {status}", point.strategy.printed())
        })
        .collect();
    let steps: Vec<String> = frontier
        .windows(2)
        .zip(data.steps())
        .map(|(pair, icer)| {
            format!(" From {} to {}: {icer}.", pair[0].strategy.printed(), pair[1].strategy.printed())
        })
        .collect();
    format!(
        "{}. {} across and {} upwards. {}.{}",
        data.meta.title.trim_end_matches('.'),
        data.x_title,
        data.y_title,
        points.join("; "),
        steps.concat()
    )
}
