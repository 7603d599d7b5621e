//! Compiles `table` of `[population]`: a table of real patients whose columns are attributes. The same row of all columns belongs to the
//! same patient, so that attributes keep the dependence that they have in the data.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::csv::{CsvTable, read_table};
use crate::read::document::{Files, TomlNode, TomlTable};
use crate::read::excel_numbers;
use crate::read::source::{FileId, Sources};
use crate::schema::keys::{attribute, population, scenario};
use arcosim_core::model::AttributeKind;

/// Most patients of a table, because the exact engine calculates each of them.
const MOST: usize = 2_000;
/// Largest number of faulty cells that are reported.
const MOST_REPORTED: usize = 20;

/// The file of the table, and its patients.
pub struct PatientTable {
    table: CsvTable,
    /// Share of each patient.
    shares: Vec<f64>,
    convention: excel_numbers::Convention,
}

/// Reads the file, if the scenario has one.
pub fn read_file(
    root: &TomlTable,
    files: &Files,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Option<(FileId, TomlNode)> {
    let own = root.table(scenario::POPULATION)?;
    let node = own.get(population::TABLE)?;
    Some((files.read_named(node, sources, out)?, node.clone()))
}

/// The table of patients with their shares; `None` without one, or if it cannot be read.
pub fn patients(
    root: &TomlTable,
    file: Option<(FileId, TomlNode)>,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Option<PatientTable> {
    let (file, place) = file?;
    let own = root.table(scenario::POPULATION)?;
    let attributes = own.table(population::ATTRIBUTES);
    let wanted: Vec<&str> = attributes
        .into_iter()
        .flat_map(|all| &all.entries)
        .filter_map(|(_, node)| node.table()?.text(attribute::COLUMN))
        .chain(own.text(population::WEIGHTS))
        .collect();
    let table = read_table(sources, file, &wanted, out)?;
    let convention = excel_numbers::learn(table.rows.iter().flat_map(|row| &row.cells), table.delimiter);
    if table.rows.is_empty() || table.rows.len() > MOST {
        out.push(
            Diagnostic::error("E0469", format!("the table of patients has {} rows", table.rows.len()))
                .at(place.span, format!("must have from 1 to {MOST}"))
                .why("each patient of the table is calculated on their own")
                .help("draw a sample of its rows, or join patients who are alike and add up their weights"),
        );
        return None;
    }
    let weights = match own.get(population::WEIGHTS) {
        None => vec![1.0; table.rows.len()],
        // After an error in the weights the other columns are checked nevertheless.
        Some(node) => column(&table, node.text().unwrap_or_default(), node, out)
            .and_then(|c| numbers(&table, c, convention, |x| x >= 0.0, "a weight must be 0 or above", out))
            .unwrap_or_else(|| vec![1.0; table.rows.len()]),
    };
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        out.push(
            Diagnostic::error("E0469", "the weights of the table of patients add up to 0")
                .at(place.span, "no patient would have a share")
                .help("give at least one patient a weight above 0"),
        );
        return None;
    }
    Some(PatientTable { table, shares: weights.iter().map(|weight| weight / sum).collect(), convention })
}

/// The values of an attribute that is a column of the table; `None` after an error.
pub fn values(
    name: &str,
    node: &TomlNode,
    patients: Option<&PatientTable>,
    root: &TomlTable,
    out: &mut Diagnostics,
) -> Option<AttributeKind> {
    let Some(PatientTable { table, shares, convention }) = patients else {
        // A table that cannot be read has its own message.
        if root.table(scenario::POPULATION).is_none_or(|own| own.get(population::TABLE).is_none()) {
            out.push(
                Diagnostic::error(
                    "E0469",
                    format!("attribute `{name}` is a column, but there is no table of patients"),
                )
                .at(node.key_span, "a column of which table?")
                .help("write table = \"patients.csv\" into [population], with your file"),
            );
        }
        return None;
    };
    let column = column(table, node.text().unwrap_or_default(), node, out)?;
    let cells = table.rows.iter().map(|row| row.filled(Some(column)));
    let all_numbers =
        cells.clone().flatten().all(|cell| excel_numbers::read(&cell.text, *convention).is_ok());
    let (categories, values) = match all_numbers {
        true => (Vec::new(), numbers(table, column, *convention, |_| true, "", out)?),
        false => {
            let mut categories: Vec<String> = cells.clone().flatten().map(|cell| cell.text.clone()).collect();
            categories.sort();
            categories.dedup();
            let mut values = Vec::new();
            for (row, cell) in table.rows.iter().zip(cells) {
                match cell.and_then(|cell| categories.iter().position(|own| *own == cell.text)) {
                    Some(category) => values.push(category as f64),
                    None => {
                        out.push(missing(name).at(row.span, "nothing in this column"));
                        return None;
                    }
                }
            }
            for category in &categories {
                super::check_plain_name("a category", category, node.span, out);
            }
            (categories, values)
        }
    };
    Some(AttributeKind::Column { categories, rows: values.into_iter().zip(shares.iter().copied()).collect() })
}

fn column(table: &CsvTable, name: &str, node: &TomlNode, out: &mut Diagnostics) -> Option<usize> {
    let found = table.column(name);
    if found.is_none() {
        let known: Vec<&str> = table.header.cells.iter().map(|cell| cell.text.as_str()).collect();
        out.push(
            Diagnostic::error("E0469", format!("the table of patients has no column `{name}`"))
                .at(node.span, "not a column")
                .also(table.header.span, "its columns")
                .help(super::did_you_mean(name, known.into_iter(), "write the name of one of its columns")),
        );
    }
    found
}

fn missing(name: &str) -> Diagnostic {
    Diagnostic::error("E0469", format!("a patient has no value of `{name}`"))
        .why("the results of this patient cannot be calculated without it")
        .help(
            "fill in the value, for example by multiple imputation before the run, or leave the patient out",
        )
}

/// Numbers of a column; missing and faulty cells are reported.
fn numbers(
    table: &CsvTable,
    column: usize,
    convention: excel_numbers::Convention,
    allowed: impl Fn(f64) -> bool,
    must: &str,
    out: &mut Diagnostics,
) -> Option<Vec<f64>> {
    let name = &table.header.cells[column].text;
    let (mut values, mut faulty) = (Vec::new(), 0);
    for row in &table.rows {
        let cell = row.filled(Some(column));
        let number = cell.and_then(|cell| excel_numbers::read(&cell.text, convention).ok());
        match number.map(|number| number.value).filter(|x| x.is_finite() && allowed(*x)) {
            Some(value) => values.push(value),
            None if faulty < MOST_REPORTED => {
                faulty += 1;
                out.push(match cell {
                    None => missing(name).at(row.span, "nothing in this column"),
                    Some(cell) => {
                        Diagnostic::error("E0469", format!("`{}` is no value of `{name}`", cell.text))
                            .at(cell.span, if number.is_some() { must } else { "not a number" })
                            .help("correct the value, or leave the patient out")
                    }
                });
            }
            None => return None,
        }
    }
    (faulty == 0).then_some(values)
}

/// For readers: how many patients the table has, and which attributes are its columns.
pub fn reading(root: &TomlTable, patients: Option<&PatientTable>) -> Option<(String, String)> {
    let PatientTable { table, shares, .. } = patients?;
    let own = root.table(scenario::POPULATION)?;
    let listed: Vec<&str> = own
        .sections(population::ATTRIBUTES)
        .filter(|(_, node)| node.table().is_some_and(|table| table.get(attribute::COLUMN).is_some()))
        .map(|(name, _)| name)
        .collect();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    let weighted = match own.get(population::WEIGHTS) {
        None => "all with the same weight".to_string(),
        Some(_) => format!("with weights that are worth {:.0} patients of equal weight", 1.0 / squares),
    };
    let note = format!(
        "{} of {} patients, {weighted}; a patient keeps the values of one row, and simulated patients are drawn from the rows",
        arcosim_core::words::all_of(&listed),
        table.rows.len()
    );
    Some(("table of patients".to_string(), note))
}
