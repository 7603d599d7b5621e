//! The table of numbers at risk under a survival figure, aligned with the ticks of the time axis.

use super::frame::{EDGE, SMALL_SIZE, leading, line_sample};
use super::scene::{Anchor, Scene};
use super::style::{INK, Strategy};
use super::text::{Weight, count, width};

/// Number of a strategy's units at risk, censored and with the event at one time; the three numbers add up to all units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskCount {
    /// Time in years; the numbers are printed if the time equals a tick of [`year_ticks`](super::year_ticks).
    pub time: f64,
    /// Units still under observation and without the event.
    pub at_risk: f64,
    /// Units no longer under observation, without the event.
    pub censored: f64,
    /// Units with the event.
    pub events: f64,
}

const ROWS: [&str; 3] = ["At risk", "Censored", "Events"];
const SAMPLE: f64 = 24.0;

/// Space left of the first tick for the names of the rows.
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

/// Draws the table below `top` with a column at each tick in `columns` (time and position). Returns the lower edge of the table.
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
