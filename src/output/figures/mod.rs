//! Figures for papers and reports: plain data in, SVG (and PNG at 300 dpi) with alternative text out.
//!
//! Each figure is laid out as a scene of lines, areas and texts in points, all through the scales of
//! one panel, then rendered. The same data give the same bytes on every machine.

mod agreement;
mod bars;
mod curve;
mod frame;
mod labels;
mod occupancy;
mod panels;
#[cfg(feature = "png")]
mod png;
mod risk_table;
mod scale;
mod scene;
mod simplify;
mod stack;
mod style;
mod survival;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod trace;

pub use agreement::{AgreementFigure, AgreementPoint, AgreementSeries, agreement_figure};
pub use bars::{Bar, BarsFigure, bars_figure};
pub use curve::{Band, Curve};
pub use occupancy::{Layer, Occupancy};
#[cfg(feature = "png")]
pub use png::{PngError, missing_glyphs, svg_to_png};
pub use risk_table::RiskCount;
pub use scale::year_ticks;
pub use stack::{StackFigure, StackPanel, stack_figure};
pub use style::Strategy;
pub use survival::{SurvivalFigure, SurvivalSeries, survival_figure};
pub use text::count;
pub use trace::{TraceFigure, trace_figure};

/// What stands around the data of a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureMeta {
    /// Title in sentence case, above the figure.
    pub title: String,
    /// Provenance in small grey type below: scenario, size, seed, hash.
    pub footer: String,
    /// Pale words across the plots of hypothetical strategies, whose results must not be taken for findings.
    pub watermark: Option<String>,
}

/// A drawn figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The SVG document.
    pub svg: String,
    /// What a reader who cannot see the figure needs to know; also inside the SVG.
    pub alt_text: String,
}

impl Figure {
    fn of(scene: &scene::Scene) -> Self {
        Self {
            svg: svg::render(scene),
            alt_text: scene.alt.clone(),
        }
    }
}
