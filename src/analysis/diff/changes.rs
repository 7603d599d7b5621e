//! Finds the differences between two scenarios: parameter values, parameters, and keys of the scenario file.

use arcosim_scenario::Scenario;
use arcosim_scenario::parameters::ParameterRow;

/// One difference between two scenarios.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A parameter with different values.
    Value {
        /// Name of the parameter.
        name: String,
        /// Value of the parameter in both scenarios, as used by the model.
        values: [f64; 2],
        /// Value of the parameter in both scenarios, in the unit of the first scenario's parameter table.
        in_table: [f64; 2],
        /// Unit in the first scenario's parameter table.
        unit: String,
        /// Value in both scenarios as written in the parameter tables, with units.
        written: [String; 2],
        /// Group of the parameter; empty if it has no group.
        group: String,
    },
    /// A parameter that exists in only one scenario or differs in kind or period; the change counts as structure.
    Parameter {
        /// Name of the parameter.
        name: String,
        /// Kind and value of the parameter in both scenarios.
        said: Said,
    },
    /// A key of the scenario file with different values.
    Key {
        /// Name of the key, for example `transitions.die.rate`.
        key: String,
        /// Value of the key in both scenarios.
        said: Said,
    },
}

/// A text of the first and of the second scenario; `None` if absent.
pub type Said = [Option<String>; 2];

/// All differences between two scenarios: keys first, then parameters in the order of the first scenario. Titles,
/// labels, sources and the settings of runs and figures are ignored, because they do not affect results.
pub fn changes(a: &Scenario, b: &Scenario) -> Vec<Change> {
    let said = |scenario: &Scenario, key: &str| {
        let at = scenario.keys.binary_search_by(|(k, _)| k.as_str().cmp(key));
        at.ok().map(|i| scenario.keys[i].1.clone())
    };
    let mut keys: Vec<&String> = a.keys.iter().chain(&b.keys).map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let mut changes: Vec<Change> = keys
        .into_iter()
        .map(|key| (key, [said(a, key), said(b, key)]))
        .filter(|(_, [before, after])| before != after)
        .map(|(key, said)| Change::Key { key: key.clone(), said })
        .collect();
    let row = |scenario: &'_ Scenario, name: &str| -> Option<ParameterRow> {
        scenario.parameters.iter().find(|row| row.name == name).cloned()
    };
    let names = a.parameters.iter().map(|row| &row.name);
    let only_b = b.parameters.iter().map(|row| &row.name);
    let only_b = only_b.filter(|name| !a.parameters.iter().any(|row| row.name == **name));
    for name in names.chain(only_b) {
        let described = |row: &ParameterRow| format!("{}: {}", row.kind.name(), written(row));
        match (row(a, name), row(b, name)) {
            (Some(before), Some(after)) if comparable([a, b], [&before, &after]) => {
                if before.base != after.base {
                    changes.push(Change::Value {
                        name: name.clone(),
                        values: [before.base, after.base],
                        in_table: [before.base, after.base].map(|x| before.in_table(x)),
                        unit: before.unit.clone(),
                        written: [written(&before), written(&after)],
                        group: before.group,
                    });
                }
            }
            (before, after) => changes.push(Change::Parameter {
                name: name.clone(),
                said: [before.as_ref().map(described), after.as_ref().map(described)],
            }),
        }
    }
    changes
}

fn written(row: &ParameterRow) -> String {
    format!("{} {}", row.written, row.unit).trim_end().to_string()
}

/// Whether the values of two parameter rows have the same meaning, so that one value can replace the other.
fn comparable([a, b]: [&Scenario; 2], [before, after]: [&ParameterRow; 2]) -> bool {
    let by_cycle = |row: &ParameterRow| row.unit.to_lowercase().contains("cycle");
    let same_cycle = a.model.time.cycles_per_year == b.model.time.cycles_per_year;
    before.kind == after.kind
        && before.period_years == after.period_years
        && by_cycle(before) == by_cycle(after)
        && (!by_cycle(before) || same_cycle)
}
