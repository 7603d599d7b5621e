//! Tidy CSV, the only way in which tables are written. A column is its name, its description and the function that takes its
//! value from a row, so neither the cells nor the data dictionary can get out of step with the header. A number that is not
//! finite becomes an empty cell, and a text that a spreadsheet would run as a formula is made harmless.

use std::borrow::Cow;
use std::fmt::Write;

/// The entry of a column in the data dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Name in the header.
    pub name: Cow<'static, str>,
    /// `text`, `number` or `whole number`.
    pub kind: &'static str,
    /// Unit; empty for texts and pure names.
    pub unit: Cow<'static, str>,
    /// Meaning.
    pub meaning: Cow<'static, str>,
    /// Values that it may take; empty for any.
    pub allowed: &'static str,
}

/// Writes the cell of a column.
type WriteCell<'a, R> = dyn Fn(&R, &mut String) + 'a;

/// A column of a table with a row of type `R` on each line.
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

/// A column of numbers; the value may be an `Option`, and an empty cell is a number that does not exist.
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
    /// Path inside the output folder, with `/`.
    pub path: String,
    /// Contents of the file, in one line.
    pub about: String,
    /// Its columns.
    pub headings: Vec<Heading>,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Table {
    /// Writes these rows as a table. Rows are taken one by one, so that only the text of the file is in memory.
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

/// First characters of a formula; spreadsheets of East Asia take the wide forms too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A spreadsheet runs a cell that begins like a formula; an apostrophe makes it a text. Where decimals have a comma, a
/// spreadsheet cuts cells at semicolons: what follows one begins a cell too, and so does what follows a line end.
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

/// The shortest digits that read back as the same number; nothing for what is not a finite number.
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
        // Numbers stay numbers.
        assert_eq!(written("a", Some(-0.5)), "name,value\na,-0.5\n");
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        let table = Table::of("t.csv", "", [whole("patient", "", |n: &u64| *n)], []);
        assert_eq!(table.bytes, b"patient\n");
        assert_eq!(table.headings[0].kind, "whole number");
    }
}
