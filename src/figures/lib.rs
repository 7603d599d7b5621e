//! Figures for papers and reports: draws plain data as SVG (and PNG at 300 dpi) with alternative text.
//!
//! Each figure is laid out as a scene of lines, areas and texts in points, placed by the scales of
//! its panels, then rendered. The same data produce the same bytes on every machine.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod agreement;
mod axis;
mod bars;
mod ce_plane;
mod ceac;
pub mod columns;
mod convergence;
mod curve;
#[cfg(test)]
mod economics_tests;
mod evpi;
mod evppi;
mod expected_loss;
mod frame;
mod frontier;
mod labels;
mod line_plot;
mod markers;
mod marks;
mod occupancy;
mod page;
mod panels;
mod place;
mod png;
mod risk_table;
mod rows;
mod scale;
mod scene;
mod sensitivity_lines;
mod simplify;
mod stack;
mod style;
mod subgroup_rows;
mod subgroups;
mod survival;
mod svg;
pub mod table;
#[cfg(test)]
mod tests;
mod text;
mod tornado;
mod trace;
mod treat_whom;
mod two_way;
mod waterfall;

pub use agreement::{AgreementFigure, AgreementPoint, AgreementSeries, agreement_figure};
pub use bars::{Bar, BarsFigure, bars_figure};
pub use ce_plane::{CePlaneFigure, Cloud, ce_plane_figure};
pub use ceac::{CEAC_TITLE, CeacFigure, CeacSeries, ceac_figure};
pub use convergence::{ConvergenceFigure, ConvergencePoint, ConvergenceSeries, convergence_figure};
pub use evpi::{EvpiFigure, PopulationAxis, evpi_figure};
pub use evppi::{EvppiBar, EvppiFigure, evppi_figure};
pub use expected_loss::{ExpectedLossFigure, LossSeries, expected_loss_figure};
pub use frontier::{FrontierFigure, FrontierPoint, FrontierStatus, frontier_figure};
pub use marks::Mark;
pub use occupancy::{Layer, Occupancy};
pub use png::{PngError, missing_glyphs};
pub use risk_table::RiskCount;
pub use scale::year_ticks;
pub use sensitivity_lines::{SensitivityLine, SensitivityLinesFigure, sensitivity_lines_figure};
pub use stack::{StackFigure, StackPanel, stack_figure};
pub use style::Strategy;
pub use subgroup_rows::{SubgroupDivision, SubgroupRow};
pub use subgroups::{SubgroupsFigure, subgroups_figure};
pub use survival::{SurvivalBand, SurvivalFigure, SurvivalPoint, SurvivalSeries, survival_figure};
pub use text::{amount as figure_amount, count};
pub use tornado::{TornadoBar, TornadoFigure, tornado_figure};
pub use trace::{TraceFigure, trace_figure};
pub use treat_whom::{TreatWhomFigure, treat_whom_figure};
pub use two_way::{TwoWayFigure, two_way_figure};
pub use waterfall::{WaterfallFigure, WaterfallOf, WaterfallStep, waterfall_figure};

use table::{Column, Table};

/// Name, title, footer and watermark of a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureMeta {
    /// Name of the figure's files without extension.
    pub name: String,
    /// Title in sentence case, above the figure.
    pub title: String,
    /// Provenance in small grey type below the figure: scenario, size, seed, hash.
    pub footer: String,
    /// Watermark across the plots of hypothetical strategies, because their results must not be taken for findings.
    pub watermark: Option<String>,
}

impl FigureMeta {
    /// The table of the numbers that the figure shows.
    fn table<'a, R>(
        &self,
        about: &str,
        columns: impl Into<Vec<Column<'a, R>>>,
        rows: impl IntoIterator<Item = R>,
    ) -> Table {
        Table::of(format!("figures/{}.csv", self.name), about, columns, rows)
    }
}

/// A finished figure with the table of its numbers.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Name of the figure's files without extension.
    pub name: String,
    /// The figure as an SVG document.
    pub svg: String,
    /// Alternative text for readers who cannot see the figure; also included in the SVG.
    pub alt_text: String,
    /// The numbers that the figure shows.
    pub table: Table,
    scene: scene::Scene,
}

impl Figure {
    fn of(meta: &FigureMeta, scene: scene::Scene, table: Table) -> Self {
        Self { name: meta.name.clone(), svg: svg::render(&scene), alt_text: scene.alt.clone(), table, scene }
    }

    /// The figure as a bitmap of 300 dots per inch.
    pub fn png(&self) -> Result<Vec<u8>, PngError> {
        png::render(&self.scene)
    }
}
