//! Continuous time (`moves = "continuous"` in `[time]`): what has no meaning in it is refused, and keys that are not used are stated.

use super::time::is_continuous;
use super::transitions::TransitionPlaces;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::keys::{branch, discount, outcome, scenario, time, transition};
use arcosim_core::model::{Hazard, Transition};
use arcosim_core::words::all_of;

/// Refuses stated probabilities per cycle and the age at the end of a cycle.
pub fn check(root: &TomlTable, transitions: &[Transition], places: &TransitionPlaces, out: &mut Diagnostics) {
    if !is_continuous(root) {
        return;
    }
    for (own, place) in transitions.iter().zip(&places.hazards) {
        let name = &own.name;
        let (label, help) = match &own.hazard {
            Hazard::Probability(_) => {
                let stated = root
                    .sections(scenario::TRANSITIONS)
                    .find(|(key, _)| key == name)
                    .and_then(|(_, node)| node.table()?.get(transition::PROBABILITY))
                    .map_or_else(|| "p".to_string(), written);
                (
                    "a probability per cycle",
                    format!(
                        "write the rate at which this probability is reached if nothing else happens: rate = \"rate({stated}, cycle_length)\"; or remove moves = \"continuous\" from [time]"
                    ),
                )
            }
            Hazard::Complement => (
                "the probability that is left over",
                format!(
                    "write the rate of `{name}`, such as rate = 0.1; or remove moves = \"continuous\" from [time]"
                ),
            ),
            _ => continue,
        };
        out.push(
            Diagnostic::error("E0464", format!("transition `{name}` has a probability per cycle, but patients may move at any time"))
                .at(*place, label)
                .why("in continuous time several events may happen in one cycle, so that a probability per cycle does not say how often each of them happens")
                .help(help),
        );
    }
    for (name, node) in root.sections(scenario::TRANSITIONS) {
        let to = node.table().and_then(|table| table.get(transition::TO)?.table());
        let branches = to.into_iter().flat_map(|to| &to.entries);
        let mut own = branches.filter_map(|(_, own)| own.table()).filter(|own| own.flag(branch::AGAIN));
        if let Some(node) = own.next().and_then(|own| own.get(branch::AGAIN)) {
            out.push(
                Diagnostic::error("E0464", format!("transition `{name}` enters its own state again, but patients may move at any time"))
                    .at(node.key_span, "not possible with moves = \"continuous\"")
                    .why("the exact engine follows each stay from its beginning, and a state that begins anew inside itself has no last one")
                    .help("write a second state for those who have entered it before, or remove moves = \"continuous\" from [time]"),
            );
        }
    }
    let age = root.table(scenario::TIME).and_then(|table| table.get(time::AGE));
    if let Some(node) = age.filter(|node| node.text() == Some("end of cycle")) {
        out.push(
            Diagnostic::error("E0464", "`age` is that of the end of the cycle, but patients may move at any time")
                .at(node.span, "has no meaning with moves = \"continuous\"")
                .why("in continuous time ages are those of the present, and the middle of each cycle stands for the whole cycle")
                .help("remove `age` from [time]; in an overlay, write remove = [\"time.age\"]"),
        );
    }
}

/// A formula or number as written in the scenario.
fn written(node: &TomlNode) -> String {
    match (node.text(), node.number()) {
        (Some(text), _) => text.to_string(),
        (None, Some(number)) => number.to_string(),
        (None, None) => "p".to_string(),
    }
}

/// States the keys that are not used in continuous time.
pub fn readings(root: &TomlTable) -> Option<(String, String)> {
    if !is_continuous(root) {
        return None;
    }
    let mut unused: Vec<&str> = Vec::new();
    let outcomes = || root.sections(scenario::OUTCOMES).filter_map(|(_, node)| node.table());
    if outcomes().any(|own| own.get(outcome::CORRECTION).is_some()) {
        unused.push("correction");
    }
    if outcomes().any(|own| own.get(outcome::ONE_OFF).is_some()) {
        unused.push("one_off");
    }
    let at = |own: &TomlTable| own.get(outcome::DISCOUNT)?.table()?.get(discount::AT).map(|_| ());
    if outcomes().any(|own| at(own).is_some()) {
        unused.push("at");
    }
    if root.table(scenario::TIME).is_some_and(|table| table.get(time::FIRST).is_some()) {
        unused.push("first");
    }
    let mut transitions = root.sections(scenario::TRANSITIONS).filter_map(|(_, node)| node.table());
    if transitions.any(|own| own.get(transition::STATED).is_some()) {
        unused.push("stated");
    }
    let unused = match unused.len() {
        0 => String::new(),
        _ => format!("; not used: {}", all_of(&unused)),
    };
    Some((
        "time".to_string(),
        format!(
            "continuous: patients move at any time, rewards and discounting are integrated over time, and formulas are read in the middle of each cycle of their clock{unused}"
        ),
    ))
}
