//! `arcosim explain`: the long form of a diagnostic code or of a check, or all that is known of a parameter.

use std::path::Path;

use super::{Exit, check, print};
use crate::analysis::verify;
use crate::output::sensitivity::value_with_unit;
use crate::scenario::codes;
use crate::scenario::diagnostic::suggest;

/// Explains a code, a check or a parameter.
pub fn explain(what: &str, scenario: Option<&Path>) -> Exit {
    if let Some(path) = scenario {
        return parameter(what, path);
    }
    match codes::explain(what).or_else(|| verify::explain(what)) {
        Some(text) => print(&format!("{}\n", text.trim_end())),
        None => {
            let near = suggest(what, codes::all().iter().map(|c| c.code));
            let hint = near.map_or(String::new(), |code| format!(" Did you mean {code}?"));
            Exit::Usage(format!(
                "there is no diagnostic code `{what}`.{hint}\nFor a parameter, name the scenario: arcosim explain {what} --scenario scenario.toml"
            ))
        }
    }
}

fn parameter(name: &str, path: &Path) -> Exit {
    let scenario = match check::read(path, &[]) {
        Ok(scenario) => scenario,
        Err(exit) => return exit,
    };
    let Some(row) = scenario.parameters.iter().find(|row| row.name == name) else {
        let near = suggest(name, scenario.parameters.iter().map(|row| row.name.as_str()));
        let hint = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        return Exit::Usage(format!("the scenario has no parameter `{name}`{hint}"));
    };
    let range = match (row.low, row.high) {
        (Some(low), Some(high)) => {
            format!("{} to {} {} {}", row.in_table(low), row.in_table(high), row.unit, row.range_basis)
        }
        _ => "not stated".into(),
    };
    let mut text = format!(
        "{}\n  kind          {}\n  value         {}",
        row.name,
        row.kind.name(),
        value_with_unit(row, row.base)
    );
    let mut line = |what: &str, value: &str| {
        if !value.trim().is_empty() {
            // A line break in a cell must not look like another line of ours.
            let value: Vec<&str> = value.split_whitespace().collect();
            text.push_str(&format!("\n  {what:13} {}", value.join(" ")));
        }
    };
    line("written as", &format!("{} {}", row.written, row.unit));
    line("converted", row.conversion.as_deref().unwrap_or_default());
    line("range", &range);
    line("distribution", &row.distribution);
    line("source", &row.source);
    line("evidence", row.evidence.name());
    line("note", &row.note);
    text.push('\n');
    print(&text)
}
