//! Reader for CSV files as written by Excel, which keeps the position of every cell.
//!
//! The `csv` crate reports the line of a record but not the bytes of a cell, and messages must underline the cell
//! itself.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::read::source::{BYTE_ORDER_MARK, FileId, Sources, Span};
use crate::schema::check::unprintable;

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvCell {
    /// Text of the cell without quotation marks and surrounding blanks.
    pub text: String,
    /// Position of the cell in the file, without the quotation marks.
    pub span: Span,
}

/// One record of the table; a quoted cell may extend over several lines of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvRecord {
    /// Cells of the record, including blank ones.
    pub cells: Vec<CsvCell>,
    /// Position of the whole record, without its line end.
    pub span: Span,
}

/// A table with a header row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    /// Delimiter of the cells: comma, semicolon or tab.
    pub delimiter: char,
    /// The header row with the column names.
    pub header: CsvRecord,
    /// The data rows, without blank lines and comments.
    pub rows: Vec<CsvRecord>,
}

impl CsvTable {
    /// Index of a column by its name, ignoring upper and lower case.
    pub fn column(&self, name: &str) -> Option<usize> {
        let mut cells = self.header.cells.iter();
        let exactly = cells.position(|cell| cell.text == name);
        let mut cells = self.header.cells.iter();
        exactly.or_else(|| cells.position(|cell| cell.text.to_lowercase() == name.to_lowercase()))
    }
}

impl CsvTable {
    /// Whether a row has a value beyond the last column, so that its values may be in the wrong columns.
    pub fn has_surplus_cells(&self, row: &CsvRecord) -> bool {
        row.cells.iter().skip(self.header.cells.len()).any(|cell| !cell.text.is_empty())
    }
}

impl CsvRecord {
    /// The cell in a column, if it exists and is not blank.
    pub fn filled(&self, column: Option<usize>) -> Option<&CsvCell> {
        self.cells.get(column?).filter(|cell| !cell.text.is_empty())
    }
}

/// Reads a file with a header row. The delimiter is detected by the column names in `known`.
pub fn read_table(
    sources: &Sources,
    file: FileId,
    known: &[&str],
    out: &mut Diagnostics,
) -> Option<CsvTable> {
    let text = sources.files[file].text.as_str();
    let (start, declared) = preamble(text);
    let delimiter = declared.unwrap_or_else(|| detect_delimiter(&text[start..], known));
    let mut reader = CsvReader::new(text, file, start, delimiter);
    let mut records = Vec::new();
    let mut cells = 0;
    for record in reader.by_ref() {
        cells += record.cells.len();
        if record.cells.len() > MOST_COLUMNS || cells > MOST_CELLS {
            let rows = records.len();
            out.push(too_large(record.cells.get(MOST_COLUMNS), &record, rows));
            return None;
        }
        records.push(record);
    }
    if let Some(span) = reader.unpaired {
        out.push(
            Diagnostic::error("E0107", "a quoted cell does not end with a quotation mark")
                .at(span, "the cell starts with this quotation mark")
                .why("the rows that follow would become part of this cell and be missing from the model")
                .help(
                    "end the cell with a quotation mark, as in \"Smith 2019\"; write a quotation mark inside the cell twice: \"Smith's \"\"new\"\" data\"",
                ),
        );
        return None;
    }
    let mut rows = records.into_iter().filter(|record| !is_skipped(record));
    let Some(header) = rows.next().map(trimmed_header) else {
        let title =
            format!("`{}` contains only comments and blank lines", sources.files[file].path.display());
        out.push(
            Diagnostic::error("E0111", title)
                .why("the model needs the numbers of this table, and lines that start with # are not read")
                .help("write the column names into the first line (name,kind,base,unit,source in a parameter table), and the rows of the table below"),
        );
        return None;
    };
    let rows: Vec<CsvRecord> = rows.collect();
    if rows.is_empty() {
        out.push(
            Diagnostic::error("E0111", "the table has a header but no rows")
                .at(header.span, "only column names")
                .why("the model needs the numbers of this table")
                .help("write the rows of the table below the header; lines that start with # are comments and are not read"),
        );
    }
    report_repeated_columns(&header, out);
    report_unprintable(std::iter::once(&header).chain(&rows), out);
    for row in &rows {
        report_surplus_cells(row, &header, delimiter, out);
    }
    Some(CsvTable { delimiter, header, rows })
}

/// Maximum number of columns of a table: far more than a study needs, but still read within seconds.
const MOST_COLUMNS: usize = 10_000;
const MOST_CELLS: usize = 10_000_000;

fn too_large(surplus: Option<&CsvCell>, record: &CsvRecord, rows: usize) -> Diagnostic {
    let found = match surplus {
        Some(cell) => {
            let most = arcosim_core::words::grouped(MOST_COLUMNS as u64);
            Diagnostic::error("E0116", format!("the table has more than {most} columns"))
                .at(cell.span, "the first cell beyond the limit")
        }
        None => {
            let start = record.cells.first().map_or(record.span, |cell| cell.span);
            Diagnostic::error(
                "E0116",
                format!("the table has more than {} million cells", MOST_CELLS / 1_000_000),
            )
            .at(start, format!("after {rows} rows"))
        }
    };
    found
        .why("study tables are never this large; this is probably the wrong file")
        .help("if this is the wrong file, write the name of the right one in the scenario; otherwise delete the columns and rows that the model does not use")
}

/// Skips the byte-order mark and Excel's `sep=;` line, which states the delimiter. Returns the position after them.
fn preamble(text: &str) -> (usize, Option<char>) {
    let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
    let line = text[start..line_end].trim_matches('"');
    match line.get(..4).filter(|head| head.eq_ignore_ascii_case("sep=")).map(|_| line[4..].chars().next()) {
        Some(Some(delimiter)) => (line_end, Some(delimiter)),
        _ => (start, None),
    }
}

/// The delimiter with which the header contains the most known names or, if these tie, the most cells.
fn detect_delimiter(text: &str, known: &[&str]) -> char {
    let score = |delimiter: char| {
        let Some(header) = CsvReader::new(text, 0, 0, delimiter).find(|record| !is_skipped(record)) else {
            return (0, 0);
        };
        let known_names =
            header.cells.iter().filter(|cell| known.iter().any(|name| name.eq_ignore_ascii_case(&cell.text)));
        (known_names.count(), header.cells.len())
    };
    // `max_by_key` returns the last of equal candidates, so the comma has priority.
    ['\t', ';', ','].into_iter().max_by_key(|&delimiter| score(delimiter)).unwrap_or(',')
}

fn is_skipped(record: &CsvRecord) -> bool {
    record.cells.first().is_some_and(|cell| cell.text.starts_with('#'))
        || record.cells.iter().all(|cell| cell.text.is_empty())
}

/// Removes blank cells at the end of the header, which Excel leaves after columns have been deleted.
fn trimmed_header(mut header: CsvRecord) -> CsvRecord {
    while header.cells.last().is_some_and(|cell| cell.text.is_empty()) {
        header.cells.pop();
    }
    header
}

/// Reports columns with the same name. Names that differ only in upper and lower case (`lx` and `Lx` of a life table)
/// are allowed unless the scenario uses one of them: see [`report_alike_columns`].
fn report_repeated_columns(header: &CsvRecord, out: &mut Diagnostics) {
    let mut first_of: HashMap<&str, &CsvCell> = HashMap::new();
    for cell in header.cells.iter().filter(|cell| !cell.text.is_empty()) {
        let first = *first_of.entry(&cell.text).or_insert(cell);
        if first.span != cell.span {
            out.push(two_of_a_name(cell, first));
        }
    }
}

/// Reports columns whose names differ only in upper and lower case, if the scenario uses one of them.
pub fn report_alike_columns<'n>(
    table: &CsvTable,
    wanted: impl Iterator<Item = &'n str>,
    out: &mut Diagnostics,
) {
    for name in wanted {
        let mut alike = table.header.cells.iter().filter(|cell| cell.text.eq_ignore_ascii_case(name));
        let first = alike.next();
        // Columns with exactly the same name are reported elsewhere.
        let other = first.and_then(|first| alike.find(|cell| cell.text != first.text));
        if let (Some(first), Some(other)) = (first, other) {
            out.push(two_of_a_name(other, first));
        }
    }
}

fn two_of_a_name(cell: &CsvCell, first: &CsvCell) -> Diagnostic {
    let (one, other) = (&first.text, &cell.text);
    let (title, why) = match one == other {
        true => (
            format!("two columns are called `{one}`"),
            "the two columns may contain different numbers, and the model can use only one of them",
        ),
        false => (
            format!("the column names `{one}` and `{other}` differ only in upper and lower case"),
            "upper and lower case make no difference in column names, and the model can use only one of the columns",
        ),
    };
    Diagnostic::error("E0113", title).at(cell.span, "second column").also(first.span, "first column").why(why).help(
        format!(
            "delete one of the columns, or rename the one that the model should not use, for example to `note_{}`",
            other.replace(' ', "_")
        ),
    )
}

/// Reports control characters, because texts of a table are shown in figures and on the terminal, where control
/// characters would have effects.
fn report_unprintable<'a>(records: impl Iterator<Item = &'a CsvRecord>, out: &mut Diagnostics) {
    let mut cells = records.flat_map(|record| &record.cells);
    // A line break inside a cell is allowed, because Excel writes it.
    let odd = |cell: &&CsvCell| cell.text.contains(|c| c != '\n' && unprintable(c));
    if let Some(cell) = cells.find(odd) {
        out.push(
            Diagnostic::error("E0424", "a cell contains a character that cannot be displayed")
                .at(cell.span, "a control character, or one that reverses the direction of text")
                .why("it would corrupt tables and figures, or display misleading text")
                .help("type the content of the cell again"),
        );
    }
}

/// Replaces the line ends of all operating systems by one kind, and tabs by blanks.
fn plain(text: &str) -> String {
    match text.contains(['\r', '\t']) {
        true => text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " "),
        false => text.to_owned(),
    }
}

fn report_surplus_cells(row: &CsvRecord, header: &CsvRecord, delimiter: char, out: &mut Diagnostics) {
    let columns = header.cells.len();
    let Some(surplus) = row.cells.iter().skip(columns).find(|cell| !cell.text.is_empty()) else {
        return;
    };
    let filled = row.cells.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
    // A decimal comma splits a number such as 0,12 at the comma.
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let split = row.cells.windows(2).find(|pair| pair[0].text == "0" && digits(&pair[1].text));
    let help = match split {
        _ if delimiter != ',' => {
            "put text that contains the separator in quotation marks, or add the missing column name to the header".to_string()
        }
        Some(pair) => format!(
            "if `0,{0}` is one number, write it with a decimal point, 0.{0}; otherwise put the text that contains a comma in quotation marks",
            pair[1].text
        ),
        None => {
            "a comma inside a cell splits it: write decimals with a point (0.12), and put text that contains a comma in quotation marks".to_string()
        }
    };
    out.push(
        Diagnostic::error(
            "E0112",
            format!(
                "the row has {filled} cells, but the header has {columns} column{}",
                if columns == 1 { "" } else { "s" }
            ),
        )
        .at(surplus.span, "no column for this cell")
        .why("if a cell was split in two, all values after it are in the wrong column")
        .help(help),
    );
}

/// Unknown columns, except for the user's own columns, whose names start with `note`. Each has the known column that is
/// probably meant, if the table lacks a column with a similar name.
pub fn unknown_columns<'t>(
    table: &'t CsvTable,
    known: &'t [&'static str],
) -> impl Iterator<Item = (&'t CsvCell, Option<&'static str>)> {
    let unknown = table.header.cells.iter().filter(|cell| {
        let is_known = known.iter().any(|name| name.eq_ignore_ascii_case(&cell.text));
        let is_note = cell.text.to_lowercase().starts_with("note");
        !cell.text.is_empty() && !is_known && !is_note
    });
    let absent = || known.iter().copied().filter(|name| table.column(name).is_none());
    unknown.map(move |cell| (cell, suggest(&cell.text, absent())))
}

/// Reports [unknown columns](unknown_columns).
pub fn report_unknown_columns(table: &CsvTable, known: &[&'static str], out: &mut Diagnostics) {
    for (cell, meant) in unknown_columns(table, known) {
        let found = Diagnostic::error("E0221", format!("column `{}` is unknown", cell.text))
            .at(cell.span, "not used")
            .why("an unknown column would be ignored, although you may expect it to have an effect");
        let own = format!(
            "if this is a column of your own, rename it to `note_{}`: columns that start with `note_` are ignored",
            cell.text.replace(' ', "_")
        );
        out.push(match meant {
            Some(meant) => found.help(format!("did you mean `{meant}`? Otherwise, {own}")),
            None => found.note(format!("the columns are {}", known.join(", "))).help(own),
        });
    }
}

/// Whether a character looks blank; Excel and web pages leave no-break spaces and similar characters in cells.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// Splits the text into records, and notes the first quotation mark that is not closed.
struct CsvReader<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    delimiter: char,
    unpaired: Option<Span>,
}

impl Iterator for CsvReader<'_> {
    type Item = CsvRecord;

    fn next(&mut self) -> Option<CsvRecord> {
        (self.at < self.text.len()).then(|| self.record())
    }
}

impl<'a> CsvReader<'a> {
    fn new(text: &'a str, file: FileId, start: usize, delimiter: char) -> CsvReader<'a> {
        CsvReader { text, file, at: start, delimiter, unpaired: None }
    }
}

impl CsvReader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn ends_cell(&self, c: char) -> bool {
        c == self.delimiter || c == '\n' || c == '\r'
    }

    fn record(&mut self) -> CsvRecord {
        let start = self.at;
        let mut cells = Vec::new();
        if self.text[start..].trim_start_matches([' ', '\u{a0}']).starts_with('#') {
            // A comment is free text, so its quotation marks need not be closed.
            let end = self.text[start..].find(['\n', '\r']).map_or(self.text.len(), |at| start + at);
            cells.push(self.trimmed(start, end));
            self.at = end;
        } else {
            cells.push(self.cell());
            while self.peek() == Some(self.delimiter) && cells.len() <= MOST_COLUMNS {
                self.at += self.delimiter.len_utf8();
                cells.push(self.cell());
            }
            if cells.len() > MOST_COLUMNS {
                // The row has more cells than the limit, so the rest of the line is skipped.
                let rest = &self.text[self.at..];
                self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            }
        }
        let span = Span { file: self.file, start, end: self.at };
        if self.text[self.at..].starts_with("\r\n") {
            self.at += 2;
        } else if self.at < self.text.len() {
            self.at += 1;
        }
        CsvRecord { cells, span }
    }

    /// Reads a cell up to the delimiter or line end, which is not consumed.
    fn cell(&mut self) -> CsvCell {
        let start = self.at;
        while self.peek().is_some_and(|c| is_blank(c) && !self.ends_cell(c)) {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        if self.peek() == Some('"') {
            return self.quoted_cell();
        }
        self.skip_to_cell_end();
        self.trimmed(start, self.at)
    }

    fn quoted_cell(&mut self) -> CsvCell {
        let open = self.at;
        let (mut text, mut from) = (String::new(), open + 1);
        let end = loop {
            let Some(mark) = self.text[from..].find('"').map(|at| from + at) else {
                self.note_unpaired(open);
                text.push_str(&self.text[from..]);
                break self.text.len();
            };
            text.push_str(&self.text[from..mark]);
            if !self.text[mark + 1..].starts_with('"') {
                break mark;
            }
            text.push('"');
            from = mark + 2;
        };
        self.at = (end + 1).min(self.text.len());
        let rest = self.at;
        self.skip_to_cell_end();
        if !self.text[rest..self.at].trim_matches(is_blank).is_empty() {
            self.note_unpaired(open);
        }
        let inner = self.trimmed(open + 1, end);
        CsvCell { text: plain(text.trim_matches(is_blank)), span: inner.span }
    }

    fn note_unpaired(&mut self, at: usize) {
        self.unpaired.get_or_insert(Span { file: self.file, start: at, end: at + 1 });
    }

    fn skip_to_cell_end(&mut self) {
        let rest = &self.text[self.at..];
        self.at = rest.find(|c| self.ends_cell(c)).map_or(self.text.len(), |at| self.at + at);
    }

    fn trimmed(&self, start: usize, end: usize) -> CsvCell {
        let raw = &self.text[start..end];
        let text = raw.trim_matches(is_blank);
        let start = start + raw.len() - raw.trim_start_matches(is_blank).len();
        let start = if text.is_empty() { end } else { start };
        CsvCell { text: plain(text), span: Span { file: self.file, start, end: start + text.len() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let mut sources = Sources::default();
        let file = sources.add("t.csv", text);
        let mut out = Diagnostics::default();
        let table = read_table(&sources, file, &["name", "base"], &mut out).unwrap();
        assert!(out.list.is_empty(), "{:?}", out.list);
        let records = std::iter::once(&table.header).chain(&table.rows);
        for cell in records.clone().flat_map(|record| &record.cells) {
            let written = sources.slice(cell.span).replace("\r\n", "\n");
            assert_eq!(written.replace("\"\"", "\""), cell.text);
        }
        records.map(|record| record.cells.iter().map(|cell| cell.text.clone()).collect()).collect()
    }

    #[test]
    fn reads_what_excel_writes() {
        let plain = [["name", "base"], ["a", "1"]];
        for text in [
            "name,base\na,1\n",
            "\u{feff}name;base\r\na;1\r\n",
            "name\tbase\ra\t1\r",
            "sep=;\r\nname;base\r\na;1",
            "\u{feff}sep=,\nname,base\na,1",
            "# remark, with \"one mark\n\nname , base\n\"# another, quoted\"\n a ,\u{a0}1\u{a0}\n,\n",
            "\"name\",\"base\"\n \"a\" ,\"1\"",
        ] {
            assert_eq!(cells(text), plain, "{text:?}");
        }
    }

    #[test]
    fn quoted_cells_hold_delimiters_marks_and_lines() {
        assert_eq!(
            cells("name,base,note\na,1,\"said \"\"so, twice\"\"\r\nand on\"\r\nb,2,"),
            [vec!["name", "base", "note"], vec!["a", "1", "said \"so, twice\"\nand on"], vec!["b", "2", ""]]
        );
    }

    #[test]
    fn trailing_empty_columns_are_dropped_from_the_header_only() {
        assert_eq!(cells("name,base,,\na,1,,\n,,,\n"), [vec!["name", "base"], vec!["a", "1", "", ""]]);
    }

    #[test]
    fn quotation_marks_must_pair_up() {
        for text in ["name,base\na,\"1\nb,2\n", "name,base\na,\"1\nb,\"2\"\n"] {
            let mut sources = Sources::default();
            let file = sources.add("t.csv", text);
            let mut out = Diagnostics::default();
            assert!(read_table(&sources, file, &["name"], &mut out).is_none());
            assert_eq!(out.list[0].code, "E0107");
            assert_eq!(sources.line_column(out.list[0].span.unwrap()), (2, 3));
        }
    }
}
