//! Compiles `[time]` into the grid of cycles, and converts lengths of time to years and cycles.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parameters::parse_duration_years;
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::keys;
use arcosim_core::engine::endless::FIRST_YEARS;
use arcosim_core::model::grid::HAIR;
use arcosim_core::model::{Moves, TimeGrid};
use arcosim_core::words::counted;

/// Relative difference up to which two lengths of time are equal. It is not 0, because a month (1/12 of a year) has no exact
/// binary representation.
const TOLERANCE: f64 = 1e-9;

/// Maximum number of cycles. More cycles are a mistake in a unit (seconds for years), and would exhaust the memory.
const MOST_CYCLES: f64 = 1e6;

/// The grid of cycles; a placeholder grid after an error.
pub fn grid(root: &TomlTable, out: &mut Diagnostics) -> TimeGrid {
    let moves = moves(root);
    let fallback = TimeGrid { cycles: 1, cycles_per_year: 1.0, moves };
    let Some(time) = root.table(keys::scenario::TIME) else {
        return fallback;
    };
    let (Some(cycle_node), Some(horizon_node)) = (time.get(keys::time::CYCLE), time.get(keys::time::HORIZON))
    else {
        return fallback;
    };
    let Some(cycle) = years(cycle_node) else { return fallback };
    // The end of an endless horizon is found when the model is complete; an even number of cycles fits every correction until then.
    let endless = || 2.0 * (0.5 * FIRST_YEARS / cycle).ceil() * cycle;
    let horizon = if is_endless(root) { Some(endless()) } else { years(horizon_node) };
    let Some(horizon) = horizon else { return fallback };
    for (length, node, name) in [(cycle, cycle_node, "cycle"), (horizon, horizon_node, "horizon")] {
        if length <= 0.0 {
            out.push(
                Diagnostic::error("E0424", format!("the {name} must be longer than 0"))
                    .at(node.span, "a length of 0; write for example \"1 year\""),
            );
            return fallback;
        }
    }
    let cycles_per_year = snap(1.0 / cycle);
    let cycles = horizon / cycle;
    let whole = cycles.round();
    if whole < 1.0 || (cycles - whole).abs() > TOLERANCE * cycles {
        let near = neighbours(cycle_node, whole, cycles);
        let horizons: Vec<String> =
            near.iter().map(|(_, length)| format!("horizon = \"{length}\"")).collect();
        let note: Vec<String> = near
            .iter()
            .map(|(n, length)| format!("{} {length}", counted(*n as usize, "cycle is", "cycles are")))
            .collect();
        out.push(
            Diagnostic::error("E0413", "the horizon is not a whole number of cycles")
                .at(horizon_node.span, format!("the horizon is {} cycles", rounded(cycles)))
                .also(cycle_node.span, "the cycle length")
                .why("rounding would silently add or remove part of a cycle of life-years and costs")
                .note(note.join("; "))
                .help(match horizons.is_empty() {
                    true => "write a horizon that is a multiple of the cycle, or change `cycle`".to_string(),
                    false => format!(
                        "write {}; or change `cycle`, so that the horizon is a multiple of it",
                        horizons.join(" or ")
                    ),
                }),
        );
        // The nearest whole number of cycles is used, so that further messages are still about the intended horizon.
        return TimeGrid { cycles: whole.clamp(1.0, MOST_CYCLES) as usize, cycles_per_year, moves };
    }
    if whole > MOST_CYCLES {
        out.push(
            Diagnostic::error(
                "E0424",
                format!("the model has {whole} cycles, but at most 1,000,000 are possible"),
            )
            .at(cycle_node.span, "this cycle is too short for the horizon")
            .help("check the units of `cycle` and `horizon`; for monthly cycles write cycle = \"1 month\""),
        );
        return TimeGrid { cycles: 1, cycles_per_year, moves };
    }
    // A horizon that counts points has one cycle less, because n points have n - 1 cycles between them.
    let points = time.text(keys::time::HORIZON_COUNTS) == Some("points");
    if points && whole < 2.0 {
        out.push(
            Diagnostic::error("E0424", "a horizon of 1 point contains no cycle")
                .at(horizon_node.span, "only 1 point, but a cycle has 2 points")
                .help("lengthen the horizon; or count cycles instead of points: horizon_counts = \"transitions\""),
        );
    }
    TimeGrid { cycles: (whole as usize - usize::from(points)).max(1), cycles_per_year, moves }
}

/// Whether the model runs until nobody is left.
pub fn is_endless(root: &TomlTable) -> bool {
    let time = root.table(keys::scenario::TIME);
    time.and_then(|time| time.text(keys::time::HORIZON))
        .is_some_and(|text| text.trim() == keys::time::ENDLESS)
}

/// Whether patients may move at any time.
pub fn is_continuous(root: &TomlTable) -> bool {
    moves(root) == Moves::Continuous
}

/// When patients may move.
fn moves(root: &TomlTable) -> Moves {
    let time = root.table(keys::scenario::TIME);
    match time.and_then(|time| time.text(keys::time::MOVES)) {
        Some("continuous") => Moves::Continuous,
        _ => Moves::OnceACycle,
    }
}

/// The two nearest horizons that are a whole number of cycles: the number of cycles, and the length.
fn neighbours(cycle: &TomlNode, whole: f64, cycles: f64) -> Vec<(f64, String)> {
    let (below, above) = if whole <= cycles { (whole, whole + 1.0) } else { (whole - 1.0, whole) };
    let length = |n: f64| {
        let text = cycle.text().unwrap_or_default();
        let (number, unit) = text.trim().split_once(char::is_whitespace)?;
        let length = rounded(n * number.parse::<f64>().ok()?);
        let plural = matches!(unit.trim(), "year" | "month" | "week" | "day") && length != "1";
        Some((n, format!("{length} {}{}", unit.trim(), if plural { "s" } else { "" })))
    };
    [below, above].into_iter().filter(|n| *n >= 1.0).filter_map(length).collect()
}

/// Whether `age` in formulas is the age at the end of the cycle.
pub fn age_at_end(root: &TomlTable) -> bool {
    let time = root.table(keys::scenario::TIME);
    time.and_then(|time| time.text(keys::time::AGE)) == Some("end of cycle")
}

/// Whether the cycle length of a grid is the one in the scenario, and not a placeholder.
pub fn is_as_said(grid: &TimeGrid, root: &TomlTable) -> bool {
    let cycle = root.table(keys::scenario::TIME).and_then(|time| years(time.get(keys::time::CYCLE)?));
    cycle.is_some_and(|cycle| snap(1.0 / cycle) == grid.cycles_per_year)
}

/// Whether the number of cycles of a grid is the one in the scenario, and not a placeholder.
pub fn horizon_is_as_said(grid: &TimeGrid, root: &TomlTable) -> bool {
    let horizon = root.table(keys::scenario::TIME).and_then(|time| years(time.get(keys::time::HORIZON)?));
    let points = root.table(keys::scenario::TIME).and_then(|time| time.text(keys::time::HORIZON_COUNTS))
        == Some("points");
    horizon.is_some_and(|horizon| {
        let cycles = grid.cycles + usize::from(points);
        is_as_said(grid, root) && snap(horizon * grid.cycles_per_year) == cycles as f64
    })
}

/// A length of time in years; `None` if it cannot be read.
pub fn years(node: &TomlNode) -> Option<f64> {
    node.text().and_then(parse_duration_years).filter(|years| years.is_finite() && *years >= 0.0)
}

/// A length of time in cycles, not necessarily a whole number; `None` if it cannot be read.
pub fn cycles(node: &TomlNode, grid: &TimeGrid) -> Option<f64> {
    // A time within rounding error of a grid point is moved to that point, because clocks treat their limits in the same way.
    years(node).map(|years| {
        let cycles = years * grid.cycles_per_year;
        match (cycles - cycles.round()).abs() <= HAIR {
            true => cycles.round(),
            false => cycles,
        }
    })
}

/// Rounds `x` to a whole number if the difference is only a rounding error.
fn snap(x: f64) -> f64 {
    let whole = x.round();
    if (x - whole).abs() <= TOLERANCE * x { whole } else { x }
}

/// A number with at most six decimals, without trailing zeros.
fn rounded(x: f64) -> String {
    arcosim_core::words::rounded(x, 6)
}
