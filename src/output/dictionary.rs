//! Data dictionary `data_dictionary.csv`: name, unit and meaning of every column of every table.

use super::figures::table::{Heading, Table, text};

const PATH: &str = "data_dictionary.csv";

/// The path of a table with the description of one of its columns.
type Described<'a> = (&'a str, &'a Heading);

/// The data dictionary: a table of all columns of all tables, including its own columns.
pub fn dictionary<'a>(tables: impl Iterator<Item = &'a Table>) -> Table {
    let own = table([]).headings;
    let others = tables.flat_map(|table| table.headings.iter().map(|heading| (table.path.as_str(), heading)));
    table(others.chain(own.iter().map(|heading| (PATH, heading))))
}

fn table<'a>(rows: impl IntoIterator<Item = Described<'a>>) -> Table {
    let columns = [
        text("file", "File of this folder", "", |r: &Described| r.0),
        text("column", "Column of the file", "", |r: &Described| r.1.name.as_ref()),
        text("type", "Type of its cells", "text; number; whole number", |r: &Described| r.1.kind),
        text("unit", "Unit of its numbers", "", |r: &Described| r.1.unit.as_ref()),
        text("meaning", "Meaning of the column", "", |r: &Described| r.1.meaning.as_ref()),
        text(
            "allowed_values",
            "Values that it may take, separated by semicolons; empty for any",
            "",
            |r: &Described| r.1.allowed,
        ),
    ];
    let about = "every column of every CSV file: type, unit, meaning, allowed values";
    Table::of(PATH, about, columns, rows)
}
