//! Collects the parameters of a scenario: tables of the base, which are overridden by tables of overlays, then by `[set]`, then
//! by the command line.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Part, Severity, suggest};
use crate::parameters::{ParameterRow, read_parameters};
use crate::read::document::{Document, Files, TomlNode, TomlValue};
use crate::read::excel_numbers::{self, Convention, Misread};
use crate::read::source::Sources;
use crate::schema::keys;

/// All parameters with their final base values, and whether every table could be read.
pub fn parameters(
    document: &Document,
    overrides: &[(String, String)],
    files: &Files,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> (Vec<ParameterRow>, bool) {
    let mut rows: Vec<ParameterRow> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut complete = document.whole;
    let mut all_read = true;
    for node in &document.parameter_files {
        let mut layer: Vec<ParameterRow> = Vec::new();
        let mut in_layer: HashMap<String, usize> = HashMap::new();
        all_read &= matches!(node.value, TomlValue::Text(_) | TomlValue::List(_));
        for (_, name) in node.names() {
            let Some(file) = files.read_named(name, sources, out) else {
                complete = false;
                all_read = false;
                continue;
            };
            let before = out.counts().0;
            let read = read_parameters(sources, file, out);
            all_read &= !read.is_empty();
            for row in read {
                match in_layer.get(&row.name).map(|&known| &layer[known]) {
                    Some(known) if known.name_span.file != row.name_span.file => out.push(twice(known, &row)),
                    _ => {
                        in_layer.insert(row.name.clone(), layer.len());
                        layer.push(row);
                    }
                }
            }
            complete &= out.counts().0 == before;
        }
        for mut row in layer {
            match index.get(&row.name) {
                Some(&known) => {
                    // A replaced value is still the same parameter, so it keeps its label if the overlay states none.
                    if row.label.is_empty() {
                        row.label = std::mem::take(&mut rows[known].label);
                    }
                    rows[known] = row;
                }
                None => {
                    index.insert(row.name.clone(), rows.len());
                    rows.push(row);
                }
            }
        }
    }
    if let Some(set) = document.root.table(keys::scenario::SET) {
        for (name, node) in &set.entries {
            set_from_file(&mut rows, name, node, complete, out);
        }
    }
    for (i, (name, value)) in overrides.iter().enumerate() {
        match overrides[..i].iter().find(|(earlier, _)| earlier == name) {
            Some((_, earlier)) => out.push(set_twice(&rows, name, [earlier, value])),
            None => set_from_command_line(&mut rows, name, value, complete, out),
        }
    }
    (rows, all_read)
}

fn twice(known: &ParameterRow, row: &ParameterRow) -> Diagnostic {
    Diagnostic::error("E0202", format!("parameter `{}` is in two parameter tables", row.name))
        .at(row.name_span, "second row with this name")
        .also(known.name_span, "first row")
        .why("only one of the two values can be used in the model, and it is unclear which one is right")
        .help("delete one of the rows; a row can only replace a row of a scenario that this one extends")
}

fn set_from_file(
    rows: &mut [ParameterRow],
    name: &str,
    node: &TomlNode,
    complete: bool,
    out: &mut Diagnostics,
) {
    // A value that is not finite has already been reported by the check of all keys.
    let number = node.number().filter(|x| x.is_finite());
    let value = node.text().map(str::to_string).or_else(|| number.map(|x| x.to_string()));
    let Some(value) = value else { return };
    match rows.iter_mut().find(|row| row.name == name) {
        Some(row) => {
            for problem in replace(row, &value) {
                let row = row.name_span;
                out.push(problem.at(node.span, "value set here").also(row, "this parameter"));
            }
        }
        None if complete => out.push(unknown(rows, name).at(node.key_span, "not in any parameter table")),
        None => {}
    }
}

fn set_from_command_line(
    rows: &mut [ParameterRow],
    name: &str,
    value: &str,
    complete: bool,
    out: &mut Diagnostics,
) {
    let shown = format!("the value was set on the command line by `--set {name}={value}`");
    match rows.iter_mut().find(|row| row.name == name) {
        Some(row) => {
            for problem in replace(row, value) {
                out.push(problem.at(row.name_span, "this parameter").note(shown.clone()));
            }
        }
        None if complete => out.push(unknown(rows, name).note(shown)),
        None => {}
    }
}

fn set_twice(rows: &[ParameterRow], name: &str, [one, other]: [&str; 2]) -> Diagnostic {
    let problem = Diagnostic::error("E0427", format!("`{name}` is set twice on the command line"))
        .note(format!("the two settings are `--set {name}={one}` and `--set {name}={other}`"))
        .why("only one of the two values can be used in the model, and it is unclear which one is meant")
        .help("keep one of the two settings");
    match rows.iter().find(|row| row.name == name) {
        Some(row) => problem.at(row.name_span, "this parameter"),
        None => problem,
    }
}

/// Replaces the base value of a row, in the unit of the row. The value is read like a cell of the table, so that percent
/// signs, units and the limits of the kind have the same meaning in both places.
fn replace(row: &mut ParameterRow, value: &str) -> Vec<Diagnostic> {
    // The comma of a single value such as `1,234` is ambiguous (thousands or decimals), because no other cell shows its meaning.
    if value.contains([',', '，'])
        && excel_numbers::read(value, Convention::Unknown) == Err(Misread::Ambiguous)
    {
        return vec![
            Diagnostic::error("E0212", format!("`{value}` for parameter `{}` is ambiguous", row.name))
                .why("the comma can separate thousands or decimals, and the two readings differ by a factor of 1,000")
                .help(format!(
                    "write {} if the comma separates thousands, or {} if it is a decimal comma",
                    value.replace([',', '，'], ""),
                    value.replace([',', '，'], ".")
                )),
        ];
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let cells = [&row.name, row.kind.name(), value, &row.unit, "set"].map(quoted);
    let mut scratch = Sources::default();
    let file = scratch.add("", format!("name,kind,base,unit,source\n{}\n", cells.join(",")));
    let mut found = Diagnostics::default();
    let read = read_parameters(&scratch, file, &mut found).pop();
    if let Some(read) = read.filter(|_| !found.has_errors()) {
        row.base = read.base;
        row.written = read.written;
        row.conversion = read.conversion;
        return Vec::new();
    }
    // Positions in the temporary table are removed, and advice about cells in Excel is replaced.
    found
        .list
        .into_iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| Diagnostic {
            title: problem
                .title
                .replacen("` in `base` of parameter `", "` for parameter `", 1)
                .replacen("`base` of parameter `", "parameter `", 1),
            secondary: Vec::new(),
            help: match problem.code {
                "E0205" | "E0211" => Some(match row.unit.is_empty() {
                    true => "write only a number, such as 0.12".into(),
                    false => format!(
                        "write only the number, such as 0.12; its unit is `{}`, as in the parameter table, so first convert a number in another unit",
                        row.unit
                    ),
                }),
                _ => problem.help,
            },
            why: problem.why.filter(|_| !matches!(problem.code, "E0205" | "E0211")),
            ..problem
        })
        .collect()
}

fn unknown(rows: &[ParameterRow], name: &str) -> Diagnostic {
    let problem = Diagnostic::error("E0302", format!("there is no parameter `{name}`"))
        .echo_of(Part::Parameters)
        .echo_of(Part::Attributes)
        .why("setting a parameter that does not exist would change nothing, so the results would be those of the original value");
    match suggest(name, rows.iter().map(|row| row.name.as_str())) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("use a name from the column `name` of the parameter table"),
    }
}
