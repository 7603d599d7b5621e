//! Text summaries of a scenario (`arcosim check`) and of a parameter (`arcosim explain`).

use super::amounts::{value_with_unit, years};
use crate::scenario::Scenario;
use crate::scenario::parameters::ParameterRow;
use arcosim_core::words::{counted, grouped};

/// Summary of a valid scenario: its contents, and remarks on how its inputs were read.
pub fn summary(scenario: &Scenario) -> String {
    let model = &scenario.model;
    let counts = [
        counted(model.states.len(), "state", "states"),
        counted(model.transitions.len(), "transition", "transitions"),
        counted(model.strategies.len(), "strategy", "strategies"),
        counted(model.endpoints.len(), "endpoint", "endpoints"),
        counted(scenario.parameters.len(), "parameter", "parameters"),
    ]
    .join(", ");
    let mut text = format!(
        "ok: {} ({counts}; {} to {})\n",
        scenario.name,
        match model.time.cycles {
            1 => "1 cycle".to_string(),
            n => format!("{} cycles", grouped(n as u64)),
        },
        years(model.time.years(model.time.cycles))
    );
    for (subject, line) in &scenario.readings {
        text += &format!("{subject}: {line}\n");
    }
    text
}

/// The label of a parameter for figures; the name itself of a parameter without a label, and of a group of parameters.
pub fn parameter_in_words(scenario: &Scenario, name: &str) -> String {
    found(scenario, name).map_or(name, ParameterRow::in_words).to_string()
}

/// The label of a parameter with its name, for texts on the console; the name itself of a group of parameters.
pub fn parameter_in_words_with_name(scenario: &Scenario, name: &str) -> String {
    found(scenario, name).map_or(name.to_string(), ParameterRow::in_words_with_name)
}

fn found<'a>(scenario: &'a Scenario, name: &str) -> Option<&'a ParameterRow> {
    scenario.parameters.iter().find(|row| row.name == name)
}

/// Text with all fields of a parameter.
pub fn parameter(row: &ParameterRow) -> String {
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
            // Line breaks in a cell are replaced by spaces, because the next line would look like another field.
            let value: Vec<&str> = value.split_whitespace().collect();
            text.push_str(&format!("\n  {what:13} {}", value.join(" ")));
        }
    };
    line("label", &row.label);
    line("written as", &format!("{} {}", row.written, row.unit));
    line("converted", row.conversion.as_deref().unwrap_or_default());
    line("range", &range);
    line("distribution", &row.distribution);
    line("source", &row.source);
    line("evidence", row.evidence.name());
    line("note", &row.note);
    text.push('\n');
    text
}

/// How long a model with an endless horizon runs in an analysis that varies its parameters, as a setting for readers.
pub fn endless_horizon(scenario: &Scenario) -> Option<(String, String)> {
    let note = scenario.endless.as_ref()?;
    let warning = "WARNING: values with which patients live longer than at base values are cut off at this horizon. To include their whole lives, write a longer `horizon` under [time]";
    Some(("horizon".to_string(), format!("{note}. {warning}")))
}
