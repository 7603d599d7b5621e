//! Assigns the columns of a CSV file to the names of a table in the scenario: age, categories and values.
//!
//! A name in `by`, or `value`, refers to the column with that name unless `columns` assigns another: `columns = { age
//! = "Alter", value = "qx" }`. A file with a column of values for each category assigns each column to a category:
//! `columns = { female = "Females", male = "Males" }`.

use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::read::csv::{CsvCell, CsvTable, report_alike_columns};
use crate::read::excel_numbers::{self, Convention};
use crate::read::life_table_file::{Column, TableKind};
use crate::read::source::Span;

/// Layout of a file and kind of its numbers, as stated by the scenario.
#[derive(Clone, Debug)]
pub struct TableLayout {
    /// Kind of the values.
    pub kind: TableKind,
    /// Whether the table is a life table, which is looked up by attained age and integrated over each cycle.
    pub life: bool,
    /// Number of people to which the values refer: 1, 1,000 or 100,000.
    pub per: f64,
    /// Entries of `columns`: name in the scenario, column of the file, and position in the scenario.
    pub columns: Vec<(String, String, Span)>,
}

impl TableLayout {
    /// Noun for the table in messages.
    pub fn noun(&self) -> &'static str {
        if self.life { "life table" } else { "table" }
    }

    /// The kind of the values as messages speak of it: rates by another quantity than age are no mortality, but numbers.
    pub fn kind_in_words(&self) -> TableKind {
        if self.kind.is_mortality() && !self.life { TableKind::Number } else { self.kind }
    }

    /// Name of the column in the file to which a name in the scenario refers.
    pub fn header<'a>(&'a self, name: &'a str) -> &'a str {
        let said = self.columns.iter().find(|(meant, ..)| meant.eq_ignore_ascii_case(name));
        said.map_or(name, |(_, column, _)| column)
    }

    fn is_said(&self, name: &str) -> bool {
        self.columns.iter().any(|(meant, ..)| meant.eq_ignore_ascii_case(name))
    }

    /// Columns of the file that the scenario uses, by which the delimiter is detected.
    pub fn wanted<'a>(&'a self, by: &'a [Column]) -> Vec<&'a str> {
        let named = by.iter().map(|column| self.header(&column.name));
        let said = self.columns.iter().map(|(_, column, _)| column.as_str());
        named.chain(said).chain(["value"]).collect()
    }
}

/// Indices of the columns of a file.
pub struct TableColumns {
    /// Quantity that is looked up: its name in the scenario and the index of its column.
    pub looked_up: (String, usize),
    /// Categorical columns: name of the attribute in the scenario, and index of its column in the file.
    pub categories: Vec<(String, usize)>,
    /// Columns that contain values: one, or one for each category of an attribute.
    pub values: Vec<ValueColumn>,
}

/// A column that contains values.
pub struct ValueColumn {
    /// Index of the column.
    pub column: usize,
    /// For a column of a single category: its position among the categories of a row, and the category.
    pub category: Option<(usize, String)>,
}

/// Finds the columns of a table, or reports the missing ones.
pub fn find_columns(
    table: &CsvTable,
    by: &[Column],
    layout: &TableLayout,
    out: &mut Diagnostics,
) -> Option<TableColumns> {
    let before = out.list.len();
    for (meant, column, span) in &layout.columns {
        let of_by = by.iter().any(|c| c.name.eq_ignore_ascii_case(meant));
        let category = by.iter().flat_map(|c| c.categories.iter().flatten()).any(|c| c == meant);
        if !of_by && !category && meant != "value" {
            out.push(
                Diagnostic::error(
                    "E0447",
                    format!(
                        "`columns` assigns a column to `{meant}`, which the table does not use"
                    ),
                )
                .at(*span, "only `value`, the names in `by` and their categories can have columns")
                .why("this column would be ignored, so the values would not depend on it")
                .help(format!("add \"{meant}\" to `by` if the values differ by it; otherwise correct the name `{meant}`, or remove it from `columns`")),
            );
        } else if table.column(column).is_none() {
            out.push(no_such_column(table, column).at(*span, "not in the file"));
        }
    }
    let by_name = by.iter().map(|column| column.name.as_str()).chain(["value"]);
    report_alike_columns(table, by_name.filter(|name| !layout.is_said(name)), out);
    if out.list.len() > before {
        return None;
    }
    let mut found = Vec::new();
    let mut wide = None;
    for (i, Column { name, categories }) in by.iter().enumerate() {
        let split =
            categories.as_ref().filter(|all| !all.is_empty() && all.iter().all(|c| layout.is_said(c)));
        match (table.column(layout.header(name)), split) {
            (_, Some(categories)) if wide.is_none() => wide = Some((i, categories)),
            (Some(column), _) => found.push((name.clone(), column)),
            (None, _) => out.push(missing_column(table, name, by, layout)),
        }
    }
    if out.list.len() > before {
        return None;
    }
    let first = match layout.life {
        true => found.iter().position(|(name, _)| is_age(name)),
        false => (!found.is_empty()).then_some(0),
    };
    let Some(first) = first else {
        out.push(missing_column(table, "age", by, layout));
        return None;
    };
    let looked_up = found.remove(first);
    let values = match wide {
        Some((i, all)) => {
            // Position of the attribute among the categories of a row, which are the columns of `by` without the
            // quantity that is looked up.
            let place = by[..i].iter().filter(|column| column.name != looked_up.0).count();
            let column = |category: &String| ValueColumn {
                column: table.column(layout.header(category)).expect("expected in this header"),
                category: Some((place, category.clone())),
            };
            all.iter().map(column).collect()
        }
        None => {
            let used: Vec<usize> = found.iter().map(|(_, c)| *c).chain([looked_up.1]).collect();
            vec![ValueColumn { column: value_column(table, &used, by, layout, out)?, category: None }]
        }
    };
    Some(TableColumns { looked_up, categories: found, values })
}

/// Index of the column with the values: the column that the scenario states, or the only column of numbers that is left.
fn value_column(
    table: &CsvTable,
    used: &[usize],
    by: &[Column],
    layout: &TableLayout,
    out: &mut Diagnostics,
) -> Option<usize> {
    if let Some(column) = table.column(layout.header("value")) {
        return Some(column);
    }
    let number = |column: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.filled(Some(column)));
        let convention = excel_numbers::learn(cells.clone(), table.delimiter);
        let readable = !matches!(convention, Convention::Mixed(..));
        readable && cells.next().is_some_and(|cell| excel_numbers::read(&cell.text, convention).is_ok())
    };
    let free = (0..table.header.cells.len()).filter(|c| !used.contains(c));
    let candidates: Vec<usize> = free.filter(|&c| number(c)).collect();
    // First letter of the usual column names of probabilities (qx) and rates (mx) of death.
    let letter = match layout.kind {
        TableKind::AnnualProbability | TableKind::GroupProbability => "q",
        TableKind::RatePerYear => "m",
        _ => "",
    };
    let names: Vec<&str> = candidates.iter().map(|&c| table.header.cells[c].text.as_str()).collect();
    match candidates[..] {
        [only] => Some(only),
        [] => {
            out.push(missing_column(table, "value", by, layout));
            None
        }
        _ => {
            let columns: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            out.push(
                Diagnostic::error(
                    "E0447",
                    format!("the {} has {} columns that could contain the values", layout.noun(), candidates.len()),
                )
                .at(table.header.span, format!("{} contain numbers, and no column is called `value`", columns.join(", ")))
                .why(match layout.life {
                    true => "with the wrong column, such as survivors or life expectancies, the survival of all patients would be wrong",
                    false => "with the wrong column, the model would use wrong numbers without a warning",
                })
                .help(format!(
                    "choose one in the section of this table in the scenario file: columns = {{ value = \"{}\" }}; if women and men, \
                     for example, have separate columns, add the attribute to `by` and write columns = {{ female = \"...\", male = \"...\" }}",
                    names.iter().find(|name| !letter.is_empty() && name.starts_with(letter)).unwrap_or(&"...")
                )),
            );
            None
        }
    }
}

/// Whether a column name denotes age.
pub fn is_age(name: &str) -> bool {
    name.eq_ignore_ascii_case("age")
}

/// Help text about the names in `by` that are not attributes of the scenario.
fn no_attributes(by: &[Column], age: &str) -> Option<String> {
    let other = by.iter().find(|column| {
        column.categories.is_none() && !column.name.eq_ignore_ascii_case(age) && !is_age(&column.name)
    })?;
    Some(format!(
        "`by` lists attributes of patients, and `columns` their columns in this file: in the section of this table in the scenario file, write for example by = [\"age\", \"sex\"] and columns = {{ age = \"{age}\", sex = \"{}\" }}",
        other.name
    ))
}

/// Whether a header consists of a single cell with several words separated by spaces, as in a table with columns of
/// fixed width.
fn by_blanks(header: &[CsvCell]) -> bool {
    let [only] = header else { return false };
    only.text.split("  ").filter(|word| !word.trim().is_empty()).count() >= 3
}

fn no_such_column(table: &CsvTable, name: &str) -> Diagnostic {
    let present: Vec<&str> = table.header.cells.iter().map(|cell| cell.text.as_str()).collect();
    let found = Diagnostic::error(
        "E0418",
        format!("`columns` names column `{name}`, but the file of the table has no such column"),
    )
    .also(table.header.span, "the columns of the file");
    match suggest(name, present.iter().copied()) {
        Some(meant) => found.help(format!("did you mean `{meant}`?")),
        None => found.help(format!(
            "instead of `{name}`, write the name of a column of the file: {}",
            arcosim_core::words::either(&present)
        )),
    }
}

/// A column of the file with another name that sources use for the same quantity.
fn synonym<'t>(table: &'t CsvTable, name: &str) -> Option<&'t str> {
    let also: &[&str] = match name {
        "age" => &["age (x)", "x", "alter", "age group", "year of age", "agegroup", "edad", "âge"],
        "sex" => &["gender", "geschlecht", "sexo", "sexe"],
        _ => &[],
    };
    let mut present = table.header.cells.iter().map(|cell| cell.text.as_str());
    present.find(|other| also.iter().any(|one| one.eq_ignore_ascii_case(other)))
}

/// The columns of the file that probably belong to a name: one, or one for each category, or none.
fn probable(table: &CsvTable, name: &str, categories: &[String]) -> Vec<(String, String)> {
    let present = || table.header.cells.iter().map(|cell| cell.text.as_str());
    if let Some(column) = synonym(table, name).or_else(|| suggest(name, present())) {
        return vec![(name.to_string(), column.to_string())];
    }
    let columns: Vec<&str> = categories.iter().filter_map(|category| suggest(category, present())).collect();
    let distinct = columns.iter().collect::<std::collections::BTreeSet<_>>().len();
    match distinct == categories.len() {
        true => categories.iter().cloned().zip(columns.into_iter().map(str::to_string)).collect(),
        false => Vec::new(),
    }
}

/// Whether the file has a column for a name in `by`, or `columns` assigns one to each of its categories.
fn is_found(table: &CsvTable, column: &Column, layout: &TableLayout) -> bool {
    let categories = column.categories.as_deref().unwrap_or_default();
    let by_category = !categories.is_empty() && categories.iter().all(|category| layout.is_said(category));
    by_category || table.column(layout.header(&column.name)).is_some()
}

/// The whole key `columns`: the entries of the scenario, the probable columns of all names in `by` that the file lacks, and
/// `own`. All messages about a file thus show the same key, which a reader writes once.
fn whole_key(own: Option<(&str, &str)>, table: &CsvTable, by: &[Column], layout: &TableLayout) -> String {
    let said = layout.columns.iter().map(|(name, column, _)| (name.clone(), column.clone()));
    let mut all: Vec<(String, String)> = said.collect();
    for column in by.iter().filter(|column| !is_found(table, column, layout)) {
        all.extend(probable(table, &column.name, column.categories.as_deref().unwrap_or_default()));
    }
    all.extend(own.map(|(name, column)| (name.to_string(), column.to_string())));
    let mut seen: Vec<&str> = Vec::new();
    let mut entries: Vec<String> = Vec::new();
    for (name, column) in &all {
        if !seen.contains(&name.as_str()) {
            seen.push(name);
            entries.push(format!("{name} = \"{column}\""));
        }
    }
    format!("columns = {{ {} }}", entries.join(", "))
}

fn missing_column(table: &CsvTable, name: &str, by: &[Column], layout: &TableLayout) -> Diagnostic {
    let present: Vec<&str> = table.header.cells.iter().map(|cell| cell.text.as_str()).collect();
    let synonym = synonym(table, name);
    let meant = synonym.or_else(|| suggest(name, present.iter().copied()));
    let in_by = by.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let say = |column: &str| {
        let key = whole_key(Some((name, column)), table, by, layout);
        format!("in the section of this table in the scenario file: {key}")
    };
    // If other columns are missing, too, the messages about them advise the same key, so no column should be renamed.
    let alone = by.iter().all(|column| column.name == name || is_found(table, column, layout));
    let without_age = layout.life && is_age(name) && !in_by;
    let found = Diagnostic::error(
        "E0418",
        match without_age {
            true => "no column of the life table is read as `age`, because `by` does not contain `age`".to_string(),
            false => format!("the {} has no column `{name}`", layout.noun()),
        },
    )
    .at(table.header.span, "the columns of this table")
    .why(match layout.life {
        true if without_age => "the risk of death depends on age, so without `age` the risk of a patient cannot be found in the table",
        true => "without this column, the risk of death of a patient cannot be found in the table",
        false => "without this column, no value can be found in the table",
    });
    let categories = by.iter().find(|column| column.name == name);
    let categories = categories.and_then(|column| column.categories.as_deref()).unwrap_or_default();
    let each: Vec<String> = categories.iter().map(|category| format!("{category} = \"...\"")).collect();
    let wide = match each.is_empty() || synonym.is_some() {
        true => String::new(),
        false => {
            format!("; if each category has a column of its own, write columns = {{ {} }}", each.join(", "))
        }
    };
    let columns: Vec<&str> =
        categories.iter().filter_map(|category| suggest(category, present.iter().copied())).collect();
    let distinct = columns.iter().collect::<std::collections::BTreeSet<_>>().len();
    let by_category = meant.is_none() && !categories.is_empty() && distinct == categories.len();
    let none_there = by.iter().all(|column| table.column(layout.header(&column.name)).is_none());
    if by_blanks(&table.header.cells) {
        return found
            .note("the columns of this file are separated by spaces")
            .help("import it into a spreadsheet as fixed width, and save it as CSV with commas, semicolons or tabs as separators");
    }
    if by_category {
        return found.help(format!(
            "each category of `{name}` seems to have a column of its own: write in the section of this table in the \
             scenario file: {}",
            whole_key(None, table, by, layout)
        ));
    }
    let found = match none_there && meant.is_none() {
        true => found.note("the first line that is neither blank nor a comment is read as the column names, separated by commas, semicolons or tabs; if it is a title or other text, delete it"),
        false => found,
    };
    found.help(match meant {
        Some(column) if (name == "value" || in_by) && alone => format!(
            "rename the column `{column}` to `{name}`; or, to leave the file as it is, write {}{wide}",
            say(column)
        ),
        Some(column) if name == "value" || in_by => {
            format!("if `{column}` is the column of `{name}`, write {}{wide}", say(column))
        }
        Some(column) => no_attributes(by, column)
            .unwrap_or_else(|| format!("write `{name}` in `by`, and assign its column {}", say(column))),
        None if in_by || name == "value" => {
            format!("assign the column of `{name}` {}{wide}", say("..."))
        }
        None => {
            format!(
                "write `{name}`, the attained age of patients, in `by`, and assign its column {}",
                say("...")
            )
        }
    })
}
