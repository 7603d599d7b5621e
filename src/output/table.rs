//! Tidy CSV, the only way in which tables are written: every column is described where it is written, so the data dictionary cannot fall behind. A number
//! that is not one becomes an empty cell, and a text that a spreadsheet would run as a formula is made harmless.

use std::borrow::Cow;

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

/// Columns of the data dictionary.
pub const DICTIONARY: &[Column] = &[
    text("file", "File of this folder", ""),
    text("column", "Column of the file", ""),
    text("type", "What its cells hold", "text; number; whole number"),
    text("unit", "Unit of its numbers", ""),
    text("meaning", "What it says", ""),
    text("allowed_values", "Values that it may take, separated by semicolons; empty for any", ""),
];

/// The table of all columns of all tables, itself included.
pub fn dictionary(tables: &[Table]) -> Table {
    let mut dictionary = Table::new(
        "data_dictionary.csv",
        "every column of every CSV file: type, unit, meaning, allowed values",
        DICTIONARY,
    );
    let own = (dictionary.path.clone(), Cow::Borrowed(DICTIONARY));
    let all = tables.iter().map(|t| (t.path.clone(), t.columns.clone()));
    for (path, columns) in all.chain([own]) {
        for c in columns.iter() {
            let cells = [path.as_str(), &c.name, c.kind, &c.unit, &c.meaning, c.allowed];
            dictionary.row(&cells.map(Cell::Text));
        }
    }
    dictionary
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[text("name", "", ""), number("value", "", "")];

    fn written(cells: &[Cell]) -> String {
        let mut table = Table::new("t.csv", "", COLUMNS);
        table.row(cells);
        String::from_utf8(table.bytes()).unwrap()
    }

    #[test]
    fn numbers_read_back_and_what_is_no_number_is_empty() {
        for x in [0.1 + 0.2, 1.0, 1e-300, -2.5e17, 123456.789, 0.0] {
            let text = written(&[Cell::Text("a"), Cell::Number(x)]);
            let cell = text.lines().nth(1).unwrap().strip_prefix("a,").unwrap().to_string();
            assert_eq!(cell.parse::<f64>().unwrap(), x);
            assert!(cell.len() < 25);
        }
        for x in [f64::NAN, f64::INFINITY] {
            assert_eq!(written(&[Cell::Text("a"), Cell::Number(x)]), "name,value\na,\n");
        }
    }

    #[test]
    fn a_label_cannot_become_a_formula() {
        let text = written(&[Cell::Text("=HYPERLINK(\"x\")"), Cell::Maybe(None)]);
        assert_eq!(text, "name,value\n\"'=HYPERLINK(\"\"x\"\")\",\n");
        for (label, cell) in [
            ("-5", "'-5"),
            ("@x", "'@x"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a;=1+1", "a;'=1+1"),
            ("0; -5 to 1-2", "0; -5 to 1-2"),
        ] {
            assert_eq!(written(&[Cell::Text(label), Cell::Maybe(None)]), format!("name,value\n{cell},\n"));
        }
        let header = [named_number("=1+1".into(), String::new(), String::new())];
        let table = Table::new("t.csv", "", header.to_vec());
        assert_eq!(table.bytes(), b"'=1+1\n");
        // Numbers stay numbers.
        let numbers = [Cell::Text("a"), Cell::Number(-0.5)];
        assert_eq!(written(&numbers), "name,value\na,-0.5\n");
    }
}
