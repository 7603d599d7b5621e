//! Life tables from CSV files: mortality by age and, as a rule, by sex.

use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, Diagnostics, suggest};
use super::numeral::{self, Convention};
use super::source::{FileId, Sources, Span};
use super::table::{Cell, Record, Table, read_table};

/// What the values of a life table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeTableKind {
    /// Probability of dying within a year (qx).
    AnnualProbability,
    /// Deaths per person-year (mx).
    RatePerYear,
}

impl LifeTableKind {
    /// The texts by which a scenario names the kinds.
    pub const NAMES: [(LifeTableKind, &'static str); 2] = [
        (LifeTableKind::AnnualProbability, "annual probability"),
        (LifeTableKind::RatePerYear, "rate per year"),
    ];

    /// Reads the text of a scenario.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(text.trim()))
            .map(|(kind, _)| *kind)
    }

    fn allows(self, value: f64) -> bool {
        value >= 0.0 && (self == LifeTableKind::RatePerYear || value <= 1.0)
    }
}

/// One row of a life table.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeTableRow {
    /// The age from which the row holds.
    pub age: u32,
    /// The other columns of `by` in their order, such as the sex.
    pub categories: Vec<String>,
    /// Where they stand.
    pub category_spans: Vec<Span>,
    /// The value as written.
    pub value: f64,
    /// The whole row.
    pub span: Span,
    /// Where the value stands.
    pub value_span: Span,
}

/// A column by which a life table is looked up.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name: `age`, or that of an attribute.
    pub name: String,
    /// The categories of the attribute; none of the age, and of an attribute that is not declared.
    pub categories: Option<Vec<String>>,
}

/// Reads and checks a life table that is looked up `by` columns, one of which is `age`.
///
/// Faulty rows are left out. The rows come in the order of the file.
pub fn read_life_table(
    sources: &Sources,
    file: FileId,
    by: &[Column],
    kind: LifeTableKind,
    out: &mut Diagnostics,
) -> Vec<LifeTableRow> {
    let known: Vec<&str> = by
        .iter()
        .map(|column| column.name.as_str())
        .chain(["value"])
        .collect();
    let Some(table) = read_table(sources, file, &known, out) else {
        return Vec::new();
    };
    let Some(columns) = Columns::find(&table, by, out) else {
        return Vec::new();
    };
    let cells = table.rows.iter().filter_map(|row| row.cells.get(columns.value));
    let convention = numeral::learn(cells, table.delimiter);
    if let Convention::Mixed(point, comma) = convention {
        out.push(
            Diagnostic::error(
                "E0212",
                "decimal points and decimal commas stand in one life table",
            )
            .at(comma, "a decimal comma")
            .also(point, "a decimal point")
            .why("with both in one file, `1.234` may be one or one thousand")
            .help("write all numbers of the file in one way"),
        );
    }
    let mut found = Diagnostics::default();
    let rows: Vec<LifeTableRow> = table
        .rows
        .iter()
        .filter_map(|record| columns.row(record, kind, convention, &mut found))
        .collect();
    let others: Vec<&Column> = by.iter().filter(|column| !is_age(&column.name)).collect();
    let somebody = known_categories(&rows, &others, &mut found);
    let sound = !found.has_errors();
    out.list.extend(few_of_each(found.list));
    if sound && rows.len() == table.rows.len() {
        check_ages(&somebody, out);
    }
    rows
}

/// A wrong column is wrong in a hundred rows: a few of them show what is meant.
const MOST_OF_ONE_SORT: usize = 3;

/// The first messages of each code; the last that is kept says how many more there are.
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
            let rows = if more == 1 {
                "row of this table has"
            } else {
                "rows of this table have"
            };
            last.notes.push(format!("{more} more {rows} the same fault"));
        }
    }
    kept
}

fn is_age(name: &str) -> bool {
    name.eq_ignore_ascii_case("age")
}

struct Columns {
    age: usize,
    categories: Vec<(String, usize)>,
    value: usize,
}

impl Columns {
    fn find(table: &Table, by: &[Column], out: &mut Diagnostics) -> Option<Self> {
        let mut found = Vec::new();
        for Column { name, .. } in by {
            match table.column(name) {
                Some(column) => found.push((name.clone(), column)),
                None => out.push(missing_column(table, name)),
            }
        }
        if found.len() < by.len() {
            return None;
        }
        let Some(age) = found
            .iter()
            .find(|(name, _)| is_age(name))
            .map(|(_, column)| *column)
        else {
            out.push(missing_column(table, "age"));
            return None;
        };
        found.retain(|(name, _)| !is_age(name));
        let value = table.column("value").unwrap_or(table.header.cells.len() - 1);
        if value == age || found.iter().any(|(_, column)| *column == value) {
            out.push(missing_column(table, "value"));
            return None;
        }
        Some(Self {
            age,
            categories: found,
            value,
        })
    }

    fn row(
        &self,
        record: &Record,
        kind: LifeTableKind,
        convention: Convention,
        out: &mut Diagnostics,
    ) -> Option<LifeTableRow> {
        let age = filled(record, self.age, "age", out).and_then(|cell| read_age(cell, out));
        let value = filled(record, self.value, "value", out)
            .and_then(|cell| Some((read_value(cell, kind, convention, out)?, cell.span)));
        let cells: Option<Vec<&Cell>> = self
            .categories
            .iter()
            .map(|(name, column)| filled(record, *column, name, out))
            .collect();
        let (value, value_span) = value?;
        let cells = cells?;
        Some(LifeTableRow {
            age: age?,
            categories: cells.iter().map(|cell| cell.text.clone()).collect(),
            category_spans: cells.iter().map(|cell| cell.span).collect(),
            value,
            span: record.span,
            value_span,
        })
    }
}

fn missing_column(table: &Table, name: &str) -> Diagnostic {
    let present: Vec<&str> = table.header.cells.iter().map(|cell| cell.text.as_str()).collect();
    let synonym = present
        .iter()
        .copied()
        .find(|other| name == "sex" && other.eq_ignore_ascii_case("gender"));
    let help = match synonym.or_else(|| suggest(name, present.iter().copied())) {
        Some(meant) => format!("rename the column `{meant}` to `{name}`"),
        None => format!("add the column `{name}`, or name the columns of this table in `by`"),
    };
    Diagnostic::error("E0418", format!("the life table has no column `{name}`"))
        .at(table.header.span, "the columns of this table")
        .why("without it nobody's risk of death can be looked up")
        .help(help)
}

fn filled<'r>(record: &'r Record, column: usize, name: &str, out: &mut Diagnostics) -> Option<&'r Cell> {
    let cell = record.filled(Some(column));
    if cell.is_none() {
        let end = Span {
            start: record.span.end,
            ..record.span
        };
        let place = record.cells.get(column).map_or(end, |cell| cell.span);
        out.push(
            Diagnostic::error("E0213", format!("the cell `{name}` of a life table is empty"))
                .at(place, "nothing here")
                .why("an empty cell is not a zero: at this age nobody would die")
                .help("write the value, or delete the row if the table ends before it"),
        );
    }
    cell
}

fn read_age(cell: &Cell, out: &mut Diagnostics) -> Option<u32> {
    // The open group at the end of many published tables.
    let text = cell.text.trim_end_matches('+').trim_end();
    let age = text.parse::<u32>().ok().filter(|age| *age <= 150);
    if age.is_none() {
        out.push(
            Diagnostic::error("E0419", format!("`{}` is not an age in whole years", cell.text))
                .at(cell.span, "not an age")
                .why("patients are looked up by the age at or below theirs")
                .help("write the first age of the group: 60 for `60-64`, 100 for `100 and over`"),
        );
    }
    age
}

fn read_value(
    cell: &Cell,
    kind: LifeTableKind,
    convention: Convention,
    out: &mut Diagnostics,
) -> Option<f64> {
    let Ok(numeral) = numeral::read(&cell.text, convention) else {
        // Where decimal signs contradict each other, that has been reported once for the whole file.
        if !matches!(convention, Convention::Mixed(..)) {
            out.push(
                Diagnostic::error(
                    "E0205",
                    format!("`{}` in a life table is not a number", cell.text),
                )
                .at(cell.span, "not a number")
                .why("at this age nobody's risk of death would be known")
                .help("write one number, such as 0.0103"),
            );
        }
        return None;
    };
    if kind.allows(numeral.value) {
        return Some(numeral.value);
    }
    let (meaning, limits) = match kind {
        LifeTableKind::AnnualProbability => ("an annual probability of death", "between 0 and 1"),
        LifeTableKind::RatePerYear => ("a death rate", "0 or more"),
    };
    let help = if numeral.value > 1.0 {
        "if the table is per 1 000 or per 100 000 people, divide; survivors (lx) and life expectancies (ex) are other columns"
    } else {
        "check the value against the published table"
    };
    out.push(
        Diagnostic::error("E0420", format!("`{}` cannot be {meaning}", cell.text))
            .at(cell.span, format!("must be {limits}"))
            .why("background mortality decides how many life-years there are to gain")
            .help(help),
    );
    None
}

/// The rows of categories that the scenario has. Of the others it says what is wrong, unless a whole category has no
/// row of its own: then the two spell it differently, which is reported where the scenario names the file.
fn known_categories<'r>(
    rows: &'r [LifeTableRow],
    columns: &[&Column],
    out: &mut Diagnostics,
) -> Vec<&'r LifeTableRow> {
    let is_known = |row: &LifeTableRow, i: usize| {
        let known = columns[i].categories.as_ref();
        known.is_none_or(|known| known.contains(&row.categories[i]))
    };
    for (i, column) in columns.iter().enumerate() {
        let there = |category: &String| rows.iter().any(|row| row.categories[i] == *category);
        let known = column.categories.as_deref().unwrap_or_default();
        if !known.iter().all(there) {
            continue;
        }
        let mut strange: Vec<(&str, Vec<&LifeTableRow>)> = Vec::new();
        for row in rows.iter().filter(|row| !is_known(row, i)) {
            let name = row.categories[i].as_str();
            match strange.iter_mut().find(|(other, _)| *other == name) {
                Some((_, all)) => all.push(row),
                None => strange.push((name, vec![row])),
            }
        }
        let mut of_nobody: Vec<(&str, Vec<&LifeTableRow>)> = Vec::new();
        for (name, all) in strange {
            let near = suggest(name, known.iter().map(String::as_str));
            // Where the rows of the other word are all there, these are rows of somebody else.
            let meant = near.filter(|meant| all.iter().all(|row| is_lacking(rows, row, i, meant)));
            match meant {
                Some(meant) => all
                    .iter()
                    .for_each(|row| out.push(misspelt(name, meant, column, row.category_spans[i]))),
                None => of_nobody.push((name, all)),
            }
        }
        out.list.extend(held_by_nobody(&of_nobody, column, known, i));
    }
    rows.iter()
        .filter(|row| (0..columns.len()).all(|i| is_known(row, i)))
        .collect()
}

fn misspelt(name: &str, meant: &str, column: &Column, place: Span) -> Diagnostic {
    Diagnostic::error(
        "E0428",
        format!("`{name}` is not a category of `{}`", column.name),
    )
    .at(place, format!("did you mean `{meant}`?"))
    .why(format!(
        "the row would hold for nobody, and patients who are `{meant}` would lack it"
    ))
    .help(format!("write `{meant}`, as the scenario spells it"))
}

/// Whether the table has no row that differs from this one only by having the category `meant`.
fn is_lacking(rows: &[LifeTableRow], row: &LifeTableRow, column: usize, meant: &str) -> bool {
    let same = |other: &LifeTableRow| {
        let category = |i: usize| if i == column { meant } else { &row.categories[i] };
        other.age == row.age && (0..row.categories.len()).all(|i| other.categories[i] == category(i))
    };
    !rows.iter().any(same)
}

/// One warning for all unknown categories of a column: a table of a whole continent has many.
fn held_by_nobody(
    found: &[(&str, Vec<&LifeTableRow>)],
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
        1 => "this row holds for nobody".to_string(),
        n => format!("the first of {n} rows that hold for nobody"),
    };
    let warning = Diagnostic::warning(
        "W0509",
        format!("`{name}` in a life table is not a category of `{}`", column.name),
    )
    .at(rows[0].category_spans[at], label)
    .why("these rows are not used; if they are meant for some of the patients, those die by other rows")
    .help(format!(
        "the categories are {}: correct the cells, or delete the rows if nobody needs them",
        listed(&mut known.iter().map(String::as_str))
    ));
    Some(match others {
        [] => warning,
        others => warning.note(format!(
            "the same holds for {}",
            listed(&mut others.iter().map(|(name, _)| *name))
        )),
    })
}

/// Ages ascend, are not repeated, leave no gap in a table by single years, and are the same in every group.
fn check_ages(rows: &[&LifeTableRow], out: &mut Diagnostics) {
    let mut groups: Vec<(&[String], Vec<&LifeTableRow>)> = Vec::new();
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
            if let Some(diagnostic) = wrong_step(categories, pair[0], pair[1], is_by_single_years(group)) {
                out.push(diagnostic);
                sound = false;
            }
        }
    }
    let Some(((first_categories, first), others)) = groups.split_first() else {
        return;
    };
    for (categories, group) in others.iter().filter(|_| sound) {
        let differing = group
            .iter()
            .zip(first)
            .find(|(row, reference)| row.age != reference.age);
        let (row, reference) = match differing {
            Some((row, reference)) => (*row, *reference),
            None if group.len() != first.len() => (group[group.len() - 1], first[first.len() - 1]),
            None => continue,
        };
        out.push(
            Diagnostic::error("E0419", "the groups of a life table have different ages")
                .at(row.span, format!("{} here", described(categories)))
                .also(reference.span, format!("{} here", described(first_categories)))
                .why("one group would be looked up at coarser ages, or end earlier, and so live longer or shorter than the other")
                .help("give every group the same ages"),
        );
    }
}

fn is_by_single_years(group: &[&LifeTableRow]) -> bool {
    let single = group
        .windows(2)
        .filter(|pair| pair[0].age + 1 == pair[1].age)
        .count();
    single * 2 > group.len() - 1
}

fn wrong_step(
    categories: &[String],
    before: &LifeTableRow,
    after: &LifeTableRow,
    by_single_years: bool,
) -> Option<Diagnostic> {
    let (title, help) = if after.age == before.age {
        (
            format!("age {} stands twice for {}", after.age, described(categories)),
            "delete one of the two rows",
        )
    } else if after.age < before.age {
        (
            format!(
                "after age {} comes age {} for {}",
                before.age,
                after.age,
                described(categories)
            ),
            "sort the rows by age; if the file holds several tables, such as countries or years, keep one of them",
        )
    } else if by_single_years && after.age > before.age + 1 {
        (
            format!(
                "the ages between {} and {} are missing for {}",
                before.age,
                after.age,
                described(categories)
            ),
            "add the missing rows",
        )
    } else {
        return None;
    };
    Some(
        Diagnostic::error("E0419", title)
            .at(after.span, "this row")
            .also(before.span, "the row before")
            .why("the row at or below a patient's age is used: a wrong order gives patients the risk of another age")
            .help(help),
    )
}

fn described(categories: &[String]) -> String {
    if categories.is_empty() {
        "everybody".into()
    } else {
        format!("`{}`", categories.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::diagnostic::render;

    fn read(text: &str, kind: LifeTableKind) -> (Vec<LifeTableRow>, String) {
        let mut sources = Sources::default();
        let file = sources.add("life.csv", text);
        let mut out = Diagnostics::default();
        let by = ["age", "sex"].map(|name| Column {
            name: name.into(),
            categories: None,
        });
        let rows = read_life_table(&sources, file, &by, kind, &mut out);
        (rows, render(&out, &sources, false))
    }

    #[test]
    fn reads_single_years_and_abridged_tables() {
        let (rows, messages) = read(
            "age;sex;qx\n98;M;0,31\n99;M;0,33\n100+;M;1\n98;F;0,3\n99;F;0,31\n100+;F;1\n",
            LifeTableKind::AnnualProbability,
        );
        assert_eq!(messages, "");
        assert_eq!(
            rows.iter().map(|row| row.value).collect::<Vec<_>>(),
            [0.31, 0.33, 1.0, 0.3, 0.31, 1.0]
        );
        assert_eq!(
            (rows[2].age, rows[2].categories.as_slice()),
            (100, &["M".to_owned()][..])
        );
        let (rows, messages) = read(
            "sex,value,age,note\nM,0.02,0,\nM,0.001,1,\nM,0.0005,5,\nM,1.2,85,\n",
            LifeTableKind::RatePerYear,
        );
        assert_eq!(messages, "");
        assert_eq!(rows[3].value, 1.2);
        assert_eq!(
            LifeTableKind::parse("Annual probability"),
            Some(LifeTableKind::AnnualProbability)
        );
    }

    #[test]
    fn what_is_wrong_with_a_life_table() {
        let broken = |text: &str| read(text, LifeTableKind::AnnualProbability).1;
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
