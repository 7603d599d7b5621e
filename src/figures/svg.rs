//! Rendering of scenes as SVG documents.

use std::convert::Infallible;
use std::fmt::Write;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, FontStyle,
};

use super::page::{Details, Page, Painted, paint};
use super::scale::units;
use super::scene::Scene;

/// Fonts for the viewer in order of preference, quoted because of spaces and digits; one of the fonts covers Chinese.
const FAMILIES: &str =
    "'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, 'Noto Sans CJK SC', sans-serif";

/// The SVG document of a scene, at its nominal size in millimetres, with alternative text for screen readers.
pub(super) fn render(scene: &Scene) -> String {
    let size = (units(scene.width()) as u32, units(scene.height()) as u32);
    let mut page = SvgPage { size, text: String::new(), next: Details::default(), dots: None };
    let _ = write!(
        page.text,
        "<svg width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\" \
         role=\"img\" font-family=\"{FAMILIES}\" stroke-linejoin=\"round\">\n<title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n",
        scene.width_mm,
        scene.height_mm,
        size.0,
        size.1,
        escape(&scene.title),
        escape(&scene.alt),
    );
    paint(scene, &mut page).expect("writing to a string cannot fail");
    page.text
}

/// An SVG document under construction.
struct SvgPage {
    size: (u32, u32),
    text: String,
    next: Details,
    /// Dots of the current shape so far, which become one path.
    dots: Option<Dots>,
}

/// The dots of one shape, collected in one path.
struct Dots {
    path: String,
    pen: BackendCoord,
    colour: BackendColor,
}

impl SvgPage {
    /// Writes all dots as one path, in which each dot is a very short line with round ends.
    fn finish_dots(&mut self) {
        if let Some(Dots { path, colour, .. }) = self.dots.take() {
            let _ = writeln!(
                self.text,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-opacity=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\"/>",
                hex(colour),
                colour.alpha,
                units(self.next.diameter)
            );
        }
    }
}

impl Page for SvgPage {
    fn next(&mut self, details: Details) {
        self.finish_dots();
        self.next = details;
    }
}

impl DrawingBackend for SvgPage {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Painted {
        Ok(())
    }

    fn present(&mut self) -> Painted {
        self.finish_dots();
        self.text.push_str("</svg>\n");
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
        self.text.push_str("<polyline");
        if !self.next.dash.is_empty() {
            let pattern: Vec<String> =
                self.next.dash.iter().map(|&length| units(length).to_string()).collect();
            let _ = write!(self.text, " stroke-dasharray=\"{}\"", pattern.join(" "));
        }
        self.text.push_str(" fill=\"none\"");
        // Viewers paint an element with `opacity` on a separate layer, which is slow; `stroke-opacity` avoids this layer.
        if style.color().alpha != 1.0 {
            let _ = write!(self.text, " stroke-opacity=\"{}\"", style.color().alpha);
        }
        let (colour, width) = (hex(style.color()), style.stroke_width());
        let _ = writeln!(
            self.text,
            " stroke=\"{colour}\" stroke-width=\"{width}\" points=\"{}\"/>",
            points(path)
        );
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Painted {
        self.text.push_str("<polygon");
        if style.color().alpha != 1.0 {
            let _ = write!(self.text, " fill-opacity=\"{}\"", style.color().alpha);
        }
        let _ = writeln!(self.text, " fill=\"{}\" points=\"{}\"/>", hex(style.color()), points(path));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, _: u32, style: &S, _: bool) -> Painted {
        let colour = style.color();
        let dots = self.dots.get_or_insert_with(|| Dots { path: String::new(), pen: (0, 0), colour });
        let _ = write!(dots.path, "m{} {}h1", x - dots.pen.0, y - dots.pen.1);
        dots.pen = (x + 1, y);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Painted {
        let colour = style.color();
        let _ = write!(
            self.text,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"",
            units(style.size()),
            hex(colour)
        );
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => self.text.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.text.push_str(" text-anchor=\"end\""),
        }
        if matches!(style.style(), FontStyle::Bold) {
            self.text.push_str(" font-weight=\"600\"");
        }
        if colour.alpha < 1.0 {
            let _ = write!(self.text, " fill-opacity=\"{}\"", colour.alpha);
        }
        if self.next.turn != 0.0 {
            let _ = write!(self.text, " transform=\"rotate({} {x} {y})\"", self.next.turn);
        }
        // No line break separates the words from their tags, because it would shift the text by a space.
        let _ = writeln!(self.text, ">{}</text>", escape(text).replace('\'', "&apos;"));
        Ok(())
    }
}

fn hex(colour: BackendColor) -> String {
    let (r, g, b) = colour.rgb;
    format!("#{r:02X}{g:02X}{b:02X}")
}

fn points(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let pairs: Vec<String> = path.into_iter().map(|(x, y)| format!("{x},{y}")).collect();
    pairs.join(" ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
