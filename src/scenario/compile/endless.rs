//! Endless horizons (`horizon = "endless"` in `[time]`): the model runs until practically nobody is left.

use super::time::{is_continuous, is_endless};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::TomlTable;
use crate::schema::keys::{outcome, scenario, time};
use arcosim_core::engine::endless::{self, LEFT};
use arcosim_core::model::Model;
use arcosim_core::model::memory;
use arcosim_core::words::{grouped, rounded};

/// Refuses weights that are listed for each grid point, whose number is not known before the model is run.
pub fn check(root: &TomlTable, out: &mut Diagnostics) {
    if !is_endless(root) || is_continuous(root) {
        return;
    }
    for (name, node) in root.sections(scenario::OUTCOMES) {
        let correction = node.table().and_then(|table| table.get(outcome::CORRECTION));
        if let Some(node) = correction.filter(|node| node.table().is_some()) {
            out.push(
                Diagnostic::error("E0437", format!("outcome `{name}` has a weight for each grid point, but the horizon is endless"))
                    .at(node.span, "the number of grid points is not known")
                    .help("write the name of a correction, for example correction = \"half-cycle\"; or write a length of time for `horizon` under [time]"),
            );
        }
    }
}

/// The model with its end, if the horizon is endless, and a note on it for readers. An error if patients remain for ever.
pub fn resolved(
    model: Model,
    root: &TomlTable,
    most_bytes: f64,
    out: &mut Diagnostics,
) -> (Model, Option<String>) {
    if !is_endless(root) {
        return (model, None);
    }
    let fits = |model: &Model| memory::least(model).bytes() <= most_bytes;
    match endless::with_end(&model, fits) {
        Ok(model) => {
            let note = format!(
                "endless horizon: the model runs for {} years ({} cycles), until at most {LEFT:e} of the patients are outside absorbing states under any strategy, at base values",
                rounded(model.time.years(model.time.cycles), 3),
                grouped(model.time.cycles as u64)
            );
            (model, Some(note))
        }
        Err(left) => {
            let place = root.table(scenario::TIME).and_then(|table| table.get(time::HORIZON));
            let title = format!(
                "the horizon is endless, but after {} years {} of the patients are still in state `{}` under strategy `{}`",
                grouped(left.years as u64),
                match left.share < 1e-4 {
                    true => format!("{:.1e}", left.share),
                    false => format!("{}%", rounded(100.0 * left.share, 2)),
                },
                model.states[left.state].name,
                model.strategies[left.strategy].name
            );
            let mut found = Diagnostic::error("E0465", title)
                .why("totals over an endless horizon exist only if all patients end in absorbing states")
                .help("check the rates out of this state: if they are right, write a length of time for `horizon`, such as \"100 years\"; otherwise add the transitions that are missing, such as death from other causes; if patients stay in this state for ever, write absorbing = true for it under [states]");
            if let Some(place) = place {
                found = found.at(place.span, format!("no end within {} years", grouped(left.years as u64)));
            }
            out.push(found);
            (model, None)
        }
    }
}
