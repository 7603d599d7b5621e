//! Scenes to SVG through the plotting crate, with the few attributes it cannot express put in afterwards.

use plotters::coord::Shift;
use plotters::prelude::{
    BLACK, Color, DrawingArea, IntoDrawingArea, PathElement, Polygon, RGBColor, SVGBackend,
    Text as TextElement,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, TextStyle};

use super::scale::units;
use super::scene::{Anchor, Point, Scene, Shape, Text};
use super::style::Rgb;
use super::text::{FAMILY, Weight};

/// Fonts a viewer may use, best first; quoted because of spaces and digits, with a family that has Chinese.
const FAMILIES: &str =
    "'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, 'Noto Sans CJK SC', sans-serif";

/// The SVG document of a scene, at its nominal size in millimetres.
pub(super) fn render(scene: &Scene) -> String {
    let size = (units(scene.width()) as u32, units(scene.height()) as u32);
    let mut raw = String::new();
    {
        let page = SVGBackend::with_string(&mut raw, size).into_drawing_area();
        for shape in &scene.shapes {
            draw(&page, shape);
        }
        page.present().expect("writing to a string cannot fail");
    }
    finish(&raw, scene, size)
}

fn draw(page: &DrawingArea<SVGBackend<'_>, Shift>, shape: &Shape) {
    let pixels = |points: &[(f64, f64)]| -> Vec<(i32, i32)> {
        points.iter().map(|&(x, y)| (units(x), units(y))).collect()
    };
    let drawn = match shape {
        Shape::Line { points, stroke } => {
            let style = colour(stroke.colour)
                .mix(stroke.alpha)
                .stroke_width(units(stroke.width) as u32);
            page.draw(&PathElement::new(pixels(points), style))
        }
        Shape::Area {
            points,
            colour: fill,
            alpha,
        } => page.draw(&Polygon::new(pixels(points), colour(*fill).mix(*alpha).filled())),
        // Only holds the place; the element is written anew.
        Shape::Dots { .. } => page.draw(&Polygon::new(vec![(0, 0)], BLACK.filled())),
        Shape::Text(text) => {
            let position = match text.anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let font = FontDesc::new(FontFamily::Name(FAMILY), text.size, text.weight.style());
            let ink = colour(text.colour).mix(text.alpha);
            let style = TextStyle::from(font)
                .color(&ink)
                .pos(Pos::new(position, VPos::Top));
            page.draw(&TextElement::new(
                text.text.clone(),
                (units(text.at.0), units(text.at.1)),
                style,
            ))
        }
    };
    drawn.expect("writing to a string cannot fail");
}

fn colour(Rgb(r, g, b): Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

/// Puts in what the plotting crate leaves out: physical size, fonts, dashes, exact text sizes and turns,
/// and the words for a screen reader. Elements stand on one line each and in the order of the shapes.
fn finish(raw: &str, scene: &Scene, size: (u32, u32)) -> String {
    let mut out = String::with_capacity(raw.len());
    out.push_str(&format!(
        "<svg width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\" \
         role=\"img\" font-family=\"{FAMILIES}\" stroke-linejoin=\"round\">\n<title>{}</title>\n<desc>{}</desc>\n",
        scene.width_mm,
        scene.height_mm,
        size.0,
        size.1,
        escape(&scene.title),
        escape(&scene.alt),
    ));
    out.push_str("<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n");
    let mut shapes = scene.shapes.iter();
    let mut inside_text = false;
    for line in raw.lines().skip(1) {
        if inside_text {
            // The words must touch their tags: a line break would count as a space beside the anchor.
            out.push_str(line);
            if line.ends_with("</text>") {
                out.push('\n');
                inside_text = false;
            }
        } else if line.starts_with("<text") || line.starts_with("<poly") {
            let shape = shapes.next().expect("one element for each shape");
            inside_text = matches!(shape, Shape::Text(_));
            out.push_str(&complete(line, shape));
            if !inside_text {
                out.push('\n');
            }
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn complete(element: &str, shape: &Shape) -> String {
    // Opacity of a whole element makes viewers paint it on a layer of its own; that of its paint is cheap.
    let paint = if matches!(shape, Shape::Line { .. }) {
        " stroke-opacity="
    } else {
        " fill-opacity="
    };
    let element = element
        .replacen(" opacity=\"1\"", "", 1)
        .replacen(" opacity=", paint, 1)
        .replace(" \"/>", "\"/>");
    match shape {
        Shape::Line { stroke, .. } if !stroke.dash.is_empty() => {
            let pattern: Vec<String> = stroke
                .dash
                .iter()
                .map(|&length| units(length).to_string())
                .collect();
            element.replacen(
                "<polyline",
                &format!("<polyline stroke-dasharray=\"{}\"", pattern.join(" ")),
                1,
            )
        }
        Shape::Text(text) => text_tag(text),
        Shape::Dots {
            centres,
            diameter,
            colour,
            alpha,
        } => dots_tag(centres, *diameter, *colour, *alpha),
        _ => element,
    }
}

/// All dots as one path: each is a line of hardly any length whose round ends are the dot.
fn dots_tag(centres: &[Point], diameter: f64, Rgb(r, g, b): Rgb, alpha: f64) -> String {
    let mut path = String::with_capacity(12 * centres.len());
    let mut pen = (0, 0);
    for &(x, y) in centres {
        let (x, y) = (units(x), units(y));
        path.push_str(&format!("m{} {}h1", x - pen.0, y - pen.1));
        pen = (x + 1, y);
    }
    format!(
        "<path d=\"{path}\" fill=\"none\" stroke=\"#{r:02X}{g:02X}{b:02X}\" stroke-opacity=\"{alpha}\" \
         stroke-width=\"{}\" stroke-linecap=\"round\"/>",
        units(diameter)
    )
}

/// The opening tag of a text, written anew: the plotting crate divides sizes by 1.24, shifts baselines by a
/// share of the font that viewers measure differently, knows one bold and quarter turns only.
fn text_tag(text: &Text) -> String {
    let (x, y) = (units(text.at.0), units(text.at.1));
    let Rgb(r, g, b) = text.colour;
    let mut tag = format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"#{r:02X}{g:02X}{b:02X}\"",
        units(text.size)
    );
    match text.anchor {
        Anchor::Start => {}
        Anchor::Middle => tag.push_str(" text-anchor=\"middle\""),
        Anchor::End => tag.push_str(" text-anchor=\"end\""),
    }
    if text.weight == Weight::SemiBold {
        tag.push_str(" font-weight=\"600\"");
    }
    if text.alpha < 1.0 {
        tag.push_str(&format!(" fill-opacity=\"{}\"", text.alpha));
    }
    if text.turn != 0.0 {
        tag.push_str(&format!(" transform=\"rotate({} {x} {y})\"", text.turn));
    }
    tag.push('>');
    tag
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
