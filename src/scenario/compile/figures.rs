//! Compiles `[figures]`: settings of figures and tables, such as the order of states and the landmark years.

use super::Context;
use super::time::is_endless;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::TomlTable;
use crate::schema::keys;
use arcosim_core::model::TimeGrid;

/// Settings of figures and tables.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureSettings {
    /// States in the order of the trace figures.
    pub order: Vec<usize>,
    /// Layers of the stacked figure, bottom first: groups (indices into `Model::groups`) that together contain every state once.
    pub stack: Vec<usize>,
    /// Word for the simulated units in figures, in the plural, such as "patients" or "eyes".
    pub unit: String,
    /// Landmark years of the tables, ascending and within the horizon.
    pub landmarks: Vec<f64>,
    /// Length of the time axis of survival figures, in years.
    pub years: f64,
}

const LANDMARKS: &[f64] = &[1.0, 2.0, 3.0, 5.0, 10.0];
const YEARS: f64 = 20.0;
const UNIT: &str = "patients";

/// Settings in `[figures]`, with defaults for missing keys.
pub fn figures(
    root: &TomlTable,
    grid: &TimeGrid,
    context: &Context,
    out: &mut Diagnostics,
) -> FigureSettings {
    let empty = TomlTable::default();
    let table = root.table(keys::scenario::FIGURES).unwrap_or(&empty);
    // The end of an endless horizon is not known yet: see [`FigureSettings::end`].
    let horizon = if is_endless(root) { f64::INFINITY } else { grid.years(grid.cycles) };
    let order = order(table, context, out);
    FigureSettings {
        stack: stack(table, &order, context, out),
        order,
        unit: table.text(keys::figures::UNIT).unwrap_or(UNIT).to_string(),
        landmarks: landmarks(table, horizon, out),
        years: years(table, horizon, out),
    }
}

impl FigureSettings {
    /// Settings within the horizon, when the end of an endless one is known.
    pub fn end(&mut self, root: &TomlTable, grid: &TimeGrid, out: &mut Diagnostics) {
        let empty = TomlTable::default();
        let table = root.table(keys::scenario::FIGURES).unwrap_or(&empty);
        let horizon = grid.years(grid.cycles);
        self.landmarks = landmarks(table, horizon, out);
        self.years = years(table, horizon, out);
    }
}

/// Order of states in figures: first the states listed in `order`, then all others in the order of declaration.
fn order(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<usize> {
    let mut order = Vec::new();
    for (name, node) in table.names(keys::figures::ORDER) {
        let Some(state) = context.state(name, node.span, out) else {
            continue;
        };
        if order.contains(&state) {
            out.push(
                Diagnostic::error("E0409", format!("`order` lists state `{name}` twice"))
                    .at(node.span, "listed again here")
                    .help("remove the second one, so that the order of states is unambiguous"),
            );
            continue;
        }
        order.push(state);
    }
    order.extend((0..context.names.states.len()).filter(|state| !order.contains(state)).collect::<Vec<_>>());
    order
}

fn stack(table: &TomlTable, order: &[usize], context: &Context, out: &mut Diagnostics) -> Vec<usize> {
    // By default every state is a layer of its own: group i contains only state i.
    let Some(list) = table.get(keys::figures::STACK) else {
        return order.to_vec();
    };
    let mut stack = Vec::new();
    let mut holder: Vec<Option<&str>> = vec![None; context.names.states.len()];
    let mut complete = true;
    for (name, node) in list.names() {
        let Some(group) = context.group(name, node.span, out) else {
            complete = false;
            continue;
        };
        for &state in &context.names.groups[group].states {
            if let Some(other) = holder[state].replace(name) {
                let state = &context.names.states[state].name;
                let help = once_in_stack([other, name], state, context);
                out.push(
                    Diagnostic::error("E0432", format!("`stack` contains state `{state}` twice"))
                        .at(node.span, format!("`{state}` is already part of `{other}`"))
                        .why("the layers of the figure would add up to more than 100% of patients")
                        .help(help),
                );
                complete = false;
                break;
            }
        }
        stack.push(group);
    }
    let missing: Vec<&str> = holder
        .iter()
        .zip(context.names.states)
        .filter(|(holder, _)| holder.is_none())
        .map(|(_, state)| state.name.as_str())
        .collect();
    if complete && !missing.is_empty() {
        let names = arcosim_core::words::all_of(&missing);
        let (states, them) = if missing.len() == 1 { ("state", "it") } else { ("states", "them") };
        out.push(
            Diagnostic::error(
                "E0432",
                format!("`stack` leaves out {states} {names}"),
            )
            .at(list.span, "must include every state exactly once")
            .why("the layers of the figure would add up to less than 100% of patients")
            .help(format!("add {names} to `stack`, or a group that contains {them} and no state that is already in `stack`")),
        );
    }
    stack
}

/// What to write instead of two items of `stack` that both contain a state.
fn once_in_stack([first, second]: [&str; 2], state: &str, context: &Context) -> String {
    if first == second {
        return format!("remove the second \"{second}\"");
    }
    let group = if second == state { first } else { second };
    let groups = context.names.groups.iter().filter(|one| one.name == group);
    let names = groups.flat_map(|one| &one.states).map(|&one| context.names.states[one].name.as_str());
    let others: Vec<String> = names.filter(|one| *one != state).map(|one| format!("\"{one}\"")).collect();
    match (first == state || second == state) && !others.is_empty() {
        true => format!(
            "remove \"{state}\"; or, to show it as a layer of its own, write {} instead of \"{group}\"",
            others.join(", ")
        ),
        false => format!(
            "remove `{first}` or `{second}`, or write instead of one of them its states that are not in the other"
        ),
    }
}

fn landmarks(table: &TomlTable, horizon: f64, out: &mut Diagnostics) -> Vec<f64> {
    let Some(list) = table.get(keys::figures::LANDMARKS) else {
        return LANDMARKS.iter().copied().filter(|&year| year <= horizon).collect();
    };
    let mut landmarks = Vec::new();
    for node in list.items() {
        match node.number() {
            Some(year) if year > 0.0 && year <= horizon => landmarks.push(year),
            Some(year) if year.is_finite() => out.push(
                Diagnostic::error(
                    "E0424",
                    format!("the landmark at {year} years is outside the time horizon"),
                )
                .at(node.span, format!("the model runs from 0 to {horizon} years"))
                .help(match year > horizon {
                    true => format!(
                        "remove {year} from `landmarks`, or lengthen `horizon` to at least {year} years"
                    ),
                    false => format!("remove {year} from `landmarks`"),
                }),
            ),
            // A value of another type, or one that is not finite, has already been reported by the check of all keys.
            _ => {}
        }
    }
    landmarks.sort_by(f64::total_cmp);
    landmarks.dedup();
    landmarks
}

fn years(table: &TomlTable, horizon: f64, out: &mut Diagnostics) -> f64 {
    match (table.number(keys::figures::YEARS), table.get(keys::figures::YEARS)) {
        (Some(years), Some(node)) if years <= 0.0 => {
            out.push(
                Diagnostic::error("E0424", "`years` of the figures must be above 0")
                    .at(node.span, "the time axis would have no length; write for example 20"),
            );
            horizon
        }
        (Some(years), _) => years.min(horizon),
        _ => YEARS.min(horizon),
    }
}
