//! Life tables: from rows of a file to columns by category.

use super::did_you_mean;
use super::transitions::TableName;
use crate::math;
use crate::model::{Attribute, AttributeKind, LifeTable};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::document::{Files, Node, Table};
use crate::scenario::life_table_file::{Column, LifeTableKind, LifeTableRow, read_life_table};
use crate::scenario::source::Sources;

/// The attribute that is the age where a table does not name one.
const AGE: &str = "age";

/// Rate per year that stands for certain death (qx = 1 in a table's last row): nobody survives a cycle of it, and unlike
/// infinity it can be multiplied and divided.
const CERTAIN: f64 = 700.0;

/// The files of the life tables, read into `sources`: one entry per table, none for a file that cannot be read.
pub fn read_files(
    root: &Table,
    files: &Files,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<Option<usize>> {
    root.sections("tables")
        .map(|(_, node)| files.read_named(node.table()?.get("file")?, sources, out))
        .collect()
}

/// The attribute whose attained value is the clock `age`: the one of that name, else the age of the first life table.
pub fn age_attribute(root: &Table, attributes: &[Attribute]) -> Option<usize> {
    let continuous = |name: &str| {
        attributes
            .iter()
            .position(|one| one.name == name && matches!(one.kind, AttributeKind::Continuous(_)))
    };
    continuous(AGE).or_else(|| {
        root.sections("tables")
            .find_map(|(_, node)| continuous(node.table()?.text("age").unwrap_or(AGE)))
    })
}

/// All life tables, and how transitions refer to them.
pub fn life_tables(
    root: &Table,
    files: &[Option<usize>],
    sources: &Sources,
    attributes: &[Attribute],
    out: &mut Diagnostics,
) -> (Vec<LifeTable>, Vec<TableName>) {
    let mut tables = Vec::new();
    let mut names = Vec::new();
    for ((name, node), file) in root.sections("tables").zip(files) {
        let Some(table) = node.table() else { continue };
        let age = age(name, node, table, attributes, out);
        let by = categorical(table, attributes, out);
        names.push(TableName {
            name: name.to_string(),
            age,
        });
        let kind = table.text("kind").and_then(LifeTableKind::parse);
        let rows = match (file, kind) {
            (Some(file), Some(kind)) => {
                let columns = looked_up_by(table, attributes);
                read_life_table(sources, *file, &columns, kind, out)
            }
            _ => Vec::new(),
        };
        let kind = kind.unwrap_or(LifeTableKind::RatePerYear);
        let (ages, rates) = match by.as_deref() {
            Some(by) if !rows.is_empty() => columns(node, by, attributes, &rows, kind, out),
            _ => (Vec::new(), Vec::new()),
        };
        tables.push(LifeTable {
            name: name.to_string(),
            by: by.unwrap_or_default(),
            ages,
            rates,
        });
    }
    (tables, names)
}

/// The columns of a table, with the categories that a cell may name.
fn looked_up_by(table: &Table, attributes: &[Attribute]) -> Vec<Column> {
    let categories = |name: &str| {
        let attribute = attributes.iter().find(|one| one.name == name)?;
        match &attribute.kind {
            AttributeKind::Categorical { categories, .. } => Some(categories.clone()),
            AttributeKind::Continuous(_) => None,
        }
    };
    table
        .names("by")
        .into_iter()
        .map(|(name, _)| Column {
            name: name.to_string(),
            categories: categories(name),
        })
        .collect()
}

/// The attribute that is the age of a table.
fn age(
    name: &str,
    node: &Node,
    table: &Table,
    attributes: &[Attribute],
    out: &mut Diagnostics,
) -> Option<usize> {
    let wanted = table.text("age").unwrap_or(AGE);
    let place = table.get("age").map_or(node.key_span, |node| node.span);
    match attributes.iter().position(|one| one.name == wanted) {
        Some(i) if matches!(attributes[i].kind, AttributeKind::Continuous(_)) => Some(i),
        Some(_) => {
            out.push(
                Diagnostic::error(
                    "E0407",
                    format!("life table `{name}` needs an age that is a number"),
                )
                .at(place, format!("attribute `{wanted}` has categories"))
                .help("give the attribute a distribution in years"),
            );
            None
        }
        None => {
            let known = attributes.iter().map(|one| one.name.as_str());
            let help = did_you_mean(wanted, known, "declare it under [population.attributes]");
            out.push(
                Diagnostic::error(
                    "E0407",
                    format!("life table `{name}` needs the attribute `{wanted}`"),
                )
                .at(place, "looked up by an age that no patient has")
                .help(help),
            );
            None
        }
    }
}

/// The categorical attributes of a table: the names in `by` but the age.
fn categorical(table: &Table, attributes: &[Attribute], out: &mut Diagnostics) -> Option<Vec<usize>> {
    let mut by = Vec::new();
    let mut complete = true;
    for (name, node) in table
        .names("by")
        .into_iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case(AGE))
    {
        match attributes.iter().position(|one| one.name == name) {
            Some(i) if matches!(attributes[i].kind, AttributeKind::Categorical { .. }) => by.push(i),
            found => {
                let label = if found.is_some() {
                    "has no categories"
                } else {
                    "not declared"
                };
                let known = attributes
                    .iter()
                    .filter(|one| matches!(one.kind, AttributeKind::Categorical { .. }))
                    .map(|one| one.name.as_str());
                let help = did_you_mean(name, known, "declare it under [population.attributes]");
                out.push(
                    Diagnostic::error("E0407", format!("there is no attribute `{name}` with categories"))
                        .at(node.span, label)
                        .why("without it every patient would die at the same rate")
                        .help(help),
                );
                complete = false;
            }
        }
    }
    complete.then_some(by)
}

/// One column of rates per combination of categories, the first attribute varying slowest.
fn columns(
    node: &Node,
    by: &[usize],
    attributes: &[Attribute],
    rows: &[LifeTableRow],
    kind: LifeTableKind,
    out: &mut Diagnostics,
) -> (Vec<f64>, Vec<Vec<f64>>) {
    // Rows of categories that the scenario does not have may reach further than those that are used.
    let mut ages: Vec<u32> = Vec::new();
    let mut rates = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for combination in combinations(by, attributes) {
        let matching: Vec<&LifeTableRow> = rows
            .iter()
            .filter(|row| row.categories.iter().eq(combination.iter()))
            .collect();
        if matching.is_empty() {
            missing.push(combination.join(", "));
            continue;
        }
        let rate = |row: &&LifeTableRow| match kind {
            LifeTableKind::AnnualProbability => (-math::ln_1p(-row.value)).min(CERTAIN),
            LifeTableKind::RatePerYear => row.value,
        };
        let mut sorted = matching;
        sorted.sort_by_key(|row| row.age);
        ages.extend(sorted.iter().map(|row| row.age));
        rates.push(sorted.iter().map(rate).collect());
    }
    if !missing.is_empty() {
        let place = node
            .table()
            .and_then(|table| table.get("file"))
            .map_or(node.key_span, |n| n.span);
        out.push(without_rows(&missing, rows).at(place, "read from this file"));
    }
    ages.sort_unstable();
    ages.dedup();
    (ages.into_iter().map(f64::from).collect(), rates)
}

fn without_rows(missing: &[String], rows: &[LifeTableRow]) -> Diagnostic {
    let mut there: Vec<String> = rows.iter().map(|row| row.categories.join(", ")).collect();
    there.sort();
    there.dedup();
    Diagnostic::error(
        "E0428",
        format!("the life table has no rows for {}", missing.join("; ")),
    )
    .why("these patients would never die of what the table describes")
    .note(format!("the file has rows for {}", there.join("; ")))
    .help("spell the categories in the file as the scenario spells them")
}

/// Category names of every combination, the first attribute varying slowest.
fn combinations(by: &[usize], attributes: &[Attribute]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for &attribute in by {
        let AttributeKind::Categorical { categories, .. } = &attributes[attribute].kind else {
            continue;
        };
        all = all
            .into_iter()
            .flat_map(|head: Vec<String>| {
                categories.iter().map(move |category| {
                    let mut longer = head.clone();
                    longer.push(category.clone());
                    longer
                })
            })
            .collect();
    }
    all
}
