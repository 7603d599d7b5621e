//! Periods of probabilities and rates that a person should look at again: those of a cycle, and those that their own remark contradicts.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::math;
use arcosim_scenario::parameters::{Kind, ParameterRow};
use arcosim_scenario::read::unit::{Per, parse_per};

pub static S35: Check = Check {
    id: "S35",
    title: "Probabilities say their period in time, not in cycles",
    why: "A probability `per cycle` cannot be held against its source, which knows no cycles, and means something else as soon as the \
          cycle is changed. Where the cycle is not a year, such a number is often a yearly one that nobody converted, or a yearly one \
          divided by the number of cycles, which is no conversion.",
    hint: "Write the probability and the period of the source: `per year`, `per 5 years`. It is then converted as a rate.",
    basis: "own",
    quick: true,
    run: s35,
};

fn s35(subject: &Subject) -> Verdict {
    let cycles = subject.model.time.cycles_per_year;
    let mut tally = Tally::new("probabilities with a period in time", 0.0);
    for row in &subject.scenario.parameters {
        if row.kind != Kind::Probability || cycles == 1.0 {
            continue;
        }
        let by_cycle = parse_per(&row.unit).0 == Per::Cycle && row.base > 0.0 && row.base < 1.0;
        tally.advisable(&row.name, !by_cycle, || {
            let yearly = -math::exp_m1(cycles * math::ln_1p(-row.base));
            let base = number(row.base);
            let divided = match cycles * row.base {
                all if all < 1.0 => format!("; if {} is, it was divided", number(all)),
                _ => String::new(),
            };
            format!(
                "`{}` is {base} in a cycle, which is {} in a year: if {base} is the number of a year, its unit is `per year`{divided}",
                row.name,
                number(yearly),
            )
        });
    }
    tally.verdict("cycles are years, or nothing is a probability")
}

pub static S36: Check = Check {
    id: "S36",
    title: "Rates and probabilities agree with their own remarks",
    why: "A rate that is equal to a percentage in its note, where the note does not say that it is one of a year, is mostly a risk over the \
          follow-up of a study that was entered as a rate per year. A probability whose note says that it was divided was brought to another \
          period as if risks were added; only rates may be divided.",
    hint: "Enter the number of the source as a probability with its period, `per 15 years`; what is needed is worked out.",
    basis: "own",
    quick: true,
    run: s36,
};

/// Words behind a percentage that make a yearly risk of it, and words before one.
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
const YEARLY: [&str; 4] = ["annual", "yearly", "jährlich", "annuel"];
/// Words that make a percentage a limit of an interval.
const RANGE: [&str; 5] = [" to", "–", "-", " bis", " à"];
/// Words for a division.
const DIVIDED: [&str; 6] =
    ["divided by", "÷", "geteilt durch", "dividiert durch", "divisé par", "dividido por"];

fn s36(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("numbers that agree with their notes", 0.0);
    for row in &subject.scenario.parameters {
        let note = row.note.to_lowercase();
        match row.kind {
            _ if note.is_empty() => {}
            Kind::Rate => {
                let risk = risk_in(&note, row);
                tally.advisable(&row.name, risk.is_none(), || {
                    format!(
                        "`{}` is the rate {}, and its note speaks of {} %: over which period?",
                        row.name,
                        row.written,
                        number(risk.unwrap_or_default())
                    )
                });
            }
            Kind::Probability => {
                // Rates may be divided.
                let word = DIVIDED.iter().find(|word| note.contains(**word) && !note.contains("rate"));
                tally.advisable(&row.name, word.is_none(), || {
                    format!("`{}` is a probability, and its note says \"{}\"", row.name, word.unwrap_or(&""))
                });
            }
            _ => {}
        }
    }
    tally.verdict("no rate or probability has a note")
}

/// A percentage in a note that is the same number as the rate, and of which the note does not say that it is yearly.
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
