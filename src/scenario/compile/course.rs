//! Notes for readers on the shapes of time courses: patients who never make a transition, delays, and hazards from tables.

use std::ops::ControlFlow;

use crate::expression::at_base;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::walk::Walk;
use arcosim_core::model::{Expr, Hazard, Model, TimeDistribution};
use arcosim_core::words::rounded;

/// Notes on the transitions of a model: the subject ("transition `relapse`") and the note.
pub fn readings(model: &Model) -> Vec<(String, String)> {
    let base = model.base_values();
    let mut all = Vec::new();
    for (t, transition) in model.transitions.iter().enumerate() {
        let mut notes = Vec::new();
        if let Hazard::Distribution { time, .. } = &transition.hazard {
            if let TimeDistribution::Tabulated { table, .. } = &time.family {
                let listing = table.listing();
                let last = listing.bounds.last().map_or(String::new(), |year| rounded(*year, 6));
                notes.push(format!(
                    "hazards from table `{}`; those of its last row, at year {last} of the clock, hold for ever",
                    listing.name
                ));
            }
            match &time.delay {
                Expr::Number(0.0) => {}
                Expr::Number(years) => {
                    notes.push(format!("impossible before year {} of its clock", rounded(*years, 6)))
                }
                formula if Reads::of(formula) != Reads::default() => {
                    notes.push(
                        "impossible before a time on its clock that differs between patients".to_string(),
                    );
                }
                formula => notes.push(format!(
                    "impossible before year {} of its clock (base value)",
                    rounded(at_base(formula, &base), 6)
                )),
            }
        }
        if let Some(never) = &transition.never {
            let walk = Walk { last: 0, ..Walk::of_transition(model, t, &never.share) };
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            walk.each(model, &base, |_, s| {
                let share = never.share.value(s);
                (low, high) = (low.min(share), high.max(share));
                ControlFlow::Continue(())
            });
            let percent = |share: f64| format!("{}%", rounded(100.0 * share, 2));
            let who = match high - low > 1e-12 {
                true => format!(
                    "{} to {} of patients, depending on their attributes,",
                    percent(low),
                    percent(high)
                ),
                false => format!("{} of patients", percent(low)),
            };
            notes.push(format!(
                "{who} never make it, the same patients under every strategy (histories show the deciding number as `{}`)",
                model.attributes[never.chance].name
            ));
        }
        if !notes.is_empty() {
            all.push((format!("transition `{}`", transition.name), notes.join("; ")));
        }
    }
    all
}
