//! Tidy CSV tables. A column consists of its name, its description and the function that reads its value from a row, so cells
//! and data dictionary always agree with the header. A number that is not finite becomes an empty cell, and text that a
//! spreadsheet would run as a formula is made harmless.

use std::borrow::Cow;
use std::fmt::Write;

/// The entry of a column in the data dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Name of the column in the header.
    pub name: Cow<'static, str>,
    /// Type of the column: `text`, `number` or `whole number`.
    pub kind: &'static str,
    /// Unit of the values; empty for texts and pure names.
    pub unit: Cow<'static, str>,
    /// Meaning of the column.
    pub meaning: Cow<'static, str>,
    /// Values that the column may contain; empty if any value is allowed.
    pub allowed: &'static str,
}

/// A function that appends a column's cell for one row.
type WriteCell<'a, R> = dyn Fn(&R, &mut String) + 'a;

/// A column of a table whose rows have type `R`.
pub struct Column<'a, R> {
    heading: Heading,
    write: Box<WriteCell<'a, R>>,
}

/// A column of texts.
pub fn text<'a, R, T: AsRef<str>>(
    name: &'static str,
    meaning: &'static str,
    allowed: &'static str,
    value: impl Fn(&R) -> T + 'a,
) -> Column<'a, R> {
    Column {
        heading: Heading {
            name: name.into(),
            kind: "text",
            unit: "".into(),
            meaning: meaning.into(),
            allowed,
        },
        write: Box::new(move |row, cell| push_text(cell, value(row).as_ref())),
    }
}

/// A column of numbers; the value may be an `Option`, and the cell is empty if the number does not exist.
pub fn number<'a, R, T: Into<Option<f64>>>(
    name: impl Into<Cow<'static, str>>,
    unit: impl Into<Cow<'static, str>>,
    meaning: impl Into<Cow<'static, str>>,
    value: impl Fn(&R) -> T + 'a,
) -> Column<'a, R> {
    Column {
        heading: Heading {
            name: name.into(),
            kind: "number",
            unit: unit.into(),
            meaning: meaning.into(),
            allowed: "",
        },
        write: Box::new(move |row, cell| {
            if let Some(x) = value(row).into() {
                push_number(cell, x);
            }
        }),
    }
}

/// A column of whole numbers.
pub fn whole<'a, R>(
    name: &'static str,
    meaning: &'static str,
    value: impl Fn(&R) -> u64 + 'a,
) -> Column<'a, R> {
    let column = number("", "", meaning, |_: &R| None);
    Column {
        heading: Heading { name: name.into(), kind: "whole number", ..column.heading },
        write: Box::new(move |row, cell| write!(cell, "{}", value(row)).expect("writing to memory")),
    }
}

/// A CSV file in memory.
#[derive(Clone, Debug)]
pub struct Table {
    /// Path of the file relative to the output folder, with `/` as separator.
    pub path: String,
    /// Description of the file's contents in one line.
    pub about: String,
    /// Dictionary entries of the columns.
    pub headings: Vec<Heading>,
    /// The CSV text of the file.
    pub bytes: Vec<u8>,
}

impl Table {
    /// Writes rows as a table. Rows are consumed one by one, so that only the text of the file is in memory.
    pub fn of<'a, R>(
        path: impl Into<String>,
        about: impl Into<String>,
        columns: impl Into<Vec<Column<'a, R>>>,
        rows: impl IntoIterator<Item = R>,
    ) -> Table {
        let columns: Vec<Column<R>> = columns.into();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut line = vec![String::new(); columns.len()];
        for (cell, column) in line.iter_mut().zip(&columns) {
            push_text(cell, &column.heading.name);
        }
        writer.write_record(&line).expect("writing to memory");
        for row in rows {
            for (cell, column) in line.iter_mut().zip(&columns) {
                cell.clear();
                (column.write)(&row, cell);
            }
            writer.write_record(&line).expect("writing to memory");
        }
        Table {
            path: path.into(),
            about: about.into(),
            headings: columns.into_iter().map(|column| column.heading).collect(),
            bytes: writer.into_inner().expect("writing to memory"),
        }
    }
}

/// First characters of a formula, including the full-width forms, which East Asian spreadsheets accept too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Appends a text, with an apostrophe where a spreadsheet would otherwise run a formula. Text after a semicolon, tab or line
/// end also counts as the start of a cell, because spreadsheets with decimal commas split cells at semicolons.
fn push_text(into: &mut String, text: &str) {
    let mut begins = true;
    for c in text.chars() {
        if begins && (FORMULA.contains(&c) || matches!(c, '\t' | '\r')) {
            into.push('\'');
        }
        into.push(c);
        begins = matches!(c, ';' | '\t' | '\r' | '\n');
    }
}

/// Appends the shortest digits that parse to the same number; nothing if the number is not finite.
fn push_number(into: &mut String, x: f64) {
    let size = x.abs();
    let written = match x {
        _ if !x.is_finite() => Ok(()),
        _ if x == 0.0 => write!(into, "0"),
        _ if (1e-5..1e15).contains(&size) => write!(into, "{x}"),
        _ => write!(into, "{x:e}"),
    };
    written.expect("writing to memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(label: &str, value: Option<f64>) -> String {
        let columns = [text("name", "", "", |_: &()| label), number("value", "", "", |_: &()| value)];
        String::from_utf8(Table::of("t.csv", "", columns, [()]).bytes).unwrap()
    }

    #[test]
    fn numbers_read_back_and_what_is_no_number_is_empty() {
        for x in [0.1 + 0.2, 1.0, 1e-300, -2.5e17, 123456.789, 0.0] {
            let text = written("a", Some(x));
            let cell = text.lines().nth(1).unwrap().strip_prefix("a,").unwrap().to_string();
            assert_eq!(cell.parse::<f64>().unwrap(), x);
            assert!(cell.len() < 25);
        }
        for x in [f64::NAN, f64::INFINITY] {
            assert_eq!(written("a", Some(x)), "name,value\na,\n");
        }
    }

    #[test]
    fn a_label_cannot_become_a_formula() {
        let text = written("=HYPERLINK(\"x\")", None);
        assert_eq!(text, "name,value\n\"'=HYPERLINK(\"\"x\"\")\",\n");
        for (label, cell) in [
            ("-5", "'-5"),
            ("@x", "'@x"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a;=1+1", "a;'=1+1"),
            ("0; -5 to 1-2", "0; -5 to 1-2"),
        ] {
            assert_eq!(written(label, None), format!("name,value\n{cell},\n"));
        }
        let header = [number("=1+1", "", "", |_: &()| None)];
        assert_eq!(Table::of("t.csv", "", header, []).bytes, b"'=1+1\n");
        // A negative number begins with "-" but needs no apostrophe.
        assert_eq!(written("a", Some(-0.5)), "name,value\na,-0.5\n");
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        let table = Table::of("t.csv", "", [whole("patient", "", |n: &u64| *n)], []);
        assert_eq!(table.bytes, b"patient\n");
        assert_eq!(table.headings[0].kind, "whole number");
    }
}
