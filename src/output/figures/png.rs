//! SVG to PNG at 300 dots per inch, with the bundled font and no other.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{FontResolver, Options, Tree, fontdb};

use super::text::{REGULAR, SEMI_BOLD};

/// What journals ask for.
const DPI: f32 = 300.0;
/// The same in the unit of the file format.
const DOTS_PER_METRE: u32 = 11_811;

/// Why a figure did not become a bitmap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PngError(String);

impl fmt::Display for PngError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot render the figure as PNG: {}", self.0)
    }
}

impl std::error::Error for PngError {}

/// Renders an SVG at its physical size and 300 dots per inch on white. Safe to call from several threads.
pub fn svg_to_png(svg: &str) -> Result<Vec<u8>, PngError> {
    let failed = |reason: &dyn fmt::Display| PngError(reason.to_string());
    let options = Options {
        dpi: DPI,
        fontdb: fonts(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(&error))?;
    let size = tree.size().to_int_size();
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or_else(|| failed(&"it has no size"))?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    encode(&pixmap).map_err(|error| failed(&error))
}

/// Those of `characters` that the bundled font lacks: they become boxes.
pub fn missing_glyphs(characters: &BTreeSet<char>) -> BTreeSet<char> {
    // The rasteriser asks for another font once for each text, so each character is a text of its own.
    let texts: String = characters.iter().map(|c| format!("<text>{c}</text>")).collect();
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\">{texts}</svg>");
    let missing = Mutex::new(BTreeSet::new());
    let options = Options {
        fontdb: fonts(),
        font_resolver: FontResolver {
            select_fallback: Box::new(|character, _, _| {
                missing.lock().expect("no panic while held").insert(character);
                None
            }),
            ..FontResolver::default()
        },
        ..Options::default()
    };
    // Characters that XML refuses are nobody's glyphs; a figure with them has failed before.
    let _ = Tree::from_str(&svg, &options);
    drop(options);
    missing.into_inner().expect("no panic while held")
}

/// The opaque picture as PNG. Writing three bytes a pixel, each row as its change from the row above, is
/// several times faster than the general encoder of the rasteriser, which also keeps transparency.
fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Up);
    // Without its resolution word processors show the figure three times too large.
    let (xppu, yppu) = (DOTS_PER_METRE, DOTS_PER_METRE);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu,
        yppu,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    let colours: Vec<u8> = pixmap
        .data()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(out)
}

/// The fonts, parsed once.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(SEMI_BOLD.to_vec());
        fonts.set_sans_serif_family("Source Sans 3");
        Arc::new(fonts)
    };
    FONTS.get_or_init(load).clone()
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
}
