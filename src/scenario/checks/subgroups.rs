//! Checks that the conditions of `[subgroups]` put every patient into exactly one subgroup of each division.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use arcosim_core::model::population::population_nodes;
use arcosim_core::model::subpopulation::{faults, parts};
use arcosim_core::model::{Model, Tables};
use arcosim_core::words::{listed, rounded};

/// Share of patients below which a division counts as complete, because it is rounding error.
const NOBODY: f64 = 1e-12;

/// Reports patients who are in no subgroup or in several, and warns about subgroups without patients.
pub fn subgroups(model: &Model, places: &[Span], out: &mut Diagnostics) {
    if model.subgroups.divisions.is_empty() {
        return;
    }
    let values = model.base_values();
    let nodes = population_nodes(model, &values, 1);
    let start = Tables::new(model, &values).start;
    for (d, (division, &place)) in model.subgroups.divisions.iter().zip(places).enumerate() {
        let name = &division.name;
        let (none, several) = faults(model, &values, &nodes, &start, d);
        if several > NOBODY {
            out.push(
                Diagnostic::error("E0455", format!("the subgroups of division `{name}` overlap"))
                    .at(place, format!("{} of patients are in more than one subgroup", percent(several)))
                    .why("these patients would be counted twice, so the subgroups would not add up to all patients")
                    .help("change the conditions so that at most one is true for each patient; of two subgroups, one can be \"rest\" instead of a condition"),
            );
        }
        if none > NOBODY {
            out.push(
                Diagnostic::error("E0455", format!("the subgroups of division `{name}` leave out patients"))
                    .at(place, format!("{} of patients are in none of them", percent(none)))
                    .why("the subgroups would not add up to all patients")
                    .help("add a subgroup for all other patients, such as others = \"rest\""),
            );
        }
        if none > NOBODY || several > NOBODY {
            continue;
        }
        let found = parts(model, &values, &nodes, &start, &[d]);
        let empty: Vec<&str> = (division.groups.iter().enumerate())
            .filter(|(g, _)| found.iter().all(|part| part.groups[0] != *g))
            .map(|(_, group)| group.name.as_str())
            .collect();
        if !empty.is_empty() {
            let (word, this, them) = match empty.len() {
                1 => ("subgroup", "this subgroup", "it"),
                _ => ("subgroups", "these subgroups", "them"),
            };
            out.push(
                Diagnostic::warning("W0541", format!("no patient is in {word} {} of division `{name}`", listed(empty.iter().copied())))
                    .at(place, format!("the results of this division will not contain {word} {}", listed(empty)))
                    .why("a subgroup without patients often points to a mistake in its condition or in the population")
                    .help(format!(
                        "correct the condition, or the attributes and the states at the start under [population]; if no patient should be in {this}, remove {them}"
                    )),
            );
        }
    }
}

fn percent(share: f64) -> String {
    match rounded(100.0 * share, 2).as_str() {
        "0" => "less than 0.01%".to_string(),
        number => format!("{number}%"),
    }
}
