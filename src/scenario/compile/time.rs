//! The grid of cycles, and lengths of time measured in cycles.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parameters::parse_duration_years;
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::keys;
use arcosim_core::model::TimeGrid;
use arcosim_core::model::grid::HAIR;

/// Two lengths of time are the same if they differ by no more than this, relative to their size: months are twelfths
/// of a year, which binary numbers do not hold exactly.
const TOLERANCE: f64 = 1e-9;

/// More cycles than this are a slip (seconds for years), and would fill the memory before anything is printed.
const MOST_CYCLES: f64 = 1e6;

/// The grid, or a harmless one after an error.
pub fn grid(root: &TomlTable, out: &mut Diagnostics) -> TimeGrid {
    let fallback = TimeGrid { cycles: 1, cycles_per_year: 1.0 };
    let Some(time) = root.table(keys::scenario::TIME) else {
        return fallback;
    };
    let (Some(cycle_node), Some(horizon_node)) = (time.get(keys::time::CYCLE), time.get(keys::time::HORIZON))
    else {
        return fallback;
    };
    let (Some(cycle), Some(horizon)) = (years(cycle_node), years(horizon_node)) else {
        return fallback;
    };
    for (length, node, name) in [(cycle, cycle_node, "cycle"), (horizon, horizon_node, "horizon")] {
        if length <= 0.0 {
            out.push(
                Diagnostic::error("E0424", format!("the {name} must be longer than 0"))
                    .at(node.span, "has no length"),
            );
            return fallback;
        }
    }
    let cycles_per_year = snap(1.0 / cycle);
    let cycles = horizon / cycle;
    let whole = cycles.round();
    if whole < 1.0 || (cycles - whole).abs() > TOLERANCE * cycles {
        out.push(
            Diagnostic::error("E0413", "the horizon is not a whole number of cycles")
                .at(horizon_node.span, format!("this is {} cycles", rounded(cycles)))
                .also(cycle_node.span, "of this length")
                .why("rounding would silently add or remove part of a cycle of life-years and costs")
                .note(neighbours(cycle_node, whole, cycles))
                .help("change the horizon or the cycle so that one is a multiple of the other"),
        );
        // What else is said of the model is said of about the horizon that is meant.
        return TimeGrid { cycles: whole.clamp(1.0, MOST_CYCLES) as usize, cycles_per_year };
    }
    if whole > MOST_CYCLES {
        out.push(
            Diagnostic::error("E0424", format!("the model has {whole} cycles"))
                .at(cycle_node.span, "too short for this horizon")
                .help("check the units of `cycle` and `horizon`; at most 1,000,000 cycles are possible"),
        );
        return TimeGrid { cycles: 1, cycles_per_year };
    }
    // So many points have one transition less between them.
    let points = time.text(keys::time::HORIZON_COUNTS) == Some("points");
    if points && whole < 2.0 {
        out.push(
            Diagnostic::error("E0424", "a horizon of one point contains no cycle")
                .at(horizon_node.span, "1 point")
                .help("lengthen the horizon, or use horizon_counts = \"transitions\""),
        );
    }
    TimeGrid { cycles: (whole as usize - usize::from(points)).max(1), cycles_per_year }
}

/// The nearest horizons that are whole numbers of cycles.
fn neighbours(cycle: &TomlNode, whole: f64, cycles: f64) -> String {
    let (below, above) = if whole <= cycles { (whole, whole + 1.0) } else { (whole - 1.0, whole) };
    let length = |n: f64| {
        let text = cycle.text().unwrap_or_default();
        let (number, unit) = text.trim().split_once(char::is_whitespace)?;
        Some(format!("{n} cycles are {} {}", rounded(n * number.parse::<f64>().ok()?), unit.trim()))
    };
    let both = [below, above].into_iter().filter(|n| *n >= 1.0).filter_map(length);
    both.collect::<Vec<_>>().join("; ")
}

/// Whether `age` in formulas is the age at the end of the cycle.
pub fn age_at_end(root: &TomlTable) -> bool {
    let time = root.table(keys::scenario::TIME);
    time.and_then(|time| time.text(keys::time::AGE)) == Some("end of cycle")
}

/// Whether the cycles of a grid have the length that the scenario says, and not a harmless one.
pub fn is_as_said(grid: &TimeGrid, root: &TomlTable) -> bool {
    let cycle = root.table(keys::scenario::TIME).and_then(|time| years(time.get(keys::time::CYCLE)?));
    cycle.is_some_and(|cycle| snap(1.0 / cycle) == grid.cycles_per_year)
}

/// Whether the number of cycles of a grid is what the scenario says, and not a harmless one.
pub fn horizon_is_as_said(grid: &TimeGrid, root: &TomlTable) -> bool {
    let horizon = root.table(keys::scenario::TIME).and_then(|time| years(time.get(keys::time::HORIZON)?));
    let points = root.table(keys::scenario::TIME).and_then(|time| time.text(keys::time::HORIZON_COUNTS))
        == Some("points");
    horizon.is_some_and(|horizon| {
        let cycles = grid.cycles + usize::from(points);
        is_as_said(grid, root) && snap(horizon * grid.cycles_per_year) == cycles as f64
    })
}

/// Years of a length of time.
pub fn years(node: &TomlNode) -> Option<f64> {
    node.text().and_then(parse_duration_years).filter(|years| years.is_finite() && *years >= 0.0)
}

/// Cycles of a length of time; they need not be whole.
pub fn cycles(node: &TomlNode, grid: &TimeGrid) -> Option<f64> {
    // As near a grid point as a clock may miss its limit.
    years(node).map(|years| {
        let cycles = years * grid.cycles_per_year;
        match (cycles - cycles.round()).abs() <= HAIR {
            true => cycles.round(),
            false => cycles,
        }
    })
}

/// The whole number that is meant, if one is within rounding.
fn snap(x: f64) -> f64 {
    let whole = x.round();
    if (x - whole).abs() <= TOLERANCE * x { whole } else { x }
}

/// Six digits after the point, without trailing zeros.
fn rounded(x: f64) -> String {
    arcosim_core::words::rounded(x, 6)
}
