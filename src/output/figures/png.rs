//! SVG to PNG at 300 dots per inch, with the bundled font and no other.

use std::fmt;
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::text::{REGULAR, SEMI_BOLD};

/// What journals ask for.
const DPI: f32 = 300.0;

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
    let png = pixmap.encode_png().map_err(|error| failed(&error))?;
    Ok(with_resolution(png))
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

/// The `pHYs` chunk for 11 811 pixels per metre (300 dpi), its check sum included.
const RESOLUTION: [u8; 21] = [
    0, 0, 0, 9, b'p', b'H', b'Y', b's', 0, 0, 0x2E, 0x23, 0, 0, 0x2E, 0x23, 1, 0x78, 0xA5, 0x3F, 0x76,
];

/// Puts the resolution behind the header: without it word processors show the figure three times too large.
fn with_resolution(mut png: Vec<u8>) -> Vec<u8> {
    const SIGNATURE_AND_HEADER: usize = 8 + 25;
    png.splice(SIGNATURE_AND_HEADER..SIGNATURE_AND_HEADER, RESOLUTION);
    png
}
