//! A figure as plain data before rendering: shapes, texts and their positions in points on the page.

use super::scale::{Scale, points_from_mm};
use super::style::Rgb;
use super::text::Weight;

/// A position in points from the top left corner.
pub(super) type Point = (f64, f64);

/// Colour, width, opacity and dashes of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub colour: Rgb,
    pub width: f64,
    pub alpha: f64,
    pub dash: &'static [f64],
}

impl Stroke {
    /// An opaque solid line.
    pub fn solid(colour: Rgb, width: f64) -> Self {
        Self { colour, width, alpha: 1.0, dash: &[] }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text; `at` is on its baseline.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub at: Point,
    pub text: String,
    pub size: f64,
    pub weight: Weight,
    pub colour: Rgb,
    pub alpha: f64,
    pub anchor: Anchor,
    /// Rotation of the text around `at`, in degrees clockwise.
    pub turn: f64,
}

/// One shape on the page. Shapes are drawn in the order of the list.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Line {
        points: Vec<Point>,
        stroke: Stroke,
    },
    Area {
        points: Vec<Point>,
        colour: Rgb,
        alpha: f64,
    },
    /// Dots of equal size and colour; the colour is darker where dots overlap.
    Dots {
        centres: Vec<Point>,
        diameter: f64,
        colour: Rgb,
        alpha: f64,
    },
    Text(Text),
}

/// A page with all shapes of a figure.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub width_mm: u32,
    pub height_mm: u32,
    pub title: String,
    pub alt: String,
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty page. The height of the page is set later, when the layout is known.
    pub fn new(width_mm: u32, title: &str) -> Self {
        Self { width_mm, height_mm: 0, title: title.to_string(), alt: String::new(), shapes: Vec::new() }
    }

    /// Width of the page in points.
    pub fn width(&self) -> f64 {
        points_from_mm(f64::from(self.width_mm))
    }

    /// Height of the page in points.
    pub fn height(&self) -> f64 {
        points_from_mm(f64::from(self.height_mm))
    }

    /// Adds a line through `points`.
    pub fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, stroke });
        }
    }

    /// Adds a filled polygon.
    pub fn area(&mut self, points: Vec<Point>, colour: Rgb, alpha: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points, colour, alpha });
        }
    }

    /// Adds dots of the same size and colour.
    pub fn dots(&mut self, centres: &[Point], diameter: f64, colour: Rgb, alpha: f64) {
        // The dots are distributed over several paths to make dense areas darker, because overlapping dots of one path are painted
        // only once.
        const LAYERS: usize = 8;
        for layer in 0..LAYERS.min(centres.len()) {
            self.shapes.push(Shape::Dots {
                centres: centres.iter().skip(layer).step_by(LAYERS).copied().collect(),
                diameter,
                colour,
                alpha,
            });
        }
    }

    /// Adds a filled rectangle.
    pub fn rectangle(&mut self, (left, top): Point, (right, bottom): Point, colour: Rgb) {
        self.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], colour, 1.0);
    }

    /// Adds one line of regular text.
    pub fn text(&mut self, at: Point, text: &str, size: f64, colour: Rgb, anchor: Anchor) {
        self.styled(at, text, size, Weight::Regular, colour, anchor);
    }

    /// Adds one line of text in a chosen weight.
    pub fn styled(&mut self, at: Point, text: &str, size: f64, weight: Weight, colour: Rgb, anchor: Anchor) {
        if !text.is_empty() {
            let text = text.to_string();
            self.shapes.push(Shape::Text(Text {
                at,
                text,
                size,
                weight,
                colour,
                alpha: 1.0,
                anchor,
                turn: 0.0,
            }));
        }
    }
}

/// The plotting rectangle with its x and y scales; every part of a figure places its data with these scales.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panel {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Scale,
    pub y: Scale,
}

impl Panel {
    /// A panel whose scales run over `x` from left to right and over `y` from bottom to top.
    pub fn new((left, top): Point, (right, bottom): Point, x: (f64, f64), y: (f64, f64)) -> Self {
        let (x, y) = (Scale::new(x, (left, right)), Scale::new(y, (bottom, top)));
        Self { left, right, top, bottom, x, y }
    }

    /// Converts data points to points on the page.
    pub fn place(&self, points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| (self.x.map(x), self.y.map(y))).collect()
    }
}
