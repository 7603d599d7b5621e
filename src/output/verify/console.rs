//! Console output of `arcosim verify`.

use super::documents::counted;
use crate::analysis::verify::{Checked, Status, Verification};
use crate::scenario::Scenario;
use arcosim_core::words::wrapped;

/// Largest number of findings shown per check.
const SHOWN: usize = 4;

/// Text for the console: every check that did not pass, with its findings.
pub fn console(scenario: &Scenario, found: &Verification) -> String {
    let mut text = format!("\nVerification of {}: {}\n", scenario.name, counted(found));
    for status in [Status::Waived, Status::Warn, Status::Fail] {
        for c in found.checks.iter().filter(|c| c.status == status) {
            text.push_str(&in_short(c));
        }
    }
    text.push('\n');
    text
}

fn in_short(c: &Checked) -> String {
    let status = c.status.name().to_uppercase();
    let mut text = hanging(&format!("{}  {}", c.check.id, c.check.title), &format!("\n{status:>7}  "));
    if let Some(waiver) = c.waiver.as_ref().filter(|_| c.status == Status::Waived) {
        let accepted = format!("accepted by {}, {}: {}", waiver.by, waiver.date, waiver.why);
        text.push_str(&hanging(&accepted, "              "));
        return text;
    }
    let open: Vec<&str> = c
        .verdict
        .findings
        .iter()
        .zip(&c.accepted)
        .filter(|(_, accepted)| !**accepted)
        .map(|(finding, _)| finding.text.as_str())
        .collect();
    for finding in open.iter().take(SHOWN) {
        text.push_str(&hanging(finding, "            - "));
    }
    if open.len() > SHOWN {
        text.push_str(&format!("            - and {} more\n", open.len() - SHOWN));
    }
    text.push_str(&hanging(&format!("look: {}", c.check.hint), "              "));
    text
}

/// Wraps a text at 110 characters; the first line begins with `lead`, and the other lines are indented by the width of `lead`.
pub fn hanging(text: &str, lead: &str) -> String {
    let indent = lead.trim_start_matches('\n').chars().count();
    let lines = wrapped(text, 110usize.saturating_sub(indent).max(40));
    let mut all = String::new();
    for (i, line) in lines.iter().enumerate() {
        match i {
            0 => all.push_str(lead),
            _ => all.push_str(&" ".repeat(indent)),
        }
        all.push_str(line.trim_start());
        all.push('\n');
    }
    match all.is_empty() {
        true => "\n".into(),
        false => all,
    }
}
