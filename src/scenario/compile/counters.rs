//! Compiles `counted_up_to` of transitions: how often a transition has occurred, which formulas read as `count(transition)`.
//!
//! A counter is a group of all states whose clock shows the number.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::TomlTable;
use crate::read::source::Span;
use crate::schema::keys::{scenario, transition};
use arcosim_core::model::{Counter, Group};

/// Largest number of occurrences that can be told apart, because the exact engine keeps those of each number apart.
const MOST: f64 = 20.0;

/// The counters of a scenario with this number of states, with the positions of their keys.
pub fn counters(
    root: &TomlTable,
    states: usize,
    continuous: bool,
    out: &mut Diagnostics,
) -> Vec<(Group, Span)> {
    let mut all = Vec::new();
    let declared =
        root.sections(scenario::TRANSITIONS).filter_map(|(name, node)| Some((name, node.table()?)));
    for (index, (own, table)) in declared.enumerate() {
        let Some(node) = table.get(transition::COUNTED_UP_TO) else { continue };
        let Some(most) = node.number() else { continue };
        if !(1.0..=MOST).contains(&most) {
            out.push(
                Diagnostic::error("E0424", format!("`counted_up_to` of transition `{own}` is {most}"))
                    .at(node.span, format!("must be from 1 to {MOST}"))
                    .why("patients with different numbers of occurrences are calculated separately, and more occurrences count as the largest number")
                    .help("write the number from which on more occurrences make no difference, such as counted_up_to = 3"),
            );
        }
        if continuous {
            out.push(
                Diagnostic::error("E0464", format!("transition `{own}` is counted, but patients may move at any time"))
                    .at(node.key_span, "not possible with moves = \"continuous\"")
                    .why("the exact engine in continuous time does not keep patients with different numbers of occurrences apart")
                    .help("write a state for each number, or remove moves = \"continuous\" from [time]"),
            );
        }
        let group = Group {
            name: Counter::name(own),
            label: format!("Number of: {own}"),
            states: (0..states).collect(),
            counter: Some(Counter { transition: index, most: most.clamp(1.0, MOST) as usize }),
        };
        all.push((group, node.key_span));
    }
    all
}
