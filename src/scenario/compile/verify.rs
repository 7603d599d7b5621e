//! Compiles `[verify]`: accepted findings, and facts that the program cannot know, such as the states of the dead.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::TomlTable;
use crate::schema::keys::{plausible, scenario, verify, waiver};

/// Settings of the verification of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerifySettings {
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// States in which patients are dead, ascending; by default all absorbing states.
    pub dead: Vec<usize>,
    /// Whether the scenario itself lists the states in which patients are dead.
    pub dead_is_said: bool,
    /// States in the order of disease progression, healthiest first; empty if the scenario does not state an order.
    pub progression: Vec<usize>,
    /// Plausible ranges of results.
    pub plausible: Vec<Plausible>,
}

/// An accepted finding. Whether its check exists is tested later, in the module that runs the checks.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// Id of the check, such as `F06`.
    pub check: String,
    /// Subjects of the accepted findings; empty to accept all findings of the check.
    pub of: Vec<String>,
    /// Person who accepted the finding.
    pub by: String,
    /// Reason why the finding is not an error.
    pub why: String,
    /// Date of acceptance.
    pub date: String,
}

/// A plausible range of a result, with the same fields as a row of expected results.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Plausible {
    pub name: String,
    pub strategy: String,
    pub quantity: String,
    pub subject: String,
    /// Time of the result in years; `None` for the horizon.
    pub years: Option<f64>,
    pub low: f64,
    pub high: f64,
    pub source: String,
    pub note: String,
}

/// Settings in `[verify]`, with defaults for missing keys.
pub fn verify(root: &TomlTable, context: &Context, out: &mut Diagnostics) -> VerifySettings {
    let empty = TomlTable::default();
    let table = root.table(scenario::VERIFY).unwrap_or(&empty);
    let mut dead = context.states(&table.names(verify::DEAD), out);
    let dead_is_said = !dead.is_empty();
    if dead.is_empty() {
        let states = context.names.states.iter().enumerate();
        dead = states.filter(|(_, s)| s.absorbing).map(|(i, _)| i).collect();
    }
    VerifySettings {
        dead_is_said,
        waivers: waivers(table, out),
        dead,
        progression: progression(table, context, out),
        plausible: plausible(table, out),
    }
}

fn waivers(table: &TomlTable, out: &mut Diagnostics) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    for (check, node) in table.sections(verify::WAIVE) {
        let Some(own) = node.table() else { continue };
        for key in [waiver::BY, waiver::WHY, waiver::DATE] {
            if let Some(node) = own.get(key)
                && node.text().is_some_and(|text| text.trim().is_empty())
            {
                out.push(
                    Diagnostic::error(
                        "E0442",
                        format!("`{}` of the waiver for check {check} is empty", key.name),
                    )
                    .at(node.span, "a text is needed here")
                    .why("a reviewer needs to know who accepted the finding, why, and when")
                    .help(match key.name {
                        "by" => "write who accepted the finding, for example by = \"A. Modeller\"",
                        "why" => "write why the finding is not an error: why = \"...\"",
                        _ => "write when the finding was accepted, for example date = \"2026-11-21\"",
                    }),
                );
            }
        }
        let text = |key| own.text(key).unwrap_or_default().to_string();
        waivers.push(Waiver {
            check: check.to_string(),
            of: own.names(waiver::OF).iter().map(|(name, _)| name.to_string()).collect(),
            by: text(waiver::BY),
            why: text(waiver::WHY),
            date: text(waiver::DATE),
        });
    }
    waivers
}

fn progression(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<usize> {
    let mut order = Vec::new();
    for (name, node) in table.names(verify::PROGRESSION) {
        let Some(state) = context.state(name, node.span, out) else {
            continue;
        };
        if order.contains(&state) {
            out.push(
                Diagnostic::error("E0409", format!("`progression` lists state `{name}` twice"))
                    .at(node.span, "listed again here")
                    .help(format!(
                        "list `{name}` only once, at its place in the order from the best to the worst state"
                    )),
            );
            continue;
        }
        order.push(state);
    }
    order
}

fn plausible(table: &TomlTable, out: &mut Diagnostics) -> Vec<Plausible> {
    let mut ranges = Vec::new();
    for (name, node) in table.sections(verify::PLAUSIBLE) {
        let Some(own) = node.table() else { continue };
        let (Some(low), Some(high)) = (own.number(plausible::LOW), own.number(plausible::HIGH)) else {
            continue;
        };
        if low > high {
            let place = own.get(plausible::LOW).map_or(node.span, |low| low.span);
            out.push(
                Diagnostic::error("E0442", format!("the plausible range `{name}` contains no value"))
                    .at(
                        place,
                        format!(
                            "`low` is {low} and `high` is {high}, so every result would be outside this range"
                        ),
                    )
                    .help("write the smaller number as `low` and the larger one as `high`"),
            );
        }
        let text = |key| own.text(key).unwrap_or_default().to_string();
        ranges.push(Plausible {
            name: name.to_string(),
            strategy: text(plausible::STRATEGY),
            quantity: text(plausible::QUANTITY),
            subject: text(plausible::SUBJECT),
            years: own.number(plausible::YEARS),
            low,
            high,
            source: text(plausible::SOURCE),
            note: text(plausible::NOTE),
        });
    }
    ranges
}
