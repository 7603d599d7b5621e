//! Reads tables from CSV files: mortality by age and usually by sex, and other numbers that formulas look up.

use std::collections::BTreeMap;

use arcosim_core::words::either;

use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::read::csv::{CsvCell, CsvRecord, read_table};
use crate::read::excel_numbers::{self, Convention};
use crate::read::source::{FileId, Sources, Span};
use crate::read::table_layout::{TableColumns, TableLayout, ValueColumn, find_columns};

/// Kind of the values in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Probability of dying within one year (qx).
    AnnualProbability,
    /// Mortality rate: deaths per person-year (mx).
    RatePerYear,
    /// Probability of dying within an age group, from its first age to the first age of the next row (nqx of an
    /// abridged life table).
    GroupProbability,
    /// Amount of money.
    Cost,
    /// Health-related quality of life.
    Utility,
    /// A number of any other kind.
    Number,
}

impl TableKind {
    /// Names of the kinds in scenario files.
    pub const NAMES: [(TableKind, &'static str); 6] = [
        (TableKind::AnnualProbability, "annual probability"),
        (TableKind::RatePerYear, "rate per year"),
        (TableKind::GroupProbability, "probability over the age group"),
        (TableKind::Cost, "cost"),
        (TableKind::Utility, "utility"),
        (TableKind::Number, "number"),
    ];

    /// Kind with this name in a scenario file.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text.trim())).map(|(kind, _)| *kind)
    }

    fn allows(self, value: f64) -> bool {
        match self {
            TableKind::AnnualProbability | TableKind::GroupProbability => (0.0..=1.0).contains(&value),
            TableKind::RatePerYear | TableKind::Cost => value >= 0.0,
            TableKind::Utility => value <= 1.0,
            TableKind::Number => true,
        }
    }

    /// Whether the values are risks of death (or of another event), as probabilities or rates.
    pub fn is_mortality(self) -> bool {
        matches!(self, TableKind::AnnualProbability | TableKind::RatePerYear | TableKind::GroupProbability)
    }

    /// Noun for a table of this kind in messages.
    pub fn noun(self) -> &'static str {
        match self.is_mortality() {
            true => "life table",
            false => "table",
        }
    }
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Age (or other number) from which the row applies.
    pub from: f64,
    /// Categories in the other columns of `by`, such as sex, in their order.
    pub categories: Vec<String>,
    /// Positions of the cells of `categories`.
    pub category_spans: Vec<Span>,
    /// Value per person: the number in the file divided by `per`.
    pub value: f64,
    /// Position of the whole row.
    pub span: Span,
    /// Position of the value.
    pub value_span: Span,
}

/// A column by which values are looked up.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name of the column: `age`, another quantity, or an attribute.
    pub name: String,
    /// Categories of the attribute; `None` for a quantity and for an undeclared attribute.
    pub categories: Option<Vec<String>>,
}

/// Reads and checks a table that is looked up by the columns in `by`: `age` in a life table (in other tables the first
/// of the columns), and categorical attributes. Values are divided by the number of people in `per`.
///
/// Returns the rows without errors in the order of the file, and the names of the columns of the file that contain
/// the values.
pub fn read_rows(
    sources: &Sources,
    file: FileId,
    by: &[Column],
    layout: &TableLayout,
    out: &mut Diagnostics,
) -> (Vec<TableRow>, Vec<String>) {
    let nothing = (Vec::new(), Vec::new());
    let Some(table) = read_table(sources, file, &layout.wanted(by), out) else {
        return nothing;
    };
    let Some(columns) = find_columns(&table, by, layout, out) else {
        return nothing;
    };
    let value_columns = columns.values.iter().map(|value| value.column);
    let cells =
        table.rows.iter().flat_map(|row| value_columns.clone().filter_map(|column| row.cells.get(column)));
    let convention = excel_numbers::learn(cells, table.delimiter);
    if let Convention::Mixed(point, comma) = convention {
        out.push(
            Diagnostic::error(
                "E0212",
                format!("decimal points and decimal commas are mixed in one {}", layout.noun()),
            )
            .at(comma, "a decimal comma")
            .also(point, "a decimal point")
            .why("with both in one file, `1.234` could be read as 1.234 or as 1234")
            .help("use one decimal sign in the whole file"),
        );
    }
    let mut found = Diagnostics::default();
    let rows: Vec<TableRow> = table
        .rows
        .iter()
        .flat_map(|record| rows_of(&columns, by, record, layout, convention, &mut found))
        .collect();
    let others: Vec<&Column> = by.iter().filter(|column| column.name != columns.looked_up.0).collect();
    let somebody = known_categories(&rows, &others, &mut found);
    let sound = !found.has_errors();
    out.list.extend(few_of_each(found.list));
    if sound && rows.len() == table.rows.len() * columns.values.len() {
        check_bounds(&somebody, &columns.looked_up.0, layout, out);
    }
    let names = value_columns.map(|column| table.header.cells[column].text.clone());
    (rows, names.collect())
}

/// Maximum number of messages with the same code, because a wrong column causes an error in hundreds of rows, and a few
/// of them show the mistake.
const MOST_OF_ONE_SORT: usize = 3;

/// Keeps the first messages of each code. The last of these messages states how many were omitted.
fn few_of_each(list: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kept: Vec<Diagnostic> = Vec::new();
    for diagnostic in list {
        let count = counts.entry(diagnostic.code).or_default();
        *count += 1;
        if *count <= MOST_OF_ONE_SORT {
            kept.push(diagnostic);
        }
    }
    for (code, count) in counts.into_iter().filter(|(_, count)| *count > MOST_OF_ONE_SORT) {
        if let Some(last) = kept.iter_mut().rfind(|diagnostic| diagnostic.code == code) {
            let more = count - MOST_OF_ONE_SORT;
            let rows = if more == 1 { "row of this table has" } else { "rows of this table have" };
            last.notes.push(format!("{more} more {rows} the same error"));
        }
    }
    kept
}

/// Rows contained in one line of the file: one, or one for each category that has its own column.
fn rows_of(
    columns: &TableColumns,
    by: &[Column],
    record: &CsvRecord,
    layout: &TableLayout,
    convention: Convention,
    out: &mut Diagnostics,
) -> Vec<TableRow> {
    let kind = layout.kind_in_words();
    let (name, column) = &columns.looked_up;
    let from = filled(record, *column, name, (kind, by), out).and_then(|cell| match layout.life {
        true => read_age(cell, out),
        false => read_bound(cell, name, convention, out),
    });
    let cells: Option<Vec<&CsvCell>> = columns
        .categories
        .iter()
        .map(|(name, column)| filled(record, *column, name, (kind, by), out))
        .collect();
    let values: Vec<_> = columns
        .values
        .iter()
        .filter_map(|value| {
            let cell = filled(record, value.column, "value", (kind, by), out)?;
            Some((value, read_value(cell, layout, convention, out)?, cell.span))
        })
        .collect();
    let (Some(from), Some(cells)) = (from, cells) else {
        return Vec::new();
    };
    let row = |(own, value, value_span): (&ValueColumn, f64, Span)| {
        let mut categories: Vec<String> = cells.iter().map(|cell| cell.text.clone()).collect();
        let mut category_spans: Vec<Span> = cells.iter().map(|cell| cell.span).collect();
        if let Some((place, category)) = &own.category {
            categories.insert(*place, category.clone());
            category_spans.insert(*place, value_span);
        }
        TableRow { from, categories, category_spans, value, span: record.span, value_span }
    };
    values.into_iter().map(row).collect()
}

fn filled<'r>(
    record: &'r CsvRecord,
    column: usize,
    name: &str,
    (kind, by): (TableKind, &[Column]),
    out: &mut Diagnostics,
) -> Option<&'r CsvCell> {
    let cell = record.filled(Some(column));
    if cell.is_none() {
        let known = by.iter().find(|one| one.name == name).and_then(|one| one.categories.as_deref());
        let write = match known.unwrap_or_default() {
            [] => format!("write the `{name}` of this row from the source of the table"),
            known => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                format!("write the `{name}` of this row: {}", either(&known))
            }
        };
        let end = Span { start: record.span.end, ..record.span };
        let place = record.cells.get(column).map_or(end, |cell| cell.span);
        out.push(
            Diagnostic::error("E0213", format!("the cell `{name}` of a {} is empty", kind.noun()))
                .at(place, "empty cell")
                .why(match kind.is_mortality() {
                    true => "without this cell, the risk of death of some patients is unknown",
                    false => "without this cell, formulas that use this row have no value",
                })
                .help(format!("{write}; or, if this row does not belong to the table, delete it")),
        );
    }
    cell
}

fn read_age(cell: &CsvCell, out: &mut Diagnostics) -> Option<f64> {
    // Many published tables end with an open group, such as `75+`.
    let text = first_of_group(&cell.text);
    let age = text.parse::<u32>().ok().filter(|age| *age <= 150);
    if age.is_none() {
        out.push(
            Diagnostic::error("E0419", format!("`{}` is not an age in whole years", cell.text))
                .at(cell.span, "expected one whole number")
                .why("each patient has the risk of the last row at or below their age, so every row needs the age at which it starts")
                .help("write the first age of the group: 60 for `60-64`, 100 for `100 and over`"),
        );
    }
    age.map(f64::from)
}

/// Number at which an open group at the end of a table starts: `75` for `75+`.
fn first_of_group(text: &str) -> &str {
    text.trim_end_matches('+').trim_end()
}

fn read_bound(cell: &CsvCell, name: &str, convention: Convention, out: &mut Diagnostics) -> Option<f64> {
    let read = excel_numbers::read(first_of_group(&cell.text), convention).ok();
    if read.is_none() && !matches!(convention, Convention::Mixed(..)) {
        out.push(
            Diagnostic::error("E0205", format!("`{}` in the column `{name}` is not a number", cell.text))
                .at(cell.span, "expected one number")
                .why(format!("each row applies from its `{name}` to that of the next row, so every row needs the number at which it starts"))
                .help(format!("write the `{name}` at which this row starts as one number, for example 3 instead of `3-5` or `from 3`")),
        );
    }
    read.map(|numeral| numeral.value)
}

fn read_value(
    cell: &CsvCell,
    layout: &TableLayout,
    convention: Convention,
    out: &mut Diagnostics,
) -> Option<f64> {
    let kind = layout.kind;
    let Ok(numeral) = excel_numbers::read(&cell.text, convention) else {
        // Contradicting decimal signs are reported once for the whole file.
        if !matches!(convention, Convention::Mixed(..)) {
            out.push(
                Diagnostic::error(
                    "E0205",
                    format!("the value `{}` in a {} is not a number", cell.text, layout.noun()),
                )
                .at(cell.span, "expected one number")
                .why(match layout.life {
                    true => "without a number, mortality at this age is unknown",
                    false => "without a number, formulas that look up this row have no value",
                })
                .help(match kind {
                    TableKind::Cost => "write the cost from the source of the table, such as 120.50",
                    TableKind::Utility => "write the utility from the source of the table, such as 0.85",
                    _ if layout.life => "write the value from the source of the table, such as 0.0103",
                    _ => "write one number, without other text in the cell",
                }),
            );
        }
        return None;
    };
    if numeral.percent && matches!(kind, TableKind::Cost) {
        out.push(
            Diagnostic::error("E0222", format!("a cost in a {} cannot be `{}`", layout.noun(), cell.text))
                .at(cell.span, "a percent sign")
                .why("a percentage would be read as a share of one unit of the currency: 50% as 0.50")
                .help("write the amount without a percent sign, such as 120.50"),
        );
        return None;
    }
    let value = numeral.value / layout.per;
    if kind.allows(value) {
        return Some(value);
    }
    let (meaning, limits) = match kind {
        TableKind::AnnualProbability => ("an annual probability of death", "between 0 and 1"),
        TableKind::GroupProbability => ("a probability of death in an age group", "between 0 and 1"),
        TableKind::RatePerYear => ("a death rate", "0 or more"),
        TableKind::Cost => ("a cost", "0 or more"),
        TableKind::Utility => ("a utility", "at most 1"),
        TableKind::Number => ("a number", "finite"),
    };
    let help = if numeral.value > 1.0 && layout.life {
        match layout.per > 1.0 {
            true => {
                "correct the value, or `per` in the section of this table in the scenario file; if the column contains survivors (lx) or life expectancies (ex), use the column of death rates (mx) or probabilities (qx) instead"
            }
            false => {
                "if the values are deaths per 1,000 people, write per = 1_000 in the section of this table in the scenario file (per 100,000: per = 100_000); if they are survivors (lx) or life expectancies (ex), use the column of death rates (mx) or probabilities (qx) instead"
            }
        }
    } else if matches!(kind, TableKind::Cost) {
        "write the cost from the source of the table; or, if all values are savings, write them without minus signs, and add loss = true to the reward in the scenario file, which subtracts them"
    } else {
        "compare the value with the source of the table, and correct it"
    };
    out.push(
        Diagnostic::error("E0420", format!("`{}` cannot be {meaning}", cell.text))
            .at(cell.span, format!("must be {limits}"))
            .why(match kind {
                TableKind::Cost => "a negative cost would count as a saving",
                _ if layout.life => "a wrong risk of death would change the life-years of every strategy",
                _ => "every formula that looks up this row would use an impossible value",
            })
            .help(help),
    );
    None
}

/// Keeps rows whose categories exist in the scenario, and reports the other categories. A category of the scenario
/// without any row is not reported here but at the name of the file, because the spelling probably differs.
fn known_categories<'r>(
    rows: &'r [TableRow],
    columns: &[&Column],
    out: &mut Diagnostics,
) -> Vec<&'r TableRow> {
    let is_known = |row: &TableRow, i: usize| {
        let known = columns[i].categories.as_ref();
        known.is_none_or(|known| known.contains(&row.categories[i]))
    };
    for (i, column) in columns.iter().enumerate() {
        let there = |category: &String| rows.iter().any(|row| row.categories[i] == *category);
        let known = column.categories.as_deref().unwrap_or_default();
        if !known.iter().all(there) {
            continue;
        }
        let mut strange: Vec<(&str, Vec<&TableRow>)> = Vec::new();
        for row in rows.iter().filter(|row| !is_known(row, i)) {
            let name = row.categories[i].as_str();
            match strange.iter_mut().find(|(other, _)| *other == name) {
                Some((_, all)) => all.push(row),
                None => strange.push((name, vec![row])),
            }
        }
        let mut of_nobody: Vec<(&str, Vec<&TableRow>)> = Vec::new();
        for (name, all) in strange {
            let near = suggest(name, known.iter().map(String::as_str));
            // If the similar category has all its rows, the rows with the unknown name describe another population.
            let meant = near.filter(|meant| all.iter().all(|row| is_lacking(rows, row, i, meant)));
            match meant {
                Some(meant) => {
                    all.iter().for_each(|row| out.push(misspelt(name, meant, column, row.category_spans[i])))
                }
                None => of_nobody.push((name, all)),
            }
        }
        out.list.extend(held_by_nobody(&of_nobody, column, known, i));
    }
    rows.iter().filter(|row| (0..columns.len()).all(|i| is_known(row, i))).collect()
}

fn misspelt(name: &str, meant: &str, column: &Column, place: Span) -> Diagnostic {
    Diagnostic::error("E0428", format!("`{name}` is not a category of `{}`", column.name))
        .at(place, format!("did you mean `{meant}`?"))
        .why(format!(
            "the row would apply to no patients, and patients who are `{meant}` would have no value"
        ))
        .help(format!("write `{meant}`, as in the scenario"))
}

/// Whether the table has no row that equals this one except for the category `meant`.
fn is_lacking(rows: &[TableRow], row: &TableRow, column: usize, meant: &str) -> bool {
    let same = |other: &TableRow| {
        let category = |i: usize| if i == column { meant } else { &row.categories[i] };
        other.from == row.from && (0..row.categories.len()).all(|i| other.categories[i] == category(i))
    };
    !rows.iter().any(same)
}

/// One warning for all unknown categories of a column, because an international table can have many of them.
fn held_by_nobody(
    found: &[(&str, Vec<&TableRow>)],
    column: &Column,
    known: &[String],
    at: usize,
) -> Option<Diagnostic> {
    let ((name, rows), others) = found.split_first()?;
    let listed = |names: &mut dyn Iterator<Item = &str>| {
        let quoted: Vec<String> = names.map(|one| format!("`{one}`")).collect();
        quoted.join(", ")
    };
    let label = match rows.len() {
        1 => "this row applies to no patients".to_string(),
        n => format!("the first of {n} rows that apply to no patients"),
    };
    let warning = Diagnostic::warning(
        "W0509",
        format!("`{name}` in a table is not a category of attribute `{}`", column.name),
    )
    .at(rows[0].category_spans[at], label)
    .why("these rows are not used, so patients for whom they are meant would have the values of other rows")
    .help(format!(
        "if these rows belong to one of the categories ({}), write its name into the cells; otherwise delete the rows",
        listed(&mut known.iter().map(String::as_str))
    ));
    Some(match others {
        [] => warning,
        others => {
            warning.note(format!("the same applies to {}", listed(&mut others.iter().map(|(name, _)| *name))))
        }
    })
}

/// Checks the ages (or other numbers) at which rows start: in ascending order, without repetitions, without gaps in a
/// life table by single years, and the same in every group.
fn check_bounds(rows: &[&TableRow], name: &str, layout: &TableLayout, out: &mut Diagnostics) {
    let kind = layout.kind_in_words();
    let mut groups: Vec<(&[String], Vec<&TableRow>)> = Vec::new();
    let mut index_of = BTreeMap::new();
    for &row in rows {
        let index = *index_of.entry(&row.categories).or_insert_with(|| {
            groups.push((&row.categories, Vec::new()));
            groups.len() - 1
        });
        groups[index].1.push(row);
    }
    let mut sound = true;
    for (categories, group) in &groups {
        for pair in group.windows(2) {
            let words = Words { name, kind, categories };
            // Tables that are not life tables may have gaps, for example rows for the years 1, 2, 3 and 5.
            let whole = layout.life && is_by_single_years(group);
            if let Some(diagnostic) = wrong_step(words, pair[0], pair[1], whole) {
                out.push(diagnostic);
                sound = false;
            }
        }
    }
    let Some(((first_categories, first), others)) = groups.split_first() else {
        return;
    };
    for (categories, group) in others.iter().filter(|_| sound) {
        let differing = group.iter().zip(first).find(|(row, reference)| row.from != reference.from);
        let (row, reference) = match differing {
            Some((row, reference)) => (*row, *reference),
            None if group.len() != first.len() => (group[group.len() - 1], first[first.len() - 1]),
            None => continue,
        };
        let (one, other) = (described(first_categories), described(categories));
        let step = singular(name, kind);
        let help = match differing.is_some() {
            true => format!("write rows for the same {} in every group", plural(name, kind)),
            false => {
                let (short, end, long, last) = match row.from < reference.from {
                    true => (&other, row.from, &one, reference.from),
                    false => (&one, reference.from, &other, row.from),
                };
                format!(
                    "add the rows of {short} up to {step} {last}; or, if the source does not have them, delete the rows of \
                     {long} above {step} {end}"
                )
            }
        };
        let label = |from: f64, group: &str| match differing.is_some() {
            true => format!("{step} {from} for {group}"),
            false => format!("the last row for {group}: {step} {from}"),
        };
        out.push(
            Diagnostic::error(
                "E0419",
                format!("groups {one} and {other} of a {} have different {}", kind.noun(), plural(name, kind)),
            )
                .at(row.span, label(row.from, &other))
                .also(reference.span, label(reference.from, &one))
                .why(match kind.is_mortality() {
                    true => "with wider age groups or an earlier last age, one group would have a different life expectancy for no medical reason",
                    false => "with larger steps or an earlier last row, one group would have different values for no medical reason",
                })
                .help(help),
        );
    }
}

fn is_by_single_years(group: &[&TableRow]) -> bool {
    let single = group.windows(2).filter(|pair| pair[0].from + 1.0 == pair[1].from).count();
    single * 2 > group.len() - 1
}

/// Texts for messages about one group of rows.
#[derive(Clone, Copy)]
struct Words<'a> {
    name: &'a str,
    kind: TableKind,
    categories: &'a [String],
}

/// Singular in messages: "age" in a life table, otherwise the name of the column.
fn singular(name: &str, kind: TableKind) -> &str {
    if kind.is_mortality() { "age" } else { name }
}

/// Plural in messages: "ages" in a life table, otherwise the values of the column.
fn plural(name: &str, kind: TableKind) -> String {
    match kind.is_mortality() {
        true => "ages".to_string(),
        false => format!("values of `{name}`"),
    }
}

fn wrong_step(
    words: Words,
    before: &TableRow,
    after: &TableRow,
    by_single_years: bool,
) -> Option<Diagnostic> {
    let Words { name, kind, categories } = words;
    let name = singular(name, kind);
    let whom = match categories.is_empty() {
        true => described(categories),
        false => format!("patient group {}", described(categories)),
    };
    let row_used = match kind.is_mortality() {
        true => "each patient has the risk of the last row at or below their age".to_string(),
        false => format!("a formula that looks up a {name} reads the last row at or below it"),
    };
    let (title, why, help) = if after.from == before.from {
        (
            format!("{name} {} occurs twice for {whom}", after.from),
            "only one of the two rows can be used, and the other may be there by mistake".to_string(),
            "compare both rows with the source of the table, and delete or correct one of them; if they are for \
             different groups of patients, add the attribute in which the groups differ to `by`"
                .to_string(),
        )
    } else if after.from < before.from {
        (
            format!(
                "the rows for {whom} are out of order: {name} {} is followed by {name} {}",
                before.from, after.from
            ),
            format!("{row_used}, so in this order a wrong row would be used"),
            format!(
                "sort the rows for {whom} by {name}; if the file contains several tables one below the other, such as those of two countries, keep only one of them"
            ),
        )
    } else if by_single_years && after.from > before.from + 1.0 {
        let (first, last) = (before.from + 1.0, after.from - 1.0);
        let (missing, rows) = match first < last {
            true => (format!("the {} from {first} to {last} are", plural(name, kind)), "rows"),
            false => (format!("{name} {first} is"), "row"),
        };
        (
            format!("{missing} missing for {whom}"),
            format!("{row_used}, so a missing row would be replaced by the row before it"),
            format!("add the missing {rows} between these two, as in the source of the table"),
        )
    } else {
        return None;
    };
    Some(
        Diagnostic::error("E0419", title)
            .at(after.span, "this row")
            .also(before.span, "the previous row")
            .why(why)
            .help(help),
    )
}

fn described(categories: &[String]) -> String {
    if categories.is_empty() { "all patients".into() } else { format!("`{}`", categories.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    fn read(text: &str, kind: TableKind) -> (Vec<TableRow>, String) {
        let mut sources = Sources::default();
        let file = sources.add("life.csv", text);
        let mut out = Diagnostics::default();
        let by = ["age", "sex"].map(|name| Column { name: name.into(), categories: None });
        let layout = TableLayout { kind, life: true, per: 1.0, columns: Vec::new() };
        let (rows, _) = read_rows(&sources, file, &by, &layout, &mut out);
        (rows, render(&out, &sources, false))
    }

    #[test]
    fn reads_single_years_and_abridged_tables() {
        let (rows, messages) = read(
            "age;sex;qx\n98;M;0,31\n99;M;0,33\n100+;M;1\n98;F;0,3\n99;F;0,31\n100+;F;1\n",
            TableKind::AnnualProbability,
        );
        assert_eq!(messages, "");
        assert_eq!(rows.iter().map(|row| row.value).collect::<Vec<_>>(), [0.31, 0.33, 1.0, 0.3, 0.31, 1.0]);
        assert_eq!((rows[2].from, rows[2].categories.as_slice()), (100.0, &["M".to_owned()][..]));
        let (rows, messages) = read(
            "sex,value,age,note\nM,0.02,0,\nM,0.001,1,\nM,0.0005,5,\nM,1.2,85,\n",
            TableKind::RatePerYear,
        );
        assert_eq!(messages, "");
        assert_eq!(rows[3].value, 1.2);
        assert_eq!(TableKind::parse("Annual probability"), Some(TableKind::AnnualProbability));
    }

    #[test]
    fn what_is_wrong_with_a_life_table() {
        let broken = |text: &str| read(text, TableKind::AnnualProbability).1;
        insta::assert_snapshot!("life_columns", broken("Age,Gender,qx\n0,M,0.006\n"));
        insta::assert_snapshot!(
            "life_cells",
            broken("age,sex,value\n60-64,M,0.01\n65,M,10.3\n66,,0.01\n67,M,\n68,M,x\n")
        );
        insta::assert_snapshot!(
            "life_steps",
            broken(
                "age,sex,value\n60,M,0.01\n61,M,0.01\n63,M,0.01\n64,M,0.01\n64,M,0.01\n63,M,0.01\n64,M,0.01\n65,M,0.01\n"
            )
        );
        insta::assert_snapshot!(
            "life_groups",
            broken("age,sex,value\n60,M,0.01\n61,M,0.01\n60,F,0.01\n61,F,0.01\n62,F,0.02\n")
        );
    }
}
