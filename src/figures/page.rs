//! Drawing of a scene on a page, shape by shape through the drawing interface of the plotting crate. The page receives the properties
//! that this interface lacks (dashes, rotation, exact size of dots) before each shape.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
    FontStyle,
};

use super::scale::units;
use super::scene::{Anchor, Scene, Shape, Text};
use super::style::Rgb;
use super::text::{FAMILY, Weight};

/// An output page (SVG or bitmap) on which scenes are drawn.
pub(super) trait Page: DrawingBackend {
    /// Announces the next shape with the properties that the drawing interface does not pass on.
    fn next(&mut self, details: Details);
}

/// Properties of a shape that the drawing interface does not pass on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Details {
    /// Lengths of the dashes and gaps of a line; empty for a solid line.
    pub dash: &'static [f64],
    /// Rotation of a text in degrees clockwise.
    pub turn: f64,
    /// Diameter of the dots, because the drawing interface passes on the radius in whole units only.
    pub diameter: f64,
}

impl Details {
    fn of(shape: &Shape) -> Details {
        let plain = Details::default();
        match shape {
            Shape::Line { stroke, .. } => Details { dash: stroke.dash, ..plain },
            Shape::Dots { diameter, .. } => Details { diameter: *diameter, ..plain },
            Shape::Text(text) => Details { turn: text.turn, ..plain },
            Shape::Area { .. } => plain,
        }
    }
}

/// Result of painting a shape on a page that cannot fail.
pub(super) type Painted = Result<(), DrawingErrorKind<Infallible>>;

/// Draws all shapes of a scene, in the units of [`units`].
pub(super) fn paint<P: Page>(scene: &Scene, page: &mut P) -> Result<(), DrawingErrorKind<P::ErrorType>> {
    let pixels = |points: &[(f64, f64)]| -> Vec<BackendCoord> {
        points.iter().map(|&(x, y)| (units(x), units(y))).collect()
    };
    page.ensure_prepared()?;
    for shape in &scene.shapes {
        page.next(Details::of(shape));
        match shape {
            Shape::Line { points, stroke } => {
                let pen =
                    Pen { colour: colour(stroke.colour, stroke.alpha), width: units(stroke.width) as u32 };
                page.draw_path(pixels(points), &pen)?;
            }
            Shape::Area { points, colour: fill, alpha } => {
                page.fill_polygon(pixels(points), &colour(*fill, *alpha))?
            }
            Shape::Dots { centres, diameter, colour: fill, alpha } => {
                for centre in pixels(centres) {
                    page.draw_circle(centre, units(*diameter / 2.0) as u32, &colour(*fill, *alpha), true)?;
                }
            }
            Shape::Text(text) => {
                page.draw_text(&text.text, &Words(text), (units(text.at.0), units(text.at.1)))?
            }
        }
    }
    page.present()
}

fn colour(Rgb(r, g, b): Rgb, alpha: f64) -> BackendColor {
    BackendColor { alpha, rgb: (r, g, b) }
}

/// Colour and width of a line.
struct Pen {
    colour: BackendColor,
    width: u32,
}

impl BackendStyle for Pen {
    fn color(&self) -> BackendColor {
        self.colour
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

/// Style of a line of text; the position of the text is on its baseline.
struct Words<'t>(&'t Text);

impl BackendTextStyle for Words<'_> {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        colour(self.0.colour, self.0.alpha)
    }

    fn size(&self) -> f64 {
        self.0.size
    }

    fn style(&self) -> FontStyle {
        match self.0.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::SemiBold => FontStyle::Bold,
        }
    }

    fn anchor(&self) -> Pos {
        let across = match self.0.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        Pos::new(across, VPos::Bottom)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    fn layout_box(&self, _: &str) -> Result<(BackendCoord, BackendCoord), Infallible> {
        Ok(((0, 0), (0, 0)))
    }

    // Nothing is drawn here, because each page draws text itself.
    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _: &str,
        _: BackendCoord,
        _: F,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}
