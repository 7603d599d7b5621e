//! Shapes of time courses: delays, hazards from tables, and patients who never make a transition; and the notes on them for readers.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Context, REST, did_you_mean, label, or_declare};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope, at_base};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::life_table_file::TableKind;
use crate::read::source::Span;
use crate::read::table_layout::is_age;
use crate::schema::keys::{scenario, transition};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::walk::Walk;
use arcosim_core::model::{
    Attribute, AttributeDistribution, AttributeFamily, AttributeKind, Binary, Clock, Expr, Hazard,
    HazardBands, Model, Never, Selector, TimeDistribution,
};
use arcosim_core::words::rounded;

/// Time before which the event of a distribution is impossible, 0 by default.
pub fn delay(
    name: &str,
    table: &TomlTable,
    clock: Clock,
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Expr {
    let Some(node) = table.get(transition::DELAY) else { return Expr::Number(0.0) };
    if let Clock::Age(_) | Clock::AgeAtEnd(_) = clock {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has a `delay`, and the clock `age`"))
                .at(node.key_span, "the age of a patient does not start at 0")
                .help("write clock = \"time\" or clock = \"time_in(...)\" with a state or group; or, if the event is impossible below an age, multiply by a condition: hazard_ratio = \"if(age < 40, 0, 1)\""),
        );
    }
    let still = Scope { clocks: Clocks::None, ..*scope };
    context.compile(node, Expected::Time, &still, out)
}

/// The distribution whose hazards are in a table, by time on its clock.
pub fn tabulated(
    node: &TomlNode,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<TimeDistribution<Expr>> {
    let wanted = node.text().unwrap_or_default();
    let Some(found) = context.names.tables.iter().find(|one| one.name == wanted) else {
        let known = context.names.tables.iter().map(|table| table.name.as_str());
        let example = "{ file = \"hazards.csv\", by = [\"year\"], kind = \"rate per year\" }";
        let help = did_you_mean(wanted, known, &or_declare(wanted, example, "[tables]"));
        out.push(context.unknown("E0426", "table", wanted, node.span, help).echo_of(Part::Tables));
        return None;
    };
    if found.kind != TableKind::RatePerYear || is_age(&found.by) {
        let (label, help) = match is_age(&found.by) {
            true => (
                "its first column is an age, not a time on a clock",
                format!("for mortality by attained age write table = \"{wanted}\" instead of `hazards`"),
            ),
            false => (
                "its values are not rates per year",
                format!(
                    "if they are, write kind = \"rate per year\" under [tables.{wanted}]; otherwise convert them: a probability p over t years is a rate of -ln(1 - p) / t"
                ),
            ),
        };
        out.push(
            Diagnostic::error("E0424", format!("table `{wanted}` is not a table of hazards by time"))
                .at(node.span, label)
                .why("each value applies as a hazard from its row until the next")
                .help(help),
        );
        return None;
    }
    let listing = found.listing.as_ref()?;
    // The column of a patient is the mixed-radix number of the categories.
    let mut stride = 1;
    let mut column = Expr::Number(0.0);
    for &(attribute, size) in listing.by.iter().rev() {
        let cases = (0..size).map(|i| Expr::Number((i * stride) as f64)).collect();
        let own = Expr::Select(Selector::Attribute(attribute), cases);
        column = match column {
            Expr::Number(0.0) => own,
            others => Expr::Binary(Binary::Add, Box::new([others, own])),
        };
        stride *= size;
    }
    let table = Arc::new(HazardBands::new((**listing).clone()));
    Some(TimeDistribution::Tabulated { table, column, stretch: Expr::Number(1.0) })
}

/// Start of the name of the hidden attribute that decides for whom a transition never fires. It contains a space, so that no attribute
/// of the scenario has this name, and no formula can read it.
const NEVER: &str = "never ";

/// Hidden attributes that decide for whom a transition never fires, and the positions of the shares.
pub fn chances(root: &TomlTable) -> Vec<(Attribute, Span)> {
    let declared =
        root.sections(scenario::TRANSITIONS).filter_map(|(name, node)| Some((name, node.table()?)));
    let stated = declared.filter_map(|(name, table)| Some((name, table, table.get(transition::NEVER)?)));
    stated
        .map(|(name, table, node)| {
            let family = AttributeFamily::Uniform { low: Expr::Number(0.0), high: Expr::Number(1.0) };
            let kind = AttributeKind::Continuous(AttributeDistribution { family, within: None });
            let label = format!("Never: {}", label(table, name));
            (Attribute { name: format!("{NEVER}{name}"), label, kind }, node.span)
        })
        .collect()
}

/// Patients for whom a transition never fires.
pub fn never(name: &str, table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Option<Never> {
    let node = table.get(transition::NEVER)?;
    if table.text(transition::PROBABILITY).is_some_and(|text| text.trim() == REST) {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has both `never` and the probability \"rest\""))
                .at(node.key_span, "nobody can be spared from the transition that takes all the rest")
                .help("write a probability or a rate for this transition, and \"rest\" for another one; or remove `never`"),
        );
    }
    let scope = Scope { states: &[], clocks: Clocks::None, attributes: true, state: false, value_of: None };
    let share = context.compile(node, Expected::Proportion, &scope, out);
    let hidden = format!("{NEVER}{name}");
    let chance = context.names.attributes.iter().position(|attribute| attribute.name == hidden)?;
    Some(Never { share, chance })
}

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
