//! Rendering of scenes as PNG bitmaps of 300 dots per inch, with the bundled font only.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::sync::OnceLock;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, FontStyle,
};
use tiny_skia::{Color, FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, StrokeDash, Transform};
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder, Tag};

use super::page::{Details, Page, Painted, paint};
use super::scale::units;
use super::scene::Scene;
use super::text::{REGULAR, SEMI_BOLD};

/// Resolution in dots per inch, as journals require.
const DPI: f64 = 300.0;
/// The resolution of 300 dots per inch in the unit of the PNG format.
const DOTS_PER_METRE: u32 = 11_811;

/// The reason why a figure could not be rendered as a bitmap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PngError(String);

impl fmt::Display for PngError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot render the figure as PNG: {}", self.0)
    }
}

impl std::error::Error for PngError {}

/// Renders a scene on white at its physical size and 300 dots per inch. Safe to call from several threads.
pub(super) fn render(scene: &Scene) -> Result<Vec<u8>, PngError> {
    let dots = |mm: u32| f64::from(mm) / 25.4 * DPI;
    let (width, height) = (dots(scene.width_mm), dots(scene.height_mm));
    let mut pixmap = Pixmap::new(width.ceil() as u32, height.ceil() as u32)
        .ok_or_else(|| PngError("it has no size".into()))?;
    pixmap.fill(Color::WHITE);
    let size = (units(scene.width()) as u32, units(scene.height()) as u32);
    let scale = (width / f64::from(size.0)).min(height / f64::from(size.1));
    let mut page = Bitmap {
        size,
        pixmap,
        place: Transform::from_scale(scale as f32, scale as f32),
        next: Details::default(),
        dots: None,
    };
    paint(scene, &mut page).map_err(|error| PngError(error.to_string()))?;
    encode(&page.pixmap).map_err(|error| PngError(error.to_string()))
}

/// A bitmap under construction.
struct Bitmap {
    size: (u32, u32),
    pixmap: Pixmap,
    /// Transformation from units of the scene to dots of the bitmap.
    place: Transform,
    next: Details,
    /// Dots of the current shape so far, in one path so that overlapping dots are painted only once.
    dots: Option<(PathBuilder, BackendColor)>,
}

impl Bitmap {
    fn fill(&mut self, path: Option<Path>, colour: BackendColor, at: Transform) {
        if let Some(path) = path {
            self.pixmap.fill_path(&path, &ink(colour), FillRule::Winding, at, None);
        }
    }

    fn finish_dots(&mut self) {
        if let Some((path, colour)) = self.dots.take() {
            self.fill(path.finish(), colour, self.place);
        }
    }
}

fn ink(colour: BackendColor) -> Paint<'static> {
    let channel = |c: u8| f32::from(c) / 255.0;
    let (r, g, b) = colour.rgb;
    let shade = Color::from_rgba(channel(r), channel(g), channel(b), colour.alpha.clamp(0.0, 1.0) as f32);
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(shade.unwrap_or(Color::BLACK));
    paint
}

fn polygon(points: impl IntoIterator<Item = BackendCoord>, close: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, (x, y)) in points.into_iter().enumerate() {
        match i {
            0 => path.move_to(x as f32, y as f32),
            _ => path.line_to(x as f32, y as f32),
        }
    }
    if close {
        path.close();
    }
    path.finish()
}

impl Page for Bitmap {
    fn next(&mut self, details: Details) {
        self.finish_dots();
        self.next = details;
    }
}

impl DrawingBackend for Bitmap {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Painted {
        Ok(())
    }

    fn present(&mut self) -> Painted {
        self.finish_dots();
        Ok(())
    }

    /// Does nothing, because scenes contain no single pixels.
    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Painted {
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Painted {
        let pattern = self.next.dash.iter().map(|&length| units(length) as f32);
        let stroke = Stroke {
            width: style.stroke_width() as f32,
            line_join: LineJoin::Round,
            dash: StrokeDash::new(pattern.collect(), 0.0),
            ..Stroke::default()
        };
        if let Some(path) = polygon(path, false) {
            self.pixmap.stroke_path(&path, &ink(style.color()), &stroke, self.place, None);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Painted {
        self.fill(polygon(path, true), style.color(), self.place);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, _: u32, style: &S, _: bool) -> Painted {
        let colour = style.color();
        let (path, _) = self.dots.get_or_insert_with(|| (PathBuilder::new(), colour));
        // The centre is shifted by half a unit, to the middle of the line of one unit that represents a dot in the SVG.
        path.push_circle(x as f32 + 0.5, y as f32, units(self.next.diameter) as f32 / 2.0);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Painted {
        let face = face(matches!(style.style(), FontStyle::Bold));
        let (glyphs, width) = set(face, text);
        let em = units(style.size()) as f32 / f32::from(face.units_per_em());
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let mut outline = Outline { path: PathBuilder::new(), em, left: 0.0 };
        for (glyph, at) in glyphs {
            outline.left = (left + at) * em;
            face.outline_glyph(glyph, &mut outline);
        }
        let turned = Transform::from_translate(x as f32, y as f32)
            .pre_concat(Transform::from_rotate(self.next.turn as f32));
        let place = self.place.pre_concat(turned);
        self.fill(outline.path.finish(), style.color(), place);
        Ok(())
    }
}

/// Outlines of glyphs, placed one after another on a baseline at y = 0; y increases downwards.
struct Outline {
    path: PathBuilder,
    /// Size of one font unit in units of the scene.
    em: f32,
    left: f32,
}

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.left + x * self.em, -y * self.em)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// The glyphs of a text with their kerned positions on the baseline, and the total width, both in font units.
fn set(face: &Face, text: &str) -> (Vec<(GlyphId, f32)>, f32) {
    let mut glyphs: Vec<(GlyphId, f32)> = Vec::new();
    let mut at = 0.0;
    for character in text.chars() {
        // Glyph 0 is the box for characters that the font lacks.
        let glyph = face.glyph_index(character).unwrap_or(GlyphId(0));
        if let Some((before, _)) = glyphs.last() {
            at += f32::from(kerning(face, *before, glyph));
        }
        glyphs.push((glyph, at));
        at += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
    }
    (glyphs, at)
}

/// Kerning between two glyphs, in font units.
fn kerning(face: &Face, left: GlyphId, right: GlyphId) -> i16 {
    let Some(positions) = face.tables().gpos else {
        return 0;
    };
    let features = positions.features.into_iter().filter(|feature| feature.tag == Tag::from_bytes(b"kern"));
    let lookups =
        features.flat_map(|feature| feature.lookup_indices).filter_map(|i| positions.lookups.get(i));
    for lookup in lookups {
        for subtable in lookup.subtables.into_iter::<PositioningSubtable>() {
            let PositioningSubtable::Pair(pairs) = subtable else {
                continue;
            };
            let found = match pairs {
                PairAdjustment::Format1 { coverage, sets } => {
                    coverage.get(left).and_then(|i| sets.get(i)).and_then(|set| set.get(right))
                }
                PairAdjustment::Format2 { coverage, classes, matrix } => {
                    coverage.get(left).and_then(|_| matrix.get((classes.0.get(left), classes.1.get(right))))
                }
            };
            if let Some((first, _)) = found {
                return first.x_advance;
            }
        }
    }
    0
}

/// The bundled font in regular or bold weight, parsed on first use.
fn face(bold: bool) -> &'static Face<'static> {
    static FACES: OnceLock<[Face<'static>; 2]> = OnceLock::new();
    let parsed = FACES.get_or_init(|| {
        [REGULAR, SEMI_BOLD].map(|data| Face::parse(data, 0).expect("the bundled fonts are valid"))
    });
    &parsed[usize::from(bold)]
}

/// The `characters` that the bundled font lacks, and that are therefore printed as boxes.
pub fn missing_glyphs(characters: &BTreeSet<char>) -> BTreeSet<char> {
    let lacks = |c: &&char| face(false).glyph_index(**c).is_none();
    characters.iter().filter(lacks).copied().collect()
}

/// The opaque picture as PNG. Three bytes per pixel, with each row stored as its difference from the row above, are
/// several times faster to write than with the rasteriser's own encoder, which also keeps transparency.
fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Up);
    // The file states its resolution, because word processors would otherwise show the figure three times too large.
    let (xppu, yppu) = (DOTS_PER_METRE, DOTS_PER_METRE);
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu, yppu, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header()?;
    let colours: Vec<u8> =
        pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_without_a_glyph_is_named() {
        let set = |text: &str| text.chars().collect::<BTreeSet<char>>();
        assert_eq!(missing_glyphs(&set("é–…≥\u{202F}手术后")), set("手术后"));
        assert!(missing_glyphs(&BTreeSet::new()).is_empty());
    }

    #[test]
    fn pairs_are_kerned() {
        let width = |text: &str| set(face(false), text).1;
        assert!(width("AV") < width("A") + width("V"));
        assert_eq!(width("HH"), 2.0 * width("H"));
    }
}
