use crate::prelude::*;
use arcosim_scenario::parameters::{Kind, ParameterRow};

pub static S36: Check = Check {
    id: "S36",
    title: "Rates and probabilities agree with their notes",
    why: "A rate that equals a percentage in its note, without a yearly period in the note, is usually a risk over \
          the follow-up of a study that was entered as a rate per year. A probability whose note mentions a division \
          was converted to another period by division, which is valid for rates only.",
    hint: "Enter the number from the source as a probability with its period, such as `per 15 years`; the conversion \
           is automatic.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Words after a percentage that mark the percentage as a yearly risk.
const OF_A_YEAR: [&str; 14] = [
    "per year",
    "a year",
    "/year",
    "/yr",
    "each year",
    "every year",
    "yearly",
    "annual",
    "per annum",
    "p.a.",
    "pro jahr",
    "im jahr",
    "jährlich",
    "par an",
];

/// Words before a percentage that mark the percentage as a yearly risk.
const YEARLY: [&str; 4] = ["annual", "yearly", "jährlich", "annuel"];

/// Words that mark a percentage as a limit of an interval.
const RANGE: [&str; 5] = [" to", "–", "-", " bis", " à"];

/// Words that describe a division.
const DIVIDED: [&str; 6] =
    ["divided by", "÷", "geteilt durch", "dividiert durch", "divisé par", "dividido por"];

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("numbers that agree with their notes", 0.0);
    for row in &evidence.scenario.parameters {
        let note = row.note.to_lowercase();
        match row.kind {
            _ if note.is_empty() => {}
            Kind::Rate => {
                let risk = risk_in(&note, row);
                comparisons.advisable(&row.name, risk.is_none(), || {
                    format!(
                        "`{}` is a rate of {} and its note mentions {}%: over which period?",
                        row.name,
                        row.written,
                        number(risk.unwrap_or_default())
                    )
                });
            }
            Kind::Probability => {
                // Notes that mention a rate are ignored, because division is valid for rates.
                let word = DIVIDED.iter().find(|word| note.contains(**word) && !note.contains("rate"));
                comparisons.advisable(&row.name, word.is_none(), || {
                    format!(
                        "`{}` is a probability, but its note contains \"{}\"",
                        row.name,
                        word.unwrap_or(&"")
                    )
                });
            }
            _ => {}
        }
    }
    comparisons.verdict("no rate or probability has a note")
}

/// A percentage in a note that equals the rate and is not described as yearly.
fn risk_in(note: &str, row: &ParameterRow) -> Option<f64> {
    let same = |percentage: f64| (row.in_table(row.base) * 100.0 / percentage - 1.0).abs() < 1e-9;
    note.match_indices('%').find_map(|(at, _)| {
        let before = note[..at].trim_end();
        let digits = before
            .rfind(|c: char| !c.is_ascii_digit() && c != '.')
            .map_or(before, |i| &before[i + before[i..].chars().next().map_or(1, char::len_utf8)..]);
        let percentage: f64 = digits.parse().ok()?;
        let after: String = note[at + 1..].chars().take(20).collect();
        let start = before.len() - digits.len();
        let said: String =
            note[..start].chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
        let yearly = OF_A_YEAR.iter().any(|word| after.contains(word))
            || YEARLY.iter().any(|word| said.contains(word));
        let limit =
            RANGE.iter().any(|word| after.starts_with(word) || said.trim_end().ends_with(word.trim()));
        (percentage > 0.0 && same(percentage) && !yearly && !limit).then_some(percentage)
    })
}
