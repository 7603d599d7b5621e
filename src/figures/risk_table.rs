//! The table of numbers at risk under a survival figure, set at the positions of the axis ticks.

use super::frame::{EDGE, SMALL_SIZE, leading, line_sample};
use super::scene::{Anchor, Scene};
use super::style::{INK, Strategy};
use super::text::{Weight, count, width};

/// How many of a strategy's units are in each condition at one time; the three add up to the table's total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskCount {
    /// Years; shown when it equals a tick of [`year_ticks`](super::year_ticks).
    pub time: f64,
    /// Still observed and without the event.
    pub at_risk: f64,
    /// No longer observed, without the event.
    pub censored: f64,
    /// With the event.
    pub events: f64,
}

const ROWS: [&str; 3] = ["At risk", "Censored", "Events"];
const SAMPLE: f64 = 24.0;

/// Space the row names need left of the first tick.
pub(super) fn left_margin(rows: &[&[RiskCount]]) -> f64 {
    let names = ROWS.iter().map(|name| width(name, SMALL_SIZE, Weight::Regular)).fold(0.0, f64::max);
    let first = rows
        .iter()
        .filter_map(|counts| counts.first())
        .flat_map(values)
        .map(|value| width(&count(value), SMALL_SIZE, Weight::Regular) / 2.0)
        .fold(0.0, f64::max);
    EDGE + names + 6.0 + first
}

fn values(counts: &RiskCount) -> [f64; 3] {
    [counts.at_risk, counts.censored, counts.events]
}

/// Draws the table below `top` with one column at each of `columns`, the ticks' times and positions.
/// Returns its lower edge.
pub(super) fn draw(
    scene: &mut Scene,
    title: &str,
    rows: &[(&Strategy, &[RiskCount])],
    columns: &[(f64, f64)],
    top: f64,
) -> f64 {
    let mut y = top + leading(SMALL_SIZE);
    scene.styled((EDGE, y), title, SMALL_SIZE, Weight::SemiBold, INK, Anchor::Start);
    for (strategy, counts) in rows {
        y += leading(SMALL_SIZE) + 3.5;
        line_sample(scene, strategy, EDGE, EDGE + SAMPLE, y - 2.3);
        let at = (EDGE + SAMPLE + 4.0, y);
        let room = scene.width() - EDGE - at.0;
        scene.styled(
            at,
            &strategy.name_that(|name| width(name, SMALL_SIZE, Weight::SemiBold) <= room),
            SMALL_SIZE,
            Weight::SemiBold,
            strategy.text_colour(),
            Anchor::Start,
        );
        for (row, name) in ROWS.iter().enumerate() {
            y += leading(SMALL_SIZE);
            scene.text((EDGE, y), name, SMALL_SIZE, INK, Anchor::Start);
            for &(time, x) in columns {
                if let Some(found) = counts.iter().find(|counts| (counts.time - time).abs() < 1e-6) {
                    scene.text((x, y), &count(values(found)[row]), SMALL_SIZE, INK, Anchor::Middle);
                }
            }
        }
    }
    y + 8.0
}
