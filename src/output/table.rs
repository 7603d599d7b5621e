//! Tidy CSV, the only way in which tables are written: every column is described where it is written, so the data dictionary cannot fall behind. A number
//! that is not one becomes an empty cell, and a text that a spreadsheet would run as a formula is made harmless.

use std::borrow::Cow;

use super::figures::table as tabular;

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in the header.
    pub name: Cow<'static, str>,
    /// `text`, `number` or `whole number`.
    pub kind: &'static str,
    /// Unit; empty for texts and pure names.
    pub unit: Cow<'static, str>,
    /// What it says.
    pub meaning: Cow<'static, str>,
    /// Values that it may take; empty for any.
    pub allowed: &'static str,
}

/// A column of texts.
pub const fn text(name: &'static str, meaning: &'static str, allowed: &'static str) -> Column {
    Column {
        name: Cow::Borrowed(name),
        kind: "text",
        unit: Cow::Borrowed(""),
        meaning: Cow::Borrowed(meaning),
        allowed,
    }
}

/// A column of numbers; an empty cell is a number that does not exist.
pub const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column {
        name: Cow::Borrowed(name),
        kind: "number",
        unit: Cow::Borrowed(unit),
        meaning: Cow::Borrowed(meaning),
        allowed: "",
    }
}

/// A column of numbers whose name the scenario gives.
pub fn named_number(name: String, unit: String, meaning: String) -> Column {
    Column {
        name: Cow::Owned(name),
        kind: "number",
        unit: Cow::Owned(unit),
        meaning: Cow::Owned(meaning),
        allowed: "",
    }
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A number that may not exist.
    Maybe(Option<f64>),
    /// A whole number.
    Whole(u64),
}

/// A CSV file in memory.
#[derive(Debug)]
pub struct Table {
    /// Path inside the output folder, with `/`.
    pub path: String,
    /// What the file holds, in one line.
    pub about: String,
    /// Its columns.
    pub columns: Cow<'static, [Column]>,
    writer: csv::Writer<Vec<u8>>,
    line: Vec<String>,
}

impl Table {
    /// An empty table.
    pub fn new(
        path: impl Into<String>,
        about: impl Into<String>,
        columns: impl Into<Cow<'static, [Column]>>,
    ) -> Table {
        let columns = columns.into();
        let mut table = Table {
            path: path.into(),
            about: about.into(),
            writer: csv::Writer::from_writer(Vec::new()),
            line: vec![String::new(); columns.len()],
            columns,
        };
        for (cell, column) in table.line.iter_mut().zip(table.columns.iter()) {
            push_text(cell, &column.name);
        }
        table.flush_line();
        table
    }

    /// Adds a row with a cell for every column.
    pub fn row(&mut self, cells: &[Cell]) {
        assert_eq!(cells.len(), self.columns.len(), "columns of {}", self.path);
        for (text, cell) in self.line.iter_mut().zip(cells) {
            text.clear();
            match *cell {
                Cell::Text(t) => push_text(text, t),
                Cell::Number(x) | Cell::Maybe(Some(x)) => push_number(text, x),
                Cell::Maybe(None) => {}
                Cell::Whole(n) => text.push_str(&n.to_string()),
            }
        }
        self.flush_line();
    }

    fn flush_line(&mut self) {
        self.writer.write_record(&self.line).expect("writing to memory");
    }

    /// The bytes of the file.
    pub fn bytes(self) -> Vec<u8> {
        self.writer.into_inner().expect("writing to memory")
    }
}

/// What a formula begins with; spreadsheets of East Asia take the wide forms too.
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
    use std::fmt::Write;
    let size = x.abs();
    let written = match x {
        _ if !x.is_finite() => Ok(()),
        _ if x == 0.0 => write!(into, "0"),
        _ if (1e-5..1e15).contains(&size) => write!(into, "{x}"),
        _ => write!(into, "{x:e}"),
    };
    written.expect("writing to memory");
}

impl From<Table> for tabular::Table {
    fn from(table: Table) -> tabular::Table {
        let headings = table.columns.iter().map(|c| tabular::Heading {
            name: c.name.clone(),
            kind: c.kind,
            unit: c.unit.clone(),
            meaning: c.meaning.clone(),
            allowed: c.allowed,
        });
        tabular::Table {
            headings: headings.collect(),
            path: table.path.clone(),
            about: table.about.clone(),
            bytes: table.bytes(),
        }
    }
}

pub const SOURCE: Column =
    text("source", "The exact expectation, or individual patients", "exact; microsimulation");
pub const STRATEGY: Column = text("strategy", "Strategy, as the scenario names it", "");
pub const SE: Column =
    number("se", "", "Monte Carlo standard error; empty for exact numbers, which have none");
pub const TIME: Column =
    number("time_years", "years", "Years since the start, or since the endpoint's origin");
