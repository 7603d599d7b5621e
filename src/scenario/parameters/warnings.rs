//! Warnings about a parameter table without errors: numbers that a reviewer would question.

use super::{Kind, ParameterRow, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::csv::CsvCell;
use crate::read::excel_numbers::{self, Convention};

/// Annual risks above this limit are suspicious: hardly any patient would be without the event after one year, so the
/// number is probably a risk over a longer period.
const SUSPICIOUS_YEARLY_RISK: f64 = 0.8;
/// Rates above this limit are suspicious if they are written as a percentage.
const SUSPICIOUS_PERCENT_RATE: f64 = 0.1;
/// Maximum number of rows shown in a warning that concerns many rows.
const PLACES_SHOWN: usize = 3;

/// Reports all warnings. `readable` states for each row whether its numbers could be read; unreadable rows contain
/// placeholders.
pub(super) fn report(rows: &[ParameterRow], readable: &[bool], out: &mut Diagnostics) {
    let numbers: Vec<&ParameterRow> =
        rows.iter().zip(readable).filter_map(|(row, readable)| readable.then_some(row)).collect();
    numbers.iter().filter_map(|row| implausible(row)).for_each(|diagnostic| out.push(diagnostic));
    let arbitrary: Vec<&ParameterRow> =
        numbers.into_iter().filter(|row| arbitrary_percentage(row).is_some()).collect();
    if let [first, others @ ..] = arbitrary.as_slice() {
        let title = match others.is_empty() {
            true => format!("the range of parameter `{}` is only a percentage of the base value", first.name),
            false => {
                format!(
                    "{} parameters have a range that is only a percentage of the base value",
                    arbitrary.len()
                )
            }
        };
        let place = |row: &ParameterRow| {
            arbitrary_percentage(row).map_or_else(String::new, |p| format!("± {}%", shown(p * 100.0)))
        };
        let diagnostic = Diagnostic::warning("W0504", title)
            .why("in a tornado diagram, such a range shows how strongly the result depends on the parameter, but not how uncertain the parameter is")
            .help("write the limits of the 95% confidence interval of the source into `low` and `high`, and `95CI` into `range_basis`; if there is no source, write `arbitrary` into `range_basis`, so that the report shows it");
        out.push(pointing(diagnostic, first, others, place));
    }
}

/// Warns about numbers with animal, laboratory or promotional evidence, except those of `marked`, whose strategies are marked as hypothetical.
pub fn weak_evidence(rows: &[ParameterRow], marked: &[usize], out: &mut Diagnostics) {
    let weak: Vec<&ParameterRow> = rows
        .iter()
        .enumerate()
        .filter(|(i, row)| row.evidence.is_weak() && !marked.contains(i))
        .map(|(_, row)| row)
        .collect();
    if let [first, others @ ..] = weak.as_slice() {
        let evidence = |row: &ParameterRow| row.evidence.name().replace('_', " ");
        let title = match others.is_empty() {
            true => format!("parameter `{}` is based on {} evidence", first.name, evidence(first)),
            false => {
                format!("{} parameters are based on animal, laboratory or promotional evidence", weak.len())
            }
        };
        let diagnostic = Diagnostic::warning("W0505", title)
            .why("this evidence does not show effects in patients, and no effect of a strategy uses it, so no strategy is marked as hypothetical because of it")
            .help("use evidence from patients; or, if it stands behind the effect of a strategy after all, write hypothetical = true for this strategy");
        out.push(pointing(diagnostic, first, others, evidence));
    }
}

/// Warns about numbers in which a point or comma separates thousands, because a reader may mistake the separator for a
/// decimal sign.
pub(super) fn thousands<'a>(
    cells: impl Iterator<Item = &'a CsvCell>,
    convention: Convention,
    out: &mut Diagnostics,
) {
    let grouped: Vec<(&CsvCell, f64)> = cells
        .filter_map(|cell| Some((cell, excel_numbers::read(&cell.text, convention).ok()?)))
        .filter(|(_, numeral)| numeral.grouped)
        .map(|(cell, numeral)| (cell, numeral.value))
        .collect();
    let Some(((first, value), others)) = grouped.split_first() else {
        return;
    };
    let title = match others.len() {
        0 => format!("`{}` has a thousands separator", first.text),
        n => format!("{} numbers have a thousands separator", n + 1),
    };
    let read = |value: f64| format!("read as {value}");
    let warning = Diagnostic::warning("W0510", title)
        .at(first.span, read(*value))
        .why("in other countries the same sign is the decimal sign, and the value would be 1,000 times smaller")
        .help("compare the values read with the source, and write the numbers without thousands separators, or with a space as separator");
    let shown = others.len().min(PLACES_SHOWN - 1);
    let pointed =
        others[..shown].iter().fold(warning, |warning, (cell, value)| warning.also(cell.span, read(*value)));
    let rest: Vec<String> =
        others[shown..].iter().map(|(cell, value)| format!("`{}` is {}", cell.text, read(*value))).collect();
    out.push(match rest.is_empty() {
        true => pointed,
        false => pointed.note(rest.join(", ")),
    });
}

/// Points at the first rows and states the number of the others.
fn pointing(
    diagnostic: Diagnostic,
    first: &ParameterRow,
    others: &[&ParameterRow],
    label: impl Fn(&ParameterRow) -> String,
) -> Diagnostic {
    let shown = others.len().min(PLACES_SHOWN - 1);
    let pointed =
        others[..shown].iter().fold(diagnostic.at(first.name_span, label(first)), |diagnostic, row| {
            diagnostic.also(row.name_span, label(row))
        });
    let rest: Vec<String> = others[shown..].iter().map(|row| format!("`{}`", row.name)).collect();
    if rest.is_empty() { pointed } else { pointed.note(format!("the same applies to {}", rest.join(", "))) }
}

fn implausible(row: &ParameterRow) -> Option<Diagnostic> {
    let percent = row.written.contains(['%', '％']) || row.unit.contains('%');
    let percentage = |share: f64| format!("{}%", shown((share * 10_000.0).round() / 100.0));
    let (title, why, help) = match (row.kind, row.period_years) {
        (Kind::Rate, _)
            if (percent && row.base >= SUSPICIOUS_PERCENT_RATE)
                || (SUSPICIOUS_YEARLY_RISK..=1.0).contains(&row.base) =>
        {
            let after = percentage(1.0 - libm::exp(-row.base));
            (
                format!("rate `{}` looks like a probability: {} {}", row.name, row.written, row.unit),
                format!(
                    "as a rate, {} per year means that {after} have the event within a year, not {}",
                    shown(row.base),
                    percentage(row.base)
                ),
                "if the source reports a share of patients, change the kind to `probability` and write its period into `unit`, for example `per 5 years`; if it reports events per person-year, ignore this warning",
            )
        }
        (Kind::Probability, Some(years))
            if years <= 1.0 && row.base >= SUSPICIOUS_YEARLY_RISK && row.base < 1.0 =>
        {
            (
                format!(
                    "probability `{}` is unusually high for its period: {} {}",
                    row.name, row.written, row.unit
                ),
                "if the source reports it over a longer period, the risk per year would be far too high"
                    .to_string(),
                "check the period in the source; if it is longer, write it into `unit`, for example `per 5 years`; if the value and the period are right, ignore this warning",
            )
        }
        _ => return None,
    };
    Some(
        Diagnostic::warning("W0502", title)
            .at(row.base_span, "is this what the source says?")
            .why(why)
            .help(help),
    )
}

/// The percentage by which `low` and `high` differ from the base value, if it is the same for both, a round number,
/// and not justified by `range_basis`.
fn arbitrary_percentage(row: &ParameterRow) -> Option<f64> {
    let stated = !row.range_basis.is_empty() && !row.range_basis.contains(['%', '±']);
    let (low, high) = row.low.zip(row.high)?;
    if stated || row.base == 0.0 {
        return None;
    }
    let (below, above) = ((row.base - low) / row.base.abs(), (high - row.base) / row.base.abs());
    let round = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
    round.into_iter().find(|share| (below - share).abs() < 1e-9 && (above - share).abs() < 1e-9)
}
