//! Checks of what goes in: most of them without a run, a few with the one run that all checks share.

mod conversions;
mod evidence;
mod formulas;
mod money;
mod named_events;
mod periods;
mod progress;
pub mod ratios;
mod rows;
pub mod slips;
mod spread;
mod twice;
mod values;
pub mod worth;

use super::check::Check;
use super::tally::number;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![
        &values::S01,
        &values::S02,
        &rows::S03,
        &rows::S04,
        &rows::S05,
        &ratios::S06,
        &conversions::S07,
        &conversions::S08,
        &spread::S09,
        &spread::S10,
        &spread::S11,
        &spread::S12,
        &money::S13,
        &rows::S14,
        &worth::S15,
        &progress::S16,
        &evidence::S17,
        &ratios::S18,
        &worth::S19,
        &progress::S20,
        &ratios::S21,
        &twice::S22,
        &ratios::S23,
        &formulas::S25,
        &formulas::S26,
        &money::S27,
        &money::S28,
        &slips::S29,
        &slips::S30,
        &slips::S31,
        &slips::S32,
        &slips::S33,
        &slips::S34,
        &periods::S35,
        &periods::S36,
        &named_events::S37,
    ]
}
